//===- check.h - Calls that check all they are given -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a count of an object in a checked heap does: nothing of it is believed before it was
// looked at. Code that was built with --heap=checked counts by these; calls from other code come
// here if the object's heap is checked.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_OBJECT_CHECK_H
#define CAIRN_OBJECT_CHECK_H

#include "object/object.h"

#if !defined(__wasm__)
#include "heap/origin.h"
#include "heap/poison.h"

namespace cairn {

/// The common case, without a call: `ref` is the reference of a plain object in a slab of a
/// checked heap, which has not been freed. False says nothing: placeOf() knows, and reports.
CAIRN_FAST bool findPlain(const void *ref, ObjectPlace &place, Origin &origin) {
  Slab *slab = slabAt(ref);
  if (CAIRN_UNLIKELY(!slab || kindOf(slab) != kObject))
    return false;
  Heap *heap = slab->shared->heap;
  uintptr_t first = slab->base + slab->start + linkOffset(kObject);
  uint64_t i = exactSlot(slab, uint32_t(reinterpret_cast<uintptr_t>(ref) - first));
  if (CAIRN_UNLIKELY(!heap->checked || i >= __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED)))
    return false;
  origin = loadOrigin(originAt(heap, slab->base) + i);
  place = {heap, slab, unsigned(i), 0};
  // With that mark the slot may hold an array, whose reference is another.
  return CAIRN_LIKELY(origin.live && loadMeta(ref) != kArrayMark);
}
/// Looks at what lies behind a dead object in its slot, from byte `end` of it on.
CAIRN_FAST void inspectEnd(const ObjectPlace &place, void *ref, uint64_t end) {
  char *slot = slotAt(place.slab, place.slot);
  uint64_t fresh = freshOf(place.heap, slot), bytes = place.slab->slotSize - end, at;
  {
    platform::Unseen unseen;
    at = firstUnpoisoned(slot + end, bytes, fresh);
  }
  if (CAIRN_UNLIKELY(at != bytes))
    inspectZone(slot, uint64_t(static_cast<char *>(ref) - slot), end, place.slab->slotSize, fresh);
}

/// The same of a static object, which nobody counts.
inline bool findStatic(const void *ref) {
  return __atomic_load_n(&staticAt, __ATOMIC_RELAXED) && !slabAt(ref) && isStatic(ref);
}
/// The count of such an object if the calling thread may change it; else 0, which says nothing.
CAIRN_FAST int32_t findCount(void *ref, ObjectPlace &place) {
  Origin origin;
  if (CAIRN_UNLIKELY(!findPlain(ref, place, origin)))
    return 0;
  int32_t n = loadCount(ref);
  return CAIRN_LIKELY(n < 0 || origin.owner == threadNumber()) ? n : 0;
}

/// Whether the calling thread may change the plain count of this object, which lives; reports if
/// not. An object whose thread has ended becomes the caller's. True in other heaps. `done`: what
/// the thread did ("released").
bool ownedHere(const ObjectPlace &place, void *ref, const char *done);

/// A reference in a field that the type of its holder does not list, seen when the holder was
/// released: nothing if `ref` is 0. The holder may have been right (a reference without a
/// count of its own), so this is told of a lost object only.
struct Leftover {
  uintptr_t ref;    ///< Inverted: a look for leaks takes it for no root.
  const char *type; ///< The holder's; null if it is not known.
  uint32_t offset, gone;
};
/// `end`: endOf() the holder.
void noteLeftovers(const ObjectPlace &place, void *holder, uint64_t end);
/// The last one of this object.
Leftover leftoverOf(const void *ref);

/// Drops the object at `place`, whose count was the calling thread's to give back, and is 0.
void dropAt(const ObjectPlace &place, void *ref);

void checkedIncref(void *ref);
void checkedDecref(void *ref);
/// Reports a live object that has other counts than the caller's, and who holds them.
void checkedAssertUnique(void *ref);

} // namespace cairn
#endif

#endif // CAIRN_OBJECT_CHECK_H
