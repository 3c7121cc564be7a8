//===- block.h - Blocks as the process's malloc has them -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of libcairn-malloc is a raw block of the library's own default heap.
// Sizes are rounded up to 16 before a class is chosen: a class that is a multiple
// of 16 gives such addresses, and no other class is ever used.
//
//   take    place = table[(n + 15) / 16]; pop from the bin's stack    15 instructions
//   give    null test; push on the stack of the slab's bin            17
//
// Threat: a call before the library's constructor, after its destructors, or while
// a thread is made or ends. Nothing here needs any of them: a thread's view starts
// as a constant, empty one, and the heap is made by the first slow path.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_MALLOC_BLOCK_H
#define CAIRN_MALLOC_BLOCK_H

#include "fast/fast.h"

namespace cairn::process {

/// What every block is aligned to, and every size rounded to.
constexpr size_t kAlign = 16;
static_assert(sizeOfClass(0) == kAlign && kMaxSmall % kAlign == 0);

/// Where the raw bin for n bytes lies (fast::RawBin), by (n + 15) / 16.
struct PlaceTable {
  uint16_t of[kMaxSmall / kAlign + 1];
};
constexpr PlaceTable makePlaceTable() {
  PlaceTable t = {};
  for (size_t i = 0; i <= kMaxSmall / kAlign; ++i)
    t.of[i] = uint16_t(binOf(kRaw, classOf(i * kAlign)) * sizeof(Bin));
  return t;
}
constexpr bool aligned(const PlaceTable &t) {
  for (uint16_t place : t.of)
    if (sizeOfClass(place / sizeof(Bin) % kClasses) % kAlign)
      return false;
  return true;
}
static constexpr PlaceTable kPlaceOf = makePlaceTable();
static_assert(aligned(kPlaceOf));
CAIRN_FAST fast::RawBin binFor(size_t n) { return fast::RawBin::at(kPlaceOf.of[(n + 15) / 16]); }

/// A multiple of 16 of at least n bytes; n itself if there is none.
constexpr size_t roundUp(size_t n) {
  return n > SIZE_MAX - (kAlign - 1) ? n : (n + 15) & ~size_t(15);
}

/// A block of n bytes from a stack; null when the slow path must give it.
CAIRN_FAST void *take(size_t n) {
  return CAIRN_LIKELY(n <= kMaxSmall) ? fast::pop(fast::bins(), binFor(n)) : nullptr;
}

/// What take() could not give; null with errno ENOMEM when the system has no memory.
__attribute__((cold, noinline)) void *takeSlow(size_t n);
/// What is not a block of this thread's slabs; ends the process with a message if it
/// is no block at all. Leaves errno.
__attribute__((cold, noinline)) void giveSlow(void *p);

/// Blocks of this size and more start on a page, so that realloc can move the pages.
constexpr size_t kMovable = size_t(1) << 20;
/// Such a block; null without memory.
void *takeMovable(size_t n);
/// realloc, n > 0, of what is not in one of this thread's slabs, or is no block.
__attribute__((noinline)) void *resizeSlow(void *p, size_t n);

CAIRN_FAST void *allocate(size_t n) {
  void *p = take(n);
  return CAIRN_LIKELY(p != nullptr) ? p : takeSlow(n);
}

/// The null test keeps a free before the first allocation from a table that is not
/// there yet.
CAIRN_FAST void give(void *p) {
  if (p && CAIRN_UNLIKELY(!fast::push(p, kRaw)))
    giveSlow(p);
}

/// A block of n bytes at a multiple of `align`, a power of two; null with errno
/// ENOMEM.
void *allocateAligned(size_t align, size_t n);

} // namespace cairn::process

#endif // CAIRN_MALLOC_BLOCK_H
