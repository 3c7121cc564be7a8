//===- slots.cpp - The cold side of the fast paths -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

extern "C" CAIRN_API constinit cairn::Heap cairn_default_heap_object = {};

namespace cairn {

namespace {

/// A new slab's slots as a list, in ascending order; null when the heap is full.
void *makeSlab(Heap *heap, unsigned bin) {
  if (faulted(CAIRN_FAULT_SLAB))
    return nullptr;
  Kind kind = Kind(bin / kClasses);
  size_t slot = slotSize(bin);
  uint32_t pages = slabPages(slot);
  uint32_t page = takePages(heap, pages, pages, bin + 1, bin + 1);
  if (!page)
    return nullptr;
  char *p = pageAt(page) + slabStart(kind) + linkOffset(kind);
  void *first = p;
  for (uint32_t left = slotsOf(bin);; p += slot) {
    // Memory that had another use must not read as a live object.
    if (kind != kRaw)
      *reinterpret_cast<uint32_t *>(p - linkOffset(kind)) = 0;
    if (kind == kObject) // nor as an array
      *reinterpret_cast<uint32_t *>(p - 4) = 0;
    if (!--left)
      break;
    *reinterpret_cast<void **>(p) = p + slot;
  }
  *reinterpret_cast<void **>(p) = nullptr;
  return first;
}

} // namespace

void *allocateSlotAny(Heap *heap, unsigned bin) {
  void *&head = fast::head(&heap->bins, bin);
  if (!head) {
    ++heap->slowPaths;
    head = makeSlab(heap, bin);
  }
  return fast::pop(&heap->bins, bin);
}

void freeSlot(Heap *heap, unsigned bin, void *link) {
  void *&head = fast::head(&heap->bins, bin);
  *static_cast<void **>(link) = head;
  head = link;
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_COLD void *cairn_rt_refill(uintptr_t bin, void *heap) {
  return allocateSlotAny(orDefault(heap), unsigned(bin));
}

CAIRN_COLD void *cairn_rt_refill_or_fail(uintptr_t bin, void *heap) {
  Heap *h = orDefault(heap);
  for (;;) {
    if (void *link = allocateSlotAny(h, unsigned(bin)))
      return link;
    outOfMemory(h, slotSize(unsigned(bin)));
  }
}

} // extern "C"
