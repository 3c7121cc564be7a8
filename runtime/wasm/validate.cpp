//===- validate.cpp - A debug build looks at a heap where there is one thread -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What wasm/heap.h and wasm/space.h claim. All of it lies where a program can write, so with
// an error handler nothing of it is asserted.
//
//===----------------------------------------------------------------------===//

#include "wasm/validate.h"

#if CAIRN_DEBUG

#include "wasm/space.h"

namespace cairn {

namespace {

constexpr unsigned kMostSlots = kSlabBytes / kMinSmall;
constexpr uint32_t kShare = 8;

bool anyErrorHandler;
uint32_t wait; ///< Slow paths that are still to be passed over.

/// The free slots of one slab, and that none is met twice.
class FreeSlots {
public:
  FreeSlots(const SlabHead *slab, unsigned bin) : Slab(slab), Bin(bin) {}
  uint32_t addAll(const char *list, void *link) {
    uint32_t n = 0;
    for (; link; link = *static_cast<void **>(link), ++n)
      add(list, static_cast<const char *>(link));
    return n;
  }

private:
  void add(const char *list, const char *link) {
    Kind kind = Kind(Bin / kClasses);
    CAIRN_ASSERT(list, link, slabOf(link) == Slab, Slab, Bin);
    size_t offset =
        size_t(link - reinterpret_cast<const char *>(Slab)) - linkOffset(kind) - slabStart(kind);
    size_t i = offset / slotSize(Bin);
    CAIRN_ASSERT(list, link, offset % slotSize(Bin) == 0 && i < Slab->slots, Slab, Bin, offset);
    CAIRN_ASSERT(list, link, !(Words[i / 64] >> (i % 64) & 1), Slab, i);
    if (kind != kRaw)
      CAIRN_ASSERT(list, link, *reinterpret_cast<const uint32_t *>(link - linkOffset(kind)) == 0,
                   Slab, i);
    Words[i / 64] |= uint64_t(1) << (i % 64);
  }
  const SlabHead *Slab;
  unsigned Bin;
  uint64_t Words[kMostSlots / 64] = {};
};

/// 1 if the slab has a list of its own, for which it waits in the queue.
uint32_t validateSlab(Heap *heap, SlabHead *slab, unsigned bin) {
  CAIRN_ASSERT("slab", slab, slab->slots == slotsOf(bin), slab->slots, bin);
  CAIRN_ASSERT("slab", slab, slab->every == ~0u / uint32_t(slotSize(bin)) + 1, slab->every, bin);
  FreeSlots free(slab, bin);
  void *head = fast::head(&heap->bins, bin);
  if (head && slabOf(head) == slab)
    free.addAll("list of bin", head);
  uint32_t n = free.addAll("free list", slab->free);
  uint32_t credit = n ? slab->slots - n : 1;
  CAIRN_ASSERT("slab", slab, slab->credit == credit, slab->credit, n, slab->slots);
  return n ? 1 : 0;
}

uint32_t validateQueue(Heap *heap, unsigned bin) {
  uint32_t n = 0;
  SlabHead **before = &heap->queue[bin];
  for (SlabHead *slab = *before; slab; before = &slab->next, slab = slab->next, ++n) {
    CAIRN_ASSERT("queue of slabs", &heap->queue[bin],
                 heap->contains(slab) && heap->marks()[pageOf(slab)] == bin + 1, slab, bin);
    CAIRN_ASSERT("queue of slabs", &heap->queue[bin], slab->prev == before, slab, slab->prev,
                 before);
    CAIRN_ASSERT("queue of slabs", &heap->queue[bin], slab->free != nullptr, slab, bin);
  }
  return n;
}

uint32_t validateSlabs(Heap *heap) {
  uint32_t slabs = 0, listed = 0, queued = 0;
  const uint8_t *marks = heap->marks();
  for (uint32_t page = heap->firstPage(); page < heap->endPage(); ++page)
    if (isSlab(marks[page])) {
      listed += validateSlab(heap, reinterpret_cast<SlabHead *>(pageAt(page)), marks[page] - 1u);
      ++slabs;
    }
  for (unsigned bin = 0; bin < kBins; ++bin) {
    queued += validateQueue(heap, bin);
    void *head = fast::head(&heap->bins, bin);
    CAIRN_ASSERT("list of bin", head, !head || marks[pageOf(head)] == bin + 1, bin);
  }
  CAIRN_ASSERT("queues of slabs", heap, listed == queued, listed, queued);
  return slabs * 64;
}

//===- Chunks ----------------------------------------------------------------===//

/// 1 if it is free and in a bin.
uint32_t validateChunk(Heap *land, Chunk *chunk, bool afterFree) {
  uint32_t at = uint32_t(reinterpret_cast<uintptr_t>(chunk));
  CAIRN_ASSERT("chunk", chunk, chunk->size() && chunk->size() <= land->end - at, chunk->word,
               land->end);
  Chunk *next = chunk->after();
  if (chunk->used()) {
    CAIRN_ASSERT("chunk", chunk, !(chunk->word & kBeforeFree) == !afterFree, chunk->word,
                 afterFree);
    if (chunk->kind() != kRecord) {
      CAIRN_ASSERT("chunk", chunk, chunk->check == ~at, chunk->check);
      CAIRN_ASSERT("chunk", chunk, chunk->asked <= chunk->room(), chunk->asked, chunk->word);
    }
    return 0;
  }
  CAIRN_ASSERT("chunk", chunk, !afterFree, chunk->word); // free neighbours are one
  CAIRN_ASSERT("chunk", chunk, !chunk->check, chunk->check);
  if (reinterpret_cast<char *>(next) == pageAt(land->endPage())) {
    CAIRN_ASSERT("chunk", chunk, land->space->top == chunk, land->space->top);
    return 0;
  }
  CAIRN_ASSERT("chunk", chunk, reinterpret_cast<uint32_t *>(next)[-1] == chunk->size(),
               reinterpret_cast<uint32_t *>(next)[-1], chunk->size());
  return 1;
}

/// How many chunks are in bins, each of which is looked at.
uint32_t validateBins(const Space &space) {
  uint32_t n = 0;
  for (unsigned bin = 0; bin < kChunkBins; ++bin) {
    bool any = space.bins[bin];
    CAIRN_ASSERT("bins of chunks", &space, (space.bits[bin / 32] >> bin % 32 & 1) == any, bin,
                 space.bits[bin / 32]);
    const Chunk *before = nullptr;
    for (const Chunk *chunk = space.bins[bin]; chunk; before = chunk, chunk = chunk->next, ++n) {
      CAIRN_ASSERT("bins of chunks", &space, !chunk->used() && chunk->prev == before, bin, chunk,
                   chunk->word, chunk->prev, before);
      CAIRN_ASSERT("bins of chunks", &space, bin >= kLinearBins || chunk->size() / kUnit == bin,
                   bin, chunk, chunk->word);
    }
  }
  for (unsigned word = 0; word < sizeof space.bits / sizeof *space.bits; ++word)
    CAIRN_ASSERT("bins of chunks", &space, (space.words >> word & 1) == !!space.bits[word], word,
                 space.words, space.bits[word]);
  return n;
}

uint32_t validateChunks(Heap *land) {
  const uint8_t *marks = land->marks();
  uint32_t free = 0, looked = 0;
  uint32_t page = land->firstPage();
  while (page < land->endPage()) {
    if (marks[page] != kChunkPage) {
      ++page;
      continue;
    }
    // A row of chunks, up to a slab, another heap, or the end.
    auto *chunk = reinterpret_cast<Chunk *>(pageAt(page) + cairn_rt_starts[page] * kUnit);
    for (bool afterFree = false; isChunk(land, chunk); chunk = chunk->after(), ++looked) {
      uint32_t at = pageOf(chunk);
      CAIRN_ASSERT("marks", marks + at, marks[at] == kChunkPage, chunk, marks[at]);
      CAIRN_ASSERT("starts of chunks", cairn_rt_starts + at,
                   pageAt(at) + cairn_rt_starts[at] * kUnit <= reinterpret_cast<char *>(chunk),
                   chunk, cairn_rt_starts[at]);
      free += validateChunk(land, chunk, afterFree);
      afterFree = !chunk->used();
    }
    page = pageOf(reinterpret_cast<char *>(chunk) - 1) + 1;
  }
  uint32_t listed = validateBins(*land->space);
  CAIRN_ASSERT("bins of chunks", land->space, listed == free, listed, free);
  return looked;
}

} // namespace

void noteErrorHandler(bool any) { anyErrorHandler = any; }

void validate(Heap *heap) {
  if (!heap->end) // before its first use
    return;
  uint32_t looked = heap->endPage() - heap->firstPage() + validateSlabs(heap);
  if (heap->space && !heap->borrows)
    looked += validateChunks(heap);
  wait = looked / kShare;
}

void validateAtTimes(Heap *heap) {
  if (wait)
    --wait;
  else if (!anyErrorHandler)
    validate(heap);
}

} // namespace cairn

#endif // CAIRN_DEBUG
