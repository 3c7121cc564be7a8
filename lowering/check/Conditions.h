//===- Conditions.h - What a path has learned from its branches -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function may decide by a flag, or by a number, whether it owns a reference. States that
// differ in what they own remember the flags and numbers that led there: a condition is a
// value that two or more branches or selects ask about, or one each time round a loop in which it
// does not change, or a phi that one asks about, itself or through another phi. A path knows a
// condition as a constant.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_CONDITIONS_H
#define CAIRN_LOWERING_CHECK_CONDITIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace llvm {
class BasicBlock;
class ConstantInt;
class Function;
class Value;
} // namespace llvm

namespace cairn::check {

/// What is known on a path: that a condition is a constant, or that it is not. In the order of
/// numbers.
struct Known {
  unsigned Number; ///< Of the condition, in the function.
  const llvm::ConstantInt *Is;
  bool Not = false;
  bool operator==(const Known &) const = default;
};
using Facts = llvm::SmallVector<Known, 4>;

class Conditions {
public:
  explicit Conditions(const llvm::Function &F);

  /// The condition's number, or none if nobody asks about it again.
  std::optional<unsigned> number(const llvm::Value *V) const;
  const llvm::Value *condition(unsigned Number) const { return Values[Number].V; }
  /// Whether anybody may ask about it in \p Block or after it, before it is computed again.
  bool isAskedFrom(unsigned Number, const llvm::BasicBlock &Block) const {
    return Values[Number].Everywhere || Live.contains({Number, &Block});
  }
  /// What \p F says of a condition.
  static llvm::ArrayRef<Known> of(unsigned Number, const Facts &F);
  /// What \p V is under \p F; null if that is not known.
  const llvm::ConstantInt *evaluate(const llvm::Value *V, const Facts &F, unsigned Depth = 0) const;
  /// Notes that \p V is \p Is, or forgets what it was if \p Is is null.
  void set(Facts &F, const llvm::Value *V, const llvm::ConstantInt *Is) const;
  /// Notes that \p V is not \p Is.
  void exclude(Facts &F, const llvm::Value *V, const llvm::ConstantInt *Is) const;
  bool excludes(const Facts &F, const llvm::Value *V, const llvm::ConstantInt *Is) const;
  const llvm::ConstantInt *get(const llvm::Value *V, const Facts &F) const;

private:
  void findLive(unsigned Number, llvm::ArrayRef<const llvm::BasicBlock *> Places);

  struct Condition {
    const llvm::Value *V;
    bool Everywhere; ///< Is asked about at places that are not known.
  };
  llvm::DenseMap<const llvm::Value *, unsigned> Numbers;
  llvm::SmallVector<Condition, 0> Values;
  llvm::DenseSet<std::pair<unsigned, const llvm::BasicBlock *>> Live;
};

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_CONDITIONS_H
