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
  if (isImmediate(ref)) {
    fail(CAIRN_ERROR_KIND, ref, what);
    return nullptr;
  }
  Heap *heap = placeOf(ref).heap;
  if (!heap) {
    if (isStatic(ref))
      fail(CAIRN_ERROR_KIND, ref, what);
    return nullptr;
  }
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

void publish(const void *holder, void *child) {
  if (isReference(child) && loadCount(holder) < 0)
    cairn_rt_share(child);
}

void retainStored(void *word) {
  if (isReference(word))
    fast::incref(word);
}

void discardTable(void *table) {
  if (!table)
    return;
  if (isArray(loadMeta(table)))
    lengthOf(table)[0] = lengthOf(table)[1] = 0;
  cairn_rt_decref(table);
}

bool storable(void *word, const char *dead) {
  if (!isReference(word))
    return true;
  if (!placeOf(word).heap)
    return isStatic(word);
  if (loadCount(word))
    return true;
  fail(CAIRN_ERROR_DEAD, word, dead);
  return false;
}

} // namespace cairn
