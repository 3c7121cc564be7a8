//===- pages.cpp - Slabs and runs of pages -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

namespace cairn {

bool largeMade;
bool (*borrowPages)(Heap *heap, uint32_t n, uint32_t align);

/// For programs without reports; stats.cpp has one that counts.
__attribute__((weak)) void countPages(Heap *, int32_t) {}

namespace {

constexpr uint32_t roundUp(uint32_t n, uint32_t to) { return (n + to - 1) & ~(to - 1); }

bool growMemory(uint32_t units) { return __builtin_wasm_memory_grow(0, units) != size_t(-1); }

/// Makes room at the end of memory for n pages at a multiple of align, or takes what is
/// there for the first time: it is called until the pages are found. False if memory may
/// not grow so far, which is as far as there are marks.
bool grow(Heap *heap, uint32_t n, uint32_t align) {
  if (heap != defaultHeap())
    return borrowPages && heap->borrows && borrowPages(heap, n, align);
  uint32_t units = __builtin_wasm_memory_size(0), memory = units * kWasmPages;
  uint32_t from = heap->firstPage(); // the first use: what lies behind the program's data
  if (heap->end) {
    // What is free at the end counts, if nobody else has grown memory since. For a slab
    // it is next to nothing.
    uint32_t last = from = memory;
    if (largeMade && memory == heap->end)
      while (cairn_rt_marks[last - 1] == kFreePage)
        --last;
    uint32_t need = (roundUp(last, align) + n - memory + kWasmPages - 1) / kWasmPages;
    uint32_t wish = need + units / 8;
    if (!growMemory(wish) && (wish = need, !growMemory(wish)))
      return false;
    memory = (units + wish) * kWasmPages;
  }
  __builtin_memset(cairn_rt_marks + from, kFreePage, memory - from);
  heap->end = memory;
  return true;
}

/// The first of n free pages at a multiple of align in [from, to); 0 if there are none.
uint32_t findRun(const uint8_t *marks, uint32_t n, uint32_t align, uint32_t from, uint32_t to) {
  uint32_t at = roundUp(from, align);
  while (at + n <= to) {
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

/// The same in all of the heap, from where the last search ended: holes that are too
/// small are not looked at again and again.
uint32_t findRun(Heap *heap, uint32_t n, uint32_t align) {
  const uint8_t *marks = heap->marks();
  uint32_t page = findRun(marks, n, align, heap->rover, heap->end);
  if (page || !heap->rover)
    return page;
  uint32_t to = heap->rover + n + align;
  return findRun(marks, n, align, heap->firstPage(), to < heap->end ? to : heap->end);
}

/// A slab's marks, read at once.
using Group = uint32_t;
static_assert(sizeof(Group) == kSlabPages);
constexpr Group kEach = 0x01010101;

uint32_t findSlab(Heap *heap) {
  const uint8_t *marks = heap->marks();
  for (uint32_t page = heap->lowSlab; page < heap->end; page += kSlabPages)
    if (*reinterpret_cast<const Group *>(marks + page) == kEach * kFreePage)
      return page;
  return 0;
}

} // namespace

uint32_t takeSlab(Heap *heap, unsigned bin) {
  uint32_t page;
  bool swept = false;
  while (!(page = findSlab(heap))) {
    if (!swept)
      sweep(heap);
    else if (!grow(heap, kSlabPages, kSlabPages))
      return 0;
    swept = true;
  }
  *reinterpret_cast<Group *>(heap->marks() + page) = kEach * (bin + 1);
  countPages(heap, kSlabPages);
  heap->lowSlab = page + kSlabPages;
  return page;
}

uint32_t takePages(Heap *heap, uint32_t n, uint32_t align, unsigned mark, unsigned tail) {
  largeMade = true;
  uint32_t page;
  bool swept = false;
  while (!(page = findRun(heap, n, align))) {
    if (!swept)
      sweep(heap);
    else if (!grow(heap, n, align))
      return 0;
    swept = true;
  }
  uint8_t *marks = heap->marks();
  __builtin_memset(marks + page, int(tail), n);
  marks[page] = uint8_t(mark);
  countPages(heap, int32_t(n));
  heap->rover = page + n;
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
  countPages(heap, int32_t(n));
  return true;
}

void givePages(Heap *heap, uint32_t page, uint32_t n) {
  if (borrowPages && heap->borrows) {
    __builtin_memset(heap->marks() + page, kForeignPage, n);
    countPages(heap, -int32_t(n));
    heap = defaultHeap();
  }
  __builtin_memset(heap->marks() + page, kFreePage, n);
  countPages(heap, -int32_t(n));
  if (page < heap->lowSlab)
    heap->lowSlab = page & ~(kSlabPages - 1);
}

void sweep(Heap *heap) {
  for (void **head = &fast::head(&heap->bins, 0), **end = head + kBins; head != end; ++head) {
    void **at = head;
    for (void *p = *at; p; p = *static_cast<void **>(p))
      ++*slabWord(p);
    while (void *p = *at) {
      uint32_t *word = slabWord(p);
      uint32_t slots = *word >> 16;
      if (uint16_t(*word) < slots) { // from its first slot on it counts 0
        *word = slots << 16;
        at = static_cast<void **>(p);
        continue;
      }
      *at = *static_cast<void **>(p);
      if (slots) { // the slab's first: from now on its word is 0, for the others to go too
        *word = 0;
        givePages(heap, pageOf(word), kSlabPages);
      }
    }
  }
}

} // namespace cairn
