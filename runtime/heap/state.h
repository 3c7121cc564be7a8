//===- state.h - The states that a slab goes through -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For the files in which slabs change hands: cache.cpp (a thread takes), free.cpp
// (blocks come back) and reclaim.cpp (threads and slabs end). See slab.h for the states.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_STATE_H
#define CAIRN_HEAP_STATE_H

#include "heap/checked.h"
#include "heap/purger.h"

namespace cairn {

/// Puts `link` in front of a list that begins with what lies in `list`.
inline void prepend(void *&list, void *link) {
  *static_cast<void **>(link) = list;
  list = link;
}

/// Zeroes what lies before a slot's link, and is a multiple of 4. Not by a function of the C
/// library's: the slot may be hidden (platform/outside.h).
inline void clearPrefix(char *slot, size_t link) {
#pragma clang loop vectorize(disable) unroll(disable)
  for (size_t i = 0; i < link; i += sizeof(uint32_t))
    *reinterpret_cast<volatile uint32_t *>(slot + i) = 0;
}

inline void setState(Shared *s, SlabState state) {
  uint64_t w = __atomic_load_n(&s->remote, __ATOMIC_RELAXED);
  Remote r;
  do {
    r = Remote::unpack(w);
    r.state = state;
  } while (!__atomic_compare_exchange_n(&s->remote, &w, r.pack(), true, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED));
}

/// Free slots of a slab in no hand. Its owner may be freeing: the answer is then
/// too small, unless no slot is live, when it is exact.
inline unsigned localFree(const Slab *slab, const Shared *s) {
  int32_t armed = __atomic_load_n(&s->armed, __ATOMIC_RELAXED);
  int32_t before = __atomic_load_n(&s->freeAtArm, __ATOMIC_RELAXED);
  intptr_t credit = __atomic_load_n(&slab->credit, __ATOMIC_ACQUIRE);
  return unsigned(before + (armed - int32_t(credit)));
}

inline unsigned localFree(const Slab *slab) { return localFree(slab, slab->shared); }

inline unsigned freeNow(const Slab *slab, const Shared *s) {
  return localFree(slab, s) + loadRemote(s).count;
}
inline unsigned freeNow(const Slab *slab) { return freeNow(slab, slab->shared); }

inline void arm(Slab *slab, unsigned freeLocal, unsigned credit) {
  __atomic_store_n(&slab->shared->freeAtArm, int32_t(freeLocal), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->shared->armed, int32_t(credit), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->credit, intptr_t(credit), __ATOMIC_RELEASE);
}

/// Readies a ready slab's credit to run out when its last live slot is freed.
inline void armForEmpty(Slab *slab, unsigned freeLocal) {
  unsigned remote = loadRemote(slab->shared).count;
  unsigned live = freeLocal + remote < slab->slots ? slab->slots - freeLocal - remote : 1;
  arm(slab, freeLocal, live);
}

/// Takes a slab that is in no list any more, and without a live slot, from its cache, so that one
/// thread alone releases it. Under the lock that its state changes under: who comes for the slab
/// meanwhile waits for that lock, and finds the slab to be no cache's.
inline void letGo(Shared *s) {
  setState(s, kIdle);
  __atomic_store_n(&s->cache, nullptr, __ATOMIC_RELAXED);
}

inline void unlist(Cache *cache, Shared *s) {
  (loadRemote(s).state == kReady ? cache->ready[s->slab->bin] : cache->full).remove(s);
}

/// The slab that a bin's stack is filled from.
void setHand(Cache *cache, unsigned bin, Slab *slab);

} // namespace cairn

#endif // CAIRN_HEAP_STATE_H
