//===- Accumulate.h - cairn-accumulate: recursions below a sum --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM makes a loop of a recursion whose result goes into one sum that is returned, if nothing
// else follows the call. A program reads an object's number behind the call as often as before it,
// and adds several:
//
//   r = sum(t.right); return (l + r) + t.key
//
// Before counts are inserted, and so before any release follows the call, what is read behind it
// is read before it, and everything but the result is added before it:
//
//   k = t.key; s = l + k; r = sum(t.right); return r + s
//
// A read moves only over a call that cannot change what is read, and only if the object is known
// to be there. The new sums may wrap around: the program's own order of adding is not kept.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_ACCUMULATE_H
#define CAIRN_LOWERING_ACCUMULATE_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// By name. cairn-insert does the same at -O1 and up, before the modes.
struct AccumulatePass : llvm::PassInfoMixin<AccumulatePass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// Of a module whose references are scalars (cairn-slots) and have no counts yet. True: it changed
/// something.
bool accumulate(llvm::Module &M, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_ACCUMULATE_H
