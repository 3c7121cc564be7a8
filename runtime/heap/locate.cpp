//===- locate.cpp - From an address to what lies there -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/heap.h"

namespace cairn {

Place locateOther(const void *p) {
  if (!addressHasRecord(p))
    return {nullptr, nullptr};
  Slab *s = fast::slabOf(p);
  switch (__atomic_load_n(&s->role, __ATOMIC_ACQUIRE)) {
  case kSlabRole:
  case kGuardRole:
    return {s->shared->heap, s};
  case kSpaceRole:
    return {s->shared->heap, nullptr};
  case kSplitRole: {
    Heap *heap = s->shared->heap;
    Slab *page = pageRecord(s, p);
    bool slab = __atomic_load_n(&page->role, __ATOMIC_ACQUIRE) == kSlabRole;
    return {heap, slab ? page : nullptr};
  }
  default: // foreign, or inside a large block that starts elsewhere
    return {heapOf(p), nullptr};
  }
}

uint64_t largeAt(Heap *heap, const void *p) {
  uint64_t g = heap->space.runOf(heap->space.granuleOf(p));
  const Run &run = heap->space.run(g);
  return run.used && !run.slab && run.kind != kHeld ? g : Space::kNone;
}

} // namespace cairn
