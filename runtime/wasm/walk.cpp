//===- walk.cpp - Visiting what a heap holds -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether a slot of a raw slab is live is known from the lists only.
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

/// Calls with each link of a slab that is free, until that says no.
template <typename Visit> void eachFree(Heap *heap, unsigned bin, SlabHead *slab, Visit visit) {
  for (void *p = slab->free; p && visit(p);)
    p = *static_cast<void **>(p);
  void *head = fast::head(&heap->bins, bin);
  if (head && slabOf(head) == slab)
    for (void *p = head; p && visit(p);)
      p = *static_cast<void **>(p);
}

SlotSet freeIn(Heap *heap, unsigned bin, char *base) {
  SlotSet free;
  char *first = base + slabStart(Kind(bin / kClasses)) + linkOffset(Kind(bin / kClasses));
  eachFree(heap, bin, slabOf(base), [&](void *p) {
    if (slabOf(p) == slabOf(base))
      free.set(unsigned(size_t(static_cast<char *>(p) - first) / slotSize(bin)) % kMostSlots);
    return slabOf(p) == slabOf(base);
  });
  return free;
}

/// Looks at the chunks one after the other: sizes and flags, and, where memory in use is
/// counted, its sum.
template <typename Report> void checkChunks(Heap *land, Report report) {
  const uint8_t *marks = land->marks();
  char *end = pageAt(land->endPage());
  for (uint32_t page = land->firstPage(); page < land->endPage(); ++page) {
    if (marks[page] != kChunkPage)
      continue;
    auto *chunk = reinterpret_cast<Chunk *>(pageAt(page) + cairn_rt_starts[page] * kUnit);
    while (reinterpret_cast<char *>(chunk) < pageAt(page + 1)) {
      char *at = reinterpret_cast<char *>(chunk);
      Chunk *next = chunk->after();
      if (!chunk->size() || chunk->size() > size_t(end - at))
        return report(chunk, "a large block's header was written over");
      if (isChunk(land, next) && chunk->used() == !!(next->word & kBeforeFree))
        return report(next, "a large block's header was written over");
      if (!chunk->used() && chunk != land->space->top &&
          (reinterpret_cast<uint32_t *>(next)[-1] != chunk->size() ||
           (isChunk(land, next) && !next->used())))
        return report(chunk, "a free large block was written after");
      chunk = next;
    }
  }
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

uint32_t freeSlots(Heap *heap, unsigned bin, void *&bad) {
  uint32_t n = 0;
  Kind kind = Kind(bin / kClasses);
  eachRun(
      heap,
      [&](unsigned b, char *base) {
        if (b != bin)
          return;
        uint32_t here = 0;
        eachFree(heap, bin, slabOf(base), [&](void *p) {
          Block block = blockAt(p);
          bool sound = slabOf(p) == slabOf(base) && block.slot + linkOffset(kind) == p &&
                       here < slotsOf(bin);
          if (!sound)
            bad = p;
          here += sound;
          return sound;
        });
        n += here;
      },
      [](const Block &) {});
  return n;
}

void walkFrom(Heap *heap, const void *from, bool (*visit)(const cairn_block *, void *),
              void *context) {
  bool on = true;
  eachRun(
      heap,
      [&](unsigned bin, char *base) {
        if (!on)
          return;
        Kind kind = Kind(bin / kClasses);
        SlotSet free;
        if (kind == kRaw)
          free = freeIn(heap, bin, base);
        char *slot = base + slabStart(kind);
        for (unsigned i = 0; on && i < slotsOf(bin); ++i, slot += slotSize(bin)) {
          cairn_block block = describe(slot, slotSize(bin), bin + 1);
          if (kind == kRaw ? !free.get(i) : block.count != 0)
            on = visit(&block, context);
        }
      },
      [&](const Block &large) {
        cairn_block block = describe(large.slot, large.size, large.mark);
        if (on)
          on = visit(&block, context);
      },
      pageOf(from));
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
  checkChunks(landOf(heap), report);
  for (unsigned bin = 0; bin < kBins && !what; ++bin) {
    void *bad = nullptr;
    uint32_t listed = freeSlots(heap, bin, bad), dead = 0;
    if (bad) {
      report(bad, "a free list is corrupt here: a block was freed twice, or written after");
      break;
    }
    if (bin < kClasses)
      continue;
    eachRun(
        heap,
        [&](unsigned b, char *base) {
          if (b != bin)
            return;
          char *slot = base + slabStart(Kind(bin / kClasses));
          for (unsigned i = 0; i < slotsOf(bin); ++i, slot += slotSize(bin))
            dead += !loadCount(referenceIn({heap, slot, 0, bin + 1}));
        },
        [](const Block &) {});
    if (listed != dead)
      report(fast::head(&heap->bins, bin),
             "a free list of objects does not hold all that are dead");
  }
  if (!what)
    return true;
  fail(CAIRN_ERROR_CORRUPT, at, what);
  return false;
}

} // extern "C"
