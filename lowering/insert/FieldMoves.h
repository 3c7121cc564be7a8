//===- FieldMoves.h - References that move out of memory --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that takes a reference out of a field loads it, and then stores something else there:
//
//   v = load x.next ; store null, x.next ; return v
//
// The load would add a count, and the store would release the one that the field had. They are
// the same: here the store hands the field's count over to the loaded value, and neither is
// written. If the value's count is taken over before that store, a store of null is put there,
// which hands it over instead:
//
//   v = load x.next ; store v, y.next ; store y, x.next
//   v = load x.next ; store null, x.next ; store v, y.next ; store y, x.next
//
// From the load to the store, nothing may read the count of an object, call anything, or write to
// the field, and nothing may read it once null is there. Releases in between wait until the store
// is done: a finaliser finds the memory as the program left it. To others the object has at each
// moment at least the counts that it had before the load, or those that it has after the store.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FIELD_MOVES_H
#define CAIRN_LOWERING_FIELD_MOVES_H

#include "analysis/Lent.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace llvm {
class LoadInst;
class StoreInst;
} // namespace llvm

namespace cairn {

class Plan;

class FieldMoves {
public:
  /// Finds the loads that a store in the same block follows in this way.
  FieldMoves(llvm::Function &F, const References &R, Bases &B);

  /// Whether \p Load comes with the unit of the memory that it reads.
  bool isMoved(const llvm::Value *Load) const { return Moves.contains(Load); }
  /// Whether \p Store releases nothing: what was there has moved.
  bool isMove(const llvm::StoreInst &Store) const { return Takers.contains(&Store); }

  /// Leaves out what is lent, and so has no count. Adds the stores of null.
  void settle(const LentValues &Lent);
  /// Lets the releases between each load and its store wait.
  void delayReleases(Plan &P) const;

private:
  struct Move {
    llvm::LoadInst *Load;
    llvm::StoreInst *Store;
    llvm::Instruction *FirstTake; ///< Of the load's count, before the store; null if there is none.
  };

  std::optional<Move> moveFor(llvm::StoreInst &Store) const;
  llvm::Instruction *firstTake(const llvm::LoadInst &Load, const llvm::StoreInst &Store,
                               bool &Unclear) const;

  const References &R;
  Bases &B;
  llvm::MapVector<const llvm::Value *, Move> Moves; ///< By load, in the order of the stores.
  llvm::SmallPtrSet<const llvm::StoreInst *, 8> Takers;
};

} // namespace cairn

#endif // CAIRN_LOWERING_FIELD_MOVES_H
