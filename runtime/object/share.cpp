//===- share.cpp - Publishing an object and all it reaches -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A walk over everything reachable, in constant stack and without memory: on the
// way down the field walked through holds the way back, its low bit set (references
// are even). Until the object is published only this thread can see that. An array
// keeps its position in the word of its capacity, which equals its length.
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

namespace {

bool isWayBack(void *field) { return reinterpret_cast<uintptr_t>(field) & 1; }
void *toWayBack(void *ref) {
  return reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(ref) | 1);
}
void *fromWayBack(void *field) {
  return reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(field) & ~uintptr_t(1));
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
      if ((child = *field) && visit(child))
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

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_rt_share(void *ref) {
  if (!ref || !placeOf(ref).heap)
    return;
  if (loadCount(ref) == 0) {
    fail(CAIRN_ERROR_DEAD, ref, "shared, but its count is 0");
    return;
  }
  walk(ref, [](void *o) {
    int32_t n = loadCount(o);
    // A plain count that overflowed says nothing of what lies below.
    if (n <= 0 && n != kSticky) // shared or immortal with all below it
      return false;
    // A count that the shared band cannot hold sticks.
    storeCount(o, n > 0 && n < -kStickyBand ? -n : kStickyShared);
    return true;
  });
}

CAIRN_API void cairn_share(void *object) { cairn_rt_share(object); }

CAIRN_API void cairn_make_immortal(void *object) {
  if (!object || !placeOf(object).heap)
    return;
  if (loadCount(object) == 0) {
    fail(CAIRN_ERROR_DEAD, object, "made immortal, but its count is 0");
    return;
  }
  walk(object, [](void *o) {
    int32_t n = loadCount(o);
    if (n == 0 || n == kImmortal)
      return false;
    storeCount(o, kImmortal);
    return true;
  });
}

} // extern "C"
