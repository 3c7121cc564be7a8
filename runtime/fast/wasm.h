//===- wasm.h - The fast paths where there is one thread -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// WebAssembly: one list of free slots for each bin, at an address that is known when
// the module is linked, one list for each slab, and a byte for each page of linear
// memory that says what is in it. See runtime/wasm/heap.h.
//
//   alloc   p = head[bin]; head[bin] = *p                             4 instructions
//   free    mark = marks[p >> 14]; raw?; push on the slab's; count  13
//
// A freed slot goes to the list of its slab, and a bin takes one slab's list at a time: so
// a list that is built runs through memory as slabs do, in whatever order the slots were
// freed before.
//
// Threat: a free of what is not a block. Its page has no slab's mark, so it leaves for
// the cold path; past the end of memory the load from the slab traps before anything
// is changed.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_FAST_WASM_H
#define CAIRN_FAST_WASM_H

#include "cairn/abi.h"

namespace cairn {

/// What a page holds. One that is a slab is marked 1 + its bin.
enum Mark : uint8_t {
  kForeignPage = 0,
  kLargePage = 1 + kBins,           ///< No page's mark: a large block's, by its kind.
  kChunkPage = kLargePage + kKinds, ///< A chunk (wasm/space.h) starts in it.
  kTailPage,                        ///< It lies in a chunk that starts before.
  kOtherHeapPage,                   ///< In a heap that has marks of its own.
  kFreePage                         ///< Was a slab, in a program that has only those.
};
static_assert(kFreePage < 256);

/// How a slab's page begins.
struct SlabHead {
  void *free;             ///< Slots that were freed since: link addresses.
  uint32_t credit;        ///< Frees until the cold path wants to know.
  SlabHead *next, **prev; ///< In its bin's queue: `prev` is the pointer to this one.
  uint32_t every;         ///< Of objects: 2^32 / slot size, rounded up.
  uint32_t slots;
};

struct Heap;

} // namespace cairn

extern "C" {
/// By address >> kPageShift, for all of memory up to its maximum.
extern uint8_t cairn_rt_marks[];
/// Starts with the heads of its free lists.
extern cairn::Heap cairn_default_heap_object;
}

namespace cairn::fast {

CAIRN_FAST Bins *bins() { return reinterpret_cast<Bins *>(&cairn_default_heap_object); }
CAIRN_FAST Bins *binsOf(void *heap) { return static_cast<Bins *>(heap); }

/// The list of a bin: a link address, or null.
CAIRN_FAST void *&head(Bins *bins, uintptr_t bin) { return bins->head[bin]; }

CAIRN_FAST void *pop(Bins *bins, uintptr_t bin) {
  void *p = head(bins, bin);
  if (CAIRN_LIKELY(p != nullptr))
    head(bins, bin) = *static_cast<void **>(p);
  return p;
}

/// The raw bin for n bytes, n <= kMaxSmall.
struct RawBin {
  CAIRN_INLINE explicit RawBin(uint64_t n) : Index(classFor(n)) {}
  CAIRN_INLINE uintptr_t index() const { return Index; }
  uintptr_t Index;
};
CAIRN_FAST void *pop(Bins *bins, RawBin bin) { return pop(bins, bin.index()); }

CAIRN_FAST unsigned markOf(const void *p) {
  return cairn_rt_marks[reinterpret_cast<uintptr_t>(p) >> kPageShift];
}

CAIRN_FAST SlabHead *slabOf(const void *p) {
  return reinterpret_cast<SlabHead *>(reinterpret_cast<uintptr_t>(p) & ~(kPageSize - 1));
}

/// Puts a slot on its slab's list.
CAIRN_FAST void stow(void *link) {
  SlabHead *slab = slabOf(link);
  *static_cast<void **>(link) = slab->free; // traps past the end of memory
  slab->free = link;
  if (CAIRN_UNLIKELY(--slab->credit == 0))
    cairn_rt_credit(reinterpret_cast<Slab *>(slab));
}

/// Gives back the slot whose link lies at \p link to the default heap; false when
/// that is for the cold path to do.
CAIRN_FAST bool push(void *link, Kind kind) {
  unsigned bin = markOf(link) - 1;
  if (CAIRN_UNLIKELY(bin - kind * kClasses >= kClasses))
    return false;
  stow(link);
  return true;
}

/// The same of a slot whose bin the caller knows, or believes to: false if it is wrong.
CAIRN_FAST bool pushTo(Bins *, RawBin bin, void *link) {
  if (CAIRN_UNLIKELY(markOf(link) != bin.index() + 1))
    return false;
  stow(link);
  return true;
}

} // namespace cairn::fast

#endif // CAIRN_FAST_WASM_H
