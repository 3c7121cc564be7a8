//===- walk.h - Visiting what a heap holds -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_WALK_H
#define CAIRN_HEAP_WALK_H

#include "heap/heap.h"

namespace cairn {

/// A bit per slot.
struct SlotSet {
  uint64_t words[kSlabSize / kMinSmall / 64] = {};
  bool get(unsigned i) const { return words[i / 64] >> (i % 64) & 1; }
  void set(unsigned i) { words[i / 64] |= uint64_t(1) << (i % 64); }
};

/// The live slots of a slab nobody is using. False if its lists make no sense:
/// a link outside the slab or off a slot, or a slot listed twice; `bad` is that
/// link. A corrupt list is read no further.
bool liveSlots(Slab *slab, SlotSet &live, void *&bad);
unsigned liveCount(Slab *slab);

/// Calls f(slab) for each slab and g(granule) for each large block, in order of
/// address.
template <typename F, typename G> void eachRun(Heap *heap, F f, G g) {
  Space &space = heap->space;
  for (uint64_t at = 0; at < space.frontier(); at += space.run(at).length) {
    const Run &run = space.run(at);
    if (!run.used || at == 0 || (!run.slab && run.kind == kHeld))
      continue;
    if (!run.slab)
      g(at);
    else if (Slab *slab = locate(reinterpret_cast<void *>(space.addressOf(at))).slab)
      f(slab);
  }
}

} // namespace cairn

#endif // CAIRN_HEAP_WALK_H
