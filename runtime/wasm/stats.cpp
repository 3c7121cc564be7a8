//===- stats.cpp - A heap's figures -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory is counted in programs that link this file: those that can ask for figures.
//
//===----------------------------------------------------------------------===//

#include "wasm/walk.h"

namespace cairn {

void countBytes(Heap *heap, int32_t n) {
  heap->used += uint32_t(n);
  if (heap->used > heap->peak)
    heap->peak = heap->used;
  heap->slabsMade += n > 0;
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_stats_get(cairn_heap *h, cairn_stats *stats) {
  Heap *heap = orDefault(h);
  *stats = cairn_stats();
  for (unsigned c = 0; c < kClasses; ++c)
    stats->classes[c].slot_size = uint32_t(sizeOfClass(c));
  eachRun(
      heap,
      [&](unsigned bin, char *) {
        cairn_class_stats &c = stats->classes[bin % kClasses];
        ++stats->slabs;
        ++c.slabs;
        (bin < kClasses ? c.raw_blocks : c.objects) += slotsOf(bin);
      },
      [&](const Block &block) {
        ++stats->large_blocks;
        stats->large_bytes += block.size;
        ++(kindOf(block.mark) == kRaw ? stats->live_blocks : stats->live_objects);
      });
  for (unsigned bin = 0; bin < kBins; ++bin) {
    cairn_class_stats &c = stats->classes[bin % kClasses];
    void *bad;
    (bin < kClasses ? c.raw_blocks : c.objects) -= freeSlots(heap, bin, bad);
  }
  for (const cairn_class_stats &c : stats->classes) {
    stats->live_blocks += c.raw_blocks;
    stats->live_objects += c.objects;
    stats->live_bytes += size_t(c.raw_blocks + c.objects) * c.slot_size;
  }
  stats->live_bytes += stats->large_bytes;
  stats->region_size = cairn_heap_size(reinterpret_cast<cairn_heap *>(heap));
  stats->used = heap->used;
  stats->peak = heap->peak;
  stats->waste = stats->used - stats->live_bytes;
  stats->slow_paths = heap->slabsMade;
}

} // extern "C"
