//===- walk.h - Visiting what a heap holds -------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_WASM_WALK_H
#define CAIRN_WASM_WALK_H

#include "object/object.h"
#include "wasm/space.h"

namespace cairn {

/// Calls slab(bin, base) and large(block) for every slab and large block of the heap, by
/// address, that lies in page `first` or above.
template <typename Slab, typename Large>
void eachRun(Heap *heap, Slab slab, Large large, uint32_t first = 0) {
  Heap *land = landOf(heap);
  const uint8_t *marks = heap->marks(), *chunks = land->marks();
  uint32_t page = first > land->firstPage() ? first : land->firstPage();
  while (page < land->endPage()) {
    if (isSlab(marks[page])) {
      slab(marks[page] - 1u, pageAt(page));
    } else if (chunks[page] == kChunkPage) {
      char *end = pageAt(page + 1);
      for (auto *chunk = reinterpret_cast<Chunk *>(pageAt(page) + cairn_rt_starts[page] * kUnit);
           reinterpret_cast<char *>(chunk) < end; chunk = chunk->after())
        if (chunk->used() && chunk->kind() != kRecord) {
          Block block = blockOf(land, chunk);
          if (block.heap == heap)
            large(block);
        }
    }
    ++page;
  }
}

/// As cairn_heap_walk, from the slab or large block on that `from` lies in.
void walkFrom(Heap *heap, const void *from, bool (*visit)(const cairn_block *, void *),
              void *context);

/// Number of a bin's free slots: those in its list, and those in the lists of its slabs.
/// `bad` is set to the link where one makes no sense any more.
uint32_t freeSlots(Heap *heap, unsigned bin, void *&bad);

} // namespace cairn

#endif // CAIRN_WASM_WALK_H
