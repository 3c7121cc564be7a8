//===- freed.h - The mark in a freed block -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   slot   [link][mark] ...        a raw slot, 16 bytes or more
//
// A call that frees a small raw block writes a mark into its second word, a call that
// gives one out clears it, and a call that is given a block looks for it. So do the slots
// that a stack is filled with from the part of a slab that was never given out. The mark
// depends on the slot's address: one that a program copies is none elsewhere.
//
// Inlined code neither writes nor clears marks. Where there may be some (not in
// libcairn-malloc), a mark says that a block may be free, and the lists say whether it is.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_FREED_H
#define CAIRN_HEAP_FREED_H

#include "fast/fast.h"

namespace cairn {

/// The second word of the free slot at p.
CAIRN_FAST uintptr_t freedMark(const Slab *slab, const void *p) {
  return reinterpret_cast<uintptr_t>(slab) + reinterpret_cast<uintptr_t>(p);
}
CAIRN_FAST bool isMarkedFreed(const Slab *slab, const void *p) {
  return static_cast<const uintptr_t *>(p)[1] == freedMark(slab, p);
}
CAIRN_FAST void markFreed(const Slab *slab, void *p) {
  static_cast<uintptr_t *>(p)[1] = freedMark(slab, p);
}
CAIRN_FAST void markGiven(void *p) { static_cast<uintptr_t *>(p)[1] = 0; }

} // namespace cairn

#endif // CAIRN_HEAP_FREED_H
