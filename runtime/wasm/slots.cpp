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
  uint32_t page = takeSlab(heap, bin);
  if (!page)
    return nullptr;
  uint32_t slots = slotsOf(bin);
  char *base = pageAt(page), *first = base + slabStart(kind), *p = first + slots * slot;
  reinterpret_cast<uint32_t *>(base)[0] = slots << 16;
  if (kind == kObject) // a multiple n of the slot's size has n * this < this
    reinterpret_cast<uint32_t *>(base)[1] = ~0u / uint32_t(slot) + 1;
  // From the last to the first, so that the list ascends.
  void *next = nullptr;
  while (p != first) {
    p -= slot;
    // Memory that had another use must not read as a live object, or an array.
    if (kind == kObject)
      *reinterpret_cast<uint64_t *>(p) = 0;
    else if (kind == kByteArray)
      *reinterpret_cast<uint32_t *>(p) = 0;
    *reinterpret_cast<void **>(p + linkOffset(kind)) = next;
    next = p + linkOffset(kind);
  }
  return next;
}

} // namespace

void *allocateSlotAny(Heap *heap, unsigned bin) {
  void *&head = fast::head(&heap->bins, bin);
  void *link = head;
  if (!link && !(link = makeSlab(heap, bin)))
    return nullptr;
  head = *static_cast<void **>(link);
  return link;
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
