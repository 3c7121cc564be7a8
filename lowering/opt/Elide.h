//===- Elide.h - cairn-elide: allocations that nothing observes --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Removes an allocation with all its uses when they only count it, release it or
// write into it. LLVM does that itself for malloc and free; a decref is no free, so
// objects need this pass. It may assume nothing of cairn-import but the intrinsics'
// names, and breaks no analysis but those of the blocks' contents.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_ELIDE_H
#define CAIRN_LOWERING_ELIDE_H

#include "llvm/IR/PassManager.h"

namespace llvm {
class OptimizationRemarkEmitter;
} // namespace llvm

namespace cairn {

/// `-passes=cairn-elide`. Runs late in the simplification of each function, at -O1
/// and up, before its callers inline it.
struct ElidePass : llvm::PassInfoMixin<ElidePass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

/// The pass's work; true if something was removed.
bool elideAllocations(llvm::Function &F, llvm::OptimizationRemarkEmitter &ORE);

} // namespace cairn

#endif // CAIRN_LOWERING_ELIDE_H
