//===- heap.h - The heap where there is one thread -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linear memory from __heap_base on is a row of pages of 16 KiB. One byte for each,
// its mark (fast/wasm.h), says what it holds:
//
//   slab    equal slots behind a head (SlabHead); the mark is 1 + the bin
//   chunks  blocks over 2,048 bytes, one behind the other (space.h)
//
// A freed slot goes to the list of its slab. When a bin has no free slot left it takes the
// whole list of the first slab in its queue, or of a new one. A slab counts its frees down
// to two moments: its first slot comes free, which queues it, and the last does, which
// gives its page back, unless it is alone in the queue.
//
// Invariant: a slot is live, or once in its slab's list, or in its bin's list, which
// holds slots of one slab only. The count of a free slot of objects is 0.
// Threat: the program writes over a free slot; its list is then looked at by
// cairn_heap_check only. Threat: something else grows memory (sbrk, the host). What we
// did not get from memory.grow ourselves keeps the mark kForeignPage.
//
// Every other heap is a run of the default heap's pages with marks of its own; in the
// default heap's they are kOtherHeapPage, which sends each inlined free to the cold path.
// The C library's heap takes pages and chunks of the default one's, one by one.
//
// What most programs do not use is switched by a variable that only they set: linked
// with everything known, the test of it and what it guards are not in the module.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_WASM_HEAP_H
#define CAIRN_WASM_HEAP_H

#include "heap/backend.h"

extern "C" {
extern unsigned char __heap_base[];
/// The number of marks: pages up to the most that memory may grow to. The driver
/// defines both to the program's wish.
extern const uint32_t cairn_rt_mark_count;
}

namespace cairn {

constexpr size_t kGranule = 16; ///< What large blocks are aligned to.
constexpr size_t kSlabBytes = kPageSize;

struct Space;

struct Heap {
  Bins bins;              ///< First, for inlined code: heads of free lists.
  SlabHead *queue[kBins]; ///< Slabs with a list of free slots.
  uint32_t end;           ///< It lies below; 0 before the default heap's first use.
  uint32_t first;         ///< Made heaps: it is [first, end).
  uint32_t top;           ///< Without chunks: slabs are made from here on.
  void *freePages;        ///< Without chunks: linked by their first words.
  Space *space;           ///< With chunks: the free ones.
  uint8_t *table;         ///< Marks by page number; the default heap's when it has chunks.
  bool borrows;           ///< The C library's.
  Heap *next;             ///< In the list of heaps but the default one.
  const char *name;
  cairn_oom_handler oom;
  void *oomContext;
  uint32_t used, peak; ///< Bytes, where they are counted (countBytes).
  uint32_t slabsMade;
  /// Whether memory is also written by those who do not know what lies where. Its
  /// contents are believed here: a wrong link traps, or stays in the module's memory.
  static constexpr bool exposed = false;

  uint8_t *marks();
  uint32_t firstPage() const;
  uint32_t endPage() const { return end >> kPageShift; }
  bool contains(const void *p) const;
  /// The most bytes that it can have.
  size_t limit() const;
};

inline Heap *defaultHeap() { return &cairn_default_heap_object; }
inline Heap *orDefault(void *heap) { return heap ? static_cast<Heap *>(heap) : defaultHeap(); }
inline uint8_t *Heap::marks() { return this == defaultHeap() ? cairn_rt_marks : table; }
inline uint32_t Heap::firstPage() const {
  return uint32_t(
      (this == defaultHeap() ? reinterpret_cast<uintptr_t>(__heap_base) : uintptr_t(first)) >>
      kPageShift);
}
inline bool Heap::contains(const void *p) const {
  uint32_t page = uint32_t(reinterpret_cast<uintptr_t>(p) >> kPageShift);
  return page >= firstPage() && reinterpret_cast<uintptr_t>(p) < end &&
         !(borrows && table[page] == kForeignPage);
}
inline size_t Heap::limit() const {
  return this == defaultHeap() ? size_t(cairn_rt_mark_count) << kPageShift : size_t(end - first);
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

/// Where slot 0 lies in a slab, behind its head.
constexpr size_t slabStart(Kind kind) { return kind == kObject ? 24 : 32 + slotPhase(kind); }
static_assert(sizeof(SlabHead) == 24 || sizeof(void *) != 4);
CAIRN_FAST uint32_t slotsOf(unsigned bin) {
  return uint32_t((kSlabBytes - slabStart(Kind(bin / kClasses))) / slotSize(bin));
}
using fast::slabOf;

//===- heaps.cpp ------------------------------------------------------------===//

// heapOf() looks at made heaps only where there are some.
extern Heap *madeHeaps; ///< The heaps beside the default one.

//===- pages.cpp, space.cpp -------------------------------------------------===//

struct Block;
/// What a program that has chunks does by them.
struct ChunkCalls {
  char *(*takeSlab)(Heap *heap, unsigned bin);
  void (*giveSlab)(Heap *heap, SlabHead *slab);
  /// The live large block, of any heap, that p points into.
  Block (*largeAt)(const void *p);
  void (*freeLarge)(const Block &block);
  /// The heap whose large block p lies in; the default one for what is free.
  Heap *(*ownerOf)(const void *p);
};
/// Set by the first use of chunks; null in a program that has none.
extern const ChunkCalls *chunkCalls;

/// A page, now marked as a slab of the bin; null if there is none.
char *takeSlab(Heap *heap, unsigned bin);
void giveSlab(Heap *heap, SlabHead *slab);
/// Counts bytes taken (or given, below 0): nothing in a program without reports.
void countBytes(Heap *heap, int32_t n);

//===- slots.cpp ------------------------------------------------------------===//

/// allocateSlotAny(); before it says that the heap is full it looks for slabs that are kept without
/// a live slot.
void *allocateSlotOrSweep(Heap *heap, unsigned bin);
inline size_t slotBytes(const void *, unsigned cls) { return sizeOfClass(cls); }
void freeSlot(Heap *heap, unsigned bin, void *link);

/// Gives back the slabs that are kept without a live slot; how many bytes those are.
size_t sweep(Heap *heap);

//===- locate.cpp: from an address to what lies there ------------------------===//

/// Memory that a slot or a large block has, live or not.
struct Block {
  Heap *heap = nullptr; ///< Null: none.
  char *slot = nullptr;
  size_t size = 0; ///< Bytes from `slot`; of a large block as many as were asked for.
  unsigned mark = 0;
  struct Chunk *chunk = nullptr; ///< A large block's.
};
/// What p points into.
Block blockAt(const void *p);
//===- error.cpp ------------------------------------------------------------===//

/// Null in a program that sets no handler.
extern bool (*callHandler)(Heap *heap, size_t request);

/// Nothing is checked here (heap/origin.h).
CAIRN_FAST void noteCaller() {}
inline void noteType(const cairn_type *) {}
inline bool isChecked(const Heap *) { return false; }

} // namespace cairn

#endif // CAIRN_WASM_HEAP_H
