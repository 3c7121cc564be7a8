//===- share.cpp - Publishing an object and all it reaches -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A walk over everything reachable, in constant stack and without memory: on the
// way down the field walked through holds the way back, marked by 2 in its lowest bits
// (references have 0 there, immediates 1 or 3). Until the object is published only this
// thread can see that. An array keeps its position in the word of its capacity, which
// equals its length.
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

namespace {

constexpr uintptr_t kWayBack = 2, kLowBits = 3;
bool isWayBack(void *field) { return (reinterpret_cast<uintptr_t>(field) & kLowBits) == kWayBack; }
void *toWayBack(void *ref) {
  return reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(ref) | kWayBack);
}
void *fromWayBack(void *field) {
  return reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(field) & ~kLowBits);
}

/// Visits `root` and what it reaches. `visit` changes an object's count and says
/// whether it had not been seen before.
template <typename Visit> void walk(void *root, Visit visit) {
  if (!visit(root))
    return;
  void *ref = root, *above = nullptr;
  uint64_t at = 0;
  for (;;) {
    uint32_t meta = loadMeta(ref);
    Fields fields(ref, meta);
    void *child = nullptr;
    void **field;
    while ((field = fields.next(at)))
      if (isReference(child = *field) && visit(child))
        break;
    if (field) {
      *field = toWayBack(above);
      if (isArray(meta)) {
        uint64_t perElement = isRegistered(meta) ? registered(meta)->field_count
                                                 : (meta & kMetaShapeMask) >> kMetaElemShift;
        lengthOf(ref)[1] = uint32_t((at - 1) / perElement);
      }
      above = ref;
      ref = child;
      at = 0;
      continue;
    }
    if (!above)
      return;
    // Back: find the field we came through, in the array's element if it is one.
    child = ref;
    ref = above;
    meta = loadMeta(ref);
    Fields back(ref, meta);
    at = 0;
    if (isArray(meta)) {
      uint64_t perElement = isRegistered(meta) ? registered(meta)->field_count
                                               : (meta & kMetaShapeMask) >> kMetaElemShift;
      at = lengthOf(ref)[1] * perElement;
      lengthOf(ref)[1] = lengthOf(ref)[0];
    }
    do
      field = back.next(at);
    while (!isWayBack(*field));
    above = fromWayBack(*field);
    *field = child;
  }
}

/// Whether a reference, and what it refers to, may be followed; reports if not. Fields that
/// hold a way back belong to objects that were seen, whose fields are not asked for.
bool followable(void *ref, bool seen) {
  if (cairn_resolve(ref) != ref)
    fail(CAIRN_ERROR_CORRUPT, ref, "a field refers to no live object");
  else if (!seen && !soundObject(ref))
    fail(CAIRN_ERROR_CORRUPT, ref, "its header, or a reference in it, was written over");
  else
    return true;
  return false;
}

/// Gives `root` and all that it reaches another count: `seen` says of a count that it has
/// it already, `next` makes it. Where a heap is exposed, what is not sound is left as it
/// was, and so is what only that reaches.
template <typename Seen, typename Next> void publishAll(void *root, Seen seen, Next next) {
  if (CAIRN_UNLIKELY(anyExposed)) {
    walk(root, [=](void *o) {
      if (!followable(o, true) || seen(loadCount(o)) || !followable(o, false))
        return false;
      storeCount(o, next(loadCount(o)));
      return true;
    });
    return;
  }
  walk(root, [=](void *o) {
    int32_t n = loadCount(o);
    if (seen(n))
      return false;
    storeCount(o, next(n));
    return true;
  });
}

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_rt_share(void *ref) {
  if (!isReference(ref) || !placeOf(ref).heap)
    return;
  if (loadCount(ref) == 0) {
    fail(CAIRN_ERROR_DEAD, ref, "shared, but its count is 0");
    return;
  }
  // A plain count that overflowed says nothing of what lies below. One that is shared or
  // immortal is so with all below it. A count that the shared band cannot hold sticks.
  publishAll(
      ref, [](int32_t n) { return n <= 0 && n != kSticky; },
      [](int32_t n) { return n > 0 && n < -kStickyBand ? -n : kStickyShared; });
}

CAIRN_API void cairn_share(void *object) { cairn_rt_share(object); }

CAIRN_API void cairn_make_immortal(void *object) {
  if (!isReference(object) || !placeOf(object).heap)
    return;
  if (loadCount(object) == 0) {
    fail(CAIRN_ERROR_DEAD, object, "made immortal, but its count is 0");
    return;
  }
  publishAll(
      object, [](int32_t n) { return n == 0 || n == kImmortal; },
      [](int32_t) { return kImmortal; });
}

} // extern "C"
