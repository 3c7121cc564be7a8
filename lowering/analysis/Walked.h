//===- Walked.h - Heaps that are looked at when frames are gone -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// When a heap is full, its handler may leave by longjmp, and frames release nothing. A program may
// then find what they held by a walk over the heap. Memory that waits for a new object looks like
// a live one in it, whose fields hold what went long ago. Where a module says that its heap is
// walked, no memory waits across what may be left: a call, or the allocation of anything else.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_WALKED_H
#define CAIRN_LOWERING_WALKED_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

namespace cairn {

/// An i32 module flag (behaviour: max).
inline constexpr llvm::StringLiteral kWalkedHeap = "cairn-walked-heap";

inline bool isHeapWalked(const llvm::Module &M) {
  auto *Flag = llvm::mdconst::extract_or_null<llvm::ConstantInt>(M.getModuleFlag(kWalkedHeap));
  return Flag && !Flag->isZero();
}

} // namespace cairn

#endif // CAIRN_LOWERING_WALKED_H
