//===- Join.h - One state for two paths ------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two states at the start of a block become one if there are numbers of units that are right
// for both. Names are one object in the result if they are one in both states: a class of the
// result is a pair of classes. The units of a class are those of its pairs together. That is
// an equation for each class of each state; null and static objects fit any number. The join
// exists if the equations have one solution without negative numbers.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_JOIN_H
#define CAIRN_LOWERING_CHECK_JOIN_H

#include "check/State.h"

#include <optional>

namespace llvm {
class BasicBlock;
class DominatorTree;
} // namespace llvm

namespace cairn::check {

class Joiner {
public:
  Joiner(Roots &R, const Conditions &C, const llvm::DominatorTree &DT) : R(R), C(C), DT(DT) {}

  /// The join at the start of \p B, behind its phis, or nothing. \p Again: control can come back
  /// to \p B, so that values may have been computed again. \p Whole: no unit may be forgotten that
  /// only the arm of a select still holds.
  std::optional<State> join(const State &A, const State &B, const llvm::BasicBlock &At, bool Again,
                            bool Whole);

  /// \p S without what is not live any more, its classes numbered in the order of names. None
  /// if what is left cannot say what it owns, or what it released in place.
  std::optional<State> tidy(const State &S, const llvm::BasicBlock &At, bool Again) {
    return join(S, S, At, Again, /*Whole=*/false);
  }

  /// Whether a value that was computed before \p At is still the same there. A select whose
  /// condition is not does not hold its arms any more.
  bool lasts(const llvm::Value *V, const llvm::BasicBlock &At) const;

private:
  Roots &R;
  const Conditions &C;
  const llvm::DominatorTree &DT;
};

/// How much a join of two states that were joined at one place before would lose: facts first,
/// then names that are one object in one of them only, then units.
unsigned difference(const State &A, const State &B);
/// Whether two states that were joined at one place are the same.
bool same(const State &A, const State &B);
/// Whether they are the same but for units, of which \p B has more of some class, and less of
/// none.
bool grows(const State &A, const State &B);

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_JOIN_H
