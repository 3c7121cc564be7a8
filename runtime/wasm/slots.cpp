//===- slots.cpp - The cold side of the fast paths -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"
#include "wasm/validate.h"

extern "C" CAIRN_API constinit cairn::Heap cairn_default_heap_object = {};

namespace cairn {

namespace {

/// A new slab, its slots a list in ascending order; null when the heap is full.
SlabHead *makeSlab(Heap *heap, unsigned bin) {
  if (faulted(CAIRN_FAULT_SLAB))
    return nullptr;
  char *page = takeSlab(heap, bin);
  if (!page)
    return nullptr;
  Kind kind = Kind(bin / kClasses);
  size_t slot = slotSize(bin);
  char *first = page + slabStart(kind);
  SlabHead *slab = reinterpret_cast<SlabHead *>(page);
  slab->slots = slotsOf(bin);
  slab->every = ~0u / uint32_t(slot) + 1;
  char *p = first + slab->slots * slot;
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
  slab->free = next;
  return slab;
}

void unqueue(SlabHead *slab) {
  CAIRN_ASSERT("queue of slabs", slab, *slab->prev == slab, slab->prev, *slab->prev);
  *slab->prev = slab->next;
  if (slab->next)
    slab->next->prev = slab->prev;
}

/// The list of a bin that has none; null when the heap is full.
void *takeList(Heap *heap, unsigned bin) {
  SlabHead *slab = heap->queue[bin];
  if (slab)
    unqueue(slab);
  else if (!(slab = makeSlab(heap, bin)))
    return nullptr;
  void *list = slab->free;
  CAIRN_ASSERT("slab", slab, list != nullptr, bin);
  slab->free = nullptr;
  slab->credit = 1;
  return list;
}

/// A slab has its first free slot, or only free ones.
void credit(Heap *heap, unsigned bin, SlabHead *slab) {
  SlabHead *&first = heap->queue[bin];
  if (!*static_cast<void **>(slab->free)) {
    slab->credit = slab->slots - 1;
    slab->prev = &first;
    if ((slab->next = first))
      first->prev = &slab->next;
    first = slab;
  } else if (first->next) {
    unqueue(slab);
    giveSlab(heap, slab);
  }
}

} // namespace

void *allocateSlotAny(Heap *heap, unsigned bin) {
  void *&head = fast::head(&heap->bins, bin);
  void *link = head;
  if (!link && !(link = takeList(heap, bin)))
    return nullptr;
  head = *static_cast<void **>(link);
  return link;
}

void *allocateSlotOrSweep(Heap *heap, unsigned bin) {
  validateAtTimes(heap);
  void *link = allocateSlotAny(heap, bin);
  return link || !sweep(heap) ? link : allocateSlotAny(heap, bin);
}

void freeSlot(Heap *heap, unsigned bin, void *link) {
  SlabHead *slab = slabOf(link);
  *static_cast<void **>(link) = slab->free;
  slab->free = link;
  if (CAIRN_UNLIKELY(--slab->credit == 0))
    credit(heap, bin, slab);
}

size_t sweep(Heap *heap) {
  size_t given = 0;
  auto give = [&](SlabHead *slab) {
    giveSlab(heap, slab);
    given += kSlabBytes;
  };
  for (unsigned bin = 0; bin < kBins; ++bin) {
    if (void *&head = fast::head(&heap->bins, bin)) {
      SlabHead *slab = slabOf(head);
      uint32_t free = 0;
      for (void *p = head; p; p = *static_cast<void **>(p))
        ++free;
      // Its own list, if it has one, makes it wait in the queue.
      for (void *p = slab->free; p; p = *static_cast<void **>(p))
        ++free;
      if (free == slab->slots) {
        if (slab->free)
          unqueue(slab);
        head = nullptr;
        give(slab);
      }
    }
    for (SlabHead *slab = heap->queue[bin], *next; slab; slab = next) {
      next = slab->next;
      if (!slab->credit) {
        unqueue(slab);
        give(slab);
      }
    }
  }
  return given;
}

} // namespace cairn

using namespace cairn;

extern "C" {

/// Of the default heap's slabs.
CAIRN_COLD void cairn_rt_credit(Slab *slab) {
  auto *head = reinterpret_cast<SlabHead *>(slab);
  credit(defaultHeap(), fast::markOf(head) - 1u, head);
}

CAIRN_COLD void *cairn_rt_take_slot(uintptr_t bin, void *heap) {
  return allocateSlotOrSweep(orDefault(heap), unsigned(bin));
}

CAIRN_COLD void *cairn_rt_take_slot_or_fail(uintptr_t bin, void *heap) {
  Heap *h = orDefault(heap);
  for (;;) {
    if (void *link = allocateSlotAny(h, unsigned(bin)))
      return link;
    outOfMemory(h, slotSize(unsigned(bin)));
  }
}

} // extern "C"
