//===- TailConstructor.h - cairn-tail: recursion below a constructor --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that ends with
//
//   r = f(...); a.next = r; return a
//
// where `a` is an object that it has just made, becomes a loop: the object is finished but for
// the one field, its address, the hole, is kept, and what the next round makes is put there. A
// list of any length is then copied, filtered or appended to in the same stack. The idea is
// that of Leijen and Lorenzen (Tail Recursion Modulo Context, POPL 2023).
//
// A function that returns a structure of references, as one that parts a list in two, has a hole
// for each of them.
//
// Where functions call each other in turn, each becomes one that gets the hole as a parameter and
// returns nothing, so that the call of the next one is a jump.
//
// After the insertion: no unit moves in another way than before, and a release that stands
// behind the call rules the function out.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TAILCONSTRUCTOR_H
#define CAIRN_LOWERING_TAILCONSTRUCTOR_H

#include "llvm/IR/PassManager.h"

namespace cairn {

struct TailConstructorPass : llvm::PassInfoMixin<TailConstructorPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

bool makeTailLoops(llvm::Module &M, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_TAILCONSTRUCTOR_H
