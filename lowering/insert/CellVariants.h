//===- CellVariants.h - Functions that are given a cell ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An object dies in one function, and the next of its class is made in another, which the first
// one calls. Then the call goes to a variant NAME.cell, whose last parameter is the cell:
//
//   T = own.cell(x); l = T.left; r = T.right; ... append(f(l), f(r))
//   T = own.cell(x); l = T.left; r = T.right; ... append.cell(f(l), f(r), T)
//
// A function "takes" cells of a class if on each way through it an object of the class is made
// outside of loops, or a function is called that takes such a cell; maybe itself, so that the cell
// comes to where its recursion ends. In the variant one of these gets the cell.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CELLVARIANTS_H
#define CAIRN_LOWERING_CELLVARIANTS_H

#include "insert/ReuseCells.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

#include <map>

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

class Recursion;

/// The sites are calls of functions that take cells. Of a module in which allocations have got the
/// cells of their own functions, and no counts are inserted.
class CellVariants final : public CellSites {
public:
  CellVariants(llvm::Module &M, const Recursion &Cycles);

  CellSite at(llvm::CallInst &Call) const override;
  llvm::Function *variantOf(const CellSite &Site, uint32_t Word) override;
  /// A cell waits for a recursion if it takes the place of another word in each frame: it holds a
  /// field that is read behind the call, or gets what an earlier call made (opt/SpillCells.h).
  bool mayWait(const llvm::Instruction &Start, const CellSite &Site,
               llvm::ArrayRef<llvm::Instruction *> Reads) const override;

  /// Whether any function takes a cell.
  bool any() const { return !Takers.empty(); }
  /// Makes the bodies of the variants that are called.
  bool makeBodies();

private:
  /// An allocation, with its header word, or a call of a function with a body, with 0.
  struct Candidate {
    llvm::CallInst *Call;
    uint32_t Word;
    llvm::Value *Heap; ///< Of an allocation: a constant, or null for the default heap.
  };
  using Calls = llvm::SmallVector<Candidate, 4>;
  using Functions = llvm::DenseSet<llvm::Function *>; ///< Looked up only, so that no order matters.
  struct Class {
    uint32_t Word; ///< The header word of some object of the class.
    llvm::Value *Heap;
    Functions Takers;
  };

  bool takes(const Candidate &Each, const Class &Of) const;
  static Calls candidatesIn(llvm::Function &F, Descriptors &Types);
  Calls sitesIn(llvm::ArrayRef<Candidate> Candidates, const Class &Of) const;
  using Candidates = llvm::MapVector<llvm::Function *, Calls>;
  using Heaps = llvm::SmallMapVector<llvm::Value *, unsigned, 2>; ///< Numbers, as they are met.
  void findTakers(Class &Of, const Candidates &All) const;
  bool dropEndless(Class &Of, const Candidates &All) const;
  using ClassKey = std::pair<uint32_t, unsigned>; ///< The bits of a class, and a heap's number.
  ClassKey keyOf(uint32_t Word, llvm::Value *Heap) const;
  void makeBody(llvm::Function &F, uint32_t Word, llvm::Value *Heap, llvm::Function &Variant);

  llvm::Module &M;
  const Recursion &Cycles;
  Heaps Numbers;
  std::map<ClassKey, Class> Takers;
  /// By the header word of the cell, and its heap.
  llvm::MapVector<std::pair<llvm::Function *, std::pair<uint32_t, llvm::Value *>>, llvm::Function *>
      Made;
  size_t Added = 0;
};

} // namespace cairn

#endif // CAIRN_LOWERING_CELLVARIANTS_H
