//===- large.cpp - Blocks over the largest size class -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A large block is a run of pages of its own, up to the last of which it may be used.
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

namespace cairn {

void *allocateLarge(Heap *heap, Kind kind, uint64_t bytes, size_t align, bool *zero) {
  if (zero)
    *zero = false;
  if (bytes > UINT32_MAX - kPageSize || faulted(CAIRN_FAULT_LARGE))
    return nullptr;
  uint32_t n = uint32_t((bytes + kPageSize - 1) >> kPageShift);
  uint32_t step = align > kPageSize ? uint32_t(align >> kPageShift) : 1;
  uint32_t page = takePages(heap, n ? n : 1, step, unsigned(kLargePage) + kind, kTailPage);
  return page ? pageAt(page) : nullptr;
}

uint32_t largePages(Heap *heap, uint32_t page) {
  const uint8_t *marks = heap->marks();
  uint32_t n = 1;
  while (page + n < heap->end && marks[page + n] == kTailPage)
    ++n;
  return n;
}

void freeLarge(Heap *heap, uint32_t page) {
  if (largeMade)
    givePages(heap, page, largePages(heap, page));
}

} // namespace cairn
