//===- sealed.cpp - Pages of a checked heap that nobody may touch -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/sealed.h"
#include "heap/origin.h"
#include "heap/quarantine.h"
#include "platform/outside.h"

namespace cairn {

namespace {
bool seals(const Heap *heap) {
  return heap->checked && !heap->coarse && !heap->quarantine->open && !platform::hides();
}
/// A block of no bytes, and no freed one.
bool isEmpty(const Heap *heap, uint64_t granule) { return heap->space.run(granule).kind != kHeld; }
/// Seals of all heaps: of blocks of no bytes, and of those that wait.
unsigned allEmpty, allHeld;

/// A place for one more; false if there is none.
bool takePlace(unsigned &places, unsigned most) {
  if (CAIRN_LIKELY(__atomic_add_fetch(&places, 1, __ATOMIC_RELAXED) <= most))
    return true;
  __atomic_sub_fetch(&places, 1, __ATOMIC_RELAXED);
  return false;
}
void givePlaces(unsigned &places, unsigned n) { __atomic_sub_fetch(&places, n, __ATOMIC_RELAXED); }
} // namespace

Pages pagesOf(const Heap *heap, uint64_t granule) {
  uintptr_t at = heap->space.addressOf(granule);
  uintptr_t end = at + (heap->space.run(granule).length << kGranuleShift);
  // The header of a dead object is read by whoever still counts it.
  bool object = !isEmpty(heap, granule) && !loadOrigin(originAt(heap, at)).zoned;
  constexpr uintptr_t kMask = platform::kPage - 1;
  uintptr_t from = (at + (object ? kGranule : 0) + kMask) & ~kMask, to = end & ~kMask;
  return {reinterpret_cast<char *>(from), reinterpret_cast<char *>(from < to ? to : from)};
}

void sealRun(Heap *heap, uint64_t granule) {
  Run &run = heap->space.run(granule);
  CAIRN_ASSERT("sealed run", &run, run.used && !run.slab && !run.sealed, granule);
  const bool empty = isEmpty(heap, granule);
  unsigned &places = empty ? allEmpty : allHeld;
  Pages pages = pagesOf(heap, granule);
  if (!seals(heap) || pages.from == pages.to || !takePlace(places, empty ? kMostEmpty : kMostHeld))
    return;
  if (!platform::forbid(pages.from, size_t(pages.to - pages.from))) {
    givePlaces(places, 1);
    return;
  }
  run.sealed = 1;
  ++(empty ? heap->quarantine->sealedEmpty : heap->quarantine->sealedHeld);
}

bool unsealRun(Heap *heap, uint64_t granule) {
  Run &run = heap->space.run(granule);
  if (CAIRN_LIKELY(!run.sealed))
    return true;
  Pages pages = pagesOf(heap, granule);
  if (!platform::allow(pages.from, size_t(pages.to - pages.from), platform::Access::Write))
    return false;
  run.sealed = 0;
  const bool empty = isEmpty(heap, granule);
  --(empty ? heap->quarantine->sealedEmpty : heap->quarantine->sealedHeld);
  givePlaces(empty ? allEmpty : allHeld, 1);
  return true;
}

void forgetSeals(Heap *heap) {
  if (!heap->checked)
    return;
  givePlaces(allEmpty, heap->quarantine->sealedEmpty);
  givePlaces(allHeld, heap->quarantine->sealedHeld);
}

bool unsealAll(Heap *heap) {
  if (!heap->checked)
    return true;
  heap->quarantine->open = true;
  bool all = true;
  for (uint64_t g = 0; g < heap->space.frontier(); g += heap->space.run(g).length)
    all &= unsealRun(heap, g);
  return all;
}

void *allocateEmpty(Heap *heap, size_t align, unsigned code) {
  if (!seals(heap) || __atomic_load_n(&allEmpty, __ATOMIC_RELAXED) >= kMostEmpty)
    return nullptr;
  void *p = allocateLarge(heap, kRaw, platform::kPage + kGranule - kStampBytes,
                          align > platform::kPage ? align : platform::kPage);
  if (!p)
    return nullptr;
  platform::Guard guard(heap->lock);
  uint64_t granule = heap->space.granuleOf(p);
  Run &run = heap->space.run(granule);
  run.slack = uint16_t(run.length << kGranuleShift);
  stampLarge(heap, granule, code);
  sealRun(heap, granule);
  return p;
}

} // namespace cairn
