//===- validate_slab.cpp - A debug build looks at one slab -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What slab.h, stack.cpp and freed.h claim of a slab: its record, its state, and that each
// free slot is in exactly one of its lists, or on one stack.
//
//===----------------------------------------------------------------------===//

#include "heap/validate_slab.h"

#if CAIRN_DEBUG

#include "heap/freed.h"
#include "heap/profile.h"
#include "heap/state.h"

namespace cairn {

#if CAIRN_ONLY_CALLS
bool debug::marksAreExact = true;
#else
bool debug::marksAreExact = false;
#endif

namespace {

/// The free slots of a slab, and that none is met twice.
class FreeSlots {
public:
  void add(const char *list, const Slab *slab, const void *link) {
    unsigned i = validateLink(list, slab, link);
    CAIRN_ASSERT(list, link, !(Words[i / 64] >> (i % 64) & 1), slab, i);
    Words[i / 64] |= uint64_t(1) << (i % 64);
    ++Count;
  }
  unsigned count() const { return Count; }

private:
  uint64_t Words[kSlabSize / kMinSmall / 64] = {};
  unsigned Count = 0;
};

void validateRecord(const Slab *slab, const Heap *heap) {
  size_t bytes = heap->coarse ? platform::kPage : kSlabSize;
  CAIRN_ASSERT("slab", slab, slab->role == kSlabRole, slab->role);
  CAIRN_ASSERT("slab", slab, slab->base - heap->base < heap->size && slab->base % bytes == 0,
               slab->base, heap->base, heap->size);
  size_t unit = (slab->base - heap->base) / bytes;
  const Slab *record =
      heap->coarse ? &heap->pages[unit] : fast::slabOf(reinterpret_cast<void *>(slab->base));
  const Shared *shared = slab->shared;
  CAIRN_ASSERT("slab", slab, slab == record, record);
  CAIRN_ASSERT("slab", slab, shared == &heap->shared[unit], shared, &heap->shared[unit]);
  CAIRN_ASSERT("slab", slab, shared->slab == slab && shared->heap == heap, shared->slab,
               shared->heap, heap);
  CAIRN_ASSERT("slab", slab, slab->bin < kBins, slab->bin);
  CAIRN_ASSERT("slab", slab, slab->slotSize == sizeOfClass(classOf(slab)), slab->bin,
               slab->slotSize);
  uint64_t whole = uint64_t(slab->slotSize) * slab->reciprocal;
  CAIRN_ASSERT("slab", slab, whole >> 32 == 1 && uint32_t(whole) < slab->slotSize, slab->slotSize,
               slab->reciprocal);
  CAIRN_ASSERT("slab", slab, slab->start % 64 == slotPhase(kindOf(slab)), slab->start);
  CAIRN_ASSERT("slab", slab, slab->slots == (bytes - slab->start) / slab->slotSize, slab->slots,
               slab->start, slab->slotSize);
  CAIRN_ASSERT("slab", slab, slab->fresh <= slab->slots, slab->fresh, slab->slots);
  uint64_t g = heap->space.granuleOf(reinterpret_cast<void *>(slab->base));
  const Run &run = heap->space.run(g);
  CAIRN_ASSERT("slab", slab, run.used && run.slab && run.length == bytes >> kGranuleShift, run.used,
               run.slab, run.length);
}

void validateOwner(const Slab *slab, const Heap *heap, const Cache *cache) {
  const Shared *shared = slab->shared;
  CAIRN_ASSERT("slab", slab, shared->cache == cache, shared->cache, cache);
  bool owned = cache && cache->thread && !heap->checked;
  uintptr_t owner = owned                        ? cache->thread->pointer + kindOf(slab)
                    : cache && hasSamples(cache) ? kSampledOwner
                                                 : 0;
  CAIRN_ASSERT("slab", slab, slab->owner == owner, slab->owner, owner);
  const SlotStack *stack = owned ? stackOf(const_cast<Cache *>(cache), slab->bin) : &fullStack;
  CAIRN_ASSERT("slab", slab, slab->stack == stack, slab->stack, stack);
}

/// The credit counts what came free since the slab left the hand.
void validateCredit(const Slab *slab, SlabState state, unsigned listed) {
  intptr_t credit = slab->credit;
  if (state == kHand) {
    CAIRN_ASSERT("slab", slab, credit <= kInHand && credit > kInHand / 2, credit);
    return;
  }
  const Shared *shared = slab->shared;
  intptr_t least = state == kOrphan ? 0 : 1;
  CAIRN_ASSERT("slab", slab, credit >= least && credit <= shared->armed, credit, shared->armed);
  unsigned neverGiven = slab->slots - slab->fresh;
  CAIRN_ASSERT("slab", slab, localFree(slab) == listed + neverGiven, shared->freeAtArm,
               shared->armed, credit, listed, neverGiven);
}

} // namespace

unsigned validateLink(const char *list, const Slab *slab, const void *link) {
  int i = slotOf(slab, link);
  CAIRN_ASSERT(list, link, i >= 0 && linkAt(slab, unsigned(i)) == link, slab, i);
  unsigned index = unsigned(i);
  CAIRN_ASSERT(list, link, index < slab->fresh, slab, index, slab->fresh);
  const char *slot = slotAt(slab, index);
  if (kindOf(slab) != kRaw)
    CAIRN_ASSERT(list, link, *reinterpret_cast<const uint32_t *>(slot) == 0, slab, index,
                 *reinterpret_cast<const uint32_t *>(slot));
  else if (debug::marksAreExact && !slab->shared->heap->checked)
    CAIRN_ASSERT("freed mark", link, isMarkedFreed(slab, link), list, slab, index);
  return index;
}

uint64_t validateSlab(const Slab *slab, const Heap *heap, const Cache *cache, SlabState state) {
  validateRecord(slab, heap);
  validateOwner(slab, heap, cache);
  Remote remote = loadRemote(slab->shared);
  CAIRN_ASSERT("slab", slab, remote.state == state, remote.state, state);
  CAIRN_ASSERT("remote list of slab", slab,
               remote.count <= slab->slots && remote.head <= slab->slots &&
                   !remote.head == !remote.count,
               remote.count, remote.head, slab->slots);
  if (heap->exposed || !assertsMemory())
    return 1;
  FreeSlots free;
  for (void *link = slab->free; link; link = *static_cast<void **>(link))
    free.add("free list", slab, link);
  unsigned local = free.count();
  validateCredit(slab, state, local);
  void *link = remote.head ? linkAt(slab, remote.head - 1u) : nullptr;
  for (unsigned left = remote.count; left; --left) {
    CAIRN_ASSERT("remote list of slab", slab, link != nullptr, remote.count, left);
    free.add("remote list", slab, link);
    link = __atomic_load_n(static_cast<void **>(link), __ATOMIC_RELAXED);
  }
  CAIRN_ASSERT("remote list of slab", slab, link == nullptr, remote.count, link);
  uint64_t looked = 1 + free.count();
  if (cache)
    eachStack(cache, slab, [&](const SlotStack *stack) {
      for (void **top = stack->top; void *at = *top; --top, ++looked)
        if (uintptr_t(at) - slab->base < size_t(slab->slots) * slab->slotSize + slab->start)
          free.add("stack", slab, at);
    });
  return looked;
}

uint64_t validateList(const SlabList &list, const char *name, const Heap *heap, const Cache *cache,
                      SlabState state, unsigned bin) {
  uint64_t looked = 0;
  const Shared *before = nullptr;
  for (const Shared *s = list.head; s; before = s, s = s->next) {
    // A list that runs in a circle comes to a slab whose `prev` is another one, or null.
    CAIRN_ASSERT(name, &list, s->prev == before, s, s->prev, before);
    CAIRN_ASSERT(name, &list, s->slab && s->slab->shared == s, s, s->slab);
    CAIRN_ASSERT(name, &list, loadRemote(s).state == state, s->slab, loadRemote(s).state, state);
    CAIRN_ASSERT(name, &list, bin == kBins || s->slab->bin == bin, s->slab, s->slab->bin, bin);
    looked += validateSlab(s->slab, heap, cache, state);
  }
  return looked;
}

} // namespace cairn

#endif // CAIRN_DEBUG
