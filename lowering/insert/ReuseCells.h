//===- ReuseCells.h - Which new object gets which cell ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A site takes a cell that dominates it, is of its class, and was given to no other on any way to
// it. Among several the one is taken in which most fields stay as they are. What is still to be
// read of the cell is read before.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_REUSECELLS_H
#define CAIRN_LOWERING_REUSECELLS_H

#include "ir/Descriptor.h"
#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class CallInst;
class DominatorTree;
class Function;
class Instruction;
class OptimizationRemarkEmitter;
class Value;
} // namespace llvm

namespace cairn {

/// A call that may take a cell: an allocation, or a call of a function that may have a variant with
/// a cell as parameter (insert/CellVariants.h).
struct CellSite {
  llvm::CallInst *Call;
  uint32_t Word;     ///< A header word of the class that it takes; 0: it is no site.
  llvm::Value *Heap; ///< That the cell has to lie on; null for the default one.
};

/// What takes cells. By itself, allocations.
class CellSites {
public:
  virtual ~CellSites() = default;
  virtual CellSite at(llvm::CallInst &Call) const;
  /// The variant that is called where a site that is no allocation takes a cell of a header word,
  /// which lies on the site's heap.
  virtual llvm::Function *variantOf(const CellSite &, uint32_t) { return nullptr; }
  /// Whether the memory of an object may wait for a site: a cell that is taken at \p Start, and of
  /// which \p Reads are read.
  virtual bool mayWait(const llvm::Instruction &Start, const CellSite &,
                       llvm::ArrayRef<llvm::Instruction *> Reads) const;

private:
  mutable Descriptors Types;
};

/// \p Cells: calls of cairn.ref.own.cell in \p F. True: some site took one.
bool reuseCells(llvm::Function &F, const llvm::DominatorTree &DT,
                llvm::ArrayRef<llvm::CallInst *> Cells, CellSites &Sites,
                llvm::OptimizationRemarkEmitter &ORE);

/// Gives \p Cell to a site, whose call goes. \p Variant: of a site that calls a function.
void giveCell(llvm::Value &Cell, const CellSite &Site, llvm::Function *Variant);

} // namespace cairn

#endif // CAIRN_LOWERING_REUSECELLS_H
