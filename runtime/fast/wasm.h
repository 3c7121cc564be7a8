//===- wasm.h - The fast paths where there is one thread -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// WebAssembly: one list of free slots for each bin, at an address that is known when
// the module is linked, and a byte for each page of linear memory that says what is
// in it. See runtime/wasm/heap.h.
//
//   alloc   p = head[bin]; head[bin] = *p                             4 instructions
//   free    mark = marks[p >> 12]; raw?; push                         7
//
// Threat: a free of what is not a block. Its page has no slab's mark, so it leaves for
// the cold path; past the end of memory the store of the link traps before anything
// is changed.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_FAST_WASM_H
#define CAIRN_FAST_WASM_H

#include "cairn/abi.h"

namespace cairn {

constexpr unsigned kPageShift = 12;
constexpr size_t kPageSize = size_t(1) << kPageShift;

/// What a page holds. A slab's pages are marked 1 + its bin.
enum Mark : uint8_t {
  kForeignPage = 0,
  kLargePage = 1 + kBins,          ///< First page of a large block, by its kind.
  kTailPage = kLargePage + kKinds, ///< The others.
  kRecordPage,                     ///< The runtime's own memory.
  kOtherHeapPage,                  ///< In a heap that has marks of its own.
  kFreePage
};
static_assert(kFreePage < 256);

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

/// Gives back the slot whose link lies at \p link to the default heap; false when
/// that is for the cold path to do.
CAIRN_FAST bool push(void *link, Kind kind) {
  unsigned bin = markOf(link) - 1;
  if (CAIRN_UNLIKELY(bin - kind * kClasses >= kClasses))
    return false;
  void *&first = head(bins(), bin);
  *static_cast<void **>(link) = first; // traps past the end of memory
  first = link;
  return true;
}

/// The same of a slot whose bin the caller knows, or believes to: false if it is wrong.
CAIRN_FAST bool pushTo(Bins *bins, RawBin bin, void *link) {
  if (CAIRN_UNLIKELY(markOf(link) != bin.index() + 1))
    return false;
  *static_cast<void **>(link) = bins->head[bin.index()]; // traps past the end of memory
  bins->head[bin.index()] = link;
  return true;
}

} // namespace cairn::fast

#endif // CAIRN_FAST_WASM_H
