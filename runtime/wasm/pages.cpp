//===- pages.cpp - Pages for slabs -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As long as there are no chunks, slabs are made one behind the other, and their pages are
// given back to a list.
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

namespace cairn {

const ChunkCalls *chunkCalls;

/// For programs without reports; stats.cpp has one that counts.
__attribute__((weak)) void countBytes(Heap *, int32_t) {}

char *takeSlab(Heap *heap, unsigned bin) {
  if (chunkCalls)
    return chunkCalls->takeSlab(heap, bin);
  heap = defaultHeap(); // there is no other
  char *page = static_cast<char *>(heap->freePages);
  if (page) {
    heap->freePages = *reinterpret_cast<void **>(page);
  } else {
    uint32_t top = heap->top;
    if (top == heap->end) {
      uint32_t memory = uint32_t(__builtin_wasm_memory_size(0) * kMemoryUnit);
      if (!top) { // the first use: what lies behind the program's data
        top = uint32_t(reinterpret_cast<uintptr_t>(__heap_base) + kPageSize - 1) & -kPageSize;
        heap->end = memory;
      }
      if (top == heap->end) { // memory may not grow further than there are marks
        if (__builtin_wasm_memory_grow(0, 1) == size_t(-1))
          return nullptr;
        top = memory;
        heap->end = memory + uint32_t(kMemoryUnit);
      }
    }
    page = reinterpret_cast<char *>(uintptr_t(top));
    heap->top = top + uint32_t(kPageSize);
  }
  cairn_rt_marks[pageOf(page)] = uint8_t(bin + 1);
  countBytes(heap, kSlabBytes);
  return page;
}

void giveSlab(Heap *heap, SlabHead *slab) {
  if (chunkCalls) {
    chunkCalls->giveSlab(heap, slab);
    return;
  }
  heap = defaultHeap();
  cairn_rt_marks[pageOf(slab)] = kFreePage;
  *reinterpret_cast<void **>(slab) = heap->freePages;
  heap->freePages = slab;
  countBytes(heap, -int32_t(kSlabBytes));
}

} // namespace cairn
