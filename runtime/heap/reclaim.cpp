//===- reclaim.cpp - Slabs and threads that end -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A slab without a live slot goes back to the region, a thread's slabs to their heap.
//
//===----------------------------------------------------------------------===//

#include "heap/state.h"
#include "heap/validate.h"
#include "platform/outside.h"

namespace cairn {

/// A rest is worth its cost after kFirstRest slow paths of a thread, and after twice as many each
/// next time, up to kMostRest: a thread that keeps starting others while it works is not to pay for
/// a rest each time.
constexpr uint64_t kFirstRest = 32, kMostRest = 1 << 14;

void releaseSlab(Slab *slab) {
  Shared *s = slab->shared;
  Heap *heap = s->heap;
  CAIRN_ASSERT("slab", slab, loadRemote(s).state == kIdle && !s->cache && slab->role == kSlabRole,
               loadRemote(s).state, s->cache, slab->role);
  // Each of these alone would let an inlined free believe that the slab is still there.
  __atomic_store_n(&slab->owner, uintptr_t(0), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->stack, &fullStack, __ATOMIC_RELAXED);
  __atomic_store_n(&slab->role, heap->coarse ? kNoRole : kSpaceRole, __ATOMIC_RELEASE);
  __atomic_store_n(&s->remote, uint64_t(0), __ATOMIC_RELEASE);
  if (heap->checked) // of what it becomes, the runtime may hide other parts
    platform::show(reinterpret_cast<void *>(slab->base),
                   heap->coarse ? platform::kPage : kSlabSize);
  platform::Guard guard(heap->lock);
  platform::acquired(s);
  platform::released(&heap->lock);
  heap->space.give(heap->space.granuleOf(reinterpret_cast<void *>(slab->base)));
  noteFreed(heap);
}

/// Free slots of a slab, but for those that other threads freed.
static unsigned countLocal(const Slab *slab) {
  unsigned n = slab->slots - slab->fresh;
  for (void *p = slab->free; p && n <= slab->slots && soundLink(slab, p);
       p = *static_cast<void **>(p))
    ++n;
  return n;
}

unsigned countFree(const Slab *slab) { return countLocal(slab) + loadRemote(slab->shared).count; }

static void orphan(Shared *s, unsigned freeLocal) {
  Slab *slab = s->slab;
  Heap *heap = s->heap;
  platform::released(s);
  __atomic_store_n(&slab->owner, uintptr_t(0), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->stack, &fullStack, __ATOMIC_RELAXED);
  arm(slab, freeLocal, 0);
  bool empty;
  {
    platform::Guard guard(heap->lock);
    __atomic_store_n(&s->cache, nullptr, __ATOMIC_RELEASE);
    setState(s, kOrphan);
    empty = freeNow(slab) >= slab->slots;
    if (empty)
      letGo(s);
    else
      heap->orphans[slab->bin].push(s);
  }
  if (empty)
    releaseSlab(slab);
}

void orphanAll(Cache *cache, bool walk) {
  platform::Guard guard(cache->lock);
  cache->restAfter = 0; // of the next thread
  cache->restAt = cache->slowPaths + kFirstRest;
  drainAll(cache);
  if (!walk) // else its thread was stopped anywhere
    validateAtTimes(cache);
  auto give = [&](Shared *s, bool count) {
    orphan(s, count ? countLocal(s->slab) : localFree(s->slab));
  };
  for (unsigned bin = 0; bin < kBins; ++bin) {
    Slab *slab = cache->bins->hand[bin];
    bool used = cache->usedUp[bin] || slab->fresh > slab->slots / 2;
    cache->usedUp[bin] = false;
    if (used || slab != &noSlab)
      __atomic_store_n(&cache->heap->wellUsed[bin], used, __ATOMIC_RELAXED);
    if (slab != &noSlab) {
      setHand(cache, slab->bin, &noSlab);
      give(slab->shared, true);
    }
    while (Shared *s = cache->ready[bin].head) {
      cache->ready[bin].remove(s);
      give(s, walk);
    }
  }
  while (Shared *s = cache->full.head) {
    cache->full.remove(s);
    give(s, walk);
  }
}

/// Under the cache's lock: a slab in hand waits among the ready ones, and is released when
/// its last block is freed, by whichever thread.
static void layDown(Cache *cache, Slab *slab) {
  Shared *s = slab->shared;
  setHand(cache, slab->bin, &noSlab);
  armForEmpty(slab, countLocal(slab));
  setState(s, kReady);
  // Others may have freed the last block while it was in hand, where they tell nobody.
  if (freeNow(slab) < slab->slots) {
    cache->ready[slab->bin].push(s);
    return;
  }
  letGo(s);
  releaseSlab(slab);
}

void rest() {
  Thread *thread = currentThread();
  Cache *cache = thread ? thread->home : nullptr;
  if (!cache || cache->heap->checked || cache->slowPaths < cache->restAt)
    return;
  {
    platform::Guard guard(cache->lock);
    uint64_t twice = cache->restAfter * 2;
    cache->restAfter = twice < kFirstRest ? kFirstRest * 2 : twice < kMostRest ? twice : kMostRest;
    cache->restAt = cache->slowPaths + cache->restAfter;
    drainAll(cache);
    for (unsigned bin = 0; bin < kBins; ++bin)
      if (Slab *slab = cache->bins->hand[bin]; slab != &noSlab && countFree(slab) < slab->slots)
        layDown(cache, slab);
    validateAtTimes(cache);
  }
  startPurgerInFree();
}

bool reclaim(Heap *heap) {
  bool any = false;
  auto sweep = [&](Cache *cache, SlabList &list) {
    for (Shared *s = list.head; s;) {
      Shared *next = s->next;
      if (freeNow(s->slab) >= s->slab->slots) {
        unlist(cache, s);
        letGo(s);
        releaseSlab(s->slab);
        any = true;
      }
      s = next;
    }
  };
  for (Cache *c = __atomic_load_n(&heap->caches, __ATOMIC_ACQUIRE); c; c = c->nextInHeap) {
    platform::Guard guard(c->lock);
    // Our own stacks and slabs in hand may go too, and those that only this lock hands
    // out; another thread's may be in use. A thread's view is first in its record.
    const void *thread = __atomic_load_n(&c->thread, __ATOMIC_RELAXED);
    bool ours = thread == cairn_rt_tls || c == heap->central;
    if (ours)
      any |= drainAll(c);
    sweep(c, c->full);
    for (SlabList &list : c->ready)
      sweep(c, list);
    if (!ours)
      continue;
    for (unsigned bin = 0; bin < kBins; ++bin) {
      Slab *slab = c->bins->hand[bin];
      if (slab == &noSlab || countFree(slab) < slab->slots)
        continue;
      setHand(c, slab->bin, &noSlab);
      letGo(slab->shared);
      releaseSlab(slab);
      any = true;
    }
    validateAtTimes(c);
  }
  return any;
}

} // namespace cairn
