//===- SinkRetains.h - cairn-sink-retains: retains wait -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reference that is loaded from a field and retained may need its count on some paths only,
// and later. As long as the object that holds it lives and the field stays as it is, the retain
// can wait. So it moves down: into both arms of a branch, and over everything that needs no
// count. Where it meets the release of the same reference, both go. Where it comes to stand
// directly before the release of the object that holds it, cairn-specialise finds it there.
//
// A retain that gains nothing of that on any path stays where it was.
//
// Runs after the insertion. Promises that the counts on each path are what they were, less pairs
// of a retain and a release of one reference.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SINKRETAINS_H
#define CAIRN_LOWERING_SINKRETAINS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

class FieldWrites;
class References;

/// `-passes=cairn-sink-retains`. Part of the pipeline for managed references at -O1 and up.
struct SinkRetainsPass : llvm::PassInfoMixin<SinkRetainsPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// The pass's work in \p F, whose counts are there; false: nothing was changed.
bool sinkRetains(llvm::Function &F, const References &R, const FieldWrites &Writes,
                 llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_SINKRETAINS_H
