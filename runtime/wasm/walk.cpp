//===- walk.cpp - Visiting what a heap holds -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether a slot of a raw slab is live is known from its bin's list only, which is
// walked once for each slab that is looked at: reports are for people and for tests.
//
//===----------------------------------------------------------------------===//

#include "wasm/walk.h"

namespace cairn {

namespace {

constexpr unsigned kMostSlots = kSlabBytes / kMinSmall;

/// A bit per slot.
struct SlotSet {
  uint64_t words[kMostSlots / 64] = {};
  bool get(unsigned i) const { return words[i / 64] >> (i % 64) & 1; }
  void set(unsigned i) { words[i / 64] |= uint64_t(1) << (i % 64); }
};

/// The slots of a slab that lie in its bin's list.
SlotSet freeSlots(Heap *heap, unsigned bin, char *base) {
  SlotSet free;
  Kind kind = Kind(bin / kClasses);
  for (void *p = fast::head(&heap->bins, bin); p; p = *static_cast<void **>(p))
    if (slabOf(p) == base)
      free.set(unsigned(size_t(static_cast<char *>(p) - linkOffset(kind) - base - slabStart(kind)) /
                        slotSize(bin)));
  return free;
}

cairn_block describe(char *slot, size_t size, unsigned mark) {
  Kind kind = kindOf(mark);
  cairn_block block = {slot, size, 0, 0, false};
  if (kind == kRaw)
    return block;
  char *ref = referenceIn({nullptr, slot, size, mark});
  block.p = ref;
  block.size = size - size_t(ref - slot);
  block.count = cairn_refcount(ref);
  block.meta = loadMeta(ref);
  block.object = true;
  return block;
}

} // namespace

/// Length of a bin's list, or, if it makes no sense, the link where it stops to.
uint32_t listLength(Heap *heap, unsigned bin, void *&bad) {
  uint32_t n = 0, most = heap->end * (kMostSlots / kSlabPages);
  Kind kind = Kind(bin / kClasses);
  for (void *p = fast::head(&heap->bins, bin); p; p = *static_cast<void **>(p)) {
    Block block = blockAt(p);
    if (block.heap != heap || block.mark != bin + 1 || block.slot + linkOffset(kind) != p ||
        n == most) {
      bad = p;
      break;
    }
    ++n;
  }
  return n;
}

void walkFrom(Heap *heap, const void *from, bool (*visit)(const cairn_block *, void *),
              void *context) {
  uint32_t first = pageOf(from);
  if (char *slot = blockAt(from).slot) // a large block's first page
    first = pageOf(slot);
  if (heap->contains(from) && isSlab(heap->marks()[first]))
    first = pageOf(slabOf(from));
  bool on = true;
  eachRun(
      heap,
      [&](unsigned bin, char *base) {
        Kind kind = Kind(bin / kClasses);
        SlotSet free;
        if (on && kind == kRaw)
          free = freeSlots(heap, bin, base);
        char *slot = base + slabStart(kind);
        for (unsigned i = 0; on && i < slotsOf(bin); ++i, slot += slotSize(bin)) {
          cairn_block block = describe(slot, slotSize(bin), bin + 1);
          if (kind == kRaw ? !free.get(i) : block.count != 0)
            on = visit(&block, context);
        }
      },
      [&](uint32_t page, uint32_t n) {
        unsigned mark = heap->marks()[page];
        size_t phase = slotPhase(kindOf(mark));
        cairn_block block = describe(pageAt(page) + phase, (size_t(n) << kPageShift) - phase, mark);
        if (on)
          on = visit(&block, context);
      },
      first);
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_heap_walk(cairn_heap *h, bool (*visit)(const cairn_block *, void *),
                               void *context) {
  walkFrom(orDefault(h), nullptr, visit, context);
}

CAIRN_API bool cairn_heap_check(cairn_heap *h) {
  Heap *heap = orDefault(h);
  const char *what = nullptr;
  void *at = nullptr;
  auto report = [&](void *p, const char *message) {
    if (!what)
      what = message, at = p;
  };
  const uint8_t *marks = heap->marks();
  uint32_t used = 0;
  for (uint32_t page = heap->firstPage(); page < heap->end; ++page) {
    used += marks[page] != kFreePage && marks[page] != kForeignPage;
    if (marks[page] == kTailPage && marks[page - 1] != kTailPage && !isLarge(marks[page - 1]))
      report(pageAt(page), "a large block without a start");
  }
  if (heap->used && used != heap->used)
    report(heap, "the used pages do not add up");
  for (unsigned bin = 0; bin < kBins && !what; ++bin) {
    void *bad = nullptr;
    uint32_t listed = listLength(heap, bin, bad), slots = 0, dead = 0;
    if (bad) {
      report(bad, "a free list is corrupt here: a block was freed twice, or written after");
      break;
    }
    eachRun(
        heap,
        [&](unsigned b, char *base) {
          if (b != bin)
            return;
          slots += slotsOf(bin);
          char *slot = base + slabStart(Kind(bin / kClasses));
          for (unsigned i = 0; i < slotsOf(bin) && bin >= kClasses; ++i, slot += slotSize(bin))
            dead += !loadCount(referenceIn({heap, slot, 0, bin + 1}));
        },
        [](uint32_t, uint32_t) {});
    if (listed > slots)
      report(heap, "a free list is longer than its slabs: a block was freed twice");
    else if (bin >= kClasses && listed != dead)
      report(fast::head(&heap->bins, bin),
             "a free list of objects does not hold all that are dead");
  }
  if (!what)
    return true;
  fail(CAIRN_ERROR_CORRUPT, at, what);
  return false;
}

} // extern "C"
