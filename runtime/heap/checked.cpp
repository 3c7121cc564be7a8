//===- checked.cpp - Heaps that check every operation -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/guard.h"
#include "heap/poison.h"
#include "heap/purger.h"
#include "heap/quarantine.h"
#include "heap/sealed.h"
#include "heap/state.h"
#include "heap/validate.h"
#include "platform/outside.h"

namespace cairn {

size_t checkedRecordBytes(size_t region) {
  return sizeof(Quarantine) + originBytes(region) + platform::kPage;
}

bool makeChecked(Heap *heap, char *records) {
  heap->quarantine = reinterpret_cast<Quarantine *>(records);
  heap->origins = reinterpret_cast<uint64_t *>(records + sizeof(Quarantine));
  heap->freshPoison = PoisonWord::without(PoisonWord::kFresh, heap->index);
  Quarantine *q = heap->quarantine;
  q->most = mostHeldBack(heap->size);
  for (q->slots = 64; q->slots < kHeldBack && q->slots < q->most / kMinSmall;)
    q->slots *= 2;
  anyChecked = notesCallers = true;
  watchFaults();
  watchReports();
  return (heap->central = makeCache(heap)) != nullptr;
}

namespace {

/// The slot's origin, for changes of one part.
template <typename Change> Origin changeOrigin(uint64_t *word, Change change) {
  Origin before = loadOrigin(word), after = before;
  change(after);
  storeOrigin(word, after);
  return before;
}

void noteMade(Origin &origin) {
  origin.made = callerSite();
  origin.gone = 0;
  origin.owner = threadNumber();
  origin.by = 0;
}

void noteGone(Origin &origin) {
  origin.gone = callerSite();
  origin.by = threadNumber();
}

/// From a slot's start to its link. Most are objects'.
CAIRN_FAST size_t offsetOf(const Slab *slab) {
  Kind kind = kindOf(slab);
  return CAIRN_LIKELY(kind == kObject) ? linkOffset(kObject) : linkOffset(kind);
}

/// Looks at a slot that waits: it is filled from its link on.
CAIRN_FAST void inspectSlot(Heap *heap, Slab *slab, char *link) {
  size_t offset = offsetOf(slab);
  char *slot = link - offset;
  uint64_t bytes = slab->slotSize - offset, word = poisonOf(heap, slot);
  if (CAIRN_LIKELY(offset != linkOffset(kByteArray) && bytes <= kFewBytes)
          ? CAIRN_LIKELY(areFilled(link, bytes, word))
          : firstUnpoisoned(link, bytes, word) == bytes)
    return;
  // An array's count reads 0.
  char *count = slot + kArrayPrefix - kHeaderSize;
  bool gap = kindOf(slab) == kObject && slab->slotSize >= kArrayPrefix;
  inspectFreed(link, bytes, gap ? count : nullptr, word, heap->quarantine->found);
}

/// What was found while a lock was held. Under no lock.
CAIRN_FAST void reportFound(Heap *heap) {
  const Quarantine *q = heap->quarantine;
  auto slot = reinterpret_cast<uintptr_t>(__atomic_load_n(&q->found.block, __ATOMIC_RELAXED));
  auto run = reinterpret_cast<uintptr_t>(__atomic_load_n(&q->foundRun.block, __ATOMIC_RELAXED));
  if (CAIRN_UNLIKELY((slot | run) != 0))
    reportWriteAfterFree(heap);
}

/// Gives the longest-held slot back to its slab. Under the central cache's lock, and Unseen.
CAIRN_FAST void releaseNext(Heap *heap) {
  Quarantine *q = heap->quarantine;
  char *link = static_cast<char *>(q->links[q->first]);
  // The memory was last touched long ago, and so was that of those after it.
  constexpr unsigned kAhead = 8;
  unsigned mask = q->slots - 1;
  __builtin_prefetch(q->links[(q->first + kAhead) & mask]);
  q->first = (q->first + 1) & mask;
  --q->count;
  Slab *slab = fast::slabOf(link);
  if (CAIRN_UNLIKELY(__atomic_load_n(&slab->role, __ATOMIC_RELAXED) != kSlabRole)) // small heap's
    slab = locate(link).slab;
  q->bytes -= slab->slotSize;
  inspectSlot(heap, slab, link);
  prepend(slab->free, link);
  if (fast::spend(slab) == 0 && creditSpent(heap->central, slab))
    releaseSlab(slab);
}
__attribute__((noinline)) void releaseOldest(Heap *heap) {
  platform::Unseen unseen;
  releaseNext(heap);
}

/// A slot that nobody has: the next of the slab in hand, as most are. Null where it takes more
/// to find one (takeSlot). `i` is its number. Under the central cache's lock.
CAIRN_FAST void *takeFromHand(const Heap *heap, Slab *slab, size_t offset, unsigned &i) {
  if (void *link = slab->free) {
    uint64_t slot = linkedSlot(slab, link, offset);
    if (CAIRN_UNLIKELY(slot >= slab->fresh || heap->exposed))
      return nullptr; // which it reports
    slab->free = *static_cast<void **>(link);
    i = unsigned(slot);
    return link;
  }
  unsigned first = slab->fresh;
  if (CAIRN_UNLIKELY(first >= slab->slots || loadRemote(slab->shared).count))
    return nullptr;
  char *slot = slotAt(slab, first);
  clearPrefix(slot, offset); // memory that had another use must not read as a live object
  __atomic_store_n(&slab->fresh, uint16_t(first + 1), __ATOMIC_RELAXED);
  i = first;
  return slot + offset;
}

/// Of a run that waits: where an object's count reads 0; null if it was a raw block.
char *runCount(Heap *heap, uint64_t granule) {
  uintptr_t at = heap->space.addressOf(granule);
  Origin origin = loadOrigin(originAt(heap, at));
  if (origin.zoned)
    return nullptr;
  return reinterpret_cast<char *>(at) + slotPhase(kObject) +
         (origin.live ? kArrayPrefix - kHeaderSize : 0);
}

/// The run may be a slab next, whose slots are not given out.
void forgetRun(Heap *heap, uint64_t granule) {
  changeOrigin(originAt(heap, heap->space.addressOf(granule)),
               [](Origin &origin) { origin.live = origin.zoned = 0; });
}

void inspectRun(Heap *heap, uint64_t granule) {
  WriteAfterFree &known = heap->quarantine->foundRun;
  char *at = reinterpret_cast<char *>(heap->space.addressOf(granule));
  eachOpen(heap, granule, [&](char *from, uint64_t bytes) {
    WriteAfterFree found = {};
    inspectFreed(from, bytes, runCount(heap, granule), poisonOf(heap, at), found);
    if (found.block && !known.block)
      known = {at, found.at + uint64_t(from - at)};
  });
}

/// The same of a large block. Under the heap's lock.
void releaseOldestLarge(Heap *heap) {
  platform::Unseen unseen;
  Quarantine *q = heap->quarantine;
  uint64_t granule = q->runs[q->firstRun];
  CAIRN_ASSERT("queue of freed runs", q, heap->space.run(granule).kind == kHeld, granule);
  q->firstRun = (q->firstRun + 1) % kLargeHeldBack;
  --q->runCount;
  q->runBytes -= heap->space.run(granule).length << kGranuleShift;
  inspectRun(heap, granule);
  if (!unsealRun(heap, granule)) // lost: it stays as it is
    return;
  forgetRun(heap, granule);
  giveLarge(heap, granule);
}
} // namespace

namespace {
constexpr unsigned findWiderBin(unsigned bin) {
  if (bin / kClasses == kByteArray) // its last word says what its elements are
    return bin;
  size_t size = sizeOfClass(bin % kClasses);
  size_t wide = size % 16 ? size + kObjectZone : size + 16; // multiples of 16 stay some
  if (wide > kMaxSmall)
    return kBins;
  unsigned cls = classOf(wide);
  while (cls < kClasses && size % 16 == 0 && sizeOfClass(cls) % 16)
    ++cls;
  return cls < kClasses ? bin / kClasses * kClasses + cls : kBins;
}
struct WiderBins {
  uint8_t of[kBins];
};
constexpr WiderBins makeWiderBins() {
  WiderBins table = {};
  for (unsigned bin = 0; bin < kBins; ++bin)
    table.of[bin] = uint8_t(findWiderBin(bin));
  return table;
}
constexpr WiderBins kWiderBins = makeWiderBins();
static_assert(kBins <= UINT8_MAX);
} // namespace

unsigned widerBin(unsigned bin) { return kWiderBins.of[bin]; }

namespace {
void *allocateStamped(Heap *heap, const Stamp &stamp, size_t align) {
  void *p = allocateLarge(heap, kRaw, stamp.size, align);
  if (p && stamp.code != kPlainBlock)
    noteCode(p, stamp.code);
  return p;
}
} // namespace

namespace {
/// As platform::Unseen; nothing where nobody is told anything.
template <bool kTold> struct UnseenIf {
  UnseenIf() {}
};
template <> struct UnseenIf<true> { platform::Unseen unseen; };

/// What an origin says of who makes a block now.
CAIRN_FAST uint64_t madeNow() {
  Thread *thread = knownThread();
  Origin origin = {};
  if (CAIRN_LIKELY(thread != nullptr))
    origin.made = siteOf(thread->note), origin.owner = thread->number;
  origin.live = 1;
  return __builtin_bit_cast(uint64_t, origin);
}

/// A slot of the bin `serving`, which is of this kind. A raw one has a stamp: the one that is
/// given, or one of the size of the class of `bin`. `kTold`: somebody may be told of it.
template <bool kTold>
CAIRN_FAST void *allocateChecked(Heap *heap, unsigned bin, unsigned serving, Kind kind,
                                 const Stamp *given) {
  Cache *cache = heap->central;
  const bool raw = kind == kRaw;
  const size_t offset = linkOffset(kind);
  uint64_t made = madeNow();
  char *link;
  {
    UnseenIf<kTold> unseen;
    platform::Guard guard(cache->lock);
    ++cache->slowPaths;
    Slab *slab = cache->bins->hand[serving];
    unsigned i;
    link = static_cast<char *>(takeFromHand(heap, slab, offset, i));
    if (CAIRN_UNLIKELY(!link)) {
      link = static_cast<char *>(takeSlot(cache, serving));
      while (!link && heap->quarantine->count) {
        releaseOldest(heap);
        link = static_cast<char *>(takeSlot(cache, serving));
      }
      slab = link ? locate(link).slab : nullptr;
      i = link ? unsigned(slotOf(slab, link)) : 0;
    }
    if (CAIRN_LIKELY(link != nullptr)) {
      char *slot = link - offset;
      uint64_t bytes = slab->slotSize;
      if (kTold) {
        platform::acquired(heap->central);
        platform::show(slot, bytes);
      }
      if (kind == kByteArray)
        fillPoison(link, bytes - offset, freshOf(heap, slot));
      else
        fillWords(link, bytes - offset, freshOf(heap, slot));
      Stamp stamp;
      if (raw) {
        stamp = given ? *given : Stamp{sizeOfClass(bin % kClasses), kUnknownSize};
        stampBlock(link, bytes, stamp);
      }
      uint64_t *word = originOf(slab, i);
      CAIRN_ASSERT("origins of checked heap", heap, !loadOrigin(word).live, slab, i);
      if (kTold && platform::hides()) {
        uint64_t own = raw ? stamp.size : ownBytes(slab);
        platform::hide(slot + own, bytes - own);
        platform::handedOut(link, own - offset);
      }
      Origin origin = __builtin_bit_cast(Origin, made);
      origin.zoned = raw;
      storeOrigin(word, origin);
      validateAtTimes(cache);
      validateCheckedAtTimes(heap);
    }
  }
  if (CAIRN_UNLIKELY(!link))
    link = static_cast<char *>(given ? allocateStamped(heap, *given, kGranule)
                                     : allocateRun(heap, bin));
  if (CAIRN_UNLIKELY(__atomic_load_n(&heap->badLink, __ATOMIC_RELAXED)))
    reportBadLink(heap);
  reportFound(heap);
  return link;
}
__attribute__((noinline)) void *allocateAnyTold(Heap *heap, unsigned bin, unsigned serving,
                                                const Stamp *given) {
  return allocateChecked<true>(heap, bin, serving, Kind(serving / kClasses), given);
}
__attribute__((noinline)) void *allocateUnstamped(Heap *heap, unsigned bin, unsigned serving) {
  return allocateChecked<false>(heap, bin, serving, Kind(serving / kClasses), nullptr);
}
} // namespace

void *checkedAllocate(Heap *heap, unsigned bin) {
  unsigned serving = widerBin(bin);
  if (CAIRN_UNLIKELY(serving == kBins))
    return allocateRun(heap, bin);
  if (platform::tells())
    return allocateAnyTold(heap, bin, serving, nullptr);
  if (CAIRN_UNLIKELY(serving / kClasses != kObject))
    return allocateUnstamped(heap, bin, serving);
  return allocateChecked<false>(heap, bin, serving, kObject, nullptr);
}

void noteCode(void *p, unsigned code) {
  Place place = locate(p);
  Heap *heap = place.heap;
  char *at = static_cast<char *>(p);
  if (Slab *slab = place.slab) {
    platform::Guard guard(heap->central->lock);
    if (Stamp stamp; readStamp(at, slab->slotSize, stamp))
      stampBlock(at, slab->slotSize, {stamp.size, code});
    return;
  }
  platform::Guard guard(heap->lock);
  uint64_t granule = heap->space.granuleOf(p);
  bool sealed = heap->space.run(granule).sealed;
  if (!unsealRun(heap, granule))
    return;
  stampLarge(heap, granule, code);
  if (sealed)
    sealRun(heap, granule);
}

void *checkedAllocateRaw(Heap *heap, const Stamp &stamp, size_t align) {
  uint64_t n = stamp.size;
  if (CAIRN_UNLIKELY(!n))
    if (void *p = allocateEmpty(heap, align, stamp.code))
      return p;
  unsigned cls = kClasses;
  if (n <= kMaxSmall - kStampBytes)
    cls = align <= 8 ? classOf(size_t(n) + kStampBytes)
                     : alignedClass(size_t(n) + kStampBytes, align);
  if (cls == kClasses)
    return allocateStamped(heap, stamp, align < kGranule ? kGranule : align);
  unsigned bin = binOf(kRaw, cls);
  return platform::tells() ? allocateAnyTold(heap, bin, bin, &stamp)
                           : allocateChecked<false>(heap, bin, bin, kRaw, &stamp);
}

namespace {
/// Fills a freed slot with the word and puts it in the queue. Under the central cache's lock.
template <bool kTold>
CAIRN_FAST void hold(Heap *heap, const Slab *slab, char *slot, void *link, void *ref,
                     uint64_t word) {
  UnseenIf<kTold> unseen;
  uint64_t bytes = slab->slotSize;
  char *from = static_cast<char *>(link);
  if (uint64_t(from - slot) != linkOffset(kByteArray))
    fillWords(from, uint64_t(slot + bytes - from), word);
  else
    fillPoison(from, uint64_t(slot + bytes - from), word);
  if (ref)
    __atomic_store_n(fast::countOf(ref), 0, __ATOMIC_RELAXED);
  if (kTold) {
    platform::released(heap->central);
    platform::takenBack(link);
    platform::hide(slot, bytes);
  }
  Quarantine *q = heap->quarantine;
  while (q->bytes + bytes > q->most && q->count)
    releaseNext(heap);
  q->links[(q->first + q->count) & (q->slots - 1)] = link;
  q->bytes += bytes;
  if (CAIRN_UNLIKELY(++q->count == q->slots))
    releaseNext(heap);
}

/// The origin of a block with this one that ends.
CAIRN_FAST Origin endOrigin(Origin origin, uint64_t gone, bool array) {
  Origin kept = {};
  kept.made = origin.made, kept.owner = origin.owner, kept.zoned = array;
  return __builtin_bit_cast(Origin, __builtin_bit_cast(uint64_t, kept) | gone);
}

/// Frees slot i at `slot`, or reports why not.
template <bool kTold>
CAIRN_FAST void end(Heap *heap, Slab *slab, unsigned i, char *slot, void *link, void *ref,
                    uint64_t word, uint64_t gone) {
  if (CAIRN_UNLIKELY(!i))
    inspectGap(heap, slot, slab->start);
  Cache *cache = heap->central;
  bool live;
  {
    platform::Guard guard(cache->lock);
    ++cache->slowPaths;
    uint64_t *at = originOf(slab, i);
    Origin origin = loadOrigin(at);
    live = origin.live;
    if (CAIRN_LIKELY(live)) {
      storeOrigin(at, endOrigin(origin, gone, ref && ref == slot + kArrayPrefix));
      hold<kTold>(heap, slab, slot, link, ref, word);
      validateCheckedAtTimes(heap);
    }
  }
  if (CAIRN_UNLIKELY(!live))
    fail(CAIRN_ERROR_DEAD, ref ? ref : link, "freed already");
}

/// checkedFreePlain()
template <bool kTold>
CAIRN_FAST void endPlain(Heap *heap, Slab *slab, unsigned i, void *ref, uint64_t bytes,
                         uint64_t gone) {
  char *slot = static_cast<char *>(ref) - linkOffset(kObject);
  uint64_t fresh = freshOf(heap, slot), rest = slab->slotSize - bytes, at;
  {
    UnseenIf<kTold> unseen;
    at = firstUnpoisoned(slot + bytes, rest, fresh);
  }
  if (CAIRN_UNLIKELY(at != rest))
    inspectZone(slot, kHeaderSize, bytes, slab->slotSize, fresh);
  end<kTold>(heap, slab, i, slot, ref, ref, freedAs(fresh), gone);
}
__attribute__((noinline)) void endPlainTold(Heap *heap, Slab *slab, unsigned i, void *ref,
                                            uint64_t bytes, uint64_t gone) {
  endPlain<true>(heap, slab, i, ref, bytes, gone);
}
} // namespace

uint64_t goneNow(Thread *thread) {
  Origin origin = {};
  if (CAIRN_LIKELY(thread != nullptr))
    origin.gone = siteOf(thread->note), origin.by = thread->number;
  return __builtin_bit_cast(uint64_t, origin);
}

void checkedFree(Slab *slab, unsigned i, void *link, void *ref) {
  Heap *heap = slab->shared->heap;
  if (loadOrigin(originOf(slab, i)).zoned)
    inspectBlock(static_cast<char *>(link), slab->slotSize);
  char *slot = static_cast<char *>(link) - linkOffset(kindOf(slab));
  uint64_t word = poisonOf(heap, slot), gone = goneNow(knownThread());
  if (platform::tells())
    end<true>(heap, slab, i, slot, link, ref, word, gone);
  else
    end<false>(heap, slab, i, slot, link, ref, word, gone);
  afterFrees(heap);
}

void checkedFreePlain(Heap *heap, Slab *slab, unsigned i, void *ref, uint64_t bytes,
                      uint64_t gone) {
  if (platform::tells())
    endPlainTold(heap, slab, i, ref, bytes, gone);
  else
    endPlain<false>(heap, slab, i, ref, bytes, gone);
}

void afterFrees(Heap *heap) {
  reportFound(heap);
  startPurgerInFree();
}

bool checkedLive(const Slab *slab, unsigned i) { return loadOrigin(originOf(slab, i)).live; }

bool hasRedZone(const Slab *slab, unsigned i) { return loadOrigin(originOf(slab, i)).zoned; }

uint64_t mostHeldBack(uint64_t region) {
  constexpr uint64_t kUsual = uint64_t(256) << 10; // what a cache holds: more takes twice the time
  const char *wish = platform::environment("CAIRN_QUARANTINE");
  if (!wish || *wish < '0' || *wish > '9')
    return kUsual < region / 4 ? kUsual : region / 4;
  uint64_t bytes = 0;
  for (; *wish >= '0' && *wish <= '9' && bytes < region; ++wish)
    bytes = bytes * 10 + uint64_t(*wish - '0');
  return bytes;
}

bool releaseHeldBack(Heap *heap) {
  if (!heap->checked)
    return releaseGuarded(heap);
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
  uintptr_t at = heap->space.addressOf(granule);
  uint64_t extent = heap->space.run(granule).length << kGranuleShift;
  platform::show(reinterpret_cast<char *>(at), extent);
  stampBlock(reinterpret_cast<char *>(at), heap->space.run(granule).length << kGranuleShift,
             {largeBytes(heap, granule), code});
  uint64_t own = largeBytes(heap, granule);
  platform::hide(reinterpret_cast<char *>(at) + own, extent - own);
  changeOrigin(originAt(heap, at), [](Origin &origin) { noteMade(origin); });
}

void holdLarge(Heap *heap, uint64_t granule, const void *array) {
  Quarantine *q = heap->quarantine;
  Run &run = heap->space.run(granule);
  uint64_t bytes = run.length << kGranuleShift;
  uintptr_t at = heap->space.addressOf(granule);
  bool raw = run.kind == kRaw;
  changeOrigin(originAt(heap, at), [&](Origin &origin) {
    noteGone(origin);
    // What runCount asks.
    origin.zoned = raw;
    origin.live = array != nullptr;
  });
  platform::Unseen unseen;
  if (bytes > kLargestHeldBack) {
    forgetRun(heap, granule);
    platform::takenBack(reinterpret_cast<char *>(at));
    giveLarge(heap, granule);
    return;
  }
  run.kind = kHeld;
  if (bytes >= kLeastSealed)
    sealRun(heap, granule);
  eachOpen(heap, granule, [&](char *from, uint64_t open) {
    fillPoison(from, open, poisonOf(heap, reinterpret_cast<void *>(at)));
  });
  platform::takenBack(reinterpret_cast<char *>(at));
  platform::hide(reinterpret_cast<char *>(at), bytes);
  if (char *count = runCount(heap, granule))
    __builtin_memset(count, 0, sizeof(uint32_t));
  while (q->runCount == kLargeHeldBack ||
         (q->runCount && q->runBytes + bytes > kLargeBytesHeldBack))
    releaseOldestLarge(heap);
  q->runs[(q->firstRun + q->runCount++) % kLargeHeldBack] = granule;
  q->runBytes += bytes;
}

void checkedFreeLarge(Heap *heap, uint64_t granule, const void *array) {
  char *p = reinterpret_cast<char *>(heap->space.addressOf(granule));
  inspectBlock(p, heap->space.run(granule).length << kGranuleShift);
  {
    platform::Guard guard(heap->lock);
    holdLarge(heap, granule, array);
  }
  reportFound(heap);
  startPurgerInFree();
}

void inspectHeld(Heap *heap) {
  const Quarantine *q = heap->quarantine;
  for (unsigned i = 0; i < q->count; ++i) {
    void *link = q->links[(q->first + i) & (q->slots - 1)];
    inspectSlot(heap, locate(link).slab, static_cast<char *>(link));
  }
}

void inspectHeldLarge(Heap *heap) {
  const Quarantine *q = heap->quarantine;
  for (unsigned i = 0; i < q->runCount; ++i)
    inspectRun(heap, q->runs[(q->firstRun + i) % kLargeHeldBack]);
}

} // namespace cairn
