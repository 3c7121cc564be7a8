//===- profile.cpp - Which allocations the heap profile sees -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/profile.h"

#include "heap/purger.h"
#include "heap/samples.h"
#include "heap/sampling.h"
#include "heap/state.h"
#include "heap/validate.h"

namespace cairn {

uint64_t profileRate;
size_t (*hostFrames)(uintptr_t *frames, size_t count, size_t most);
cairn_host_namer hostNamer;

namespace {

/// What comes from the slots that were freed onto the stack at once. The program goes through all
/// of them before it meets one again, so that more of them miss the processor's first cache; less
/// of them are more slow paths.
constexpr size_t kMostMoved = size_t(4) << 10;
struct Batches {
  uint16_t of[kClasses];
};
constexpr Batches makeBatches() {
  Batches all = {};
  for (unsigned cls = 0; cls < kClasses; ++cls) {
    size_t slots = kMostMoved / sizeOfClass(cls);
    all.of[cls] = uint16_t(slots < 8 ? 8 : slots);
  }
  return all;
}
constexpr Batches kBatches = makeBatches();
/// So often a bin is sampled once more because its sample was freed by its own function. Then
/// such a function is the only one that the bin serves, or nearly.
constexpr unsigned kMostAgain = 32;

void draw(SampledCache &sampler, unsigned bin) {
  size_t size = sizeOfClass(bin % kClasses);
  sampler.left[bin] = 1 + uint64_t(drawBytes(sampler.random, sampler.rate) / double(size));
}

/// The bin of the last sample has its stack again.
void endLast(Cache *cache) {
  SampledCache *sampler = cache->sampler;
  SlotStack *stack = &cache->bins->stacks[sampler->lastBin];
  if (sampler->last && stack->top == noStack && !cache->stackless[sampler->lastBin]) {
    *stack = sampler->kept;
    sampler->kept = kNoStack;
  }
  sampler->last = nullptr;
}

/// Sets a cache's stacks and slabs up for the rate. Under its lock, by its thread.
void follow(Cache *cache, uint64_t rate) {
  SampledCache *sampler = cache->sampler;
  if (!sampler) {
    sampler = static_cast<SampledCache *>(metadata(sizeof(SampledCache)));
    if (!sampler)
      return;
    for (SlotStack &stack : sampler->freed)
      stack = kNoStack;
    sampler->kept = kNoStack;
    sampler->random = reinterpret_cast<uintptr_t>(cache) ^ cache->heap->base ^ fast::self() << 20;
    cache->sampler = sampler;
  }
  endLast(cache);
  drainAll(cache); // what lies on the stacks was not counted
  sampler->rate = rate;
  for (unsigned bin = 0; rate && bin < kBins; ++bin)
    draw(*sampler, bin);
  auto redirect = [cache](Slab *slab) {
    __atomic_store_n(&slab->stack, stackOf(cache, slab->bin), __ATOMIC_RELAXED);
  };
  for (unsigned bin = 0; bin < kBins; ++bin) {
    if (Slab *slab = cache->bins->hand[bin]; slab != &noSlab)
      redirect(slab);
    for (Shared *s = cache->ready[bin].head; s; s = s->next)
      redirect(s->slab);
  }
  for (Shared *s = cache->full.head; s; s = s->next)
    redirect(s->slab);
}

/// The calls that the thread is in; 0 if it is looking at them already.
size_t callsOf(Thread *thread, uintptr_t *frames) {
  bool noted = true;
  static_assert(sizeof(uintptr_t) == sizeof(void *));
  size_t n = captureCalls(thread, reinterpret_cast<const void **>(frames), kMostCalls, noted);
  auto host = __atomic_load_n(&hostFrames, __ATOMIC_ACQUIRE);
  cairn_host_namer namer = __atomic_load_n(&hostNamer, __ATOMIC_ACQUIRE);
  if (!n || !(host || namer))
    return n;
  thread->capturing = true;
  cairn_host_name name;
  for (size_t i = 0; namer && i < n; ++i)
    if (namer(reinterpret_cast<const void *>(frames[i] - 1), &name))
      if (uintptr_t named = nameFrame(name.function, name.file, name.line))
        frames[i] = named;
  if (host)
    n = host(frames, n, kMostFrames);
  thread->capturing = false;
  return n;
}

/// The heap's cache of samples; null if there is no memory.
Cache *centralOf(Heap *heap) {
  if (Cache *cache = __atomic_load_n(&heap->central, __ATOMIC_ACQUIRE))
    return cache;
  platform::Guard guard(processLock);
  if (!heap->central) {
    Cache *cache = makeCache(heap);
    __atomic_store_n(&heap->central, cache, __ATOMIC_RELEASE);
  }
  return heap->central;
}

} // namespace

void setProfileRate(uint64_t rate) {
  if (rate)
    __atomic_store_n(&notesCallers, true, __ATOMIC_RELAXED);
  __atomic_store_n(&profileRate, rate, __ATOMIC_RELAXED);
}

void *takeSample(Cache *cache, unsigned bin) {
  Heap *heap = cache->heap;
  Thread *thread = cache->thread;
  uint64_t rate = __atomic_load_n(&profileRate, __ATOMIC_RELAXED);
  if (heap->size < kLeastProfiled || platform::heldForFork())
    return nullptr;
  bool again = false;
  {
    platform::Guard guard(cache->lock);
    if (!cache->sampler || cache->sampler->rate != rate)
      follow(cache, rate);
    SampledCache *sampler = cache->sampler;
    // In an exposed heap, this is where slots are taken from the stack, too.
    if (!sampler || !sampler->rate || *cache->bins->stacks[bin].top)
      return nullptr;
    if (sampler->last && sampler->lastBin == bin) {
      endLast(cache);
      again = sampler->ownFreed && ++sampler->again < kMostAgain;
    }
    if (!again) {
      sampler->again = 0;
      if (--sampler->left[bin])
        return nullptr;
      draw(*sampler, bin);
    }
  }
  Cache *central = centralOf(heap);
  uintptr_t frames[kMostFrames];
  size_t n = central ? callsOf(thread, frames) : 0;
  if (!n)
    return nullptr;
  void *link;
  {
    platform::Guard guard(central->lock);
    link = takeSlot(central, bin);
  }
  if (!link)
    return nullptr;
  noteSample(link, sizeOfClass(bin % kClasses), rate, frames, n);
  platform::Guard guard(cache->lock);
  if (SampledCache *sampler = cache->sampler; sampler->rate && !*cache->bins->stacks[bin].top) {
    endLast(cache);
    giveStack(&sampler->kept);
    sampler->kept = cache->bins->stacks[bin];
    cache->bins->stacks[bin] = kNoStack;
    sampler->last = link;
    sampler->lastBin = bin;
    sampler->ownFreed = false;
  }
  return link;
}

void *takeBatch(Cache *cache, unsigned bin) {
  SampledCache *sampler = cache->sampler;
  uint64_t rate = __atomic_load_n(&profileRate, __ATOMIC_RELAXED);
  startPurgerIfWanted();
  if (sampler->rate != rate || (sampler->last && sampler->lastBin == bin) || cache->heap->exposed)
    return nullptr;
  platform::Guard guard(cache->lock);
  SlotStack *stack = &cache->bins->stacks[bin], *freed = &sampler->freed[bin];
  size_t slots = kBatches.of[bin % kClasses];
  void **top = freed->top;
  bool enough = *top && size_t(top - sampler->bottom[bin]) > slots && top + 1 != freed->limit;
  if (!enough || *stack->top || size_t(stack->limit - stack->top) <= slots ||
      sampler->left[bin] <= slots + 1 || cache->sinceLook + 1 >= kLookAt)
    return nullptr;
  ++cache->sinceLook;
  sampler->left[bin] -= slots + 1;
  void *link = *top;
  top -= slots + 1;
  freed->top = top;
  __builtin_memcpy(stack->top + 1, top + 1, slots * sizeof(void *));
  stack->top += slots;
  cache->filled[bin] = true;
  cache->woken[bin] = 0;
  validateAtTimes(cache);
  return link;
}

void *takeFreed(Cache *cache, unsigned bin, SlotStack *stack, void *&bad) {
  if (cache->heap->coarse) // whose slabs have no stack
    return nullptr;
  bool sampled = cache->sampler->rate;
  SlotStack *freed = &cache->sampler->freed[bin];
  size_t room = size_t(stack->limit - stack->top), slots = kBatches.of[bin % kClasses];
  if (sampled && freed->top + 1 == freed->limit)
    growFreed(cache, bin);
  slots = slots < room ? slots : room - 1;
  uint64_t most = mostOnStack(cache, bin);
  slots = slots < most ? slots : size_t(most);
  if (!*freed->top)
    return nullptr;
  const Slab *slab = cache->bins->hand[bin];
  auto there = size_t(freed->top - cache->sampler->bottom[bin]) - 1;
  if (sampled && there < slots && (slab->free || slab->fresh < slab->slots))
    return nullptr;
  void *link = popSound(cache->heap, freed, bad);
  if (!link)
    return nullptr;
  slots = slots < there ? slots : there;
  freed->top -= slots;
  __builtin_memcpy(stack->top + 1, freed->top + 1, slots * sizeof(void *));
  stack->top += slots;
  countOnStack(cache, bin, intptr_t(slots));
  return link;
}

void giveStacks(SampledCache *sampler) {
  for (SlotStack &stack : sampler->freed)
    giveStack(&stack);
  giveStack(&sampler->kept);
}

void noteOwnFree(const void *block) {
  if (!isSampled(fast::slabOf(block)))
    return;
  Cache *cache = cacheOf(fast::slabOf(block)->shared->heap);
  if (cache && cache->sampler && cache->sampler->last == block)
    cache->sampler->ownFreed = true;
}

uint64_t countLarge(Heap *heap, uint64_t bytes) {
  auto &large = heap->largeSamples;
  uint64_t rate = __atomic_load_n(&profileRate, __ATOMIC_RELAXED);
  if (CAIRN_LIKELY(!rate) || heap->checked || heap->size < kLeastProfiled)
    return 0;
  if (large.rate != rate) {
    if (!large.rate)
      large.random = heap->base;
    large.rate = rate;
    large.left = drawBytes(large.random, rate);
  }
  large.left -= double(bytes);
  if (large.left >= 0)
    return 0;
  large.left = drawBytes(large.random, rate);
  return rate;
}

void sampleLarge(const void *block, uint64_t bytes, uint64_t rate) {
  uintptr_t frames[kMostFrames];
  if (size_t n = platform::heldForFork() ? 0 : callsOf(currentThread(), frames))
    noteSample(block, bytes, rate, frames, n);
}

} // namespace cairn
