//===- walk.h - Visiting what a heap holds -------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_WASM_WALK_H
#define CAIRN_WASM_WALK_H

#include "object/object.h"

namespace cairn {

/// Calls slab(bin, base) and large(page, n) for every run of the heap, by address, that
/// starts at page `first` or above.
template <typename Slab, typename Large>
void eachRun(Heap *heap, Slab slab, Large large, uint32_t first = 0) {
  const uint8_t *marks = heap->marks();
  for (uint32_t page = first > heap->firstPage() ? first : heap->firstPage(); page < heap->end;) {
    unsigned mark = marks[page];
    uint32_t n = 1;
    if (isSlab(mark)) {
      n = kSlabPages;
      slab(mark - 1, pageAt(page));
    } else if (isLarge(mark)) {
      n = largePages(heap, page);
      large(page, n);
    }
    page += n;
  }
}

/// Length of a bin's list; `bad` is set to the link where it makes no sense any more.
uint32_t listLength(Heap *heap, unsigned bin, void *&bad);

} // namespace cairn

#endif // CAIRN_WASM_WALK_H
