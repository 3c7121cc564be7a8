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

#include "heap/heap.h"

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

/// Slots of a stack that are compared with one that has no mark.
constexpr unsigned kFewOnTop = 8;

/// Whether this raw slot with a mark is in a list of free slots, or on a stack.
bool isAmongFreed(const Slab *slab, const void *p);

/// A page of a small heap, of the caller's: whether p is among the last on a stack that the
/// page may have filled.
bool isOnTopOfAny(const Slab *page, const void *p);

/// A slot without a mark, of a slab of the caller's: whether inlined code freed it a moment
/// ago.
CAIRN_FAST bool isOnTop(const Slab *slab, const void *p) {
  if (CAIRN_UNLIKELY(slab->stack == &fullStack))
    return isOnTopOfAny(slab, p);
  void **top = slab->stack->top;
  for (unsigned steps = kFewOnTop; steps && *top; --steps, --top)
    if (CAIRN_UNLIKELY(*top == p))
      return true;
  return slab->free == p;
}

/// Whether this raw slot is free, as far as it can be seen. The slot is exact.
CAIRN_FAST bool isFreed(const Slab *slab, const void *p) {
#if CAIRN_ONLY_CALLS
  return isMarkedFreed(slab, p);
#else
  if (CAIRN_UNLIKELY(isMarkedFreed(slab, p)))
    return isAmongFreed(slab, p);
  return __atomic_load_n(&slab->owner, __ATOMIC_RELAXED) == fast::self() + kRaw && isOnTop(slab, p);
#endif
}

} // namespace cairn

#endif // CAIRN_HEAP_FREED_H
