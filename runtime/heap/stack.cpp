//===- stack.cpp - The stacks that inlined code allocates from -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   words  [null][slot][slot] ... [room]      2^k words, outside every region
//           ^ bottom      ^ top          ^ limit
//
// A slot on a stack counts as live in its slab. Invariant: the bottom is null as long as
// the process lives, for stacks given back too: who reads down from a stale top ends there.
//
// What a stack holds keeps its slots' slabs, up to one each. So it is drained into
// the slabs' lists when enough slabs were freed into since it was filled (its thread gives
// back more than it takes), and when nothing filled it for a while; then it begins small again.
//
//===----------------------------------------------------------------------===//

#include "heap/guard.h"
#include "heap/profile.h"
#include "heap/state.h"
#include "heap/validate.h"

namespace cairn {

constinit SlotStack fullStack = kNoStack;

namespace {

constexpr unsigned kStackSizes = kMostStackShift + 1;
platform::Mutex spareLock;
void **spares[kStackSizes]; ///< By size; linked through their last words.

/// The most words for a bin, as a power of two.
unsigned mostShift(unsigned bin) {
  size_t slots = kMostStacked / sizeOfClass(bin % kClasses);
  unsigned shift = 63 - unsigned(__builtin_clzll(slots));
  return shift < kMostStackShift ? shift : kMostStackShift;
}

/// Of an empty stack: its words, as a power of two; 0 if it has none.
unsigned shiftOf(const SlotStack *stack) {
  return stack->top == noStack ? 0 : unsigned(__builtin_ctzll(uint64_t(stack->limit - stack->top)));
}

void **takeWords(unsigned shift) {
  {
    platform::Guard guard(spareLock);
    if (void **words = spares[shift]) {
      CAIRN_ASSERT("spare stack", words, !words[0], words[0], shift);
      void *&link = words[(size_t(1) << shift) - 1];
      spares[shift] = static_cast<void **>(link);
      return words;
    }
  }
  return static_cast<void **>(metadata(sizeof(void *) << shift));
}

/// Makes a stack, or doubles it, up to 2^most words.
bool grow(SlotStack *stack, void **bottom, unsigned most) {
  SlotStack old = {bottom, stack->limit};
  unsigned shift = shiftOf(&old), next = shift ? shift + 1 : kLeastStackShift;
  if (next > most)
    return true;
  if (void **words = takeWords(next)) {
    auto slots = size_t(stack->top - old.top);
    __builtin_memcpy(words + 1, old.top + 1, slots * sizeof(void *));
    giveStack(&old);
    stack->limit = words + (size_t(1) << next);
    stack->top = words + slots;
  }
  return stack->top != noStack;
}

} // namespace

void lockStacks() { spareLock.lock(); }
void unlockStacks() { spareLock.unlock(); }

void giveStack(SlotStack *stack) {
  while (*stack->top) // a heap is gone, and its slots with it
    --stack->top;
  if (unsigned shift = shiftOf(stack)) {
    void **words = stack->top;
    CAIRN_ASSERT("stack", stack,
                 stack->limit == words + (size_t(1) << shift) && shift < kStackSizes, words,
                 stack->limit, shift);
    platform::Guard guard(spareLock);
    words[(size_t(1) << shift) - 1] = spares[shift];
    spares[shift] = words;
  }
  *stack = kNoStack;
}

SlotStack *stackOf(Cache *cache, unsigned bin) {
  // A small heap's blocks come back by the cold path, as a checked one's do.
  // So do samples of the profile.
  if (cache->heap->coarse || cache->heap->checked || hasSamples(cache))
    return &fullStack;
  bool sampled = cache->sampler && cache->sampler->rate;
  return sampled ? &cache->sampler->freed[bin] : &cache->bins->stacks[bin];
}

bool growStack(Cache *cache, unsigned bin) {
  if (cache->heap->checked || hasSamples(cache) || cache->stackless[bin])
    return false;
  SlotStack *stack = &cache->bins->stacks[bin];
  return grow(stack, stack->top, cache->heap->coarse ? kLeastStackShift : mostShift(bin));
}

bool growFreed(Cache *cache, unsigned bin) {
  SlotStack *stack = &cache->sampler->freed[bin];
  void **&bottom = cache->sampler->bottom[bin];
  if (stack->top == noStack)
    bottom = noStack;
  auto slots = stack->top - bottom;
  bool any = grow(stack, bottom, mostShift(bin));
  bottom = stack->top - slots;
  return any;
}

SlotStack *freedStackOf(const Cache *cache, unsigned bin) {
  return cache->sampler ? &cache->sampler->freed[bin] : nullptr;
}

void *popSound(const Heap *heap, SlotStack *stack, void *&bad) {
  void *link = *stack->top;
  if (!link)
    return nullptr;
  --stack->top;
  // What is on a stack was looked at when it came there; but a program that can write
  // anywhere may have made an object of it since.
  Slab *slab;
  if (CAIRN_LIKELY(!heap->exposed) || ((slab = locate(link).slab) && soundFree(slab, link)))
    return link;
  bad = link;
  return nullptr;
}

/// Takes back the last slot that the slab in hand gave out, which is on a stack: whether or not it
/// was used, it counts as never given out, and its memory is not touched.
static bool takeBack(Slab *slab, const void *link) {
  unsigned last = slab->fresh - 1u;
  if (loadRemote(slab->shared).state != kHand || link != linkAt(slab, last))
    return false;
  __atomic_store_n(&slab->fresh, uint16_t(last), __ATOMIC_RELAXED);
  return true;
}

/// Gives what lies on a stack back to its slabs, and the stack's memory to others; how many slots
/// there were.
static size_t drainStack(Cache *cache, SlotStack *stack) {
  void **top = stack->top, **at = top;
  while (*at)
    --at;
  stack->top = at;
  auto slots = size_t(top - at);
  // From the bottom: what a slab gave out last lies below what it gave out before.
  while (at != top) {
    void *link = *++at;
    Slab *slab = locate(link).slab;
    // Where a program writes over free slots, one can have been freed twice.
    if (CAIRN_UNLIKELY(cache->heap->exposed) && !(slab && soundLink(slab, link)))
      continue;
    // The same of a sample of the profile.
    if (CAIRN_UNLIKELY(slab && isSampled(slab))) {
      freeRemote(slab, link, unsigned(slotOf(slab, link)));
      continue;
    }
    CAIRN_ASSERT("stack", stack,
                 !assertsMemory() || cache->heap->exposed || (slab && slab->shared->cache == cache),
                 link, slab, cache);
    if (CAIRN_UNLIKELY(isGuarded(slab))) { // freed by who allocated it, without a look at its slab
      freeStacked(slab);
      continue;
    }
    if (takeBack(slab, link))
      continue;
    prepend(slab->free, link);
    if (fast::spend(slab) == 0 && creditSpent(cache, slab))
      releaseSlab(slab);
  }
  giveStack(stack); // the frees that follow would only fill it again
  return slots;
}

bool drain(Cache *cache, unsigned bin) {
  size_t slots = drainStack(cache, &cache->bins->stacks[bin]);
  countOnStack(cache, bin, -intptr_t(slots));
  if (SlotStack *freed = freedStackOf(cache, bin))
    slots += drainStack(cache, freed);
  cache->woken[bin] = 0;
  return slots;
}

bool drainAll(Cache *cache) {
  bool any = false;
  for (unsigned bin = 0; bin < kBins; ++bin)
    any |= drain(cache, bin);
  return any;
}

#if CAIRN_DEBUG
void validateSpares() {
  platform::Guard guard(spareLock);
  for (unsigned shift = kLeastStackShift; shift < kStackSizes; ++shift) {
    size_t last = (size_t(1) << shift) - 1;
    for (void **words = spares[shift]; words; words = static_cast<void **>(words[last]))
      CAIRN_ASSERT("spare stack", words, !words[0], words[0], shift);
  }
}
#endif

void drainUnused(Cache *cache) {
  for (unsigned bin = 0; bin < kBins; ++bin) {
    if (!cache->filled[bin])
      drain(cache, bin);
    cache->filled[bin] = false;
  }
}

} // namespace cairn
