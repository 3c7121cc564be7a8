//===- walk.cpp - Visiting what a heap holds -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/walk.h"
#include "heap/checked.h"
#include "object/object.h"

namespace cairn {

namespace {

/// Bytes that a block with a red zone was asked for.
size_t sizeBefore(const char *p, size_t extent) {
  Stamp stamp;
  return readStamp(p, extent, stamp) ? size_t(stamp.size) : extent;
}

cairn_block describe(char *slot, size_t size, Kind kind) {
  cairn_block block = {slot, size, 0, 0, false};
  if (kind == kRaw)
    return block;
  size_t ref = kByteArrayRef;
  if (kind == kObject)
    ref = markedArray(slot, size) ? kArrayPrefix : kHeaderSize;
  block.p = slot + ref;
  block.size = size - ref;
  block.count = cairn_refcount(block.p);
  block.meta = loadMeta(block.p);
  block.object = true;
  return block;
}

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_heap_walk(cairn_heap *h, bool (*visit)(const cairn_block *, void *),
                               void *context) {
  Heap *heap = orDefault(h);
  if (!heap)
    return;
  bool on = true;
  auto see = [&](char *slot, size_t size, Kind kind) {
    cairn_block block = describe(slot, size, kind);
    // A slot on its way from a thread's list to an object has no count yet.
    if (on && (kind == kRaw || loadCount(block.p))) {
      platform::callsProgram(2, &block, sizeof block);
      on = visit(&block, context);
    }
  };
  eachRun(
      heap,
      [&](Slab *slab) {
        SlotSet live;
        void *bad;
        liveSlots(slab, live, bad);
        for (unsigned i = 0; on && i < slab->fresh; ++i)
          if (live.get(i)) {
            bool zone = heap->checked && hasRedZone(slab, i);
            see(slotAt(slab, i),
                zone ? sizeBefore(slotAt(slab, i), slab->slotSize) : ownBytes(slab), kindOf(slab));
          }
      },
      [&](uint64_t g) {
        Kind kind = Kind(heap->space.run(g).kind);
        size_t bytes = size_t(heap->space.run(g).length << kGranuleShift);
        if (heap->checked && kind == kRaw)
          bytes = size_t(largeBytes(heap, g));
        see(reinterpret_cast<char *>(heap->space.addressOf(g)) + slotPhase(kind),
            bytes - slotPhase(kind), kind);
      });
}

CAIRN_API bool cairn_heap_check(cairn_heap *h) {
  Heap *heap = orDefault(h);
  if (!heap)
    return true;
  const char *what = nullptr;
  void *at = nullptr;
  auto report = [&](void *p, const char *message) {
    if (!what)
      what = message, at = p;
  };
  uint64_t used = 0;
  {
    platform::Guard guard(heap->lock);
    bool afterFree = false;
    for (uint64_t g = 0; g < heap->space.granules(); g += heap->space.run(g).length) {
      const Run &run = heap->space.run(g);
      void *p = reinterpret_cast<void *>(heap->space.addressOf(g));
      if (!run.length || g + run.length > heap->space.granules() || !heap->space.starts(g)) {
        report(p, "the runs of the region do not join");
        break;
      }
      if (!run.used && afterFree)
        report(p, "two free runs touch");
      afterFree = !run.used;
      used += run.used && g ? run.length : 0;
    }
    if (!what && used != heap->space.used())
      report(heap, "the used runs do not add up");
  }
  if (!what)
    eachRun(
        heap,
        [&](Slab *slab) {
          SlotSet live;
          void *bad = nullptr;
          if (!liveSlots(slab, live, bad)) {
            report(bad, "a free list is corrupt here: a block was freed twice, or written after");
            return;
          }
          if (kindOf(slab) == kRaw)
            return;
          for (unsigned i = 0; i < slab->fresh; ++i) {
            char *slot = slotAt(slab, i);
            if (!live.get(i) && *reinterpret_cast<int32_t *>(slot))
              report(linkAt(slab, i), "a dead object's count is not 0");
          }
        },
        [](uint64_t) {});
  if (!what)
    return inspect(heap);
  fail(CAIRN_ERROR_CORRUPT, at, what);
  return false;
}

} // extern "C"
