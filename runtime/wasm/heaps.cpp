//===- heaps.cpp - Making, finding and destroying heaps -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The default heap is all of linear memory behind the program's data.
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

namespace cairn {

Heap *madeHeaps;

namespace {

struct {
  uint64_t count, failAt;
} faults[4];
bool faultsWanted; ///< By a test: else nothing is counted.

} // namespace

Heap *heapOf(const void *p) {
  if (!defaultHeap()->contains(p))
    return nullptr;
  unsigned mark = cairn_rt_marks[pageOf(p)];
  if (mark == kForeignPage)
    return nullptr;
  if (mark == kChunkPage || mark == kTailPage)
    return chunkCalls->ownerOf(p);
  if (mark != kOtherHeapPage)
    return defaultHeap();
  Heap *heap = madeHeaps;
  while (heap && !heap->contains(p))
    heap = heap->next;
  return heap;
}

uint32_t heapCount() {
  uint32_t n = 1;
  for (Heap *heap = madeHeaps; heap; heap = heap->next)
    ++n;
  return n;
}

Heap *heapAt(uint32_t i) {
  Heap *heap = i ? madeHeaps : defaultHeap();
  while (i > 1) {
    heap = heap->next;
    --i;
  }
  return heap;
}

bool faulted(cairn_fault kind) {
  return faultsWanted && ++faults[kind].count == faults[kind].failAt;
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API cairn_heap *cairn_heap_default(void) {
  return reinterpret_cast<cairn_heap *>(defaultHeap());
}

CAIRN_API cairn_heap *cairn_heap_of(const void *p) {
  return reinterpret_cast<cairn_heap *>(heapOf(p));
}

CAIRN_API void *cairn_heap_base(const cairn_heap *h) {
  const Heap *heap = reinterpret_cast<const Heap *>(h);
  if (heap != defaultHeap())
    return reinterpret_cast<void *>(uintptr_t(heap->first));
  // Program data, or nothing that was given out, lies there.
  return reinterpret_cast<void *>((reinterpret_cast<uintptr_t>(__heap_base) - 1) &
                                  ~uintptr_t(65535));
}

CAIRN_API size_t cairn_heap_size(const cairn_heap *h) {
  Heap *heap = reinterpret_cast<Heap *>(const_cast<cairn_heap *>(h));
  size_t before = heap == defaultHeap() ? reinterpret_cast<uintptr_t>(cairn_heap_base(h)) : 0;
  return heap->limit() - before;
}

/// Linear memory cannot be given back; whole slabs can, to other classes.
CAIRN_API size_t cairn_heap_trim(cairn_heap *heap) { return sweep(orDefault(heap)); }

/// Nothing is reserved here: memory grows.
CAIRN_API size_t cairn_trim_reserve(void) { return 0; }

CAIRN_API void cairn_fault_set(cairn_fault kind, uint64_t k) {
  faultsWanted = true;
  faults[kind] = {0, k};
}

CAIRN_API uint64_t cairn_fault_count(cairn_fault kind) { return faults[kind].count; }

CAIRN_API const char *cairn_version(void) { return CAIRN_VERSION; }

} // extern "C"
