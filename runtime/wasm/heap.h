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
//   slab    1 or 4 pages of equal slots, at a multiple of its size; every page is
//           marked with the bin. The first word is the sweep's.
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
/// The most that a block may ask for.
constexpr size_t kMostAlign = size_t(1) << 20;

struct Heap {
  Bins bins;      ///< First, for inlined code: heads of free lists.
  uint32_t first; ///< Pages [first, end) are the heap's; 0 before the first use.
  uint32_t end;
  uint32_t free;  ///< Free pages.
  uint32_t low;   ///< No page below it is free.
  uint32_t peak;  ///< The most pages in use.
  uint8_t *table; ///< Marks by page number; the default heap's are cairn_rt_marks.
  Heap *next;     ///< In the list of made heaps.
  const char *name;
  cairn_oom_handler oom;
  void *oomContext;
  uint64_t slowPaths;
  /// Whether memory is also written by those who do not know what lies where. Its
  /// contents are believed here: a wrong link traps, or stays in the module's memory.
  static constexpr bool exposed = false;

  uint8_t *marks();
  bool contains(const void *p) const {
    uint32_t page = uint32_t(reinterpret_cast<uintptr_t>(p) >> kPageShift);
    return page >= first && page < end;
  }
  /// The most bytes that it can have.
  size_t limit();
};

inline Heap *defaultHeap() { return &cairn_default_heap_object; }
inline Heap *orDefault(void *heap) { return heap ? static_cast<Heap *>(heap) : defaultHeap(); }
inline uint8_t *Heap::marks() { return this == defaultHeap() ? cairn_rt_marks : table; }
inline size_t Heap::limit() {
  return this == defaultHeap() ? size_t(cairn_rt_mark_count) << kPageShift
                               : size_t(end - first) << kPageShift;
}

inline size_t usedBytes(const Heap *heap) {
  return size_t(heap->end - heap->first - heap->free) << kPageShift;
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
inline size_t slotSize(unsigned bin) { return sizeOfClass(bin % kClasses); }

/// Pages of a slab; slots over 256 bytes would waste too much of one.
inline uint32_t slabPages(size_t slot) { return slot > 256 ? 4 : 1; }
/// From a slot's first byte to its free-list link.
constexpr size_t linkOffset(Kind kind) { return kind == kObject ? 8 : kind == kByteArray ? 4 : 0; }
/// Slot 0's offset modulo 16.
constexpr size_t slotPhase(Kind kind) { return kind == kObject ? 8 : kind == kByteArray ? 4 : 0; }
/// Where slot 0 lies in a slab, behind the sweep's word.
constexpr size_t slabStart(Kind kind) { return kind == kRaw ? 16 : slotPhase(kind); }
inline uint32_t slotsOf(unsigned bin) {
  size_t slot = slotSize(bin);
  return uint32_t((slabPages(slot) * kPageSize - slabStart(Kind(bin / kClasses))) / slot);
}
/// The slab of this bin that p lies in.
inline char *slabOf(const void *p, unsigned bin) {
  return reinterpret_cast<char *>(reinterpret_cast<uintptr_t>(p) &
                                  ~(uintptr_t(slabPages(slotSize(bin))) * kPageSize - 1));
}

//===- heaps.cpp ------------------------------------------------------------===//

/// The heap that has p's page; null if none has. Looks at made heaps only where there
/// are some.
Heap *heapOf(const void *p);
Heap *heapAt(uint32_t i);
uint32_t heapCount();
/// Memory for records, never given back; null if refused.
void *metadata(size_t bytes);
/// Counts a request and says whether the tests want it to fail.
bool faulted(cairn_fault kind);

//===- pages.cpp ------------------------------------------------------------===//

/// The first of `n` pages, at a multiple of `align`, now marked `mark` and then `tail`;
/// 0 if there are none.
uint32_t takePages(Heap *heap, uint32_t n, uint32_t align, unsigned mark, unsigned tail);
/// Gives back n pages.
void givePages(Heap *heap, uint32_t page, uint32_t n);
/// Adds the n pages from `page` on to the run before them, if they are free.
bool extendPages(Heap *heap, uint32_t page, uint32_t n, unsigned mark);
/// Gives the slabs without a live slot back; whether there was one.
bool sweep(Heap *heap);

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

/// Set by the first type that is registered, or array: else the drop of those is not
/// in the module.
extern bool widerShapes;
inline void noteShape() { widerShapes = true; }

//===- report.cpp -----------------------------------------------------------===//

/// As cairn_heap_walk, from the slab or large block on that `from` lies in.
void walkFrom(Heap *heap, const void *from, bool (*visit)(const cairn_block *, void *),
              void *context);

//===- error.cpp ------------------------------------------------------------===//

void fail(cairn_error_kind kind, const void *p, const char *what);
/// Calls the heap's handler: true to try again. Does not return if there is none.
bool outOfMemory(Heap *heap, uint64_t request);

} // namespace cairn

#endif // CAIRN_WASM_HEAP_H
