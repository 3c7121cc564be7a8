//===- Choices.h - Choices between references that die -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A select has a count of its own, because nobody knows which of its operands it is:
//
//   first = select c, a, b ; second = select c, b, a
//
// retains both results and releases both operands. A φ takes over the count of the operand on
// each edge. So selects with one condition whose operands are not used any more become φ of two
// blocks before counts are inserted, and selects again afterwards where no count came between.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHOICES_H
#define CAIRN_LOWERING_CHOICES_H

#include "analysis/Lent.h"

namespace llvm {
class BasicBlock;
} // namespace llvm

namespace cairn {

class Choices {
public:
  /// Takes apart the choices of \p F whose counts that spares: new blocks.
  void takeApart(llvm::Function &F, const References &R, const FieldWrites &Writes);
  /// Joins them again.
  void join();

private:
  /// A branch to Arm, from which it goes on as if it had not gone there.
  struct Diamond {
    llvm::BasicBlock *Arm, *End;
  };
  llvm::SmallVector<Diamond, 2> Diamonds;
};

} // namespace cairn

#endif // CAIRN_LOWERING_CHOICES_H
