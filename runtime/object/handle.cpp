//===- handle.cpp - What lists and dicts have in common -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/container.h"

namespace cairn {

Heap *checkHandle(const void *handle, uint8_t tag, uint32_t magic, const char *what) {
  void *ref = const_cast<void *>(handle);
  Heap *heap = placeOf(ref).heap;
  if (!heap)
    return nullptr;
  if (loadCount(ref) == 0) {
    fail(CAIRN_ERROR_DEAD, ref, "used, but its count is 0");
    return nullptr;
  }
  // Both kinds of handle have the magic word in the same place.
  if (loadMeta(ref) == handleMeta(tag) && static_cast<const List *>(handle)->magic == magic)
    return heap;
  fail(CAIRN_ERROR_KIND, ref, what);
  return nullptr;
}

void publish(const void *handle, void *child) {
  if (child && loadCount(handle) < 0)
    cairn_rt_share(child);
}

void discardTable(void *table) {
  if (!table)
    return;
  if (isArray(loadMeta(table)))
    lengthOf(table)[0] = lengthOf(table)[1] = 0;
  cairn_rt_decref(table);
}

bool storable(void *object) {
  if (!object)
    return true;
  if (!placeOf(object).heap)
    return false;
  if (loadCount(object))
    return true;
  fail(CAIRN_ERROR_DEAD, object, "put into a container, but its count is 0");
  return false;
}

} // namespace cairn
