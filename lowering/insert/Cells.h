//===- Cells.h - cairn-cells: objects that die give their memory away --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before counts are inserted. Where an object is taken apart and another of its class is made,
//
//   l = x.left; ... new(f(l), x.key, x.right)
//
// the function may use the first one's memory for the second:
//
//   T = own.cell(x); l = T.left; r = T.right; ... reuse.cell(T) with f(l), T.key, r
//
// own.cell gives x itself if this is the last reference, and a copy of it otherwise. What is
// loaded from a cell belongs to the function, so that f gets the last reference of l in turn.
//
// A place for own.cell is good if, from there on, x is only read, and each read lies behind it;
// the highest good place above the allocation is taken. Where no object of the class is made
// after all, the cell is freed: the insertion sees to that.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CELLS_H
#define CAIRN_LOWERING_CELLS_H

#include "analysis/FieldWrites.h"
#include "llvm/IR/PassManager.h"

namespace cairn {

/// By name. The pipeline runs placeCells between the modes and the insertion.
struct CellsPass : llvm::PassInfoMixin<CellsPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// Of a module whose references are scalars (cairn-slots) and have no counts yet. Parameters that
/// it makes cells of are owned from then on: cairn-modes has to run again. True: it changed
/// something.
/// \p Writes: of the module, before and afterwards.
bool placeCells(llvm::Module &M, FieldWrites &Writes, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_CELLS_H
