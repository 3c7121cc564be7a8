//===- place.cpp - From an address to what lies there -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

void *(*staticAt)(const void *);

char *referenceIn(const Block &block) {
  if (kindOf(block.mark) == kByteArray)
    return block.slot + kByteArrayRef;
  bool array = reinterpret_cast<const uint32_t *>(block.slot)[1] == kArrayMark;
  return block.slot + (array ? kArrayPrefix : kHeaderSize);
}

ObjectPlace placeOf(void *ref) {
  Block block = blockAt(ref);
  if (!block.heap) {
    if (void *object = staticOf(ref)) {
      if (object != ref)
        fail(CAIRN_ERROR_INTERIOR, ref, "inside an object, not its reference");
      return block;
    }
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
  if (!block.heap)
    return staticOf(p);
  if (kindOf(block.mark) == kRaw)
    return nullptr;
  char *ref = referenceIn(block);
  return loadCount(ref) ? ref : nullptr;
}
