//===- checked.h - Heaps that check every operation -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A checked heap has no owner in its slabs and nothing in any thread's hand, so
// that every inlined fast path, compiled as it may be, leaves for the cold path.
// There, under one lock, a word for each slot says whether it is given out and who made and
// released it (origin.h), and freed slots wait in a queue before they are used again. Raw blocks
// that calls give have a red zone (redzone.h), and the word says which these are. Inlined code
// asks for a whole slot, and gets a wider one, whose last bytes are its red zone.
//
// Large raw blocks that were freed wait in a queue as well: their runs stay used, and are
// of kind kHeld. It is under the heap's lock, that of slots under the central cache's.
//
// All that waits is filled (poison.h), and looked at when its time is over.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_CHECKED_H
#define CAIRN_HEAP_CHECKED_H

#include "heap/heap.h"
#include "heap/redzone.h"

namespace cairn {

/// Bytes at the end of each slot of objects, and of those that inlined code was given.
constexpr size_t kObjectZone = 8;
/// Bytes before the first slot of a slab, at least, that nobody writes. Small heaps have none.
constexpr size_t kGapBefore = 64;
/// Blocks up to this size are filled when they are given out.
constexpr uint64_t kLargestFilled = uint64_t(1) << 20;
/// Bytes of an object's slot that are the object's.
inline uint64_t ownBytes(const Slab *slab) {
  bool zone = slab->shared->heap->checked && kindOf(slab) == kObject;
  return slab->slotSize - (zone ? kObjectZone : 0);
}
/// The bin that serves a bin's slots with such a zone; kBins if none does.
unsigned widerBin(unsigned bin);
inline bool hasNoWider(unsigned bin) { return widerBin(bin) == kBins; }
/// Bytes of slots that may wait in a heap: CAIRN_QUARANTINE, or a default.
uint64_t mostHeldBack(uint64_t region);

/// Bytes of records that a checked heap needs beside a heap's, and their set-up in
/// zeroed memory; false when out of memory. Under processLock.
size_t checkedRecordBytes(size_t region);
bool makeChecked(Heap *heap, char *records);

/// A slot.
void *checkedAllocate(Heap *heap, unsigned bin);
/// A raw block of the stamp's bytes at a multiple of `align`, with a red zone; null when full.
void *checkedAllocateRaw(Heap *heap, const Stamp &stamp, size_t align);
/// A live raw block is one of an operator new that gives such blocks (Stamp::code).
void noteCode(void *p, unsigned code);
/// Frees slot i, or reports why not. `link` is its own. `ref` is the dead object in it,
/// whose count stays readable as 0, or null.
void checkedFree(Slab *slab, unsigned i, void *link, void *ref = nullptr);
/// What an origin says of an end that the calling thread brings about now.
uint64_t goneNow(Thread *thread);
/// Frees slot i of a checked heap, which holds a dead plain object up to byte `end` and no more:
/// what lies behind that is looked at. `gone`: goneNow(). The caller ends with afterFrees().
void checkedFreePlain(Heap *heap, Slab *slab, unsigned i, void *ref, uint64_t end, uint64_t gone);
/// What is left to do where nothing is locked.
void afterFrees(Heap *heap);
/// How an operator delete was called: with which alignment (0: none), and as which of
/// kFromNew and kFromNewArray, or 0 where both will do.
struct Deleted {
  size_t align;
  unsigned form;
};
/// Frees a raw block as `cairn_free` does, but reports, and keeps, one that is not of `*size`
/// bytes, or was made by another operator new, where those are given (raw.cpp).
void freeAs(void *p, const uint64_t *size, const Deleted *by);
/// Whether the slot is given out, and whether it has a red zone.
bool checkedLive(const Slab *slab, unsigned index);
bool hasRedZone(const Slab *slab, unsigned index);
/// Gives all that waits in the queues back; true if there was something. In heaps that are not
/// checked, dead guarded blocks wait (heap/guard.h).
bool releaseHeldBack(Heap *heap);

/// Under the heap's lock. A raw run of a checked heap has been taken, or has another length;
/// it is freed, and waits if it is not too large.
void stampLarge(Heap *heap, uint64_t granule, unsigned code);
/// `array`: it was an object, and an array; null for others.
void holdLarge(Heap *heap, uint64_t granule, const void *array = nullptr);
/// Frees the run of a large object, under no lock.
void checkedFreeLarge(Heap *heap, uint64_t granule, const void *array);
/// Looks at all that waits: under the central cache's lock, under the heap's.
void inspectHeld(Heap *heap);
void inspectHeldLarge(Heap *heap);

//===- inspect.cpp: what was written where it must not be -------------------===//

/// Fills the bytes before the first block of a slab, or of a region, which are never given out.
void fillGap(Heap *heap, char *block, uint64_t bytes);
/// Reports them if they were written to. Under no lock.
void inspectGap(Heap *heap, char *block, uint64_t bytes);

/// What is wrong with a red zone.
struct Overwritten {
  char *block = nullptr; ///< Null: nothing is.
  uint64_t size = 0, at = 0;
  bool stampGone = false;
  const char *what = "a block";
  bool before = false;
};
/// The red zone of a live block with a stamp. `from`: bytes of the block that are not to be read.
Overwritten lookBehind(char *p, uint64_t extent, uint64_t from = 0);
/// Reports it. Under no lock.
void report(const Overwritten &found);
/// The two together. Under no lock.
void inspectBlock(char *p, uint64_t extent);
/// The same of bytes [from, to) of the slot at p, which nobody writes: they are as the slot was
/// filled when it was given out. Of the slot, `header` bytes come before the object.
void inspectZone(char *p, uint64_t header, uint64_t from, uint64_t to, uint64_t fresh);
/// Where a block that waited was written to, until it is reported. Written under a lock.
struct WriteAfterFree {
  char *block;
  uint64_t at;
};
/// Looks at a block that waited, of which `extent` bytes from `from` on were filled.
/// `gap`: four bytes of them that may be 0; or null. `word`: what they were filled with.
void inspectFreed(char *from, uint64_t extent, char *gap, uint64_t word, WriteAfterFree &found);
/// Reports it, once. Under no lock.
void reportWriteAfterFree(Heap *heap);
/// Looks at all live blocks and all that wait; true if nothing was written to them that must
/// not be. Reports the first block that was.
bool inspect(Heap *heap);
/// The same for every heap there is, when nobody destroys one.
void inspectAll();

//===- fault.cpp: accesses that the system refuses ---------------------------===//

/// From the first checked heap, or the first with guarded blocks, on: a fault at an address that
/// was read from freed memory, or at a guarded block, is explained before the process ends.
void watchFaults();
/// The same of what AddressSanitizer reports: which block it was, who made and who released it.
void watchReports();

} // namespace cairn

#endif // CAIRN_HEAP_CHECKED_H
