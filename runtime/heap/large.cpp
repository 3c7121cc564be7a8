//===- large.cpp - Blocks over the largest size class -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A large block is a run of granules of its own. The table entry of the unit it
// starts in names its heap, so that a free finds it without a search.
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/poison.h"
#include "heap/profile.h"
#include "heap/purger.h"
#include "heap/samples.h"
#include "heap/sealed.h"
#include "platform/outside.h"

namespace cairn {

void *allocateLarge(Heap *heap, Kind kind, uint64_t bytes, size_t align, bool *zero) {
  if (bytes > heap->size || faulted(CAIRN_FAULT_LARGE))
    return nullptr;
  bool stamp = heap->checked;
  uint64_t length = (bytes + (stamp ? kStampBytes : 0) + kGranule - 1) >> kGranuleShift;
  if (CAIRN_UNLIKELY(stamp) && kind == kRaw && bytes >= kLeastSealed && !heap->coarse) {
    // All of it is sealed once it is freed.
    constexpr uint64_t kPageGranules = platform::kPage >> kGranuleShift;
    align = align < platform::kPage ? platform::kPage : align;
    length = (length + kPageGranules - 1) & ~(kPageGranules - 1);
  }
  uint64_t step = align > kGranule ? align >> kGranuleShift : 1;
  startPurgerIfWanted();
  for (bool again = true;; again = false) {
    char *p = nullptr;
    uint64_t rate = 0;
    {
      platform::Guard guard(heap->lock);
      uint64_t g = heap->space.take(length ? length : 1, step, zero);
      if (g != Space::kNone) {
        noteTaken(heap);
        platform::acquired(&heap->lock);
        Run &run = heap->space.run(g);
        run.kind = kind;
        run.slack = uint16_t((run.length << kGranuleShift) - bytes);
        rate = countLarge(heap, bytes);
        run.sampled = rate != 0;
        p = reinterpret_cast<char *>(heap->space.addressOf(g));
        if (CAIRN_UNLIKELY(stamp)) {
          if (!zero && bytes <= kLargestFilled)
            fillPoison(p, bytes, freshOf(heap, p));
          if (g == kFirstGranule)
            fillGap(heap, p, kGranule);
          stampLarge(heap, g, kPlainBlock);
          platform::handedOut(p, bytes);
          if (zero && *zero)
            platform::written(p, bytes);
        }
        Slab *record = fast::slabOf(p);
        if (!heap->coarse && record->role != kSpaceRole) {
          record->shared =
              &heap->shared[(reinterpret_cast<uintptr_t>(p) - heap->base) >> kSlabShift];
          record->shared->heap = heap;
          __atomic_store_n(&record->role, kSpaceRole, __ATOMIC_RELEASE);
        }
      }
    }
    if (CAIRN_UNLIKELY(rate))
      sampleLarge(p, bytes, rate);
    if (p)
      return p;
    bool released = again && releaseHeldBack(heap);
    if (!again || !(reclaim(heap) || released))
      return nullptr;
  }
}

void freeLarge(Heap *heap, uint64_t granule) {
  {
    platform::Guard guard(heap->lock);
    giveLarge(heap, granule);
  }
  startPurgerInFree();
}

void giveLarge(Heap *heap, uint64_t granule) {
  platform::released(&heap->lock);
  if (heap->checked)
    platform::show(reinterpret_cast<void *>(heap->space.addressOf(granule)),
                   heap->space.run(granule).length << kGranuleShift);
  Run &run = heap->space.run(granule);
  if (CAIRN_UNLIKELY(run.sampled)) {
    run.sampled = 0;
    endSample(reinterpret_cast<void *>(heap->space.addressOf(granule)));
  }
  heap->space.give(granule);
  noteFreed(heap);
}

bool resizeLarge(Heap *heap, uint64_t granule, uint64_t bytes) {
  if (bytes > heap->size)
    return false;
  bool stamp = heap->checked; // only raw blocks are resized
  uint64_t length = (bytes + (stamp ? kStampBytes : 0) + kGranule - 1) >> kGranuleShift;
  auto *p = reinterpret_cast<char *>(heap->space.addressOf(granule));
  uint64_t rate;
  Overwritten found;
  {
    platform::Guard guard(heap->lock);
    Run &run = heap->space.run(granule);
    if (CAIRN_UNLIKELY(run.sealed))
      return false;
    uint64_t before = largeBytes(heap, granule);
    if (CAIRN_UNLIKELY(stamp)) // the stamp that is laid out below would hide it
      found = lookBehind(p, run.length << kGranuleShift);
    if (!heap->space.resize(granule, length))
      return false;
    run.slack = uint16_t((length << kGranuleShift) - bytes);
    if (CAIRN_UNLIKELY(stamp)) {
      platform::resized(p, before, bytes);
      stampLarge(heap, granule, kPlainBlock);
    }
    noteFreed(heap);
    // To the profile it is another block.
    if (CAIRN_UNLIKELY(run.sampled))
      endSample(p);
    rate = countLarge(heap, bytes);
    run.sampled = rate != 0;
  }
  if (CAIRN_UNLIKELY(rate))
    sampleLarge(p, bytes, rate);
  if (CAIRN_UNLIKELY(found.block != nullptr))
    report(found);
  return true;
}

uint64_t largeBytes(const Heap *heap, uint64_t granule) {
  const Run &run = heap->space.run(granule);
  return (run.length << kGranuleShift) - run.slack;
}

} // namespace cairn
