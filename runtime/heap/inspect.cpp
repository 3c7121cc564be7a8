//===- inspect.cpp - What was written where it must not be -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/guard.h"
#include "heap/poison.h"
#include "heap/quarantine.h"
#include "heap/walk.h"
#include "platform/outside.h"
#include "platform/text.h"

namespace cairn {

namespace {

Overwritten lookBefore(Heap *heap, char *block, uint64_t bytes) {
  platform::Unseen unseen;
  uint64_t at = firstUnpoisoned(block - bytes, bytes, freshOf(heap, block));
  return at == bytes ? Overwritten() : Overwritten{block, 0, bytes - at, false, "", true};
}

Overwritten lookAtZone(char *p, uint64_t header, uint64_t from, uint64_t to, uint64_t fresh) {
  platform::Unseen unseen;
  uint64_t at = from < to ? firstUnpoisoned(p + from, to - from, fresh) : 0;
  if (CAIRN_LIKELY(from >= to || at == to - from))
    return Overwritten();
  return {p + header, from - header, from + at - header, false, "an object"};
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

Overwritten lookBehind(char *p, uint64_t extent, uint64_t from) {
  platform::Unseen unseen;
  Stamp stamp;
  if (!readStamp(p, extent, stamp))
    return {p, 0, extent - kStampBytes, true};
  uint64_t at = firstWritten(p, extent, stamp, from);
  return at == extent ? Overwritten() : Overwritten{p, stamp.size, at, false};
}

void report(const Overwritten &found) {
  Text text;
  if (found.before)
    text << "written before its start: " << found.at << (found.at == 1 ? " byte" : " bytes")
         << " before it";
  else if (found.stampGone)
    text << "written far past its end: byte " << found.at << " or one of the seven after it";
  else
    text << "written past its end: byte " << found.at << " of " << found.what << " of "
         << found.size << " bytes";
  fail(CAIRN_ERROR_CORRUPT, found.block, text.text());
}

void fillGap(Heap *heap, char *block, uint64_t bytes) {
  platform::Unseen unseen;
  fillPoison(block - bytes, bytes, freshOf(heap, block));
}

void inspectGap(Heap *heap, char *block, uint64_t bytes) {
  if (Overwritten found = lookBefore(heap, block, bytes); found.block) {
    fillGap(heap, block, bytes); // it is reported once
    report(found);
  }
}

void inspectBlock(char *p, uint64_t extent) {
  if (Overwritten found = lookBehind(p, extent); found.block)
    report(found);
}

void inspectZone(char *p, uint64_t header, uint64_t from, uint64_t to, uint64_t fresh) {
  if (Overwritten found = lookAtZone(p, header, from, to, fresh); found.block)
    report(found);
}

void inspectFreed(char *from, uint64_t extent, char *gap, uint64_t word, WriteAfterFree &found) {
  uint64_t at = firstUnpoisoned(from, extent, word);
  if (CAIRN_UNLIKELY(gap && at != extent && from + at >= gap && from + at < gap + 4)) {
    uint32_t count;
    __builtin_memcpy(&count, gap, sizeof(count));
    if (count == 0) {
      char *behind = gap + sizeof(count);
      uint64_t rest = uint64_t(from + extent - behind);
      uint64_t next = firstUnpoisoned(behind, rest, word);
      at = next == rest ? extent : uint64_t(behind - from) + next;
    }
  }
  if (CAIRN_LIKELY(at == extent))
    return;
  if (!found.block)
    found = {from, at};
  // It is reported once.
  fillPoison(from, extent, word);
  if (gap)
    __builtin_memset(gap, 0, sizeof(uint32_t));
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
    return inspectGuarded(heap);
  Overwritten over;
  bool sound;
  {
    platform::Unseen unseen;
    // No slot and no run changes hands meanwhile.
    platform::Guard guard(heap->central->lock);
    inspectHeld(heap);
    platform::Guard inner(heap->lock);
    inspectHeldLarge(heap);
    auto look = [&](char *p, uint64_t extent, uint64_t from = 0) {
      if (!over.block)
        over = lookBehind(p, extent, from);
    };
    eachRun(
        heap,
        [&](Slab *slab) {
          if (!over.block)
            over = lookBefore(heap, slotAt(slab, 0), slab->start);
          for (unsigned i = 0; kindOf(slab) != kByteArray && i < slab->fresh; ++i) {
            Origin origin = loadOrigin(originOf(slab, i));
            if (!origin.live)
              continue;
            if (origin.zoned)
              look(slotAt(slab, i), slab->slotSize);
            else if (!over.block)
              over = lookAtZone(slotAt(slab, i), kHeaderSize, ownBytes(slab), slab->slotSize,
                                freshOf(heap, slotAt(slab, i)));
          }
        },
        [&](uint64_t g) {
          const Run &run = heap->space.run(g);
          if (g == kFirstGranule && !over.block)
            over = lookBefore(heap, reinterpret_cast<char *>(heap->space.addressOf(g)), kGranule);
          if (run.kind != kByteArray)
            look(reinterpret_cast<char *>(heap->space.addressOf(g)), run.length << kGranuleShift,
                 run.sealed ? platform::kPage : 0);
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
