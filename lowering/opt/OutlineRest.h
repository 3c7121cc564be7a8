//===- OutlineRest.h - cairn-rest: the end of a recursion apart -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A frame is as large as the largest part of its function needs, and a recursion has one for
// each level. What a function does after its last call of itself becomes a function of its own,
// `NAME.rest`, which is called in tail position: what it needs, it needs once.
//
//   f(x): ... b = f(r); <rest>          f(x): ... b = f(r); tail f.rest(T, b)
//
// No instruction changes; the instructions move as a whole, behind the same call. So counts
// stay as they are. The new function may have a cell as its parameter, which no convention
// knows: this runs when the counts are certified.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_OUTLINEREST_H
#define CAIRN_LOWERING_OUTLINEREST_H

#include "llvm/IR/PassManager.h"

namespace cairn {

class Recursion;

/// By name. The pipeline runs outlineRests after spillIntoCells.
struct OutlineRestPass : llvm::PassInfoMixin<OutlineRestPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// Adds functions to the module, behind \p F.
bool outlineRests(llvm::Function &F, const Recursion &Calls, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_OUTLINEREST_H
