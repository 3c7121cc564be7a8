//===- place.cpp - Where an object's memory is -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/guard.h"
#include "object/check.h"

namespace cairn {

namespace {

constexpr const char *kInside = "inside an object, not its reference";

/// From a slot's start to the reference, by what the slot of `extent` bytes holds.
size_t refOffset(const char *slot, Kind kind, uint64_t extent) {
  if (kind == kByteArray)
    return kByteArrayRef;
  return markedArray(slot, extent) ? kArrayPrefix : kHeaderSize;
}

/// The reference that a slot's contents describe; null if it holds no object now.
void *referenceIn(char *slot, Kind kind, uint64_t extent) {
  void *ref = slot + refOffset(slot, kind, extent);
  return loadCount(ref) ? ref : nullptr;
}

char *largeSlot(Heap *heap, uint64_t g) {
  return reinterpret_cast<char *>(heap->space.addressOf(g)) +
         slotPhase(Kind(heap->space.run(g).kind));
}

} // namespace

void *(*staticAt)(const void *);

/// What placeOf gives, or what it reports: `what` is null for nothing.
static ObjectPlace findPlace(void *ref, cairn_error_kind &error, const char *&what) {
  platform::Unseen unseen;
  Place at = locate(ref);
  ObjectPlace place;
  if (!at.heap) {
    void *object = staticOf(ref);
    if (!object)
      what = "not an object of any heap";
    else if (object != ref)
      error = CAIRN_ERROR_INTERIOR, what = kInside;
    return place;
  }
  Kind kind = kObject;
  char *slot = nullptr;
  if (Slab *slab = at.slab) {
    int i = slotOf(slab, ref);
    kind = kindOf(slab);
    if (i == 0 && kind != kRaw && isDeadGuarded(slab)) {
      error = CAIRN_ERROR_DEAD, what = "its object is dead";
    } else if (kind != kRaw &&
               (i < 0 || unsigned(i) >= __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED))) {
      what = "never given out";
    } else {
      slot = slotAt(slab, unsigned(i));
      place = {at.heap, slab, unsigned(i), 0};
    }
  } else {
    platform::Guard guard(at.heap->lock);
    uint64_t g = largeAt(at.heap, ref);
    if (g == Space::kNone) {
      error = CAIRN_ERROR_DEAD, what = "not a live object";
    } else {
      kind = Kind(at.heap->space.run(g).kind);
      slot = largeSlot(at.heap, g);
      place = {at.heap, nullptr, 0, g};
    }
  }
  if (!what && kind == kRaw) // perhaps a dead one, of which nothing is read
    error = CAIRN_ERROR_KIND, what = "a raw block, not an object";
  // In a slot that is too small for an array, what looks like the mark of one is none.
  uint64_t extent = at.slab ? at.slab->slotSize : kArrayPrefix;
  if (!what && ref != slot + refOffset(slot, kind, kArrayPrefix) &&
      ref != slot + refOffset(slot, kind, extent)) {
    bool dead = !referenceIn(slot, kind, extent);
    error = dead ? CAIRN_ERROR_DEAD : CAIRN_ERROR_INTERIOR;
    what = dead ? "its object is dead" : kInside;
  }
  return place;
}

ObjectPlace placeOf(void *ref) {
  cairn_error_kind error = CAIRN_ERROR_FOREIGN;
  const char *what = nullptr;
  ObjectPlace place = findPlace(ref, error, what);
  if (CAIRN_LIKELY(!what))
    return place;
  fail(error, ref, what);
  return ObjectPlace();
}

/// The same of a plain object whose header word says neither its class nor its type. What made it
/// says the type, or, in code that was not built for it, the class: its slot is the next wider one.
static uint64_t endByOrigin(const ObjectPlace &place, uint64_t own) {
  unsigned cls = classOf(place.slab);
  if (place.heap->coarse || !cls || widerBin(binOf(kObject, cls - 1)) != place.slab->bin)
    cls = kClasses; // one class serves many
  uint64_t asked = cls < kClasses ? sizeOfClass(cls - 1) : own;
  const cairn_type *type = siteInfo(loadOrigin(originOf(place.slab, place.slot)).made).type;
  uint64_t bytes = type ? kHeaderSize + uint64_t(type->size) : 0;
  bool fits = bytes && bytes <= asked && (cls == kClasses || classOf(size_t(bytes)) == cls - 1);
  return fits ? bytes : asked;
}

uint64_t endOfOther(const ObjectPlace &place, const void *ref) {
  uint64_t own = ownBytes(place.slab);
  uint32_t meta = loadMeta(ref);
  uint64_t bytes = own;
  if (!isTyped(meta))
    bytes = kHeaderSize + meta;
  else if (isArray(meta)) {
    const cairn_type *type = isRegistered(meta) ? registered(meta) : nullptr;
    uint64_t element = type ? type->size : (meta & kMetaShapeMask) >> kMetaElemShift << 3;
    uint64_t n = *lengthOf(const_cast<void *>(ref));
    if (!n || !element) // its elements were moved, or it says nothing of them
      return own;
    bytes = kArrayPrefix + n * element;
  } else if (isRegistered(meta))
    bytes = registered(meta) ? kHeaderSize + uint64_t(registered(meta)->size) : own;
  else if (uint32_t cls = (meta & kMetaClassMask) >> kMetaClassShift)
    bytes = sizeOfClass(cls - 1); // memory may have been an object's of another size before
  else
    bytes = endByOrigin(place, own);
  if (isTyped(meta))
    bytes = (bytes + 7) & ~uint64_t(7);
  return bytes < own ? bytes : own;
}

void freeObject(const ObjectPlace &place, void *ref) {
  freeObject(place, ref,
             place.slab && place.heap->checked && kindOf(place.slab) == kObject ? endOf(place, ref)
                                                                                : 0);
}

void freeObject(const ObjectPlace &place, void *ref, uint64_t end) {
  storeCount(ref, 0);
  if (!place.slab) {
    if (place.heap->checked)
      checkedFreeLarge(place.heap, place.granule, isArray(loadMeta(ref)) ? ref : nullptr);
    else
      freeLarge(place.heap, place.granule);
    return;
  }
  if (CAIRN_UNLIKELY(isGuarded(place.slab))) {
    freeGuarded(place.slab, ref);
    return;
  }
  if (CAIRN_UNLIKELY(place.heap->checked) && kindOf(place.slab) == kObject)
    inspectEnd(place, ref, end);
  char *slot = slotAt(place.slab, place.slot);
  if (ref == slot + kArrayPrefix)
    *reinterpret_cast<uint64_t *>(slot) = 0; // the mark
  void *link = slot + linkOffset(kindOf(place.slab));
  if (place.heap->checked)
    checkedFree(place.slab, place.slot, link, ref);
  else
    freeSlot(place.slab, link);
}

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_API void *cairn_resolve(const void *p) {
  platform::Unseen unseen;
  Place at = locate(p);
  if (!at.heap)
    return staticOf(p);
  if (Slab *slab = at.slab) {
    int i = slotOf(slab, p);
    if (kindOf(slab) == kRaw || i < 0 ||
        unsigned(i) >= __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED))
      return nullptr;
    if (at.heap->checked && !checkedLive(slab, unsigned(i)))
      return nullptr;
    return referenceIn(slotAt(slab, unsigned(i)), kindOf(slab), slab->slotSize);
  }
  platform::Guard guard(at.heap->lock);
  uint64_t g = largeAt(at.heap, p);
  if (g == Space::kNone || at.heap->space.run(g).kind == kRaw)
    return nullptr;
  char *slot = largeSlot(at.heap, g);
  return p >= slot ? referenceIn(slot, Kind(at.heap->space.run(g).kind), kArrayPrefix) : nullptr;
}
