//===- Keepers.h - References that keep joined pointers alive ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A φ or select of plain pointers may point into one of several objects, or into an object or
// none: `p = c ? cairn_ref_borrow(a) : cairn_ref_borrow(b)`. Beside it goes one of references,
// its keeper, which has the root of what was taken, or null. To use the pointer is to use the
// keeper.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_KEEPERS_H
#define CAIRN_LOWERING_KEEPERS_H

#include "analysis/Bases.h"

namespace llvm {
class Function;
} // namespace llvm

namespace cairn {

/// Adds keepers where \p B finds conflicts, and tells \p B of them: it answers no question with
/// a conflict afterwards. Linear in the function's size. Whether anything was added.
bool addKeepers(llvm::Function &F, Bases &B, const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_KEEPERS_H
