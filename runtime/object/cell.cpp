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

/// The payload of an object of another type, as far as the new header word knows it. Returns the
/// tag.
uint32_t copyOther(void **cell, void *ref, uint32_t meta, uint64_t bytes) {
  uint64_t known = payloadOf(ref);
  __builtin_memcpy(cell, ref, size_t(known < bytes ? known : bytes));
  uint32_t there = referencesIn(ref);
  for (uint32_t word = 0; word < kMetaBitmapWords; ++word) {
    if (!(meta >> word & 1))
      continue;
    if (there >> word & 1)
      retainStored(cell[word]);
    else
      cell[word] = nullptr;
  }
  return isTyped(loadMeta(ref)) ? loadMeta(ref) & kMetaTagMask : 0;
}

} // namespace

} // namespace cairn

using namespace cairn;

/// A copy on the heap that the bins are of; null for the default one.
static CAIRN_INLINE void *ownCell(void *ref, uint32_t meta, Bins *bins, void *heap) {
  bool sound = isReference(ref) && loadCount(ref) != 0;
  if (!sound)
    fail(CAIRN_ERROR_DEAD, ref, "its memory was to be used again, but its count is 0");
  unsigned cls = ((meta & kMetaClassMask) >> kMetaClassShift) - 1;
  void **cell = static_cast<void **>(fast::pop(bins, binOf(kObject, cls)));
  if (CAIRN_UNLIKELY(!cell))
    cell = static_cast<void **>(cairn_rt_take_slot_or_fail(binOf(kObject, cls), heap));
  fast::setHeader(cell, meta & ~kMetaTagMask);
  uint64_t words = (sizeOfClass(cls) - kHeaderSize) / sizeof(void *);
  if (!sound) {
    for (uint64_t word = 0; word < words; ++word)
      cell[word] = nullptr;
    return cell;
  }
  uint32_t itsMeta = loadMeta(ref);
  if (CAIRN_LIKELY(((itsMeta ^ meta) & ~kMetaTagMask) == 0 && loadCount(ref) > kStickyBand)) {
    // It lies in a slot of the class, and not in an image of the program.
    void **from = static_cast<void **>(ref);
    for (uint64_t word = 0; word < words; ++word)
      cell[word] = from[word];
    for (uint32_t left = meta & kMetaShapeMask; left; left &= left - 1)
      if (void *field = cell[__builtin_ctz(left)]; isReference(field))
        fast::incref(field);
    *fast::metaOf(cell) = itsMeta;
  } else {
    *fast::metaOf(cell) |= copyOther(cell, ref, meta, words * sizeof(void *));
  }
  platform::written(cell, size_t(words) * sizeof(void *));
  fast::decref(ref);
  return cell;
}

extern "C" {
CAIRN_COLD CAIRN_API void *cairn_rt_own_cell(void *ref, uint32_t meta) {
  return ownCell(ref, meta, fast::bins(), nullptr);
}
#if !defined(__wasm__)
CAIRN_COLD CAIRN_API void *cairn_rt_own_cell_on(void *ref, uint32_t meta, void *heap) {
  return ownCell(ref, meta, fast::binsOf(heap), heap);
}
#endif
}
