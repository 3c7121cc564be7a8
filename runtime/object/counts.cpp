//===- counts.cpp - Counts by function, for callers without the plugin -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/check.h"

using namespace cairn;

#if !defined(__wasm__)
static bool inCheckedHeap(const void *object) {
  Heap *heap = locate(object).heap;
  return heap && heap->checked;
}
#endif

extern "C" {

CAIRN_API void cairn_incref(void *object) {
  if (!isReference(object))
    return;
#if !defined(__wasm__)
  if (CAIRN_UNLIKELY(__atomic_load_n(&anyChecked, __ATOMIC_RELAXED)) && inCheckedHeap(object)) {
    CheckedCall call(__builtin_return_address(0));
    checkedIncref(object);
    return;
  }
#endif
  if (placeOf(object).heap)
    fast::incref(object);
}

CAIRN_API void cairn_decref(void *object) {
  if (!isReference(object))
    return;
#if !defined(__wasm__)
  if (CAIRN_UNLIKELY(__atomic_load_n(&anyChecked, __ATOMIC_RELAXED)) && inCheckedHeap(object)) {
    CheckedCall call(__builtin_return_address(0));
    checkedDecref(object);
    return;
  }
#endif
  if (placeOf(object).heap)
    fast::decref(object);
}

CAIRN_API bool cairn_is_unique(const void *object) {
  return !isImmediate(object) && fast::isUnique(const_cast<void *>(object));
}

CAIRN_API void cairn_assert_unique([[maybe_unused]] const void *object) {
#if !defined(__wasm__)
  if (CAIRN_LIKELY(!anyChecked) || !isReference(object))
    return;
  CheckedCall call(__builtin_return_address(0));
  checkedAssertUnique(const_cast<void *>(object));
#endif
}

CAIRN_API int64_t cairn_refcount(const void *object) {
  if (isImmediate(object))
    return -1;
  int32_t n = loadCount(object);
  return n >= 0 ? n : n > kStickyBand ? -int64_t(n) : -1;
}

CAIRN_API uint8_t cairn_tag(const void *object) {
  if (isImmediate(object))
    return 0;
  uint32_t meta = loadMeta(object);
  return isTyped(meta) ? uint8_t(meta >> kMetaTagShift) : 0;
}

CAIRN_API void cairn_set_tag(void *object, uint8_t tag) {
  if (isImmediate(object))
    return;
  uint32_t meta = loadMeta(object);
  if (isTyped(meta))
    *fast::metaOf(object) = (meta & ~kMetaTagMask) | uint32_t(tag) << kMetaTagShift;
}

} // extern "C"
