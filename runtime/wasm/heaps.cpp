//===- heaps.cpp - Making, finding and destroying heaps -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The default heap is all of linear memory behind the program's data. Other heaps are
// runs of its pages.
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

Heap *madeHeaps;

namespace {

constexpr size_t kDefaultSize = size_t(1) << 20;
constexpr size_t kSmallestHeap = size_t(256) << 10;

struct {
  uint64_t count, failAt;
} faults[4];
bool faultsWanted; ///< By a test: else nothing is counted.

char *metadataAt;
size_t metadataLeft;

Heap *newHeap(size_t size, const char *name) {
  uint32_t pages = uint32_t(size >> kPageShift);
  if (faulted(CAIRN_FAULT_METADATA))
    return nullptr;
  size_t records = sizeof(Heap) + pages;
  Heap *heap = static_cast<Heap *>(platform::reserve(records, kPageSize));
  if (!heap)
    return nullptr;
  uint32_t page = faulted(CAIRN_FAULT_REGION)
                      ? 0
                      : takePages(defaultHeap(), pages, kWasmPages, kOtherHeapPage, kOtherHeapPage);
  if (!page) {
    platform::release(heap, records);
    return nullptr;
  }
  heap->name = name;
  heap->first = page;
  heap->end = page + pages;
  heap->used = kSlabPages;
  heap->table = reinterpret_cast<uint8_t *>(heap + 1) - page;
  __builtin_memset(heap->table + page, kFreePage, pages);
  // Nothing starts where the heap does, so that an offset of 0 can mean "none".
  __builtin_memset(heap->table + page, kRecordPage, kSlabPages);
  heap->lowSlab = heap->rover = page + kSlabPages;
  heap->next = madeHeaps;
  madeHeaps = heap;
  return heap;
}

} // namespace

Heap *heapOf(const void *p) {
  uint32_t page = pageOf(p);
  if (!defaultHeap()->contains(p))
    return nullptr;
  unsigned mark = cairn_rt_marks[page];
  if (mark != kOtherHeapPage)
    return mark == kForeignPage || mark == kRecordPage ? nullptr : defaultHeap();
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

void *metadata(size_t bytes) {
  bytes = (bytes + 15) & ~size_t(15);
  if (faulted(CAIRN_FAULT_METADATA))
    return nullptr;
  if (bytes > metadataLeft) {
    size_t whole = bytes > kPageSize ? bytes : kPageSize;
    char *p = static_cast<char *>(platform::reserve(whole, kPageSize));
    if (!p)
      return nullptr;
    metadataAt = p;
    metadataLeft = whole;
  }
  char *p = metadataAt;
  metadataAt += bytes;
  metadataLeft -= bytes;
  return p;
}

bool faulted(cairn_fault kind) {
  return faultsWanted && ++faults[kind].count == faults[kind].failAt;
}

namespace platform {

void *reserve(size_t bytes, size_t align, uintptr_t) {
  uint32_t n = uint32_t((bytes + kPageSize - 1) >> kPageShift);
  uint32_t page =
      takePages(defaultHeap(), n, uint32_t(align >> kPageShift), kRecordPage, kRecordPage);
  return page ? __builtin_memset(pageAt(page), 0, n << kPageShift) : nullptr;
}

void release(void *p, size_t bytes) {
  givePages(defaultHeap(), pageOf(p), uint32_t((bytes + kPageSize - 1) >> kPageShift));
}

} // namespace platform

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API cairn_heap *cairn_heap_create(const cairn_heap_options *options) {
  size_t size = options && options->size ? options->size : kDefaultSize;
  if (size > UINT32_MAX - 65535 || (options && options->checked))
    return nullptr;
  size = (size + 65535) & ~size_t(65535);
  if (size < kSmallestHeap)
    size = kSmallestHeap;
  return reinterpret_cast<cairn_heap *>(newHeap(size, options ? options->name : nullptr));
}

CAIRN_API void cairn_heap_destroy(cairn_heap *h) {
  Heap *heap = reinterpret_cast<Heap *>(h);
  if (!heap)
    return;
  if (heap == defaultHeap()) {
    fail(CAIRN_ERROR_USAGE, h, "the default heap is not destroyed");
    return;
  }
  Heap **at = &madeHeaps;
  while (*at && *at != heap)
    at = &(*at)->next;
  if (!*at) {
    fail(CAIRN_ERROR_USAGE, h, "not a heap, or destroyed already");
    return;
  }
  *at = heap->next;
  uint32_t pages = heap->end - heap->first;
  givePages(defaultHeap(), heap->first, pages);
  platform::release(heap, sizeof(Heap) + pages);
}

CAIRN_API cairn_heap *cairn_heap_default(void) {
  return reinterpret_cast<cairn_heap *>(defaultHeap());
}

CAIRN_API cairn_heap *cairn_heap_of(const void *p) {
  return reinterpret_cast<cairn_heap *>(heapOf(p));
}

CAIRN_API void *cairn_heap_base(const cairn_heap *h) {
  const Heap *heap = reinterpret_cast<const Heap *>(h);
  if (heap != defaultHeap())
    return pageAt(heap->first);
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
CAIRN_API size_t cairn_heap_trim(cairn_heap *h) {
  Heap *heap = orDefault(h);
  const uint8_t *marks = heap->marks();
  auto free = [=] {
    size_t n = 0;
    for (uint32_t page = heap->firstPage(); page < heap->end; ++page)
      n += marks[page] == kFreePage;
    return n;
  };
  size_t before = free();
  sweep(heap);
  return (free() - before) << kPageShift;
}

/// Nothing is reserved here: memory grows.
CAIRN_API size_t cairn_trim_reserve(void) { return 0; }

CAIRN_API void cairn_fault_set(cairn_fault kind, uint64_t k) {
  faultsWanted = true;
  faults[kind] = {0, k};
}

CAIRN_API uint64_t cairn_fault_count(cairn_fault kind) { return faults[kind].count; }

CAIRN_API const char *cairn_version(void) { return CAIRN_VERSION; }

} // extern "C"
