//===- LastSplit.h - A function that owns a parameter takes it apart --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a function first reads the references in an object, it has done nothing yet but look. So
// it can go two ways there: if the object is the last reference, its cell is taken, and what was
// read from the object is read from the cell; else another function, which borrows the object,
// is called from the start, and its result returned.
//
// The object is a parameter, or the φ of a loop that a tail recursion became, in whose other φ
// the other parameters are, and maybe a sum or product, to which the result is added.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LAST_SPLIT_H
#define CAIRN_LOWERING_LAST_SPLIT_H

#include "analysis/Shapes.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class Argument;
class BasicBlock;
class BinaryOperator;
class CallInst;
class DominatorTree;
class Function;
class Instruction;
class LoadInst;
class PHINode;
} // namespace llvm

namespace cairn {

class LastSplit {
public:
  LastSplit(llvm::Argument &Param, const Shapes &Known, const References &R);

  /// Null if there is a way to split, else why there is none.
  const char *reason() const { return Why; }
  /// Before the function is cloned: it may start in the middle of a sum then, whose parts may
  /// overflow where the whole does not.
  void allowOverflow();
  /// Splits; \p Borrows is what is called where the object has other counts. Returns the calls.
  llvm::SmallVector<llvm::CallInst *, 2> apply(llvm::Function &Borrows);

private:
  /// A place where the cell is taken.
  struct Place {
    llvm::BasicBlock *Block;
    llvm::Instruction *Before = nullptr;
    const Descriptor *Shape = nullptr;
    llvm::SmallVector<llvm::LoadInst *, 4> Reads = {};
  };

  const char *findObject(llvm::Argument &Param);
  bool isSum(llvm::PHINode &Phi);
  const char *findUses();
  const char *findPlaces(const llvm::DominatorTree &DT);
  const char *check(Place &At, const llvm::DominatorTree &DT);
  bool onlyLooked(const Place &At) const;
  const Descriptor *shapeOf(const Place &At) const;
  llvm::CallInst *applyAt(Place &At, llvm::Function &Borrows);

  llvm::Function &F;
  const Shapes &Known;
  const References &R;
  llvm::Value *Object = nullptr;
  llvm::BasicBlock *Start; ///< Where a call of the function begins again: entry or loop.
  /// What the result is added to, and an operation that does so; null if there is none.
  llvm::PHINode *SoFar = nullptr;
  llvm::BinaryOperator *Sum = nullptr;
  llvm::SmallVector<llvm::Value *, 4> Args;       ///< What to call the other function with.
  llvm::SmallVector<llvm::Instruction *, 8> Uses; ///< Loads through the object, and tags of it.
  llvm::SmallVector<Place, 2> Places;
  const char *Why;
};

} // namespace cairn

#endif // CAIRN_LOWERING_LAST_SPLIT_H
