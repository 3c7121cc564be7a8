//===- validate.cpp - A debug build looks at whole structures -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Caches, their stacks and lists; orphans; the queues of checked heaps; threads.
//
//===----------------------------------------------------------------------===//

#include "heap/validate.h"

#if CAIRN_DEBUG

#include "heap/above.h"
#include "heap/inside.h"
#include "heap/profile.h"
#include "heap/quarantine.h"
#include "heap/state.h"
#include "heap/validate_slab.h"

namespace cairn {

//===- When ----------------------------------------------------------------===//

namespace {

enum Wish : unsigned { kUnread, kNone, kSometimes, kAll };
unsigned wish = kUnread;
/// Things that a validator may look at, for each call of it, in the long run.
constexpr uint64_t kShare = 8;

unsigned readWish() {
  unsigned now = __atomic_load_n(&wish, __ATOMIC_RELAXED);
  if (now != kUnread)
    return now;
  const char *text = platform::environment("CAIRN_VALIDATE");
  bool all = text && text[0] == 'a', none = text && text[0] == 'n';
  now = all ? kAll : none ? kNone : kSometimes;
  __atomic_store_n(&wish, now, __ATOMIC_RELAXED);
  return now;
}

bool anyErrorHandler;
Sampler caches, threads, checkedHeaps;

} // namespace

bool Sampler::due() {
  unsigned now = readWish();
  if (now != kSometimes)
    return now == kAll;
  uint64_t left = __atomic_load_n(&Wait, __ATOMIC_RELAXED);
  if (left)
    __atomic_store_n(&Wait, left - 1, __ATOMIC_RELAXED);
  return !left;
}

void Sampler::looked(uint64_t things) {
  __atomic_store_n(&Wait, things / kShare, __ATOMIC_RELAXED);
}

bool assertsMemory() { return !__atomic_load_n(&anyErrorHandler, __ATOMIC_RELAXED); }
void noteErrorHandler(bool any) { __atomic_store_n(&anyErrorHandler, any, __ATOMIC_RELAXED); }

//===- Caches ----------------------------------------------------------------===//

namespace {

/// Whether a slab of bin `of` may serve a stack of bin `bin`: in a small heap one slab serves
/// all classes of more than half its size.
bool serves(const Heap *heap, unsigned of, unsigned bin) {
  if (of == bin || !heap->coarse)
    return of == bin;
  size_t size = sizeOfClass(of % kClasses), wanted = sizeOfClass(bin % kClasses);
  return of / kClasses == bin / kClasses && wanted <= size && wanted > size / 2;
}

uint64_t validateStack(const Cache *cache, const SlotStack *stack, unsigned bin) {
  const Heap *heap = cache->heap;
  CAIRN_ASSERT("stack", stack, stack->top < stack->limit, stack->top, stack->limit, bin);
  bool none = stack->limit == noStack + 1, first = stack == &cache->bins->stacks[bin];
  CAIRN_ASSERT("stack", stack, none || !((first && cache->stackless[bin]) || heap->checked), bin);
  if (heap->exposed)
    return 1;
  constexpr size_t most = size_t(1) << kMostStackShift;
  void **top = stack->top;
  for (; void *link = *top; --top) {
    CAIRN_ASSERT("stack", stack, size_t(stack->limit - top) < most, stack->top, stack->limit, bin);
    if (!assertsMemory())
      continue;
    const Slab *slab = locate(link).slab;
    CAIRN_ASSERT("stack", stack, slab != nullptr, link, bin);
    CAIRN_ASSERT("stack", stack,
                 slab->shared->heap == heap && (slab->shared->cache == cache || isSampled(slab)),
                 link, slab, slab->shared->heap, heap, slab->shared->cache, cache);
    CAIRN_ASSERT("stack", stack, serves(heap, slab->bin, bin), link, slab, slab->bin, bin);
    validateLink("stack", slab, link);
  }
  // It has a power of two of words, the lowest of which is null.
  size_t words = size_t(stack->limit - top);
  bool sound =
      none ? words == 1
           : words >= size_t(1) << kLeastStackShift && words <= most && (words & (words - 1)) == 0;
  CAIRN_ASSERT("stack", stack, sound, top, stack->limit, words, bin);
  return uint64_t(stack->top - top) + 1;
}

} // namespace

void validate(const Cache *cache) {
  const Heap *heap = cache->heap;
  CAIRN_ASSERT("cache", cache, heap != nullptr, heap);
  CAIRN_ASSERT("heap", heap, heap->index < heapCount() && heapAt(heap->index) == heap, heap->index);
  const Thread *thread = cache->thread;
  bool home = thread && thread->home == cache;
  CAIRN_ASSERT("cache", cache, !thread || cache->bins == (home ? &thread->view.cache : &cache->own),
               cache->bins, thread);
  uint64_t looked = 0;
  for (unsigned bin = 0; bin < kBins; ++bin) {
    const Slab *slab = cache->bins->hand[bin];
    CAIRN_ASSERT("cache", cache, slab != nullptr, bin);
    if (slab != &noSlab) {
      CAIRN_ASSERT("slab in hand", slab, serves(heap, slab->bin, bin), slab->bin, bin);
      if (slab->bin == bin)
        looked += validateSlab(slab, heap, cache, kHand);
    }
    looked += validateList(cache->ready[bin], "list of ready slabs", heap, cache, kReady, bin);
  }
  looked += validateList(cache->full, "list of full slabs", heap, cache, kFull, kBins);
  for (unsigned bin = 0; bin < kBins; ++bin) {
    looked += validateStack(cache, &cache->bins->stacks[bin], bin);
    if (const SlotStack *freed = freedStackOf(cache, bin))
      looked += validateStack(cache, freed, bin);
  }
  caches.looked(looked);
}

void validateAtTimes(const Cache *cache) {
  if (caches.due())
    validate(cache);
}

void validateOrphans(const Heap *heap) {
  for (unsigned bin = 0; bin < kBins; ++bin)
    validateList(heap->orphans[bin], "list of orphans", heap, nullptr, kOrphan, bin);
}

//===- Checked heaps ---------------------------------------------------------===//

namespace {

void validateStamp(const char *p, uint64_t extent) {
  Stamp stamp;
  CAIRN_ASSERT("stamp", p, readStamp(p, extent, stamp), extent);
  unsigned align = stamp.code & kAlignCode;
  bool known = align <= alignCode(kMostAlign) || stamp.code == kUnknownSize;
  CAIRN_ASSERT("stamp", p, known, stamp.code, stamp.size, extent);
}

/// What the slots of slabs that were given out are now.
struct Slots {
  uint64_t fresh = 0, live = 0, listed = 0;
};

void validateCheckedSlab(const Heap *heap, const Slab *slab, Slots &all) {
  for (unsigned i = 0; i < slab->slots; ++i) {
    if (!checkedLive(slab, i))
      continue;
    ++all.live;
    CAIRN_ASSERT("origins of checked heap", heap, i < slab->fresh, slab, i, slab->fresh);
    if (hasRedZone(slab, i)) {
      CAIRN_ASSERT("origins of checked heap", heap, kindOf(slab) == kRaw, slab, i, slab->bin);
      if (assertsMemory())
        validateStamp(slotAt(slab, i), slab->slotSize);
    }
  }
  all.fresh += slab->fresh;
  if (heap->exposed || !assertsMemory())
    return;
  unsigned listed = 0;
  for (void *link = slab->free; link; link = *static_cast<void **>(link), ++listed) {
    unsigned i = validateLink("free list", slab, link);
    CAIRN_ASSERT("origins of checked heap", heap, !checkedLive(slab, i), slab, i);
    CAIRN_ASSERT("free list", link, listed < slab->fresh, slab, listed);
  }
  all.listed += listed;
}

void validateQueues(const Heap *heap) {
  const Quarantine *q = heap->quarantine;
  CAIRN_ASSERT("queue of freed slots", q, q->first < q->slots && q->count <= q->slots, q->first,
               q->count);
  for (unsigned i = 0; i < q->count; ++i) {
    const void *link = q->links[(q->first + i) & (q->slots - 1)];
    Place place = locate(link);
    CAIRN_ASSERT("queue of freed slots", q, place.heap == heap && place.slab, i, link, place.heap);
    unsigned slot = validateLink("queue of freed slots", place.slab, link);
    CAIRN_ASSERT("queue of freed slots", q, !checkedLive(place.slab, slot), i, link, place.slab,
                 slot);
  }
  CAIRN_ASSERT("queue of freed runs", q,
               q->firstRun < kLargeHeldBack && q->runCount <= kLargeHeldBack, q->firstRun,
               q->runCount);
  uint64_t bytes = 0;
  for (unsigned i = 0; i < q->runCount; ++i) {
    uint64_t g = q->runs[(q->firstRun + i) % kLargeHeldBack];
    CAIRN_ASSERT("queue of freed runs", q, heap->space.starts(g), i, g);
    const Run &run = heap->space.run(g);
    CAIRN_ASSERT("queue of freed runs", q, run.used && !run.slab && run.kind == kHeld, i, g,
                 run.used, run.slab, run.kind);
    bytes += run.length << kGranuleShift;
  }
  CAIRN_ASSERT("queue of freed runs", q, bytes == q->runBytes, bytes, q->runBytes);
}

} // namespace

void validateChecked(Heap *heap) {
  platform::Guard guard(heap->lock);
  validateQueues(heap);
  uint64_t looked = heap->quarantine->count, held = 0;
  Slots slots;
  const Space &space = heap->space;
  for (uint64_t g = 0; g < space.frontier(); g += space.run(g).length) {
    const Run &run = space.run(g);
    ++looked;
    if (!g || !run.used)
      continue;
    char *p = reinterpret_cast<char *>(space.addressOf(g));
    if (run.slab) {
      const Slab *slab = locate(p).slab;
      if (!slab) // on its way to the region, or from there
        continue;
      validateCheckedSlab(heap, slab, slots);
      looked += slab->slots;
    } else if (run.kind == kHeld) {
      ++held;
    } else if (run.kind == kRaw && assertsMemory()) {
      validateStamp(p, run.length << kGranuleShift);
    }
  }
  CAIRN_ASSERT("queue of freed runs", heap->quarantine, held == heap->quarantine->runCount, held,
               heap->quarantine->runCount);
  // A slot that was given out is live, waits in the queue, or is in its slab's list.
  if (!heap->exposed && assertsMemory())
    CAIRN_ASSERT("slots of checked heap", heap,
                 slots.live + slots.listed + heap->quarantine->count == slots.fresh, slots.live,
                 slots.listed, heap->quarantine->count, slots.fresh);
  checkedHeaps.looked(looked);
}

void validateCheckedAtTimes(Heap *heap) {
  if (checkedHeaps.due())
    validateChecked(heap);
}

//===- Threads ---------------------------------------------------------------===//

void validate(const Thread *thread) {
  CAIRN_ASSERT("thread", thread, thread->pointer == fast::self(), thread->pointer, fast::self());
  uint32_t others = 0, dead = 0;
  for (const Cache *c = thread->caches; c; c = c->nextInThread) {
    CAIRN_ASSERT("thread's list of caches", thread, c->thread == thread, c, c->thread);
    others += c != thread->home;
    dead += !c->heap;
  }
  CAIRN_ASSERT("thread", thread, dead == thread->dead, dead, thread->dead);
  const CacheTable &table = thread->table;
  CAIRN_ASSERT("table of caches", &table, !(table.size & (table.size - 1)), table.size);
  CAIRN_ASSERT("table of caches", &table, table.used * 2 <= table.size, table.used, table.size);
  uint32_t entered = 0;
  for (uint32_t i = 0; i < table.size; ++i) {
    const Cache *c = table.entries[i];
    if (!c)
      continue;
    ++entered;
    CAIRN_ASSERT("table of caches", &table, c->thread == thread && c != thread->home, i, c,
                 c->thread, thread);
  }
  CAIRN_ASSERT("table of caches", &table, entered == table.used && entered == others, entered,
               table.used, others);
  for (unsigned i = 0; i < kLookups; ++i) {
    auto &entry = thread->view.lookup[i];
    uintptr_t at = reinterpret_cast<uintptr_t>(entry.heap);
    if (at <= 1) // none, or a heap that is gone
      continue;
    CAIRN_ASSERT("look-up of caches", &entry, (at >> kHeapAlign) % kLookups == i, entry.heap, i);
    const Cache *c = entry.bins == &thread->view.cache
                         ? thread->home
                         : reinterpret_cast<const Cache *>(reinterpret_cast<char *>(entry.bins) -
                                                           __builtin_offsetof(Cache, own));
    CAIRN_ASSERT("look-up of caches", &entry, c->heap == entry.heap && c->thread == thread,
                 entry.heap, c, c->heap, c->thread, thread);
  }
  threads.looked(others + table.size + kLookups);
}

void validateAtTimes(const Thread *thread) {
  if (threads.due())
    validate(thread);
}

//===- All of it -------------------------------------------------------------===//

void validateAll(Heap *heap) {
  Thread *thread = currentThread();
  {
    platform::Guard guard(processLock);
    validate(thread);
  }
  validateDead(thread);
  validateTable();
  validateSpares();
  for (Cache *c = __atomic_load_n(&heap->caches, __ATOMIC_ACQUIRE); c; c = c->nextInHeap) {
    platform::Guard guard(c->lock);
    CAIRN_ASSERT("heap's list of caches", heap, c->heap == heap, c, c->heap);
    if (!c->thread || c->thread == thread)
      validate(c);
  }
  if (heap->checked) {
    platform::Guard guard(heap->central->lock);
    validateChecked(heap);
  }
  platform::Guard guard(heap->lock);
  CAIRN_ASSERT("heap", heap, heap->shared[0].heap == heap, heap->shared[0].heap);
  uintptr_t reached = heap->base + (Inside::ready(heap->space) << kGranuleShift);
  CAIRN_ASSERT("heap", heap,
               heap->recordsTo <= heap->base + heap->size && heap->recordsTo >= reached,
               heap->recordsTo, heap->base, reached);
  validateOrphans(heap);
  validate(heap->space);
}

} // namespace cairn

#endif // CAIRN_DEBUG
