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
//   take    place = table[(n + 15) / 16]; pop from the bin's stack; clear the mark    16
//   instructions give    null test; a slot of ours, exact and not marked; mark; push on its stack
//   32
//
// Threat: a call before the library's constructor, after its destructors, or while
// a thread is made or ends. Nothing here needs any of them: a thread's view starts
// as a constant, empty one, and the heap is made by the first slow path.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_MALLOC_BLOCK_H
#define CAIRN_MALLOC_BLOCK_H

#include "heap/freed.h"
#include "heap/slab.h"

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
    t.of[i] = uint16_t(binOf(kRaw, classOf(i * kAlign)) * sizeof(SlotStack));
  return t;
}
constexpr bool aligned(const PlaceTable &t) {
  for (uint16_t place : t.of)
    if (sizeOfClass(place / sizeof(SlotStack) % kClasses) % kAlign)
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
  void *p = CAIRN_LIKELY(n <= kMaxSmall) ? fast::pop(fast::bins(), binFor(n)) : nullptr;
  if (CAIRN_LIKELY(p != nullptr))
    markGiven(p);
  return p;
}

/// What take() could not give; null with errno ENOMEM when the system has no memory.
__attribute__((cold, noinline)) void *takeSlow(size_t n);
/// The same for an operator new: `form` is its kFromNew or kFromNewArray (heap/redzone.h).
__attribute__((cold, noinline)) void *takeSlow(size_t n, unsigned form);
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

/// Whether p is a live block of this slab of the calling thread's. Such a slab is 64 KiB at
/// a multiple of that: those of a small heap have other records.
CAIRN_FAST bool isLive(const Slab *slab, const void *p) {
  uint32_t offset = uint32_t(uint16_t(reinterpret_cast<uintptr_t>(p))) - slab->start;
  return CAIRN_LIKELY(exactSlot(slab, offset) < __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED)) &&
         CAIRN_LIKELY(!isMarkedFreed(slab, p));
}

/// Frees what is sure to be a live block of the calling thread's slabs; false for all else,
/// among which are null, and every address before the first allocation.
CAIRN_FAST bool giveOwn(void *p) {
  if (CAIRN_UNLIKELY(!addressHasRecord(p)))
    return false;
  Slab *slab = fast::slabOf(p);
  if (CAIRN_UNLIKELY(__atomic_load_n(&slab->owner, __ATOMIC_RELAXED) != fast::self() + kRaw) ||
      CAIRN_UNLIKELY(!isLive(slab, p)))
    return false;
  markFreed(slab, p);
  fast::stow(slab, slab->stack, p);
  return true;
}
CAIRN_FAST void give(void *p) {
  if (CAIRN_UNLIKELY(!giveOwn(p)) && p)
    giveSlow(p);
}

/// What a free says of its block.
struct Claim {
  static constexpr size_t kNone = SIZE_MAX;
  size_t size = kNone;  ///< What was asked for.
  size_t align = kNone; ///< That its operator new was given; 0: it was given none.
  unsigned form = 0;    ///< kFromNew or kFromNewArray; 0 says nothing.
};
/// Frees a block that must be as the claim has it, as far as its heap knows.
void freeWithClaim(void *p, Claim claim);
/// As giveSlow(); a checked heap's block must be as the claim has it.
__attribute__((cold, noinline)) void giveSlow(void *p, Claim claim);
CAIRN_FAST void give(void *p, Claim claim) {
  if (CAIRN_UNLIKELY(!giveOwn(p)) && p)
    giveSlow(p, claim);
}
/// Frees what an operator new gave for n bytes. Another size is reported, if it is of another
/// class or the block is large.
__attribute__((cold, noinline)) void deleteSlow(void *p, Claim claim);
CAIRN_FAST void deleteSized(void *p, size_t n, unsigned form) {
  if (CAIRN_LIKELY(n <= kMaxSmall && addressHasRecord(p))) {
    Slab *slab = fast::slabOf(p);
    // Its stack is one of this thread's only in a slab of this thread's.
    SlotStack *stack = binFor(n).in(fast::bins());
    if (CAIRN_LIKELY(__atomic_load_n(&slab->stack, __ATOMIC_RELAXED) == stack) && isLive(slab, p)) {
      markFreed(slab, p);
      fast::stow(slab, stack, p);
      return;
    }
  }
  if (p)
    deleteSlow(p, {.size = n, .align = 0, .form = form});
}

/// A block of n bytes at a multiple of `align`, a power of two; null with errno
/// ENOMEM. `form`: for an operator new of this form, which was given this alignment; or 0.
void *allocateAligned(size_t align, size_t n, unsigned form = 0);

} // namespace cairn::process

#endif // CAIRN_MALLOC_BLOCK_H
