//===- checked.h - Heaps that check every operation -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A checked heap has no owner in its slabs and nothing in any thread's hand, so
// that every inlined fast path, compiled as it may be, leaves for the cold path.
// There, under one lock, a bit for each slot says whether it is given out, and
// freed slots wait in a queue before they are used again.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_CHECKED_H
#define CAIRN_HEAP_CHECKED_H

#include "heap/heap.h"

namespace cairn {

/// The bytes that a freed block of a checked heap is filled with.
constexpr int kFreedByte = 0xdd;

/// Bytes of records that a checked heap needs beside a heap's, and their set-up in
/// zeroed memory; false when out of memory. Under processLock.
size_t checkedRecordBytes(size_t region);
bool makeChecked(Heap *heap, char *records);

void *checkedAllocate(Heap *heap, unsigned bin);
/// Frees a slot, or reports why not. `link` is exact. `ref` is the dead object in it,
/// whose count stays readable as 0, or null.
void checkedFree(Slab *slab, void *link, void *ref = nullptr);
/// Whether the slot is given out.
bool checkedLive(const Slab *slab, unsigned index);
/// Gives all that waits in the queue back; true if there was something. False for heaps
/// that are not checked.
bool releaseHeldBack(Heap *heap);

} // namespace cairn

#endif // CAIRN_HEAP_CHECKED_H
