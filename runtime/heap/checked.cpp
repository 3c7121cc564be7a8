//===- checked.cpp - Heaps that check every operation -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/purger.h"
#include "heap/state.h"

namespace cairn {

constexpr unsigned kHeldBack = 4096;

struct Quarantine {
  void *links[kHeldBack];
  unsigned first, count;
};

size_t checkedRecordBytes(size_t region) {
  return sizeof(Quarantine) + region / kMinSmall / 8 + platform::kPage;
}

bool makeChecked(Heap *heap, char *records) {
  heap->quarantine = reinterpret_cast<Quarantine *>(records);
  heap->live = reinterpret_cast<uint64_t *>(records + sizeof(Quarantine));
  return (heap->central = makeCache(heap)) != nullptr;
}

namespace {
uint64_t *bitsOf(const Slab *slab) {
  Heap *heap = slab->shared->heap;
  return heap->live + (slab->base - heap->base) / kMinSmall / 64;
}

/// Marks a slot as given out, or not; true if it was. Under the central cache's lock,
/// which checkedLive does without.
bool setLive(const Slab *slab, unsigned i, bool live) {
  uint64_t *word = bitsOf(slab) + i / 64, bit = uint64_t(1) << (i % 64), old = *word;
  __atomic_store_n(word, live ? old | bit : old & ~bit, __ATOMIC_RELAXED);
  return old & bit;
}

/// Gives the longest-held slot back to its slab. Under the central cache's lock.
void releaseOldest(Heap *heap) {
  Quarantine *q = heap->quarantine;
  void *link = q->links[q->first];
  q->first = (q->first + 1) % kHeldBack;
  --q->count;
  Slab *slab = locate(link).slab;
  prepend(slab->free, link);
  if (fast::spend(slab) == 0 && creditSpent(heap->central, slab))
    releaseSlab(slab);
}
} // namespace

void *checkedAllocate(Heap *heap, unsigned bin) {
  Cache *cache = heap->central;
  void *link;
  {
    platform::Guard guard(cache->lock);
    ++cache->slowPaths;
    link = takeSlot(cache, bin);
    while (!link && heap->quarantine->count) {
      releaseOldest(heap);
      link = takeSlot(cache, bin);
    }
    if (link) {
      Slab *slab = locate(link).slab;
      setLive(slab, unsigned(slotOf(slab, link)), true);
    }
  }
  if (!link)
    link = allocateRun(heap, bin);
  reportBadLink(heap);
  return link;
}

namespace {
/// Fills a freed slot and puts it in the queue. Under the central cache's lock.
void hold(Heap *heap, Slab *slab, unsigned i, void *link, void *ref) {
  __builtin_memset(link, kFreedByte,
                   size_t(slotAt(slab, i) + slab->slotSize - static_cast<char *>(link)));
  if (ref)
    __atomic_store_n(fast::countOf(ref), 0, __ATOMIC_RELAXED);
  Quarantine *q = heap->quarantine;
  if (q->count == kHeldBack)
    releaseOldest(heap);
  q->links[(q->first + q->count++) % kHeldBack] = link;
}
} // namespace

void checkedFree(Slab *slab, void *link, void *ref) {
  Heap *heap = slab->shared->heap;
  unsigned i = unsigned(slotOf(slab, link));
  bool live;
  {
    platform::Guard guard(heap->central->lock);
    ++heap->central->slowPaths;
    live = setLive(slab, i, false);
    if (live)
      hold(heap, slab, i, link, ref);
  }
  if (!live)
    fail(CAIRN_ERROR_DEAD, ref ? ref : link, "freed already");
  startPurgerInFree();
}

bool checkedLive(const Slab *slab, unsigned i) {
  return __atomic_load_n(bitsOf(slab) + i / 64, __ATOMIC_RELAXED) >> (i % 64) & 1;
}

bool releaseHeldBack(Heap *heap) {
  if (!heap->checked)
    return false;
  platform::Guard guard(heap->central->lock);
  bool any = heap->quarantine->count;
  while (heap->quarantine->count)
    releaseOldest(heap);
  return any;
}

} // namespace cairn
