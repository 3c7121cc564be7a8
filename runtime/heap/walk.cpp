//===- walk.cpp - Which slots of a slab are live -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/walk.h"
#include "heap/checked.h"
#include "heap/profile.h"

namespace cairn {

bool liveSlots(Slab *slab, SlotSet &live, void *&bad) {
  SlotSet free;
  unsigned fresh = slab->fresh;
  auto list = [&](void *p) {
    for (; p; p = *static_cast<void **>(p)) {
      int i = slotOf(slab, p);
      if (i < 0 || unsigned(i) >= fresh || linkAt(slab, unsigned(i)) != p ||
          free.get(unsigned(i))) {
        bad = p;
        return false;
      }
      free.set(unsigned(i));
    }
    return true;
  };
  bool sound = true;
  auto stacks = [&](const Cache *cache) {
    eachStack(cache, slab, [&](const SlotStack *stack) {
      for (void **top = stack->top; void *p = *top; --top) {
        int i = slotOf(slab, p);
        if (i < 0)
          continue; // another slab's
        if (linkAt(slab, unsigned(i)) != p || free.get(unsigned(i))) {
          bad = p;
          sound = false;
          continue;
        }
        free.set(unsigned(i));
      }
    });
  };
  if (CAIRN_UNLIKELY(isSampled(slab))) // any thread may have put its slots there
    for (const Cache *c = slab->shared->heap->caches; c; c = c->nextInHeap)
      stacks(c);
  else if (const Cache *cache = slab->shared->cache)
    stacks(cache);
  Remote remote = loadRemote(slab->shared);
  sound = sound && list(slab->free) && list(remote.head ? linkAt(slab, remote.head - 1u) : nullptr);
  bool checked = slab->shared->heap->checked;
  for (unsigned i = 0; i < fresh; ++i)
    if (checked ? checkedLive(slab, i) : !free.get(i))
      live.set(i);
  return sound;
}

unsigned liveCount(Slab *slab) {
  SlotSet live;
  void *bad;
  liveSlots(slab, live, bad);
  unsigned n = 0;
  for (uint64_t w : live.words)
    n += unsigned(__builtin_popcountll(w));
  return n;
}

} // namespace cairn
