//===- inspect.cpp - What was written where it must not be -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/quarantine.h"
#include "heap/walk.h"
#include "platform/text.h"

namespace cairn {

namespace {

/// What is wrong with a red zone.
struct Overwritten {
  char *block = nullptr; ///< Null: nothing is.
  uint64_t size = 0, at = 0;
  bool stampGone = false;
};

Overwritten lookBehind(char *p, uint64_t extent) {
  Stamp stamp;
  if (!readStamp(p, extent, stamp))
    return {p, 0, extent - kStampBytes, true};
  uint64_t at = firstWritten(p, extent, stamp);
  return at == extent ? Overwritten() : Overwritten{p, stamp.size, at, false};
}

void report(const Overwritten &found) {
  Text text;
  if (found.stampGone)
    text << "written far past its end: byte " << found.at << " or one of the seven after it";
  else
    text << "written past its end: byte " << found.at << " of a block of " << found.size
         << " bytes";
  fail(CAIRN_ERROR_CORRUPT, found.block, text.text());
}

void report(const WriteAfterFree &found) {
  Text text;
  text << "written after it was freed: byte " << found.at;
  fail(CAIRN_ERROR_CORRUPT, found.block, text.text());
}

/// Takes what was found since the last call, if there is something. Under its lock.
bool takeFound(WriteAfterFree &from, WriteAfterFree &to) {
  if (CAIRN_LIKELY(!from.block))
    return false;
  to = from;
  from = WriteAfterFree();
  return true;
}

} // namespace

void inspectBlock(char *p, uint64_t extent) {
  if (Overwritten found = lookBehind(p, extent); found.block)
    report(found);
}

void inspectFreed(char *from, uint64_t extent, char *gap, WriteAfterFree &found) {
  for (uint64_t i = 0; i < extent; ++i) {
    auto byte = static_cast<unsigned char>(from[i]);
    if (CAIRN_LIKELY(byte == kFreedByte))
      continue;
    if (gap && size_t(from + i - gap) < sizeof(uint32_t) && byte == 0)
      continue;
    if (!found.block)
      found = {from, i};
    // It is reported once.
    __builtin_memset(from + i, kFreedByte, size_t(extent - i));
    if (gap)
      __builtin_memset(gap, 0, sizeof(uint32_t));
    return;
  }
}

void reportWriteAfterFree(Heap *heap) {
  WriteAfterFree found;
  Quarantine *q = heap->quarantine;
  bool any = false;
  if (CAIRN_UNLIKELY(__atomic_load_n(&q->found.block, __ATOMIC_RELAXED) != nullptr)) {
    platform::Guard guard(heap->central->lock);
    any = takeFound(q->found, found);
  }
  if (any)
    report(found);
  any = false;
  if (CAIRN_UNLIKELY(__atomic_load_n(&q->foundRun.block, __ATOMIC_RELAXED) != nullptr)) {
    platform::Guard guard(heap->lock);
    any = takeFound(q->foundRun, found);
  }
  if (any)
    report(found);
}

bool inspect(Heap *heap) {
  if (!heap->checked)
    return true;
  Overwritten over;
  bool sound;
  {
    // No slot and no run changes hands meanwhile.
    platform::Guard guard(heap->central->lock);
    inspectHeld(heap);
    platform::Guard inner(heap->lock);
    inspectHeldLarge(heap);
    auto look = [&](char *p, uint64_t extent) {
      if (!over.block)
        over = lookBehind(p, extent);
    };
    eachRun(
        heap,
        [&](Slab *slab) {
          for (unsigned i = 0; kindOf(slab) == kRaw && i < slab->fresh; ++i)
            if (checkedLive(slab, i) && hasRedZone(slab, i))
              look(slotAt(slab, i), slab->slotSize);
        },
        [&](uint64_t g) {
          if (heap->space.run(g).kind == kRaw)
            look(reinterpret_cast<char *>(heap->space.addressOf(g)),
                 heap->space.run(g).length << kGranuleShift);
        });
    sound = !over.block && !heap->quarantine->found.block && !heap->quarantine->foundRun.block;
  }
  if (over.block)
    report(over);
  reportWriteAfterFree(heap);
  return sound;
}

void inspectAll() {
  for (uint32_t i = 0, n = heapCount(); i < n; ++i)
    if (Heap *heap = heapAt(i))
      inspect(heap);
}

} // namespace cairn
