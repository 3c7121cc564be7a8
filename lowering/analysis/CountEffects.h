//===- CountEffects.h - Which calls count, allocate and release -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a function costs once its counts are there, for the remarks that tell of it. Plain and
// managed forms are alike.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_COUNT_EFFECTS_H
#define CAIRN_LOWERING_COUNT_EFFECTS_H

#include "llvm/ADT/SmallPtrSet.h"

namespace llvm {
class BasicBlock;
class CallBase;
class Function;
} // namespace llvm

namespace cairn {

enum class CountEffect {
  None,
  Retain,
  Release,
  Allocate,
  Free,      ///< Of a cell or a raw block: nothing is dropped.
  Reuse,     ///< A cell becomes a new object.
  Take,      ///< An object becomes a cell, by a copy where others have it.
  Container, ///< Changes a list or a dict, which may allocate and release.
};

/// What \p Call of an intrinsic does; None of any other call.
CountEffect countEffect(const llvm::CallBase &Call);

/// The blocks of \p F that are reached if each object that is asked whether it is unique, or the
/// last of its type, is. All others belong to the arms of shared objects.
llvm::SmallPtrSet<const llvm::BasicBlock *, 16> uniqueWays(const llvm::Function &F);

} // namespace cairn

#endif // CAIRN_LOWERING_COUNT_EFFECTS_H
