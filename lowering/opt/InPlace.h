//===- InPlace.h - cairn-in-place: what allocates and frees nothing -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function works in place if it makes new objects of the memory of those that it is given, and
// neither allocates nor frees anything as long as nobody else holds these. The pass tells that in
// a remark, and of the others what is first in the way: an allocation, a release, or a call of a
// function that does such a thing. It changes nothing.
//
// It looks at what is left when all else was optimised, where the plugin runs it just before the
// lowering.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_IN_PLACE_H
#define CAIRN_LOWERING_IN_PLACE_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-in-place`. Does nothing if no one asks for its remarks.
struct InPlacePass : llvm::PassInfoMixin<InPlacePass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

} // namespace cairn

#endif // CAIRN_LOWERING_IN_PLACE_H
