//===- cache.cpp - Slots from slabs -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cold side of allocation: an empty stack is filled from the slab in hand, and a slab
// that is used up makes room for a ready one, an orphan or a new one.
//
//===----------------------------------------------------------------------===//

#include "heap/freed.h"
#include "heap/guard.h"
#include "heap/origin.h"
#include "heap/profile.h"
#include "heap/state.h"
#include "heap/validate.h"
#include "platform/outside.h"
#include "platform/unwind.h"

namespace cairn {

namespace {

/// So many bytes of a thread's first slab of a bin stay backed, if its memory was used before.
constexpr size_t kFirstBacked = 8 << 10;

/// The bin whose slabs serve `bin` in this heap: a small heap has only eight
/// classes, the powers of two, so that every size finds a slab.
unsigned servingBin(const Heap *heap, unsigned bin) {
  if (!heap->coarse)
    return bin;
  size_t size = sizeOfClass(bin % kClasses), power = kMinSmall;
  while (power < size)
    power *= 2;
  return bin / kClasses * kClasses + classOf(power);
}

/// Takes the remote list if it holds at least `least` slots. The caller owns the
/// slab, whose local list is empty.
bool collect(Slab *slab, unsigned least) {
  Shared *s = slab->shared;
  uint64_t w = __atomic_load_n(&s->remote, __ATOMIC_RELAXED);
  for (;;) {
    Remote r = Remote::unpack(w);
    if (r.count < least || r.count == 0)
      return false;
    Remote empty{0, 0, r.state};
    if (__atomic_compare_exchange_n(&s->remote, &w, empty.pack(), true, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED)) {
      platform::acquired(s);
      CAIRN_ASSERT("remote list of slab", slab,
                   r.head && r.head <= slab->slots && r.count <= slab->slots, r.head, r.count,
                   slab->slots);
      slab->free = linkAt(slab, r.head - 1);
      return true;
    }
  }
}

/// The slots that a stack is filled with at once: a part of what it takes, so that there
/// is room for frees; no more than `most`. 0 if there is no stack.
unsigned fillOf(const Heap *heap, const Slab *slab, const SlotStack *stack, uint64_t most) {
  unsigned half = unsigned(stack->limit - stack->top) / 2;
  // In a small heap what lies on the stacks is missed elsewhere.
  unsigned few = 512 / slab->slotSize;
  unsigned n = heap->coarse && half > few ? few : half;
  return n < most ? n : unsigned(most);
}

/// What the raw slots may take together that come onto a stack from the part of a slab
/// that was never given out: the marks in them (freed.h) bring their pages in.
constexpr size_t kMostMarked = 4 << 10;

/// Gives the next slot that was never given out, and puts those after it on the stack,
/// to be taken in the order of addresses.
void *extend(const Heap *heap, Slab *slab, SlotStack *stack, uint64_t most) {
  unsigned first = slab->fresh, n = fillOf(heap, slab, stack, most) + 1;
  if (n > unsigned(slab->slots - first))
    n = slab->slots - first;
  Kind kind = kindOf(slab);
  if (kind == kRaw && n > kMostMarked / slab->slotSize)
    n = unsigned(kMostMarked / slab->slotSize);
  size_t link = linkOffset(kind);
  // The slots are written to upwards, as the program will use them: the processor fetches
  // what follows in time. Downwards, a list takes twice as long to build.
  char *p = slotAt(slab, first);
  void **top = stack->top + (n - 1);
  for (void **at = top + 1;; p += slab->slotSize) {
    // Memory that had another use must not read as a live object.
    if (kind != kRaw)
      clearPrefix(p, link);
    else if (at <= top)
      markFreed(slab, p);
    if (at <= top)
      *at = p + link;
    if (--at == stack->top)
      break;
  }
  CAIRN_ASSERT("stack", stack, top < stack->limit, top, stack->limit, n);
  stack->top = top;
  // Other threads compare it with the slot of an object they were given.
  __atomic_store_n(&slab->fresh, uint16_t(first + n), __ATOMIC_RELAXED);
  return linkAt(slab, first);
}

/// Gives the first slot of the slab's list, and puts those after it on the stack, to be
/// taken in the list's order. Null, and the list is lost, if it was written over.
void *unlink(Heap *heap, Slab *slab, SlotStack *stack, uint64_t most) {
  auto sound = [&](void *link) {
    if (CAIRN_LIKELY((heap->exposed ? soundFree : soundLink)(slab, link)))
      return true;
    __atomic_store_n(&heap->badLink, link, __ATOMIC_RELAXED);
    return false;
  };
  void *first = slab->free, *next = nullptr;
  if (sound(first)) {
    next = *static_cast<void **>(first);
    void **from = stack->top + 1, **to = from + fillOf(heap, slab, stack, most), **at = to;
    while (next && at != from && sound(next)) {
      *--at = next;
      next = *static_cast<void **>(next);
    }
    if (at != from) // the list ended, or where it goes on is unsound
      next = nullptr;
    __builtin_memmove(from, at,
                      size_t(reinterpret_cast<char *>(to) - reinterpret_cast<char *>(at)));
    stack->top += to - at;
    CAIRN_ASSERT("stack", stack, stack->top < stack->limit, stack->top, stack->limit);
  } else {
    first = nullptr;
  }
  slab->free = next;
  return first;
}

/// A new slab from the heap's region, in the cache's hand.
Slab *makeSlab(Cache *cache, unsigned bin) {
  Heap *heap = cache->heap;
  if (faulted(CAIRN_FAULT_SLAB))
    return nullptr;
  size_t size = heap->coarse ? platform::kPage : kSlabSize;
  uint64_t granules = size >> kGranuleShift;
  uint64_t g;
  bool zero;
  {
    platform::Guard guard(heap->lock);
    g = heap->space.take(granules, granules, &zero);
    if (g == Space::kNone)
      return nullptr;
    heap->space.run(g).slab = 1;
    noteTaken(heap);
    platform::acquired(&heap->lock);
  }
  uintptr_t at = heap->space.addressOf(g);
  // A thread's first slab of a bin may be its last, and hardly used: most of it need not stay
  // backed from what it was before.
  if (!zero && !cache->usedUp[bin] && size > kFirstBacked &&
      !__atomic_load_n(&heap->wellUsed[bin], __ATOMIC_RELAXED))
    platform::purge(reinterpret_cast<void *>(at + kFirstBacked), size - kFirstBacked);
  uintptr_t unit = (at - heap->base) / size;
  Slab *slab = heap->coarse ? &heap->pages[unit] : fast::slabOf(reinterpret_cast<void *>(at));
  Shared *shared = &heap->shared[unit];
  Kind kind = Kind(bin / kClasses);
  size_t slot = sizeOfClass(bin % kClasses);
  // Shift the slots of neighbouring slabs against each other, so that nodes at
  // power-of-two strides do not meet in one cache set.
  size_t colour = heap->coarse ? 0 : size_t(uint32_t(unit) * 0x9e3779b1u >> 29) * 64;
  if (CAIRN_UNLIKELY(heap->checked) && !heap->coarse)
    colour += kGapBefore;
  slab->free = nullptr;
  __atomic_store_n(&slab->credit, kInHand, __ATOMIC_RELAXED);
  slab->base = at;
  // The owner before may still be on its way to cairn_rt_credit, and other threads to
  // notify: they see by these that the slab is no longer theirs.
  __atomic_store_n(&slab->shared, shared, __ATOMIC_RELAXED);
  __atomic_store_n(&slab->stack, stackOf(cache, bin), __ATOMIC_RELAXED);
  slab->slotSize = uint32_t(slot);
  slab->reciprocal = uint32_t(((uint64_t(1) << 32) + slot - 1) / slot);
  slab->start = uint16_t(colour + slotPhase(kind));
  slab->slots = uint16_t((size - slab->start) / slot);
  __atomic_store_n(&slab->fresh, uint16_t(0), __ATOMIC_RELAXED);
  slab->bin = uint8_t(bin);
  __atomic_store_n(&shared->heap, heap, __ATOMIC_RELAXED);
  __atomic_store_n(&shared->cache, cache, __ATOMIC_RELAXED);
  shared->slab = slab;
  __atomic_store_n(&shared->armed, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&shared->freeAtArm, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&shared->origins, heap->checked ? originAt(heap, at) : nullptr,
                   __ATOMIC_RELAXED);
  __atomic_store_n(&shared->remote, Remote{0, 0, kHand}.pack(), __ATOMIC_RELEASE);
  __atomic_store_n(&slab->role, kSlabRole, __ATOMIC_RELEASE);
  if (!heap->checked)
    __atomic_store_n(&slab->owner, hasSamples(cache) ? kSampledOwner : cache->self(kind),
                     __ATOMIC_RELAXED);
  else {
    fillGap(heap, slotAt(slab, 0), slab->start);
    platform::hide(reinterpret_cast<void *>(at), size);
  }
  return slab;
}

/// Puts the used-up slab in hand among the full ones; false if enough was freed
/// by others meanwhile for it to stay.
bool leaveHand(Cache *cache, unsigned bin, Slab *slab) {
  Shared *s = slab->shared;
  unsigned wake = wakeAt(slab);
  CAIRN_ASSERT("slab in hand", slab, !slab->free && slab->fresh == slab->slots, slab->free,
               slab->fresh, slab->slots);
  arm(slab, 0, wake);
  uint64_t w = __atomic_load_n(&s->remote, __ATOMIC_RELAXED);
  for (;;) {
    Remote r = Remote::unpack(w);
    if (r.count >= wake) {
      __atomic_store_n(&slab->credit, kInHand, __ATOMIC_RELAXED);
      return false;
    }
    r.state = kFull;
    if (__atomic_compare_exchange_n(&s->remote, &w, r.pack(), true, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED))
      break;
  }
  cache->full.push(s);
  cache->usedUp[bin] = true;
  setHand(cache, bin, &noSlab);
  return true;
}

/// Puts the free list of a slab that is mostly free in the order of addresses: blocks freed
/// in random order would come back so, and what is built of them be walked so.
void sortFree(Slab *slab) {
  constexpr unsigned kMostSlots = kSlabSize / kMinSmall;
  uint64_t free[kMostSlots / 64] = {};
  for (void *p = slab->free; p; p = *static_cast<void **>(p)) {
    int i = slotOf(slab, p);
    if (i < 0 || linkAt(slab, unsigned(i)) != p || free[i / 64] >> (i % 64) & 1)
      return; // written over: whoever takes it from the list finds out
    free[i / 64] |= uint64_t(1) << (i % 64);
  }
  slab->free = nullptr;
  for (unsigned word = (slab->fresh + 63u) / 64; word-- > 0;)
    for (uint64_t bits = free[word]; bits;) {
      unsigned bit = 63 - unsigned(__builtin_clzll(bits));
      bits ^= uint64_t(1) << bit;
      prepend(slab->free, linkAt(slab, word * 64 + bit));
    }
}

/// Brings a slab into the cache's hand: a ready one, an orphan, or a new one.
Slab *takeUp(Cache *cache, unsigned bin) {
  if (Shared *s = cache->ready[bin].head) {
    cache->ready[bin].remove(s);
    setState(s, kHand);
    unsigned free = localFree(s->slab);
    CAIRN_ASSERT("list of ready slabs", s->slab, s->cache == cache && s->slab->bin == bin, s->cache,
                 cache, s->slab->bin, bin);
    if (free == s->slab->slots) { // as new: its list need not be followed
      s->slab->free = nullptr;
      __atomic_store_n(&s->slab->fresh, uint16_t(0), __ATOMIC_RELAXED);
    } else if (free > s->slab->slots / 2u) {
      sortFree(s->slab);
    }
    __atomic_store_n(&s->slab->credit, kInHand, __ATOMIC_RELAXED);
    return s->slab;
  }
  Heap *heap = cache->heap;
  if (__atomic_load_n(&heap->orphans[bin].head, __ATOMIC_RELAXED) && !hasSamples(cache)) {
    platform::Guard guard(heap->lock);
    if (Shared *s = heap->orphans[bin].head) {
      CAIRN_ASSERT("list of orphans", s->slab, !s->cache && loadRemote(s).state == kOrphan,
                   s->cache, loadRemote(s).state);
      heap->orphans[bin].remove(s);
      platform::acquired(s);
      __atomic_store_n(&s->cache, cache, __ATOMIC_RELAXED);
      __atomic_store_n(&s->slab->credit, kInHand, __ATOMIC_RELAXED);
      setState(s, kHand);
      __atomic_store_n(&s->slab->stack, stackOf(cache, bin), __ATOMIC_RELAXED);
      __atomic_store_n(&s->slab->owner, cache->self(kindOf(s->slab)), __ATOMIC_RELAXED);
      return s->slab;
    }
  }
  return makeSlab(cache, bin);
}

} // namespace

void setHand(Cache *cache, unsigned bin, Slab *slab) {
  Bins *bins = cache->bins;
  bins->hand[bin] = slab;
  if (!cache->heap->coarse)
    return;
  // Every class that this one serves is filled from the same slab.
  size_t size = sizeOfClass(bin % kClasses);
  for (unsigned c = bin % kClasses, first = bin - c; sizeOfClass(c) > size / 2; --c) {
    bins->hand[first + c] = slab;
    if (c == 0)
      break;
  }
}

void *takeSlot(Cache *cache, unsigned bin) {
  Heap *heap = cache->heap;
  unsigned serving = servingBin(heap, bin);
  Bins *bins = cache->bins;
  SlotStack none = kNoStack;
  for (;;) {
    void *bad = nullptr;
    if (void *link = popSound(heap, &bins->stacks[bin], bad))
      return link;
    SlotStack *stack = &none;
    if (CAIRN_LIKELY(!bad)) {
      if (growStack(cache, bin))
        stack = &bins->stacks[bin];
      if (CAIRN_UNLIKELY(cache->sampler != nullptr))
        if (void *link = takeFreed(cache, bin, stack, bad)) {
          cache->filled[bin] = true;
          cache->woken[bin] = 0;
          return link;
        }
    }
    if (CAIRN_UNLIKELY(bad != nullptr)) {
      __atomic_store_n(&heap->badLink, bad, __ATOMIC_RELAXED);
      continue;
    }
    Slab *slab = bins->hand[serving];
    if (slab == &noSlab) {
      if (!(slab = takeUp(cache, serving)))
        return nullptr;
      setHand(cache, serving, slab);
    }
    CAIRN_ASSERT("slab in hand", slab, slab->shared->cache == cache && slab->bin == serving,
                 slab->shared->cache, cache, slab->bin, serving);
    cache->filled[bin] = true;
    cache->woken[bin] = 0;
    auto fill = [&](auto from) {
      void **before = stack->top, *link = from(heap, slab, stack, mostOnStack(cache, bin));
      countOnStack(cache, bin, stack->top - before);
      return link;
    };
    if (!slab->free && !collect(slab, wakeAt(slab)) && slab->fresh < slab->slots)
      return fill(extend);
    if (!slab->free && (leaveHand(cache, serving, slab) || !collect(slab, 1)))
      continue;
    if (void *link = fill(unlink))
      return link;
  }
}

void *allocateRun(Heap *heap, unsigned bin) {
  Kind kind = Kind(bin / kClasses);
  size_t bytes = sizeOfClass(bin % kClasses) + slotPhase(kind);
  void *p = allocateLarge(heap, kind, bytes, kGranule);
  if (p && kind == kRaw && heap->checked) {
    platform::Guard guard(heap->lock);
    stampLarge(heap, heap->space.granuleOf(p), kUnknownSize);
  }
  if (!p || kind == kRaw)
    return p;
  __builtin_memset(p, 0, 16); // no mark of an array, no count
  return static_cast<char *>(p) + slotPhase(kind) + linkOffset(kind);
}

void reportBadLink(Heap *heap) {
  if (CAIRN_LIKELY(!__atomic_load_n(&heap->badLink, __ATOMIC_RELAXED)))
    return;
  // The link itself may be anything: the heap is what can be named.
  if (__atomic_exchange_n(&heap->badLink, nullptr, __ATOMIC_RELAXED)) {
    fail(CAIRN_ERROR_CORRUPT, reinterpret_cast<void *>(heap->base),
         "a free list of this heap is corrupt: a block was written after its end");
  }
}

void *allocateSlot(Heap *heap, unsigned bin) {
  if (heap->checked)
    return checkedAllocate(heap, bin);
  Cache *cache = cacheOf(heap);
  if (!cache)
    return nullptr;
  ++cache->slowPaths;
  if (CAIRN_UNLIKELY(guardIsDue(cache)))
    if (void *link = takeGuarded(cache, bin))
      return link;
  if (void *link = takeIfSample(cache, bin))
    return link;
  startPurgerIfWanted();
  void *found;
  for (bool again = true;; again = false) {
    {
      platform::Guard guard(cache->lock);
      if (++cache->sinceLook == kLookAt) {
        cache->sinceLook = 0;
        drainUnused(cache);
      }
      if (void *link = takeSlot(cache, bin)) {
        found = link;
        validateAtTimes(cache);
        break;
      }
    }
    // No slab is to be had: other threads' empty ones are, and then a run of
    // granules does as well.
    bool released = again && releaseGuarded(heap);
    if (!again || !(reclaim(heap) || released)) {
      if ((found = allocateRun(heap, bin)) && heap == defaultHeap()) {
        platform::Guard guard(cache->lock);
        giveStack(&cache->bins->stacks[bin]);
        cache->stackless[bin] = true;
      }
      break;
    }
  }
  reportBadLink(heap);
  return found;
}

namespace {
/// A slot for inlined code, which writes the object's header and fields itself; null where the heap
/// is full, or there is none.
CAIRN_FAST void *takeFor(Heap *heap, unsigned bin) {
  if (CAIRN_UNLIKELY(!heap))
    return nullptr;
  if (CAIRN_LIKELY(!heap->checked))
    return allocateSlot(heap, bin);
  void *link = checkedAllocate(heap, bin);
  if (CAIRN_UNLIKELY(platform::tells()) && link)
    platform::unwritten(link, sizeOfClass(bin % kClasses) - linkOffset(Kind(bin / kClasses)));
  return link;
}

/// Asks the heap's handler until there is room; the process ends where there is none. Apart, so
/// that nothing of it is computed before.
CAIRN_NO_INLINE void *takeOrEnd(void *heap, unsigned bin) {
  for (;;) {
    outOfMemory(orDefault(heap), sizeOfClass(bin % kClasses));
    if (void *link = takeFor(orDefault(heap), bin))
      return link;
  }
}
} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_COLD void *cairn_rt_take_slot(uintptr_t bin, void *heap) {
  noteCaller();
  return takeFor(orDefault(heap), unsigned(bin));
}

CAIRN_COLD void *cairn_rt_take_slot_or_fail(uintptr_t bin, void *heap) {
  noteCaller();
  CAIRN_NO_EXCEPTION;
  if (void *link = takeFor(orDefault(heap), unsigned(bin)); CAIRN_LIKELY(link != nullptr))
    return link;
  return keepingFrame(takeOrEnd(heap, unsigned(bin)));
}

} // extern "C"
