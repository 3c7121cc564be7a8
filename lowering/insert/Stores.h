//===- Stores.h - What a store of a reference does besides ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A store takes the unit of what it stores (insert/Uses.h). What it overwrites had a unit too:
// it is loaded before and released after, unless it is known to be null or never set. If the
// memory belongs to an object that other threads may have, what is stored becomes theirs:
// cairn.ref.share.into.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_STORES_H
#define CAIRN_LOWERING_STORES_H

#include "analysis/Bases.h"
#include "insert/FieldMoves.h"
#include "insert/Flow.h"
#include "insert/Plan.h"

namespace llvm {
class StoreInst;
} // namespace llvm

namespace cairn {

/// What has to be added to one store.
struct StorePlan {
  llvm::StoreInst *Store;
  llvm::Value *Holder; ///< To be asked whether it is shared; null if there is nothing to share.
  bool HasOld;         ///< Whether something may have been there.
};

/// Finds what the stores of references need. Removes those that set a variable to null again.
/// \p Moves: those that release nothing, since what was there has moved.
llvm::SmallVector<StorePlan> planStores(const Flow &G, Bases &B, const References &R,
                                        const FieldMoves *Moves);
/// Adds it, and the releases to \p P.
void addToStores(llvm::ArrayRef<StorePlan> Stores, Plan &P);

} // namespace cairn

#endif // CAIRN_LOWERING_STORES_H
