//===- locate.cpp - From an address to what lies there -------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/heap.h"

namespace cairn {

Block blockAt(const void *p) {
  Heap *heap = heapOf(p);
  if (!heap)
    return Block();
  unsigned mark = heap->marks()[pageOf(p)];
  if (!isSlab(mark))
    return chunkCalls ? chunkCalls->largeAt(p) : Block();
  Block block;
  unsigned bin = mark - 1;
  char *at = static_cast<char *>(const_cast<void *>(p));
  char *first = reinterpret_cast<char *>(slabOf(p)) + slabStart(kindOf(mark));
  size_t index = size_t(at - first) / slotSize(bin);
  if (at >= first && index < slotsOf(bin)) {
    block.heap = heap;
    block.slot = first + index * slotSize(bin);
    block.size = slotSize(bin);
    block.mark = mark;
  }
  return block;
}

} // namespace cairn
