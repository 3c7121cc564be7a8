//===- place.cpp - From an address to what lies there -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

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

char *referenceIn(const Block &block) {
  if (kindOf(block.mark) == kByteArray)
    return block.slot + kByteArrayRef;
  bool array = reinterpret_cast<const uint32_t *>(block.slot)[1] == kArrayMark;
  return block.slot + (array ? kArrayPrefix : kHeaderSize);
}

ObjectPlace placeOf(void *ref) {
  Block block = blockAt(ref);
  if (!block.heap) {
    bool inside = heapOf(ref);
    fail(CAIRN_ERROR_FOREIGN, ref, inside ? "never given out" : "not an object of any heap");
    return block;
  }
  cairn_error_kind error = CAIRN_ERROR_KIND;
  const char *what = "a raw block, not an object";
  if (kindOf(block.mark) != kRaw) {
    char *own = referenceIn(block);
    if (own == ref)
      return block;
    bool dead = !loadCount(own);
    error = dead ? CAIRN_ERROR_DEAD : CAIRN_ERROR_INTERIOR;
    what = dead ? "its object is dead" : "inside an object, not its reference";
  }
  fail(error, ref, what);
  return Block();
}

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_API void *cairn_resolve(const void *p) {
  Block block = blockAt(p);
  if (!block.heap || kindOf(block.mark) == kRaw)
    return nullptr;
  char *ref = referenceIn(block);
  return loadCount(ref) ? ref : nullptr;
}
