//===- OwnLife.h - Where a root is live by its own uses -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A root may lend what is loaded through it only where it is alive anyway, or it would live
// longer than the program needs it. This answers where that is. A root's own uses are the
// instructions that use it or what is computed from it, and the edges on which a φ takes its
// count. What is only lent by it is no use of its own.
//
// The answers decide what is worth it, not what is right: whoever lends notes each use of what
// is lent as a use of the root.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_OWN_LIFE_H
#define CAIRN_LOWERING_OWN_LIFE_H

#include "analysis/Bases.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

#include <memory>

namespace llvm {
class BasicBlock;
class PHINode;
} // namespace llvm

namespace cairn {

/// Answers for one function. All questions together look at a bounded number of blocks; after
/// that no root is live anywhere.
class OwnLife {
public:
  /// \p IsLent: whether a φ of references takes no count.
  OwnLife(const References &R, Bases &B, size_t Budget,
          llvm::function_ref<bool(const llvm::PHINode &)> IsLent);
  ~OwnLife();

  /// Whether \p Root is used after \p At on a way from there.
  bool isLiveAfter(llvm::Value &Root, const llvm::Instruction &At);
  bool isLiveInto(llvm::Value &Root, const llvm::BasicBlock &Block);
  /// Whether \p At, no end of a block's life, could be a use of \p Root without keeping it for
  /// long: the root is live there, or it was, on each way to \p At, with only cheap instructions
  /// of no loop between.
  bool isNear(llvm::Value &Root, const llvm::Instruction &At);
  /// Forgets the answers about \p Root: a φ that takes it was lent, and is no more.
  void forget(llvm::Value &Root);

private:
  struct Life;

  Life &lifeOf(llvm::Value &Root);
  void find(llvm::Value &Root, Life &L);
  bool wasLive(llvm::Value &Root, Life &L, const llvm::BasicBlock &Block,
               const llvm::Instruction *Until,
               llvm::SmallPtrSetImpl<const llvm::BasicBlock *> &Around, unsigned &Left);

  const References &R;
  Bases &B;
  size_t Budget;
  llvm::function_ref<bool(const llvm::PHINode &)> IsLent;
  llvm::DenseMap<llvm::Value *, std::unique_ptr<Life>> Lives;
};

} // namespace cairn

#endif // CAIRN_LOWERING_OWN_LIFE_H
