//===- LateTakes.h - Counts that are taken on some ways only ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that reads a field to test it, and again to take the value over where the test
// holds, has one load for both once LLVM has seen it:
//
//   v = load x.left ; if (tag(v) == 0) take(v) ; else use(x)
//
// A count for v at the load is given back on the other way. So v gets a second name, a freeze,
// where a block starts from which every way takes a count of it. The first name can then be lent
// (analysis/Lent.h), and the second one is what has a count. When the counts are written, both
// are one name again.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LATE_TAKES_H
#define CAIRN_LOWERING_LATE_TAKES_H

#include "insert/FieldMoves.h"

namespace llvm {
class DominatorTree;
class LoadInst;
} // namespace llvm

namespace cairn {

class LateTakes {
public:
  /// Loads in \p Moves keep their one name.
  LateTakes(llvm::Function &F, const References &R, const FieldMoves &Moves)
      : F(F), R(R), Moves(Moves) {}
  /// The counts are written: one name is enough.
  ~LateTakes();

  /// Gives second names to loads that are not in \p Lent. Whether it did; \p B and \p Lent are
  /// stale then.
  bool split(const LentValues &Lent, Bases &B, const llvm::DominatorTree &DT);
  /// Takes back the names of loads that are still not lent. Whether there were any.
  bool undo(const LentValues &Lent);

private:
  class Ways;

  bool splitLoad(llvm::LoadInst &Load, const llvm::DominatorTree &DT);

  llvm::Function &F;
  const References &R;
  const FieldMoves &Moves;
  llvm::SmallVector<llvm::Instruction *> Names;
};

} // namespace cairn

#endif // CAIRN_LOWERING_LATE_TAKES_H
