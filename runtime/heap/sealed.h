//===- sealed.h - Pages of a checked heap that nobody may touch -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run of a checked heap is sealed when the system refuses every access to its whole pages, so
// that a read of them, too, ends the process, which then says which block it was (fault.cpp):
//
//   a block of no bytes         a page of its own, and a granule that has the stamp
//   a freed block that waits    its whole pages, from kLeastSealed bytes on, where two calls of
//                               the system cost less than to fill them and to look at them
//
// A seal may split one mapping of the process into three, and a process has 65,530 of them by
// default. So there is a limit on the seals of all heaps together, for each of the two kinds.
//
// Small heaps have no pages for it. A heap that the program can write anywhere in has no seals,
// and where a sanitizer or memcheck runs, it is told instead what nobody may touch.
//
// All of this is under the heap's lock.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_SEALED_H
#define CAIRN_HEAP_SEALED_H

#include "heap/checked.h"

namespace cairn {

/// Blocks that wait are sealed from this size on.
constexpr uint64_t kLeastSealed = uint64_t(64) << 10;
/// Blocks of no bytes that have a page, and blocks that wait and are sealed, in the process.
constexpr unsigned kMostEmpty = 4096, kMostHeld = 4096;

/// The whole pages of a run that hold nothing that the heap has to read: [from, to).
struct Pages {
  char *from, *to;
};
Pages pagesOf(const Heap *heap, uint64_t granule);

/// Seals a run, if the heap may have seals and the system has room for one more.
void sealRun(Heap *heap, uint64_t granule);
/// Its pages can be touched again; false if the system refuses, and then they never can.
bool unsealRun(Heap *heap, uint64_t granule);
/// The heap goes away, with its seals.
void forgetSeals(Heap *heap);
/// The whole region is to be looked at: no run is sealed, from now on.
bool unsealAll(Heap *heap);

/// A block of no bytes that nobody can read or write; null where it is to be a slot. Takes the
/// heap's lock.
void *allocateEmpty(Heap *heap, size_t align, unsigned code);

/// Calls f(from, bytes) with the parts of a run that can be touched, in order.
template <typename F> void eachOpen(Heap *heap, uint64_t granule, F f) {
  char *at = reinterpret_cast<char *>(heap->space.addressOf(granule));
  char *end = at + (heap->space.run(granule).length << kGranuleShift);
  if (!heap->space.run(granule).sealed) {
    f(at, uint64_t(end - at));
    return;
  }
  Pages pages = pagesOf(heap, granule);
  f(at, uint64_t(pages.from - at));
  f(pages.to, uint64_t(end - pages.to));
}

} // namespace cairn

#endif // CAIRN_HEAP_SEALED_H
