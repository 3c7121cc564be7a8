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

/// A plain object in a slab of a checked heap, which has not been freed.
struct PlainObject {
  Heap *heap;
  Slab *slab;
  unsigned slot;
  Origin origin;
  ObjectPlace place() const { return {heap, slab, slot, 0}; }
};
/// The common case, without a call: `ref` is the reference of such an object. False says nothing:
/// placeOf() knows, and reports; where the heap was written, the slot there was given out before.
CAIRN_FAST bool findPlain(const void *ref, PlainObject &object) {
  Slab *slab = slabAt(ref);
  if (CAIRN_UNLIKELY(!slab || kindOf(slab) != kObject))
    return false;
  const Shared *shared = slab->shared;
  uint64_t *origins = __atomic_load_n(&shared->origins, __ATOMIC_RELAXED);
  uintptr_t first = slab->base + slab->start + linkOffset(kObject);
  // As exactSlot().
  uint64_t product =
      uint64_t(uint32_t(reinterpret_cast<uintptr_t>(ref) - first)) * slab->reciprocal;
  uint64_t i = product >> 32;
  if (CAIRN_UNLIKELY(!origins || uint32_t(product) >= slab->reciprocal ||
                     i >= __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED)))
    return false;
  object = {shared->heap, slab, unsigned(i), loadOrigin(origins + i)};
  // With that mark the slot may hold an array, whose reference is another.
  return CAIRN_LIKELY(object.origin.live && loadMeta(ref) != kArrayMark);
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
  return isUsualStatic(ref) ||
         (__atomic_load_n(&staticAt, __ATOMIC_RELAXED) && !slabAt(ref) && isStatic(ref));
}
/// The count of such an object if the calling thread may change it; else 0, which says nothing.
CAIRN_FAST int32_t findCount(void *ref, PlainObject &object) {
  if (CAIRN_UNLIKELY(!findPlain(ref, object)))
    return 0;
  int32_t n = loadCount(ref);
  return CAIRN_LIKELY(n < 0 || object.origin.owner == threadNumber()) ? n : 0;
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
/// The same of one word, an address in the holder's heap. `origin`: the holder's; `gone`: the site
/// that ends it.
void noteLeftover(Origin origin, unsigned gone, void *holder, void **word);
/// The last one of this object.
Leftover leftoverOf(const void *ref);

/// Drops an object, whose count was the calling thread's to give back, and is 0.
void dropAt(PlainObject object, void *ref);

void checkedIncref(void *ref);
void checkedDecref(void *ref);
/// Reports a live object that has other counts than the caller's, and who holds them.
void checkedAssertUnique(void *ref);

} // namespace cairn
#endif

#endif // CAIRN_OBJECT_CHECK_H
