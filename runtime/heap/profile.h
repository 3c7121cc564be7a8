//===- profile.h - Which allocations the heap profile sees -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After cairn_profile_start, allocations are sampled by their bytes (sampling.h). Inlined code
// does not count them. Instead, a thread's slow path has drawn, for each bin, which allocation of
// the bin will be the next sample (`SampledCache::left`), and puts fewer slots onto the bin's stack
// than there are allocations up to that one: the allocation that is to be seen finds the stack
// empty, and leaves for the slow path.
//
// For this each allocation has to take a slot that was put there by the slow path. In a program
// that allocates and frees in turn, frees put slots onto the stack, and the slow path is never
// taken. So slabs of a thread that is sampled have another stack for their frees:
//
//   allocation    <- bins->stacks[bin] <- slow path <- SampledCache::freed[bin] <- free
//
// Slab::stack, which inlined frees read, points to the second one. The inlined code is the same.
//
// One free does not read it: that of what the same function allocated. It puts the slot back onto
// the first stack, unseen, and the allocation was not counted. Such an allocation must not be
// taken for the one that was drawn. So after a sample the bin has no stack until its next
// allocation: a free of this kind is seen then, its allocation counts as one sample more, and the
// next allocation is a sample as well.
//
// A block that is a sample is a slot of a slab that no thread owns (kSampledOwner). Such slabs
// belong to `Heap::central`, as all do in a checked heap. Their blocks are freed as those of
// another thread's slabs are, by freeRemote(), which tells the profile. Of large blocks, a run
// knows that it is a sample.
//
// Each thread sets its stacks up, or back again, at its first slow path after the profile was
// started or stopped.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_PROFILE_H
#define CAIRN_HEAP_PROFILE_H

#include "cairn/host.h"
#include "heap/heap.h"
#include "heap/slab.h"

namespace cairn {

/// Bytes between two samples on average; 0: there is no profile now. Written atomically, by whom
/// ever it is: a handler of a signal may stop the profile.
extern uint64_t profileRate;
constexpr uint64_t kUsualProfileRate = uint64_t(512) << 10;
constexpr uint64_t kMostProfileRate = uint64_t(1) << 40;
/// Small heaps have pages for slabs, and each bin of samples takes one.
constexpr size_t kLeastProfiled = size_t(1) << 20;

/// Of a cache, once it was sampled.
struct SampledCache {
  uint64_t rate; ///< What the cache's slabs and stacks are set up for; 0: not to be sampled.
  uint64_t random;
  uint64_t left[kBins]; ///< Allocations, but for those on the stack, to the next sample with it.
  SlotStack freed[kBins];
  void **bottom[kBins]; ///< Of `freed`, where it has memory.
  /// The last sample, while its bin has no stack, and the stack that the bin had.
  const void *last;
  SlotStack kept;
  unsigned lastBin, again; ///< How often the bin was sampled once more for that.
  bool ownFreed;           ///< It was freed by the function that allocated it.
};

/// Samples from now on; 0: no more. Under any lock.
void setProfileRate(uint64_t rate);
/// The slot, as its link address, if this allocation is a sample; else null. By the cache's
/// thread, in a slow path, under no lock.
void *takeSample(Cache *cache, unsigned bin);
/// The usual slow path of a thread that is sampled: enough slots were freed, none of the
/// allocations that will take them is a sample, and nothing else is due. Null where it is not like
/// that. By the cache's thread, under no lock.
void *takeBatch(Cache *cache, unsigned bin);
CAIRN_FAST void *takeIfSample(Cache *cache, unsigned bin) {
  uint64_t rate = __atomic_load_n(&profileRate, __ATOMIC_RELAXED);
  if (CAIRN_LIKELY(!rate && !(cache->sampler && cache->sampler->rate)))
    return nullptr;
  if (CAIRN_LIKELY(cache->sampler != nullptr))
    if (void *link = takeBatch(cache, bin))
      return link;
  return takeSample(cache, bin);
}

/// As many slots may go onto the bin's stack now. Under the cache's lock, as the next four.
inline uint64_t mostOnStack(const Cache *cache, unsigned bin) {
  return cache->sampler && cache->sampler->rate ? cache->sampler->left[bin] - 1 : UINT64_MAX;
}
/// Slots went onto the stack, or (less than 0) were taken from it without an allocation.
inline void countOnStack(Cache *cache, unsigned bin, intptr_t slots) {
  if (CAIRN_UNLIKELY(cache->sampler && cache->sampler->rate))
    cache->sampler->left[bin] -= uint64_t(slots);
}
/// A slot that was freed while the thread was sampled; more of them go onto the stack, which is
/// empty. Null if there is none, or, where the slab in hand has others, if there are few: then
/// more of them come together. `bad` is set as popSound() does.
void *takeFreed(Cache *cache, unsigned bin, SlotStack *stack, void *&bad);
/// The memory of all stacks of a sampler goes to others, and what they held is forgotten.
void giveStacks(SampledCache *sampler);

/// Whether a slab holds samples.
constexpr uintptr_t kSampledOwner = 8; ///< No thread's pointer, with no kind.
inline bool isSampled(const Slab *slab) {
  return __atomic_load_n(&slab->owner, __ATOMIC_RELAXED) == kSampledOwner;
}
/// Whether the slabs of a cache do.
inline bool hasSamples(const Cache *cache) {
  // Another thread may make the first one meanwhile, which is not this one then.
  const Cache *central = __atomic_load_n(&cache->heap->central, __ATOMIC_RELAXED);
  return cache == central && !cache->heap->checked;
}

/// Inlined code frees a block that its function allocated, and the bin has no stack.
void noteOwnFree(const void *block);

/// Counts a large block: the rate it is a sample at, 0 if it is none. Under the heap's lock.
uint64_t countLarge(Heap *heap, uint64_t bytes);
/// It is one, and is given to the program now. Under no lock.
void sampleLarge(const void *block, uint64_t bytes, uint64_t rate);

/// What a host adds to a stack, or has in its place. Null: nothing. Writes at most `most` frames
/// to `frames`, of which there are `count`, and returns how many there are then. Called under no
/// lock, on the thread that allocates, whose own allocations are no samples meanwhile.
extern size_t (*hostFrames)(uintptr_t *frames, size_t count, size_t most);
/// cairn_host_name_code(): what JIT code is at an address.
extern cairn_host_namer hostNamer;

} // namespace cairn

#endif // CAIRN_HEAP_PROFILE_H
