//===- Bases.h - What a pointer was computed from ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A count belongs to a root: a reference that something gave to the function or that it made.
// Roots are parameters, results of calls, loads, freezes, extracts from aggregates, casts of a
// plain pointer that has no root of its own, and every φ and select of references. Whatever is
// computed from a root by address arithmetic and casts is derived from it, in either space, and
// to use it is to use the root: the object must live as long.
//
// Plain pointers have a root if they come from cairn.ref.borrow, cairn.ref.list.data or a cast
// out of the space of references. Where several meet, in a φ or select, the result has the roots
// of all, as far as each is there on every way: those are kept alive even if another was taken.
// A root that is there on some ways only is a conflict; such a φ needs another of references
// beside it (insert/Keepers.h). A call that gets a pointer with a root and returns a plain
// pointer may return one into the object; the result is derived from all such arguments that
// it may capture.
//
// Invariant: every root of a value dominates the value.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_BASES_H
#define CAIRN_LOWERING_BASES_H

#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <deque>

namespace llvm {
class DominatorTree;
class Instruction;
} // namespace llvm

namespace cairn {

/// Answers for one function, and remembers them. An instruction that is added or changed after a
/// question was asked about it, or about what is derived from it, makes the answers stale.
class Bases {
public:
  Bases(const References &R, const llvm::DominatorTree &DT) : R(R), DT(DT) {}

  /// The root of \p V. A reference always has one, maybe itself or a constant. Null: a plain
  /// pointer with none or with several.
  llvm::Value *baseOf(llvm::Value *V);
  /// All roots that have to live while \p V, a value of any type, is used: those of a pointer,
  /// and those of what an aggregate or a vector was built from.
  llvm::ArrayRef<llvm::Value *> rootsOf(llvm::Value *V) { return find(V).Roots; }
  /// Whether \p V may point elsewhere than to its root's payload.
  bool isInterior(llvm::Value *V) { return find(V).Interior; }
  /// Whether \p V is derived from a φ of plain pointers that also has a root which rootsOf does
  /// not tell, since it is not there on every way.
  bool conflicts(llvm::Value *V) { return find(V).Conflict; }
  /// Whether \p Root is there wherever \p Join is, and is the same that was there where the
  /// joined value came from.
  bool outlives(const llvm::Value *Root, const llvm::Instruction &Join) const;
  /// Whether \p V only derives a value from its operands, so that it is no use of them.
  bool isDerived(llvm::Value *V);
  /// Says that \p Keeper, a reference, is the root of what \p Join, a φ or select of plain
  /// pointers, took: the only one it had, or the only one that does not outlive the join. Null:
  /// there is no such reference, and the join is a conflict.
  void setKeeper(const llvm::Value &Join, llvm::Value *Keeper) { Keepers[&Join] = Keeper; }
  /// Forgets all answers, but not the keepers.
  void forget();

private:
  struct Origin {
    llvm::SmallVector<llvm::Value *, 1> Roots;
    bool Interior = false; ///< It may point elsewhere than to the root's payload.
    bool Conflict = false;

    bool operator==(const Origin &) const = default;
  };

  bool mayPoint(llvm::Type *T) const;
  void sourcesOf(llvm::Value *V, llvm::SmallVectorImpl<llvm::Value *> &Sources) const;
  const Origin &find(llvm::Value *V);
  const Origin *known(llvm::Value *V) const;
  Origin originOf(llvm::Value *V) const;
  Origin originOf(llvm::Value *V, llvm::ArrayRef<llvm::Value *> Sources) const;
  void set(llvm::Value *V, Origin O);

  const References &R;
  const llvm::DominatorTree &DT;
  llvm::DenseMap<const llvm::Value *, llvm::Value *> Keepers;
  llvm::DenseMap<llvm::Value *, Origin *> Known;
  std::deque<Origin> Origins; ///< At stable addresses.
};

} // namespace cairn

#endif // CAIRN_LOWERING_BASES_H
