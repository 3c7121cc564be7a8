//===- resize.cpp - realloc of large blocks -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of kMovable bytes or more starts on a page. Where it cannot grow in place its
// pages move to the new run by mremap: nothing is copied, and at no time is there a page
// for each of the two. The old range stays mapped and reads as zero.
//
// Each move may split the region's mapping at both its ends, and a process has 65,530
// mappings by default: after kMostMoves, blocks are copied.
//
//===----------------------------------------------------------------------===//

#include "block.h"
#include "heap/heap.h"

#include <errno.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

namespace cairn::process {

namespace {

constexpr unsigned kMostMoves = 4096;
unsigned moves;

/// Moves whole pages; false if they stay, and `to` may be written all the same. Sets
/// `lost` if there is no memory at `to` any more.
bool movePages(char *to, char *from, size_t bytes, bool *lost) {
  if (__atomic_fetch_add(&moves, 1, __ATOMIC_RELAXED) >= kMostMoves) {
    __atomic_store_n(&moves, kMostMoves, __ATOMIC_RELAXED); // never round to 0
    return false;
  }
  if (mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) ==
      static_cast<void *>(to))
    return true;
  // It may have failed after it had unmapped the target.
  *lost = mmap(to, bytes, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != to;
  return false;
}

void *resizeSmall(void *p, size_t old, size_t n) {
  if (Heap *heap = defaultHeap(); !heap || !heap->checked)
    return cairn_realloc(p, n <= kMaxSmall ? roundUp(n) : n);
  void *q = takeSlow(n); // to the byte
  if (q) {
    __builtin_memcpy(q, p, old < n ? old : n);
    giveSlow(p);
  }
  return q;
}

} // namespace

void *takeMovable(size_t n) {
  Heap *heap = defaultHeap();
  return heap ? allocateLarge(heap, kRaw, n, platform::kPage) : nullptr;
}

void *resizeSlow(void *p, size_t n) {
  size_t old = cairn_usable_size(p); // a misuse is reported there, and ends the process
  void *q;
  if (old < kMovable || n < kMovable || reinterpret_cast<uintptr_t>(p) % platform::kPage) {
    q = resizeSmall(p, old, n);
  } else if (Heap *heap = defaultHeap(); resizeLarge(heap, heap->space.granuleOf(p), n)) {
    return p;
  } else if ((q = takeMovable(n))) {
    char *from = static_cast<char *>(p), *to = static_cast<char *>(q);
    size_t kept = old < n ? old : n, whole = kept & ~size_t(platform::kPage - 1);
    int before = errno;
    bool lost = false;
    size_t done = movePages(to, from, whole, &lost) ? whole : 0;
    errno = before;
    if (lost) { // its run stays taken
      q = nullptr;
    } else {
      __builtin_memcpy(to + done, from + done, kept - done);
      giveSlow(p);
    }
  }
  if (!q)
    errno = ENOMEM;
  return q;
}

} // namespace cairn::process
