//===- heap.h - The heap where there is one thread -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linear memory from __heap_base on is a row of pages of 4 KiB. One byte for each,
// its mark (fast/wasm.h), says what it holds:
//
//   slab    4 pages of equal slots, at a multiple of 16 KiB; every page is marked with
//           the bin. The first word counts: [slots u16][free slots u16], the second 0
//           but in a sweep.
//   large   a run of pages: kLargePage + kind, kTailPage ...
//   free    kFreePage; neighbours need no merging
//
// A bin's free slots are one list through all its slabs. A slab is not known to be
// empty until a sweep counts the lists, which happens when there is no free page and
// memory would have to grow; it grows by an eighth at least, so that sweeps cost a
// constant part of what is freed.
//
// Invariant: a slot is live, or in its bin's list once. The count of a free slot of
// objects is 0. Threat: the program writes over a free slot; its list is then looked
// at by cairn_heap_check only. Threat: something else grows memory (sbrk, the host).
// What we did not get from memory.grow ourselves keeps the mark kForeignPage.
//
// Every other heap is a run of the default heap's pages with marks of its own; in the
// default heap's they are kOtherHeapPage, which sends each inlined free to the cold path.
//
// What most programs do not use is switched by a variable that only they set: linked
// with everything known, the test of it and what it guards are not in the module.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_WASM_HEAP_H
#define CAIRN_WASM_HEAP_H

#include "cairn.h"
#include "fast/fast.h"
#include "platform/platform.h"

/// A function or variable of the public interface.
#define CAIRN_API __attribute__((visibility("default")))

extern "C" {
extern unsigned char __heap_base[];
/// The number of marks: pages up to the most that memory may grow to. The driver
/// defines both to the program's wish.
extern const uint32_t cairn_rt_mark_count;
}

namespace cairn {

constexpr size_t kGranule = kPageSize;             ///< What large blocks are rounded up to.
constexpr uint32_t kWasmPages = 65536 / kPageSize; ///< Pages in what memory.grow counts.
constexpr uint32_t kSlabPages = 4;
constexpr size_t kSlabBytes = kSlabPages * kPageSize;
/// The most that a block may ask for.
constexpr size_t kMostAlign = size_t(1) << 20;

struct Heap {
  Bins bins;        ///< First, for inlined code: heads of free lists.
  uint32_t end;     ///< Its pages lie below; 0 before the default heap's first use.
  uint32_t lowSlab; ///< No slab's worth of free pages starts below it.
  uint32_t rover;   ///< Where the last run of pages that was taken ends.
  uint32_t first;   ///< Made heaps: its pages are [first, end).
  uint8_t *table;   ///< Made heaps: marks by page number.
  /// The C library's: each of its slabs and large blocks is a run that it borrows of the
  /// default heap, and gives back.
  bool borrows;
  Heap *next; ///< In the list of made heaps.
  const char *name;
  cairn_oom_handler oom;
  void *oomContext;
  uint32_t used, peak; ///< Pages, where they are counted (countPages).
  uint32_t slabsMade;
  /// Whether memory is also written by those who do not know what lies where. Its
  /// contents are believed here: a wrong link traps, or stays in the module's memory.
  static constexpr bool exposed = false;

  uint8_t *marks();
  uint32_t firstPage() const;
  bool contains(const void *p) const;
  /// The most bytes that it can have.
  size_t limit() const;
};

inline Heap *defaultHeap() { return &cairn_default_heap_object; }
inline Heap *orDefault(void *heap) { return heap ? static_cast<Heap *>(heap) : defaultHeap(); }
inline uint8_t *Heap::marks() { return this == defaultHeap() ? cairn_rt_marks : table; }
inline uint32_t Heap::firstPage() const {
  return this == defaultHeap()
             ? uint32_t((reinterpret_cast<uintptr_t>(__heap_base) + kSlabBytes - 1) / kSlabBytes) *
                   kSlabPages
             : first;
}
inline bool Heap::contains(const void *p) const {
  uint32_t page = uint32_t(reinterpret_cast<uintptr_t>(p) >> kPageShift);
  return page >= firstPage() && page < end && !(borrows && table[page] == kForeignPage);
}
inline size_t Heap::limit() const {
  return this == defaultHeap() ? size_t(cairn_rt_mark_count) << kPageShift
                               : size_t(end - first) << kPageShift;
}
inline uint32_t pageOf(const void *p) {
  return uint32_t(reinterpret_cast<uintptr_t>(p) >> kPageShift);
}
inline char *pageAt(uint32_t page) {
  return reinterpret_cast<char *>(uintptr_t(page) << kPageShift);
}

//===- Slabs ----------------------------------------------------------------===//

inline bool isSlab(unsigned mark) { return mark - 1 < kBins; }
inline bool isLarge(unsigned mark) { return mark - kLargePage < kKinds; }
/// Of a slab's or a large block's mark.
inline Kind kindOf(unsigned mark) {
  return isLarge(mark) ? Kind(mark - kLargePage) : Kind((mark - 1) / kClasses);
}
CAIRN_FAST size_t slotSize(unsigned bin) { return sizeOfClass(bin % kClasses); }

/// From a slot's first byte to its free-list link.
constexpr size_t linkOffset(Kind kind) { return kind == kObject ? 8 : kind == kByteArray ? 4 : 0; }
/// Slot 0's offset modulo 16.
constexpr size_t slotPhase(Kind kind) { return kind == kObject ? 8 : kind == kByteArray ? 4 : 0; }
/// Where slot 0 lies in a slab, behind its word.
constexpr size_t slabStart(Kind kind) { return kind == kRaw ? 16 : slotPhase(kind); }
CAIRN_FAST uint32_t slotsOf(unsigned bin) {
  return uint32_t((kSlabBytes - slabStart(Kind(bin / kClasses))) / slotSize(bin));
}
/// The slab that p lies in.
inline char *slabOf(const void *p) {
  return reinterpret_cast<char *>(reinterpret_cast<uintptr_t>(p) & ~(kSlabBytes - 1));
}
inline uint32_t *slabWord(const void *p) { return reinterpret_cast<uint32_t *>(slabOf(p)); }

//===- heaps.cpp ------------------------------------------------------------===//

/// The heap that has p's page; null if none has. Looks at made heaps only where there
/// are some.
Heap *heapOf(const void *p);
extern Heap *madeHeaps; ///< The heaps beside the default one.
Heap *heapAt(uint32_t i);
uint32_t heapCount();
/// Memory for records, never given back; null if refused.
void *metadata(size_t bytes);
/// Counts a request and says whether the tests want it to fail.
bool faulted(cairn_fault kind);

//===- pages.cpp ------------------------------------------------------------===//

/// A slab's first page, now marked as the bin's; 0 if there is none.
uint32_t takeSlab(Heap *heap, unsigned bin);
/// The first of `n` pages, at a multiple of `align`, now marked `mark` and then `tail`;
/// 0 if there are none.
uint32_t takePages(Heap *heap, uint32_t n, uint32_t align, unsigned mark, unsigned tail);
/// Adds the n pages from `page` on to the run before them, if they are free.
bool extendPages(Heap *heap, uint32_t page, uint32_t n, unsigned mark);
/// Gives back n pages.
void givePages(Heap *heap, uint32_t page, uint32_t n);
/// Gives the slabs without a live slot back.
void sweep(Heap *heap);
/// Set by the first large block, or run of records.
extern bool largeMade;
/// Gets a borrowing heap n free pages; null in a program that has none.
extern bool (*borrowPages)(Heap *heap, uint32_t n, uint32_t align);
/// Counts pages taken (or given, below 0): nothing in a program without reports.
void countPages(Heap *heap, int32_t n);

//===- slots.cpp ------------------------------------------------------------===//

/// A slot of this bin as its link address; null when the heap is full.
void *allocateSlotAny(Heap *heap, unsigned bin);
/// Bytes of the slot at this link, one of class `cls`.
inline size_t slotBytes(const void *, unsigned cls) { return sizeOfClass(cls); }
void freeSlot(Heap *heap, unsigned bin, void *link);

//===- large.cpp: blocks over kMaxSmall -------------------------------------===//

void *allocateLarge(Heap *heap, Kind kind, uint64_t bytes, size_t align, bool *zero = nullptr);
/// Pages of the run that starts at `page`.
uint32_t largePages(Heap *heap, uint32_t page);
void freeLarge(Heap *heap, uint32_t page);

//===- place.cpp: from an address to what lies there ------------------------===//

/// Memory that a slot or a large block has, live or not.
struct Block {
  Heap *heap = nullptr; ///< Null: none.
  char *slot = nullptr;
  size_t size = 0; ///< Bytes from `slot`.
  unsigned mark = 0;
};
/// What p points into.
Block blockAt(const void *p);
/// The reference that an object in this block has, or would have.
char *referenceIn(const Block &block);

using ObjectPlace = Block;
inline uint64_t extentOf(const ObjectPlace &place, Kind) { return place.size; }
inline Kind kindAt(const ObjectPlace &place) { return kindOf(place.mark); }

/// Set by the first byte array, and type that is registered or that arrays are made of:
/// else the drop of those is not in the module.
extern bool widerShapes;
inline void noteShape() { widerShapes = true; }

//===- report.cpp -----------------------------------------------------------===//

/// As cairn_heap_walk, from the slab or large block on that `from` lies in.
void walkFrom(Heap *heap, const void *from, bool (*visit)(const cairn_block *, void *),
              void *context);

//===- error.cpp ------------------------------------------------------------===//

/// `what` may be null: then the kind says it.
void fail(cairn_error_kind kind, const void *p, const char *what);
/// Calls the heap's handler: true to try again. Does not return if there is none.
bool outOfMemory(Heap *heap, uint64_t request);
/// Null in a program that sets no handler.
extern bool (*callHandler)(Heap *heap, size_t request);

} // namespace cairn

#endif // CAIRN_WASM_HEAP_H
