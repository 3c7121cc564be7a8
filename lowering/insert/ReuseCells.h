//===- ReuseCells.h - Which new object gets which cell ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An allocation takes a cell that dominates it, is of its class, and was given to no other on
// any way to it. Among several the one is taken in which most fields stay as they are. What is
// still to be read of the cell is read before.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_REUSECELLS_H
#define CAIRN_LOWERING_REUSECELLS_H

#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class CallInst;
class DominatorTree;
class Function;
class OptimizationRemarkEmitter;
} // namespace llvm

namespace cairn {

/// \p Cells: the calls of cairn.ref.own.cell in \p F.
void reuseCells(llvm::Function &F, const llvm::DominatorTree &DT,
                llvm::ArrayRef<llvm::CallInst *> Cells, llvm::OptimizationRemarkEmitter &ORE);

} // namespace cairn

#endif // CAIRN_LOWERING_REUSECELLS_H
