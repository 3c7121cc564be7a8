//===- mutations.h - Faults to plant in counts ------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mutation changes one thing in a module whose counts are right, and takes the change back.
// Whether the change can unbalance a path is said when it is made, from its kind and what it was
// done to alone; the certifier is not asked.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TEST_MUTATIONS_H
#define CAIRN_TEST_MUTATIONS_H

#include <functional>
#include <string>
#include <vector>

namespace llvm {
class Function;
} // namespace llvm

enum class MutationKind {
  DeleteCount,
  DuplicateCount,
  InvertCount,
  OtherOperand,
  SiblingField,
  MoveUp,
  MoveDown,
  ReleaseBeforeUse,
  ParameterMode,
  ResultMode,
  SwapArms,
  DropEdge,
  OtherStored,
  DeleteFree,
  FreeTwice,
  FreeBeforeUse,
  CountCell,
  KeptField,
  HeaderWord,
  InvertTest,
  OtherTested,
};
constexpr unsigned kMutationKinds = unsigned(MutationKind::OtherTested) + 1;
const char *nameOf(MutationKind Kind);

struct Mutation {
  MutationKind Kind;
  llvm::Function *In; ///< Where the change is; callers may be wrong as well.
  std::string Where;
  /// Why no path can be unbalanced by it, or used after a release; empty: one may be.
  std::string Harmless;
  std::function<void()> Make, TakeBack;
};

/// A reason of `Harmless` that is no proof: such mutants are to be run.
inline constexpr char kLent[] = "a field lends it still: right if running it says so";

/// Those of cells alone (cells.cpp).
std::vector<Mutation> cellMutationsOf(llvm::Function &F);
/// All mutations of \p F. Only one may be made at a time.
std::vector<Mutation> mutationsOf(llvm::Function &F);

#endif // CAIRN_TEST_MUTATIONS_H
