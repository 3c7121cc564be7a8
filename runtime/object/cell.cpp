//===- cell.cpp - The memory of an object for another to take its place -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cell is the memory of a plain object that one function alone knows: its count is 1, its
// header word is the one that was asked for but for the tag, and its fields hold counts that
// now are the function's. Inlined code takes the object itself if it is like that. The rest is
// here: a copy, whose fields have counts of their own, and the object loses one.
//
//===----------------------------------------------------------------------===//

#include "object/container.h"

namespace cairn {

namespace {

/// The bytes that an object's payload may have, to the end of its memory.
uint64_t payloadOf(void *object) {
  ObjectPlace place = placeOf(object);
  if (!place.heap)
    return isStatic(object) ? staticBytes(object) : 0;
  Kind kind = kindAt(place);
  return kind == kObject && !isArray(loadMeta(object)) ? extentOf(place, kind) - kHeaderSize : 0;
}

/// Which of the first words of a plain object are references.
uint32_t referencesIn(void *object) {
  uint32_t meta = loadMeta(object), bitmap = 0;
  if (!isTyped(meta) || isArray(meta))
    return 0;
  Fields fields(object, meta);
  uint64_t at = 0;
  while (void **field = fields.next(at)) {
    uint64_t word = uint64_t(field - static_cast<void **>(object));
    if (word < kMetaBitmapWords)
      bitmap |= 1u << word;
  }
  return bitmap;
}

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_COLD CAIRN_API void *cairn_rt_own_cell(void *ref, uint32_t meta) {
  if (!isReference(ref) || loadCount(ref) == 0) {
    fail(CAIRN_ERROR_DEAD, ref, "its memory was to be used again, but its count is 0");
    ref = nullptr;
  }
  uint64_t bytes = sizeOfClass(((meta & kMetaClassMask) >> kMetaClassShift) - 1) - kHeaderSize;
  cairn_type type = {};
  type.size = uint32_t(bytes);
  type.align = 8;
  char *cell = static_cast<char *>(newTyped(&type, nullptr));
  if (!cell)
    return nullptr; // as for an allocation whose error handler returned
  uint32_t fields = meta & kMetaShapeMask;
  uint32_t tag = 0;
  if (ref) {
    uint64_t known = payloadOf(ref);
    __builtin_memcpy(cell, ref, size_t(known < bytes ? known : bytes));
    tag = loadMeta(ref) & kMetaTagMask;
  }
  uint32_t there = ref ? referencesIn(ref) : 0;
  for (uint32_t word = 0; word < kMetaBitmapWords; ++word) {
    void **field = reinterpret_cast<void **>(cell) + word;
    if (!(fields >> word & 1))
      continue;
    if (!(there >> word & 1))
      *field = nullptr;
    else
      retainStored(*field);
  }
  fast::setHeader(cell, (meta & ~kMetaTagMask) | tag);
  if (ref)
    fast::decref(ref);
  return cell;
}
