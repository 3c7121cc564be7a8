//===- Roots.h - References, and what is computed from them ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The root of a pointer is what is left when address computations and casts are taken off. A
// root is tracked if it is a reference, or a plain phi or select of pointers that came from
// one. Each tracked root has a name for each of its leaves: one for a scalar, one for each
// reference in an aggregate or a vector. Names are numbers in an order in which definitions
// come before what they dominate.
//
// A root is live where it or what is computed from it may still be used.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_ROOTS_H
#define CAIRN_LOWERING_CHECK_ROOTS_H

#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Function.h"

#include <map>
#include <memory>
#include <tuple>

namespace llvm {
class DataLayout;
class GEPOperator;
class Instruction;
} // namespace llvm

namespace cairn::check {

/// A number of bytes, plus something that is not constant: the same symbol is the same number
/// of bytes as long as the values that it is made of are not computed again. Numbers wrap round, as
/// addresses do: those in the module may be any.
struct Offset {
  uint64_t Bytes = 0;
  const void *Symbol = nullptr;
  bool operator==(const Offset &) const = default;
};

struct Place {
  const llvm::Value *Root;
  Offset At;
};

class Roots {
public:
  Roots(const llvm::Function &F, bool Plain);

  const llvm::Function &F;
  const References Refs;
  const bool Plain;

  Place of(const llvm::Value *V);
  /// Whether \p Root, a root, is tracked.
  bool tracks(const llvm::Value *Root) const;
  /// Offsets of the references in \p T, in the order of its elements.
  llvm::ArrayRef<uint64_t> leaves(llvm::Type *T);
  /// The offset of the element that \p Indices name, as a number of leaves before it.
  unsigned leafIndex(llvm::Type *T, llvm::ArrayRef<unsigned> Indices);
  unsigned leafCount(const llvm::Value *Root);
  /// The number of a tracked root's first leaf.
  unsigned name(const llvm::Value *Root) const { return Names.find(Root)->second; }
  /// The first names of the roots that are live when \p B starts, its phis apart, in order.
  llvm::ArrayRef<unsigned> liveInto(const llvm::BasicBlock *B) const;
  const llvm::Value *named(unsigned Name) const { return Values[Name]; }

private:
  Place strip(const llvm::Value *V);
  Offset plus(Offset O, const llvm::GEPOperator &GEP);
  void track();
  void trackPlain();
  void number();
  void findLive();

  const llvm::DataLayout &DL;
  llvm::DenseMap<const llvm::Value *, Place> Places;
  llvm::DenseSet<const llvm::Value *> Extra; ///< Tracked though not by their type.
  llvm::DenseMap<const llvm::Value *, unsigned> Names;
  llvm::SmallVector<const llvm::Value *, 0> Values; ///< By name.
  llvm::DenseMap<const llvm::BasicBlock *, llvm::SmallVector<unsigned, 4>> Live;
  llvm::DenseMap<llvm::Type *, llvm::SmallVector<uint64_t, 1>> Leaves;
  std::map<std::tuple<const void *, const llvm::Value *, uint64_t>, std::unique_ptr<char>> Symbols;
};

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_ROOTS_H
