//===- stats.cpp - A heap's figures -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "platform/outside.h"
#include "heap/walk.h"

using namespace cairn;

extern "C" {

CAIRN_API void cairn_stats_get(cairn_heap *h, cairn_stats *stats) {
  *stats = cairn_stats();
  platform::written(stats, sizeof *stats);
  for (unsigned c = 0; c < kClasses; ++c)
    stats->classes[c].slot_size = uint32_t(sizeOfClass(c));
  Heap *heap = orDefault(h);
  if (!heap)
    return;
  eachRun(
      heap,
      [&](Slab *slab) {
        cairn_class_stats &c = stats->classes[classOf(slab)];
        unsigned live = liveCount(slab);
        ++stats->slabs;
        ++c.slabs;
        (kindOf(slab) == kRaw ? c.raw_blocks : c.objects) += live;
        (kindOf(slab) == kRaw ? stats->live_blocks : stats->live_objects) += live;
        stats->live_bytes += size_t(live) * slab->slotSize;
      },
      [&](uint64_t g) {
        ++stats->large_blocks;
        stats->large_bytes += size_t(largeBytes(heap, g));
        ++(heap->space.run(g).kind == kRaw ? stats->live_blocks : stats->live_objects);
      });
  stats->live_bytes += stats->large_bytes;
  stats->region_size = heap->size;
  stats->used = size_t(heap->space.used() << kGranuleShift);
  stats->peak = size_t(heap->space.peak() << kGranuleShift);
  stats->waste = stats->used - stats->live_bytes;
  for (Cache *c = __atomic_load_n(&heap->caches, __ATOMIC_ACQUIRE); c; c = c->nextInHeap)
    stats->slow_paths += __atomic_load_n(&c->slowPaths, __ATOMIC_RELAXED);
}

} // extern "C"
