//===- checked.cpp - Heaps that check every operation -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/purger.h"
#include "heap/quarantine.h"
#include "heap/state.h"

namespace cairn {

namespace {
size_t bitsBytes(size_t region) { return region / kMinSmall / 8; }
} // namespace

size_t checkedRecordBytes(size_t region) {
  return sizeof(Quarantine) + 2 * bitsBytes(region) + platform::kPage;
}

bool makeChecked(Heap *heap, char *records) {
  heap->quarantine = reinterpret_cast<Quarantine *>(records);
  heap->live = reinterpret_cast<uint64_t *>(records + sizeof(Quarantine));
  heap->redZoned = heap->live + 1; // word by word in turn: records grow as the region does
  return (heap->central = makeCache(heap)) != nullptr;
}

namespace {
/// The word of slot i's bit in a map of the heap.
uint64_t *wordOf(uint64_t *map, const Slab *slab, unsigned i) {
  return map + 2 * ((slab->base - slab->shared->heap->base) / kMinSmall / 64 + i / 64);
}

/// Sets or clears a slot's bit; true if it was set. Under the central cache's lock, which
/// its readers do without.
bool setBit(uint64_t *map, const Slab *slab, unsigned i, bool on) {
  uint64_t *word = wordOf(map, slab, i), bit = uint64_t(1) << (i % 64), old = *word;
  __atomic_store_n(word, on ? old | bit : old & ~bit, __ATOMIC_RELAXED);
  return old & bit;
}
bool getBit(uint64_t *map, const Slab *slab, unsigned i) {
  return __atomic_load_n(wordOf(map, slab, i), __ATOMIC_RELAXED) >> (i % 64) & 1;
}

/// Bytes of slot i that are filled when it is freed: from its link on.
uint64_t filledBytes(const Slab *slab, unsigned i, const void *link) {
  return uint64_t(slotAt(slab, i) + slab->slotSize - static_cast<const char *>(link));
}

/// Looks at a slot that waits.
void inspectSlot(Heap *heap, Slab *slab, void *link) {
  unsigned i = unsigned(slotOf(slab, link));
  // An array's count reads 0.
  char *count = slotAt(slab, i) + kArrayPrefix - kHeaderSize;
  bool gap = kindOf(slab) == kObject && slab->slotSize >= kArrayPrefix;
  inspectFreed(static_cast<char *>(link), filledBytes(slab, i, link), gap ? count : nullptr,
               heap->quarantine->found);
}

/// Gives the longest-held slot back to its slab. Under the central cache's lock.
void releaseOldest(Heap *heap) {
  Quarantine *q = heap->quarantine;
  void *link = q->links[q->first];
  q->first = (q->first + 1) % kHeldBack;
  --q->count;
  Slab *slab = locate(link).slab;
  inspectSlot(heap, slab, link);
  prepend(slab->free, link);
  if (fast::spend(slab) == 0 && creditSpent(heap->central, slab))
    releaseSlab(slab);
}

void inspectRun(Heap *heap, uint64_t granule) {
  inspectFreed(reinterpret_cast<char *>(heap->space.addressOf(granule)),
               heap->space.run(granule).length << kGranuleShift, nullptr,
               heap->quarantine->foundRun);
}

/// The same of a large block. Under the heap's lock.
void releaseOldestLarge(Heap *heap) {
  Quarantine *q = heap->quarantine;
  uint64_t granule = q->runs[q->firstRun];
  q->firstRun = (q->firstRun + 1) % kLargeHeldBack;
  --q->runCount;
  q->runBytes -= heap->space.run(granule).length << kGranuleShift;
  inspectRun(heap, granule);
  giveLarge(heap, granule);
}
} // namespace

void *checkedAllocate(Heap *heap, unsigned bin, const uint64_t *size) {
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
      unsigned i = unsigned(slotOf(slab, link));
      if (size)
        stampBlock(static_cast<char *>(link), slab->slotSize, {*size, kPlainBlock});
      setBit(heap->redZoned, slab, i, size != nullptr);
      setBit(heap->live, slab, i, true);
    }
  }
  if (!link)
    link = size ? allocateLarge(heap, kRaw, *size, kGranule) : allocateRun(heap, bin);
  reportBadLink(heap);
  reportWriteAfterFree(heap);
  return link;
}

namespace {
/// Changes the code in a live block's stamp.
void setCode(Heap *heap, char *p, unsigned code) {
  if (Slab *slab = locate(p).slab) {
    platform::Guard guard(heap->central->lock);
    if (Stamp stamp; readStamp(p, slab->slotSize, stamp))
      stampBlock(p, slab->slotSize, {stamp.size, code});
    return;
  }
  platform::Guard guard(heap->lock);
  stampLarge(heap, heap->space.granuleOf(p), code);
}
} // namespace

void *checkedAllocateRaw(Heap *heap, uint64_t n, size_t align, unsigned code) {
  unsigned cls = kClasses;
  if (n <= kMaxSmall - kStampBytes)
    cls = align <= 8 ? classOf(size_t(n) + kStampBytes)
                     : alignedClass(size_t(n) + kStampBytes, align);
  char *p = static_cast<char *>(
      cls < kClasses ? checkedAllocate(heap, binOf(kRaw, cls), &n)
                     : allocateLarge(heap, kRaw, n, align < kGranule ? kGranule : align));
  if (p && code != kPlainBlock)
    setCode(heap, p, code);
  return p;
}

void noteAlignment(void *p, size_t align) {
  setCode(locate(p).heap, static_cast<char *>(p), alignCode(align));
}

namespace {
/// Fills a freed slot and puts it in the queue. Under the central cache's lock.
void hold(Heap *heap, Slab *slab, unsigned i, void *link, void *ref) {
  __builtin_memset(link, kFreedByte, size_t(filledBytes(slab, i, link)));
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
  if (hasRedZone(slab, i))
    inspectBlock(static_cast<char *>(link), slab->slotSize);
  bool live;
  {
    platform::Guard guard(heap->central->lock);
    ++heap->central->slowPaths;
    live = setBit(heap->live, slab, i, false);
    if (live) {
      setBit(heap->redZoned, slab, i, false);
      hold(heap, slab, i, link, ref);
    }
  }
  if (!live)
    fail(CAIRN_ERROR_DEAD, ref ? ref : link, "freed already");
  reportWriteAfterFree(heap);
  startPurgerInFree();
}

bool checkedLive(const Slab *slab, unsigned i) { return getBit(slab->shared->heap->live, slab, i); }

bool hasRedZone(const Slab *slab, unsigned i) {
  return getBit(slab->shared->heap->redZoned, slab, i);
}

bool releaseHeldBack(Heap *heap) {
  if (!heap->checked)
    return false;
  bool any;
  {
    platform::Guard guard(heap->central->lock);
    any = heap->quarantine->count;
    while (heap->quarantine->count)
      releaseOldest(heap);
  }
  {
    platform::Guard guard(heap->lock);
    any |= heap->quarantine->runCount != 0;
    while (heap->quarantine->runCount)
      releaseOldestLarge(heap);
  }
  reportWriteAfterFree(heap);
  return any;
}

void stampLarge(Heap *heap, uint64_t granule, unsigned code) {
  stampBlock(reinterpret_cast<char *>(heap->space.addressOf(granule)),
             heap->space.run(granule).length << kGranuleShift, {largeBytes(heap, granule), code});
}

void holdLarge(Heap *heap, uint64_t granule) {
  Quarantine *q = heap->quarantine;
  Run &run = heap->space.run(granule);
  uint64_t bytes = run.length << kGranuleShift;
  if (bytes > kLargestHeldBack) {
    giveLarge(heap, granule);
    return;
  }
  __builtin_memset(reinterpret_cast<void *>(heap->space.addressOf(granule)), kFreedByte,
                   size_t(bytes));
  run.kind = kHeld;
  while (q->runCount == kLargeHeldBack ||
         (q->runCount && q->runBytes + bytes > kLargeBytesHeldBack))
    releaseOldestLarge(heap);
  q->runs[(q->firstRun + q->runCount++) % kLargeHeldBack] = granule;
  q->runBytes += bytes;
}

void inspectHeld(Heap *heap) {
  const Quarantine *q = heap->quarantine;
  for (unsigned i = 0; i < q->count; ++i) {
    void *link = q->links[(q->first + i) % kHeldBack];
    inspectSlot(heap, locate(link).slab, link);
  }
}

void inspectHeldLarge(Heap *heap) {
  const Quarantine *q = heap->quarantine;
  for (unsigned i = 0; i < q->runCount; ++i)
    inspectRun(heap, q->runs[(q->firstRun + i) % kLargeHeldBack]);
}

} // namespace cairn
