//===- sound.cpp - Whether an object is what its header says -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that has a view of a region can write over headers and references. What
// follows references in an exposed heap asks here first. The answers rest on the
// records outside the region: a slot's place, its size, and the registry of types.
//
//===----------------------------------------------------------------------===//

#include "heap/guard.h"
#include "object/object.h"

namespace cairn {

bool anyExposed;

void expose(Heap *heap) {
  heap->exposed = true;
  endGuards(heap); // a view reads all of the region
  __atomic_store_n(&anyExposed, true, __ATOMIC_RELAXED);
}

/// From the first byte of an object's slot to its reference.
static uint64_t prefixOf(const ObjectPlace &place, const void *ref) {
  uintptr_t slot = place.slab ? reinterpret_cast<uintptr_t>(slotAt(place.slab, place.slot))
                              : place.heap->space.addressOf(place.granule) + slotPhase(kObject);
  return reinterpret_cast<uintptr_t>(ref) - slot;
}

bool soundHeader(const ObjectPlace &place, void *ref) {
  if (!place.heap)
    return false;
  uint32_t meta = loadMeta(ref);
  if (kindAt(place) == kByteArray)
    return !isTyped(meta);
  if (kindAt(place) != kObject)
    return false;
  uint64_t prefix = prefixOf(place, ref), extent = extentOf(place, kObject);
  if (prefix > extent || (prefix == kArrayPrefix) != isArray(meta))
    return false;
  uint64_t room = extent - prefix;
  if (!isTyped(meta))
    return meta <= room;
  const cairn_type *type = isRegistered(meta) ? registered(meta) : nullptr;
  if (isRegistered(meta) && !type)
    return false;
  uint32_t shape = meta & kMetaShapeMask;
  uint32_t cls = !isArray(meta) && !type ? (meta & kMetaClassMask) >> kMetaClassShift : 0;
  if (cls && sizeOfClass(cls - 1) > extent)
    return false;
  if (!isArray(meta))
    return (type    ? type->size
            : shape ? (32 - uint64_t(__builtin_clz(shape))) * sizeof(void *)
                    : 0) <= room;
  uint32_t words = shape >> kMetaElemShift, bits = shape & ((1u << kMetaElemWords) - 1);
  if (!type && (bits >> words || (words && !bits)))
    return false;
  return lengthOf(ref)[0] * (type ? type->size : words * sizeof(void *)) <= room;
}

bool soundObject(void *ref) {
  ObjectPlace place = placeOf(ref);
  if (!soundHeader(place, ref))
    return false;
  Fields fields(ref, loadMeta(ref));
  uint64_t at = 0;
  while (void **field = fields.next(at))
    if (isReference(*field) && cairn_resolve(*field) != *field)
      return false;
  return true;
}

} // namespace cairn
