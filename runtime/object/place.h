//===- place.h - Where a live object's memory is -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an object is to each of the two heaps. The rest of object/ asks through these.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_OBJECT_PLACE_H
#define CAIRN_OBJECT_PLACE_H

#include "heap/heap.h"
#if !defined(__wasm__)
#include "heap/checked.h"
#endif

namespace cairn {

#if defined(__wasm__)

using ObjectPlace = Block; ///< Its `heap` is null: not a live object.
inline uint64_t extentOf(const ObjectPlace &place, Kind) { return place.size; }
inline Kind kindAt(const ObjectPlace &place) { return kindOf(place.mark); }
/// The reference that an object in this block has, or would have.
char *referenceIn(const Block &block);

#else

struct ObjectPlace {
  Heap *heap = nullptr; ///< Null: not a live object.
  Slab *slab = nullptr;
  unsigned slot = 0;
  uint64_t granule = 0;
};
/// The bytes from an object's slot to the end of what was asked for.
inline uint64_t extentOf(const ObjectPlace &place, Kind kind) {
  return place.slab ? ownBytes(place.slab)
                    : largeBytes(place.heap, place.granule) - slotPhase(kind);
}
inline Kind kindAt(const ObjectPlace &place) {
  return place.slab ? kindOf(place.slab) : Kind(place.heap->space.run(place.granule).kind);
}

#endif

/// The place of the object whose exact reference is `ref`; reports, and gives no
/// heap, if there is none. A static object has no heap either, and is not reported.
/// The count is not looked at.
ObjectPlace placeOf(void *ref);

} // namespace cairn

#endif // CAIRN_OBJECT_PLACE_H
