//===- place.cpp - From an address to what lies there -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

Block blockAt(const void *p) {
  Block block;
  Heap *heap = heapOf(p);
  if (!heap)
    return block;
  const uint8_t *marks = heap->marks();
  uint32_t page = pageOf(p);
  while (marks[page] == kTailPage)
    --page;
  unsigned mark = marks[page];
  char *at = static_cast<char *>(const_cast<void *>(p));
  if (isLarge(mark)) {
    char *slot = pageAt(page) + slotPhase(kindOf(mark));
    if (at >= slot)
      block = {heap, slot, (size_t(largePages(heap, page)) << kPageShift) - slotPhase(kindOf(mark)),
               mark};
  } else if (isSlab(mark)) {
    unsigned bin = mark - 1;
    char *first = slabOf(p) + slabStart(kindOf(mark));
    size_t index = size_t(at - first) / slotSize(bin);
    if (at >= first && index < slotsOf(bin))
      block = {heap, first + index * slotSize(bin), slotSize(bin), mark};
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
