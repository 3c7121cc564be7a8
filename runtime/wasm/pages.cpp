//===- pages.cpp - Runs of pages -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

namespace cairn {

namespace {

constexpr uint32_t roundUp(uint32_t n, uint32_t to) { return (n + to - 1) & ~(to - 1); }

/// The lowest n free pages at a multiple of align; 0 if there are none.
uint32_t find(Heap *heap, uint32_t n, uint32_t align) {
  if (heap->free < n)
    return 0;
  const uint8_t *marks = heap->marks();
  uint32_t at = roundUp(heap->low, align);
  while (at + n <= heap->end) {
    // From the run's end: one page in use there rules out all that lie before it.
    uint32_t i = n;
    while (i && marks[at + i - 1] == kFreePage)
      --i;
    if (!i)
      return at;
    at = roundUp(at + i, align);
  }
  return 0;
}

/// Makes room for n pages at a multiple of align at the end of memory. False if it
/// may not grow so far.
bool grow(Heap *heap, uint32_t n, uint32_t align) {
  if (heap != defaultHeap())
    return false;
  uint8_t *marks = cairn_rt_marks;
  uint32_t memory = __builtin_wasm_memory_size(0) * kWasmPages;
  if (!heap->end) {
    // The first use: what lies behind the program's data.
    heap->first = heap->low = heap->end =
        uint32_t((reinterpret_cast<uintptr_t>(__heap_base) + kPageSize - 1) >> kPageShift);
    if (heap->end < memory) {
      __builtin_memset(marks + heap->end, kFreePage, memory - heap->end);
      heap->free = memory - heap->end;
      heap->end = memory;
    }
  }
  // What is free at the end counts, if nobody else has grown memory since.
  uint32_t last = memory;
  if (memory == heap->end)
    while (last > heap->low && marks[last - 1] == kFreePage)
      --last;
  uint32_t need = roundUp(last, align) + n;
  if (need <= memory) // the first use may have found enough
    return true;
  if (need > cairn_rt_mark_count)
    return false;
  need = (need - memory + kWasmPages - 1) / kWasmPages;
  uint32_t wish = memory / kWasmPages / 8;
  if (wish < need || __builtin_wasm_memory_grow(0, wish) == size_t(-1)) {
    wish = need;
    if (__builtin_wasm_memory_grow(0, need) == size_t(-1))
      return false;
  }
  wish *= kWasmPages;
  __builtin_memset(marks + memory, kFreePage, wish);
  heap->free += wish;
  heap->end = memory + wish;
  return true;
}

void countTaken(Heap *heap, uint32_t page, uint32_t n) {
  heap->free -= n;
  if (page == heap->low)
    heap->low = page + n;
  uint32_t used = heap->end - heap->first - heap->free;
  if (used > heap->peak)
    heap->peak = used;
}

} // namespace

uint32_t takePages(Heap *heap, uint32_t n, uint32_t align, unsigned mark, unsigned tail) {
  uint32_t page;
  bool swept = false;
  while (!(page = find(heap, n, align))) {
    if (!swept) {
      swept = true;
      if (sweep(heap))
        continue;
    }
    if (!grow(heap, n, align))
      return 0;
  }
  uint8_t *marks = heap->marks();
  __builtin_memset(marks + page, int(tail), n);
  marks[page] = uint8_t(mark);
  countTaken(heap, page, n);
  return page;
}

bool extendPages(Heap *heap, uint32_t page, uint32_t n, unsigned mark) {
  uint8_t *marks = heap->marks();
  if (heap->end - page < n)
    return false;
  for (uint32_t i = 0; i < n; ++i)
    if (marks[page + i] != kFreePage)
      return false;
  __builtin_memset(marks + page, int(mark), n);
  countTaken(heap, page, n);
  return true;
}

void givePages(Heap *heap, uint32_t page, uint32_t n) {
  __builtin_memset(heap->marks() + page, kFreePage, n);
  heap->free += n;
  if (page < heap->low)
    heap->low = page;
}

bool sweep(Heap *heap) {
  uint32_t before = heap->free;
  for (unsigned bin = 0; bin < kBins; ++bin) {
    void *&head = fast::head(&heap->bins, bin);
    if (!head)
      continue;
    // Each slab's free slots are counted in its first word.
    auto counter = [bin](void *link) { return reinterpret_cast<uint32_t *>(slabOf(link, bin)); };
    for (void *p = head; p; p = *static_cast<void **>(p))
      *counter(p) = 0;
    for (void *p = head; p; p = *static_cast<void **>(p))
      ++*counter(p);
    uint32_t slots = slotsOf(bin), pages = slabPages(slotSize(bin));
    void **at = &head;
    while (void *p = *at) {
      uint32_t *count = counter(p);
      if (*count < slots) {
        at = static_cast<void **>(p);
        continue;
      }
      *at = *static_cast<void **>(p);
      if (*count == slots) { // the first of its slots: the others are met as well
        *count = slots + 1;
        givePages(heap, pageOf(count), pages);
      }
    }
  }
  return heap->free != before;
}

} // namespace cairn
