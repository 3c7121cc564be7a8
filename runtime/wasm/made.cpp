//===- made.cpp - Heaps beside the default one -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each is a run of the default heap's pages. Its record, its list of free chunks and its
// marks are a chunk of the default heap.
//
//===----------------------------------------------------------------------===//

#include "wasm/space.h"

namespace cairn {

namespace {

constexpr size_t kDefaultSize = size_t(1) << 20;
constexpr size_t kSmallestHeap = size_t(256) << 10;

Heap *newHeap(size_t size, const char *name) {
  uint32_t pages = uint32_t(size >> kPageShift);
  if (faulted(CAIRN_FAULT_METADATA))
    return nullptr;
  size_t records = sizeof(Heap) + sizeof(Space) + pages;
  Heap *heap = static_cast<Heap *>(platform::reserve(records, alignof(Heap)));
  if (!heap)
    return nullptr;
  char *first = faulted(CAIRN_FAULT_REGION)
                    ? nullptr
                    : takePages(defaultHeap(), uint32_t(size), kMemoryUnit, kOtherHeapPage);
  if (!first) {
    platform::release(heap, records);
    return nullptr;
  }
  countBytes(defaultHeap(), int32_t(size));
  Space *space = reinterpret_cast<Space *>(heap + 1);
  heap->name = name;
  heap->first = uint32_t(reinterpret_cast<uintptr_t>(first));
  heap->end = uint32_t(heap->first + size);
  heap->table = reinterpret_cast<uint8_t *>(space + 1) - heap->firstPage();
  startSpace(heap, space);
  heap->next = madeHeaps;
  madeHeaps = heap;
  return heap;
}

} // namespace

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
  if (!*at || heap->borrows) {
    fail(CAIRN_ERROR_USAGE, h, "not a heap, or destroyed already");
    return;
  }
  *at = heap->next;
  uint32_t size = heap->end - heap->first;
  givePages(defaultHeap(), reinterpret_cast<char *>(uintptr_t(heap->first)), size);
  countBytes(defaultHeap(), -int32_t(size));
  platform::release(heap, 0);
}

} // extern "C"
