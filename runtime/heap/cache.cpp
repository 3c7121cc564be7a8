//===- cache.cpp - Slabs changing hands -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cold side of the fast paths: what happens when the slab in hand is used
// up, when enough of a full slab came free, and when another thread frees.
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/purger.h"

namespace cairn {

namespace {

/// Slabs of a bin that are freed into enough, with nothing taken meanwhile, before its stack
/// is drained; and slow allocations from one look for unused stacks to the next.
constexpr unsigned kDrainAt = 16, kLookAt = 512;
constexpr size_t kFirstBacked = 8 << 10;

/// The bin whose slabs serve `bin` in this heap: a small heap has only the
/// guide's eight classes, so that every size finds a slab.
unsigned servingBin(const Heap *heap, unsigned bin) {
  if (!heap->coarse)
    return bin;
  size_t size = sizeOfClass(bin % kClasses), guide = kMinSmall;
  while (guide < size)
    guide *= 2;
  return bin / kClasses * kClasses + classOf(guide);
}

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

/// Puts `link` in front of a list that begins with what lies in `list`.
void prepend(void *&list, void *link) {
  *static_cast<void **>(link) = list;
  list = link;
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
      slab->free = linkAt(slab, r.head - 1);
      return true;
    }
  }
}

void setState(Shared *s, SlabState state) {
  uint64_t w = __atomic_load_n(&s->remote, __ATOMIC_RELAXED);
  Remote r;
  do {
    r = Remote::unpack(w);
    r.state = state;
  } while (!__atomic_compare_exchange_n(&s->remote, &w, r.pack(), true, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED));
}

/// The slots that a stack is filled with at once: a part of what it takes, so that there
/// is room for frees; none if there is no stack.
unsigned fillOf(const Heap *heap, const Slab *slab, const Bin *stack) {
  unsigned half = unsigned(stack->limit - stack->top) / 2;
  // In a small heap what lies on the stacks is missed elsewhere.
  unsigned few = 512 / slab->slotSize;
  return heap->coarse && half > few ? few : half;
}

/// Gives the next slot that was never given out, and puts those after it on the stack,
/// to be taken in the order of addresses. Memory of blocks is not touched meanwhile.
void *extend(const Heap *heap, Slab *slab, Bin *stack) {
  unsigned first = slab->fresh, n = fillOf(heap, slab, stack) + 1;
  if (n > unsigned(slab->slots - first))
    n = slab->slots - first;
  Kind kind = kindOf(slab);
  size_t link = linkOffset(kind);
  char *p = slotAt(slab, first + n - 1);
  void **top = stack->top;
  for (unsigned i = n; i-- > 0; p -= slab->slotSize) {
    // Memory that had another use must not read as a live object.
    if (kind != kRaw)
      __builtin_memset(p, 0, link);
    if (i)
      *++top = p + link;
  }
  stack->top = top;
  // Other threads compare it with the slot of an object they were given.
  __atomic_store_n(&slab->fresh, uint16_t(first + n), __ATOMIC_RELAXED);
  return linkAt(slab, first);
}

/// Gives the first slot of the slab's list, and puts those after it on the stack, to be
/// taken in the list's order. Null, and the list is lost, if it was written over.
void *unlink(const Heap *heap, Slab *slab, Bin *stack) {
  auto sound = [&](void *link) {
    if (CAIRN_LIKELY((heap->exposed ? soundFree : soundLink)(slab, link)))
      return true;
    __atomic_store_n(&const_cast<Heap *>(heap)->badLink, link, __ATOMIC_RELAXED);
    return false;
  };
  void *first = slab->free, *next = nullptr;
  if (sound(first)) {
    next = *static_cast<void **>(first);
    void **from = stack->top + 1, **to = from + fillOf(heap, slab, stack), **at = to;
    while (next && at != from && sound(next)) {
      *--at = next;
      next = *static_cast<void **>(next);
    }
    if (at != from) // the list ended, or where it goes on is unsound
      next = nullptr;
    __builtin_memmove(from, at,
                      size_t(reinterpret_cast<char *>(to) - reinterpret_cast<char *>(at)));
    stack->top += to - at;
  } else {
    first = nullptr;
  }
  slab->free = next;
  return first;
}

/// Free slots of a slab in no hand. Its owner may be freeing: the answer is then
/// too small, unless no slot is live, when it is exact.
unsigned localFree(const Slab *slab) {
  const Shared *s = slab->shared;
  int32_t armed = __atomic_load_n(&s->armed, __ATOMIC_RELAXED);
  int32_t before = __atomic_load_n(&s->freeAtArm, __ATOMIC_RELAXED);
  intptr_t credit = __atomic_load_n(&slab->credit, __ATOMIC_ACQUIRE);
  return unsigned(before + (armed - int32_t(credit)));
}

unsigned freeNow(const Slab *slab) { return localFree(slab) + loadRemote(slab->shared).count; }

void arm(Slab *slab, unsigned freeLocal, unsigned credit) {
  __atomic_store_n(&slab->shared->freeAtArm, int32_t(freeLocal), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->shared->armed, int32_t(credit), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->credit, intptr_t(credit), __ATOMIC_RELEASE);
}

/// Readies a ready slab's credit to run out when its last live slot is freed.
void armForEmpty(Slab *slab, unsigned freeLocal) {
  unsigned remote = loadRemote(slab->shared).count;
  unsigned live = freeLocal + remote < slab->slots ? slab->slots - freeLocal - remote : 1;
  arm(slab, freeLocal, live);
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
  __atomic_store_n(&shared->remote, Remote{0, 0, kHand}.pack(), __ATOMIC_RELEASE);
  __atomic_store_n(&slab->role, kSlabRole, __ATOMIC_RELEASE);
  if (!heap->checked)
    __atomic_store_n(&slab->owner, cache->self(kind), __ATOMIC_RELAXED);
  return slab;
}

} // namespace

void releaseSlab(Slab *slab) {
  Shared *s = slab->shared;
  Heap *heap = s->heap;
  // Each of these alone would let an inlined free believe that the slab is still there.
  __atomic_store_n(&slab->owner, uintptr_t(0), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->stack, &fullStack, __ATOMIC_RELAXED);
  __atomic_store_n(&slab->role, heap->coarse ? kNoRole : kSpaceRole, __ATOMIC_RELEASE);
  __atomic_store_n(&s->remote, uint64_t(0), __ATOMIC_RELEASE);
  __atomic_store_n(&s->cache, nullptr, __ATOMIC_RELAXED);
  platform::Guard guard(heap->lock);
  heap->space.give(heap->space.granuleOf(reinterpret_cast<void *>(slab->base)));
  noteFreed(heap);
}

namespace {

/// Puts the used-up slab in hand among the full ones; false if enough was freed
/// by others meanwhile for it to stay.
bool leaveHand(Cache *cache, unsigned bin, Slab *slab) {
  Shared *s = slab->shared;
  unsigned wake = wakeAt(slab);
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
  if (__atomic_load_n(&heap->orphans[bin].head, __ATOMIC_RELAXED)) {
    platform::Guard guard(heap->lock);
    if (Shared *s = heap->orphans[bin].head) {
      heap->orphans[bin].remove(s);
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

/// Under the cache's lock: whether the slab is one of its own and not in hand.
bool waits(const Shared *s) {
  SlabState state = loadRemote(s).state;
  return state == kFull || state == kReady;
}

void unlist(Cache *cache, Shared *s) {
  (loadRemote(s).state == kReady ? cache->ready[s->slab->bin] : cache->full).remove(s);
}

/// A slab that another thread freed into, enough for its owner to know.
void notify(Slab *slab) {
  Shared *s = slab->shared;
  for (;;) {
    Cache *cache = __atomic_load_n(&s->cache, __ATOMIC_ACQUIRE);
    if (!cache) {
      platform::Guard guard(__atomic_load_n(&s->heap, __ATOMIC_RELAXED)->lock);
      if (__atomic_load_n(&s->cache, __ATOMIC_RELAXED))
        continue; // adopted meanwhile
      if (loadRemote(s).state != kOrphan || freeNow(slab) < slab->slots)
        return;
      s->heap->orphans[slab->bin].remove(s);
      setState(s, kIdle);
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
      setState(s, kIdle);
    }
    releaseSlab(slab);
    startPurgerInFree();
    return;
  }
}

} // namespace

void freeRemote(Slab *slab, void *link, unsigned index) {
  Shared *s = slab->shared;
  // Once the slot is in the list, the slab may be another's.
  unsigned slots = slab->slots, least = wakeAt(slab);
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
  if (wake || (now.state != kHand && freeNow(slab) >= slots))
    notify(slab);
}

bool creditSpent(Cache *cache, Slab *slab) {
  Shared *s = slab->shared;
  unsigned free = localFree(slab);
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
  setState(s, kIdle);
  return true;
}

void *takeSlot(Cache *cache, unsigned bin) {
  Heap *heap = cache->heap;
  unsigned serving = servingBin(heap, bin);
  Bins *bins = cache->bins;
  Bin none = kNoStack;
  for (;;) {
    void *bad = nullptr;
    if (void *link = popSound(heap, &bins->bin[bin], bad))
      return link;
    if (bad) {
      __atomic_store_n(&heap->badLink, bad, __ATOMIC_RELAXED);
      continue;
    }
    Slab *slab = bins->hand[serving];
    if (slab == &noSlab) {
      if (!(slab = takeUp(cache, serving)))
        return nullptr;
      setHand(cache, serving, slab);
    }
    Bin *stack = growStack(cache, bin) ? &bins->bin[bin] : &none;
    cache->filled[bin] = true;
    cache->woken[bin] = 0;
    if (!slab->free && !collect(slab, wakeAt(slab)) && slab->fresh < slab->slots)
      return extend(heap, slab, stack);
    if (!slab->free && (leaveHand(cache, serving, slab) || !collect(slab, 1)))
      continue;
    if (void *link = unlink(heap, slab, stack))
      return link;
  }
}

void *allocateRun(Heap *heap, unsigned bin) {
  Kind kind = Kind(bin / kClasses);
  size_t bytes = sizeOfClass(bin % kClasses) + slotPhase(kind);
  void *p = allocateLarge(heap, kind, bytes, kGranule);
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
        break;
      }
    }
    // No slab is to be had: other threads' empty ones are, and then a run of
    // granules does as well.
    if (!again || !reclaim(heap)) {
      if ((found = allocateRun(heap, bin)) && heap == defaultHeap()) {
        platform::Guard guard(cache->lock);
        giveStack(&cache->bins->bin[bin]);
        cache->stackless[bin] = true;
      }
      break;
    }
  }
  reportBadLink(heap);
  return found;
}

void freeSlot(Slab *slab, void *link) {
  if (!fast::push(link, kindOf(slab))) {
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

unsigned countFree(const Slab *slab) {
  unsigned n = slab->slots - slab->fresh + loadRemote(slab->shared).count;
  for (void *p = slab->free; p && n <= slab->slots && soundLink(slab, p);
       p = *static_cast<void **>(p))
    ++n;
  return n;
}

static void orphan(Shared *s, unsigned freeLocal) {
  Slab *slab = s->slab;
  Heap *heap = s->heap;
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
      setState(s, kIdle);
    else
      heap->orphans[slab->bin].push(s);
  }
  if (empty)
    releaseSlab(slab);
}

void orphanAll(Cache *cache, bool walk) {
  platform::Guard guard(cache->lock);
  drainAll(cache);
  auto give = [&](Shared *s, bool count) {
    Slab *slab = s->slab;
    unsigned remote = loadRemote(s).count;
    orphan(s, count ? countFree(slab) - remote : localFree(slab));
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

bool reclaim(Heap *heap) {
  bool any = false;
  auto sweep = [&](Cache *cache, SlabList &list) {
    for (Shared *s = list.head; s;) {
      Shared *next = s->next;
      if (freeNow(s->slab) >= s->slab->slots) {
        unlist(cache, s);
        setState(s, kIdle);
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
      setState(slab->shared, kIdle);
      releaseSlab(slab);
      any = true;
    }
  }
  return any;
}

} // namespace cairn

using namespace cairn;

extern "C" {

/// Enough local frees of a slab in no hand: it is worth taking up, or empty.
CAIRN_COLD void cairn_rt_credit(Slab *slab) {
  Shared *s = __atomic_load_n(&slab->shared, __ATOMIC_RELAXED);
  Cache *cache = cacheOf(__atomic_load_n(&s->heap, __ATOMIC_RELAXED));
  ++cache->slowPaths;
  bool empty;
  {
    platform::Guard guard(cache->lock);
    // The thread that freed the last live slot may have taken it from us.
    bool ours = __atomic_load_n(&s->cache, __ATOMIC_RELAXED) == cache;
    unsigned bin = slab->bin;
    empty = ours && creditSpent(cache, slab);
    // The thread gives back more than it takes: the stack only keeps slabs.
    if (ours && ++cache->woken[bin] == kDrainAt)
      drain(cache, bin);
  }
  if (empty)
    releaseSlab(slab);
  startPurgerInFree(); // a drain may have released some as well
}

CAIRN_COLD void *cairn_rt_refill(uintptr_t bin, void *heap) {
  Heap *h = orDefault(heap);
  return h ? allocateSlot(h, unsigned(bin)) : nullptr;
}

CAIRN_COLD void *cairn_rt_refill_or_fail(uintptr_t bin, void *heap) {
  for (;;) {
    Heap *h = orDefault(heap);
    void *link = h ? allocateSlot(h, unsigned(bin)) : nullptr;
    if (CAIRN_LIKELY(link != nullptr))
      return link;
    outOfMemory(h, sizeOfClass(unsigned(bin) % kClasses));
  }
}

} // extern "C"
