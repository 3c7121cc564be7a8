//===- SpillCells.h - cairn-spill: cells hold what waits for a recursion --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that calls itself keeps in its frame what it needs behind the call. If it has a
// cell, which has to be kept anyway, the rest can be in there:
//
//   T = own.cell(x); l = T.left; r = T.right; a = f(l); b = f(r); ... a, b
//
// becomes
//
//   T = own.cell(x); l = T.left; a = f(l); T.left = a; r = T.right; b = f(r); a' = T.left; ... a',
//   b
//
// After the insertion: counts stay where they are. Nobody but the function sees the cell, so
// that a field may be read as late as it is used, and one whose reference was used is free for
// another. Where the object that is made of the cell gets `a` as its left field, the store goes
// as well (KeepFields.h).
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SPILLCELLS_H
#define CAIRN_LOWERING_SPILLCELLS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

class Recursion;

/// By name. The pipeline runs spillIntoCells when the counts are certified.
struct SpillCellsPass : llvm::PassInfoMixin<SpillCellsPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

bool spillIntoCells(llvm::Function &F, const Recursion &Calls, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_SPILLCELLS_H
