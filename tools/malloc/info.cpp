//===- info.cpp - glibc's calls that ask about the heap -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs call these at any time, with other threads running: they read the
// region's counters under its lock and look into no slab. Free slots of a slab
// count as in use.
//
//===----------------------------------------------------------------------===//

#include "heap/heap.h"
#include "platform/text.h"

#include <limits.h>
#include <malloc.h>

namespace cairn {

namespace {

struct Usage {
  size_t used = 0, peak = 0, reached = 0; ///< bytes
};

Usage usage() {
  Usage u;
  if (Heap *heap = defaultHeap()) {
    platform::Guard guard(heap->lock);
    u.used = size_t(heap->space.used() << kGranuleShift);
    u.peak = size_t(heap->space.peak() << kGranuleShift);
    u.reached = size_t(heap->space.frontier() << kGranuleShift);
  }
  return u;
}

int clamp(size_t n) { return n > INT_MAX ? INT_MAX : int(n); }

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API int malloc_trim(size_t) noexcept { return cairn_heap_trim(nullptr) != 0; }

CAIRN_API struct mallinfo2 mallinfo2(void) noexcept {
  Usage u = usage();
  struct mallinfo2 info = {};
  info.arena = u.reached;
  info.uordblks = u.used;
  info.fordblks = u.reached - u.used;
  return info;
}

/// Sizes that an int cannot hold read as the largest one.
CAIRN_API struct mallinfo mallinfo(void) noexcept {
  Usage u = usage();
  struct mallinfo info = {};
  info.arena = clamp(u.reached);
  info.uordblks = clamp(u.used);
  info.fordblks = clamp(u.reached - u.used);
  return info;
}

CAIRN_API void malloc_stats(void) noexcept {
  Usage u = usage();
  Text message;
  message << "cairn: malloc: in use " << uint64_t(u.used) << " bytes, at most " << uint64_t(u.peak)
          << ", address space reached " << uint64_t(u.reached) << "\n";
  message.flush();
}

} // extern "C"
