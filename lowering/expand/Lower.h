//===- Lower.h - cairn-lower: expansion of the intrinsics -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Replaces every direct call of an intrinsic by the runtime's fast path, inlined, or
// by a call of a `cairn_rt_*` function. It runs cairn-import first and may assume what
// that promises. After it no call of `cairn.*` or `cairn_fast_*` is left; the slow-path
// calls have default memory effects, and nothing says any more that an allocation's
// result aliases nothing: the runtime reads headers that the program's IR wrote.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LOWER_H
#define CAIRN_LOWERING_LOWER_H

#include "ir/LevelPass.h"

namespace cairn {

/// `-passes=cairn-lower`, or `cairn-lower<O0>` ... `cairn-lower<O3>`; O2 if no level
/// is given. Runs where the module is optimised for the last time.
class LowerPass : public LevelPass<LowerPass> {
public:
  using LevelPass::LevelPass;
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

} // namespace cairn

#endif // CAIRN_LOWERING_LOWER_H
