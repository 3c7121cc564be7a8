//===- Lent.h - References that need no count of their own --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reference that is loaded from a field is kept alive by the object that holds it. If that
// object lives as long as the reference is used, and nothing overwrites the field meanwhile
// (analysis/FieldWrites.h), the reference is lent: the function neither retains it nor
// releases it, and only where its count is taken over (stored, returned) one is added.
//
// A value is lent for the whole call if it is a parameter that the function borrows, a static
// object, a load through such a value, or a φ, select or freeze of such values: a walk through
// a structure counts nothing.
//
// A value is lent while it is held if it comes, in the same way, from roots whose counts the
// function has: a load through one of them, a φ over a walk that starts at one. Each root has to
// be there wherever the φ is, and to be live by its own uses wherever the value is used
// (analysis/OwnLife.h), so that nothing lives longer for it. A walk that is the end of its root is
// none of these: there the root moves into the φ, and each step frees a cell.
//
// A φ of a loop that was a recursion in tail position may have a keeper (insert/Rounds.h), which
// then lends the φ, and what comes out of it, until the next round: that is as long as the call
// would have kept its argument.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LENT_H
#define CAIRN_LOWERING_LENT_H

#include "analysis/Bases.h"
#include "analysis/FieldWrites.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Instructions.h"

namespace llvm {
class Use;
} // namespace llvm

namespace cairn {

/// How a value is lent.
struct Lending {
  llvm::SmallVector<llvm::Value *, 1> Roots; ///< They have to live while the value is used.
  /// A choice between static objects: it needs no count, wherever it goes.
  bool Constant = false;
};

/// The values of a function that are lent.
using LentValues = llvm::DenseMap<llvm::Value *, Lending>;

/// φ of references that have another beside them, their keeper (insert/Rounds.h): what comes into
/// the φ is lent by what comes into the keeper, or by the caller where null comes into the keeper.
struct RoundKeepers {
  llvm::MapVector<llvm::PHINode *, llvm::PHINode *> Of;
  llvm::SmallPtrSet<const llvm::Value *, 4> All;

  /// The keeper of \p V; null if it has none.
  llvm::PHINode *of(const llvm::Value *V) const {
    auto Found = Of.find(const_cast<llvm::PHINode *>(llvm::dyn_cast<llvm::PHINode>(V)));
    return Found == Of.end() ? nullptr : Found->second;
  }
};

/// Of a function whose references are scalars and have no counts yet.
LentValues lentValues(llvm::Function &F, const References &R, Bases &B, const FieldWrites &Writes,
                      const RoundKeepers &Keepers = {});

/// Whether \p U, no operand of a φ, takes over a count of what it uses.
bool takesCount(const llvm::Use &U, const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_LENT_H
