//===- free.cpp - Slots that come back -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Frees that leave the fast path: the owner's, when its frees have spent a slab's credit (slab.h),
// and all frees by other threads.
//
//===----------------------------------------------------------------------===//

#include "heap/guard.h"
#include "heap/profile.h"
#include "heap/samples.h"
#include "heap/state.h"
#include "heap/validate.h"
#include "platform/outside.h"

namespace cairn {

namespace {

/// A bin's stack is drained once so many of its slabs have spent their credit and the stack was
/// not filled meanwhile: the thread gives back more than it takes.
constexpr unsigned kDrainAt = 16;

/// Under the cache's lock: whether the slab is one of its own and not in hand.
bool waits(const Shared *s) {
  SlabState state = loadRemote(s).state;
  return state == kFull || state == kReady;
}

/// Called by a thread that freed so much into another's slab that the slab is worth taking up
/// again, or empty: moves it to its owner's ready list, or releases it.
void notify(Slab *slab, Shared *s) {
  for (;;) {
    Cache *cache = __atomic_load_n(&s->cache, __ATOMIC_ACQUIRE);
    if (!cache) {
      platform::Guard guard(__atomic_load_n(&s->heap, __ATOMIC_RELAXED)->lock);
      if (__atomic_load_n(&s->cache, __ATOMIC_RELAXED))
        continue; // adopted meanwhile
      if (loadRemote(s).state != kOrphan || freeNow(slab) < slab->slots)
        return;
      s->heap->orphans[slab->bin].remove(s);
      letGo(s);
    } else {
      platform::Guard guard(cache->lock);
      if (__atomic_load_n(&s->cache, __ATOMIC_RELAXED) != cache)
        continue; // changed hands meanwhile
      if (!waits(s))
        return;
      bool empty = freeNow(slab) >= slab->slots;
      if (!empty && (loadRemote(s).state != kFull || loadRemote(s).count < wakeAt(slab)))
        return;
      unlist(cache, s);
      if (!empty) {
        // Its owner may be freeing into it right now, so its credit is not
        // touched: it runs out once more, for the owner to count again.
        setState(s, kReady);
        cache->ready[slab->bin].push(s);
        return;
      }
      letGo(s);
    }
    releaseSlab(slab);
    startPurgerInFree();
    return;
  }
}

} // namespace

void freeRemote(Slab *slab, void *link, unsigned index) {
  if (CAIRN_UNLIKELY(isSampled(slab)))
    endSample(link);
  // Once the slot is in the list, the slab may be another's: nothing of its record that is
  // not atomic is read from then on.
  CAIRN_ASSERT("remote list of slab", slab, index < slab->fresh && linkAt(slab, index) == link,
               link, index, slab->fresh);
  Shared *s = slab->shared;
  unsigned slots = slab->slots, least = wakeAt(slab);
  platform::released(s);
  uint64_t w = __atomic_load_n(&s->remote, __ATOMIC_RELAXED);
  Remote r, now;
  do {
    r = Remote::unpack(w);
    if (r.head == index + 1 || r.count >= slots) {
      fail(CAIRN_ERROR_DEAD, link, "freed twice");
      return;
    }
    *static_cast<void **>(link) = r.head ? linkAt(slab, r.head - 1) : nullptr;
    now = {uint16_t(index + 1), uint16_t(r.count + 1), r.state};
  } while (!__atomic_compare_exchange_n(&s->remote, &w, now.pack(), true, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED));
  bool wake = now.state == kFull && now.count == least;
  if (wake || (now.state != kHand && freeNow(slab, s) >= slots))
    notify(slab, s);
}

bool creditSpent(Cache *cache, Slab *slab) {
  Shared *s = slab->shared;
  unsigned free = localFree(slab);
  CAIRN_ASSERT("slab", slab, s->cache == cache && waits(s), s->cache, cache, loadRemote(s).state);
  if (loadRemote(s).state == kFull) {
    cache->full.remove(s);
    setState(s, kReady);
    cache->ready[slab->bin].push(s);
  }
  if (free + loadRemote(s).count < slab->slots) {
    armForEmpty(slab, free);
    return false;
  }
  SlabList &list = cache->ready[slab->bin];
  // The last ready slab of a class stays: a loop would only fetch it again.
  if (!cache->heap->coarse && list.head == s && !s->next) {
    arm(slab, free, 1);
    return false;
  }
  list.remove(s);
  letGo(s);
  return true;
}

void freeSlot(Slab *slab, void *link) {
  if (!fast::push(link, kindOf(slab))) {
    if (CAIRN_UNLIKELY(isGuarded(slab))) {
      freeGuarded(slab, link);
      return;
    }
    // A page of a small heap has its record elsewhere, but may be ours all the same.
    if (__atomic_load_n(&slab->owner, __ATOMIC_RELAXED) != fast::self() + kindOf(slab)) {
      freeRemote(slab, link, unsigned(slotOf(slab, link)));
      return;
    }
    prepend(slab->free, link);
    if (fast::spend(slab) == 0)
      cairn_rt_credit(slab);
  }
}

} // namespace cairn

using namespace cairn;

/// Enough local frees of a slab in no hand: it is worth taking up, or empty.
extern "C" CAIRN_COLD void cairn_rt_credit(Slab *slab) {
  Shared *s = __atomic_load_n(&slab->shared, __ATOMIC_RELAXED);
  Cache *cache = cacheOf(__atomic_load_n(&s->heap, __ATOMIC_RELAXED));
  ++cache->slowPaths;
  bool empty;
  {
    platform::Guard guard(cache->lock);
    // Since the credit was spent, the thread that freed the last live slot may have released
    // the slab, and another may have made it anew: then nothing of its record is read.
    bool ours = __atomic_load_n(&s->cache, __ATOMIC_RELAXED) == cache;
    empty = false;
    if (ours) {
      unsigned bin = slab->bin;
      empty = creditSpent(cache, slab);
      // The thread gives back more than it takes: the stack only keeps slabs.
      if (++cache->woken[bin] == kDrainAt)
        drain(cache, bin);
    }
    validateAtTimes(cache);
  }
  if (empty)
    releaseSlab(slab);
  startPurgerInFree(); // a drain may have released some as well
}
