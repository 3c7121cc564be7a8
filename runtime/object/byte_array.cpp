//===- byte_array.cpp - Arrays of plain elements, and strings -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/container.h"

namespace cairn {

namespace {

/// Zeroed memory for a byte array; null when full. `extent` is set to what it has.
char *slotFor(Heap *heap, uint64_t bytes, uint64_t &extent) {
  char *slot;
  if (bytes <= kMaxSmall) {
    void *link = allocateSlotAny(heap, binOf(kByteArray, classOf(size_t(bytes))));
    if (!link)
      return nullptr;
    slot = static_cast<char *>(link) - linkOffset(kByteArray);
    extent = slotBytes(link, classOf(size_t(bytes)));
    __builtin_memset(slot, 0, size_t(extent));
    return slot;
  }
  bool zero = false;
  void *p = allocateLarge(heap, kByteArray, bytes + slotPhase(kByteArray), kGranule, &zero);
  if (!p)
    return nullptr;
  slot = static_cast<char *>(p) + slotPhase(kByteArray);
  extent = bytes;
  if (!zero)
    __builtin_memset(slot, 0, size_t(bytes));
  return slot;
}

void *allocateByteArray(Heap *heap, uint32_t length, uint32_t elemSize, OnFull onFull) {
  if (length > kMaxBytes || elemSize == 0) {
    fail(CAIRN_ERROR_USAGE, nullptr, "a byte array of too many elements, or of size 0");
    return nullptr;
  }
  noteShape();
  uint64_t bytes = kByteArrayExtra + uint64_t(length) * elemSize;
  bytes = (bytes + 15) & ~uint64_t(15); // keeps the data of every slot aligned
  for (;;) {
    uint64_t extent = 0;
    if (char *slot = heap && bytes < SIZE_MAX ? slotFor(heap, bytes, extent) : nullptr) {
      uint32_t *header = reinterpret_cast<uint32_t *>(slot);
      header[1] = header[2] = length;
      *reinterpret_cast<uint32_t *>(slot + extent - sizeof(uint32_t)) = elemSize;
      __atomic_store_n(header, 1, __ATOMIC_RELAXED);
      return slot + kByteArrayRef;
    }
    if (onFull == OnFull::Null)
      return nullptr;
    outOfMemory(heap, bytes);
  }
}

/// The place of a live byte array; reports, and gives no heap, if it is none.
ObjectPlace byteArray(const void *array) {
  void *ref = const_cast<void *>(array);
  ObjectPlace place = placeOf(ref);
  if (!place.heap) {
    if (isStatic(ref))
      fail(CAIRN_ERROR_KIND, ref, "not a byte array");
    return place;
  }
  const char *what = kindAt(place) != kByteArray ? "not a byte array"
                     : loadCount(ref) == 0       ? "its array is dead"
                                                 : nullptr;
  if (!what)
    return place;
  fail(loadCount(ref) ? CAIRN_ERROR_KIND : CAIRN_ERROR_DEAD, ref, what);
  return ObjectPlace();
}

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void *cairn_heap_alloc_byte_array(cairn_heap *heap, uint32_t length, uint32_t size) {
  noteCaller();
  return allocateByteArray(orDefault(heap), length, size, OnFull::Fail);
}
CAIRN_API void *cairn_heap_try_alloc_byte_array(cairn_heap *heap, uint32_t length, uint32_t size) {
  noteCaller();
  return allocateByteArray(orDefault(heap), length, size, OnFull::Null);
}

CAIRN_API void *cairn_byte_array_data(const void *array) {
  noteCaller();
  return static_cast<char *>(const_cast<void *>(array)) + (kByteArrayData - kByteArrayRef);
}

CAIRN_API uint32_t cairn_byte_array_length(const void *array) {
  noteCaller();
  return byteArray(array).heap ? loadMeta(array) : 0;
}

CAIRN_API uint32_t cairn_byte_array_elem_size(const void *array) {
  noteCaller();
  ObjectPlace place = byteArray(array);
  if (!place.heap)
    return 0;
  const char *slot = static_cast<const char *>(array) - kByteArrayRef;
  return *reinterpret_cast<const uint32_t *>(slot + extentOf(place, kByteArray) - sizeof(uint32_t));
}

CAIRN_API bool cairn_is_byte_array(const void *object) {
  noteCaller();
  void *ref = const_cast<void *>(object);
  return cairn_resolve(object) == object && !isStatic(object) && kindAt(placeOf(ref)) == kByteArray;
}

CAIRN_API void *cairn_heap_alloc_string(cairn_heap *heap, const char *utf8, size_t n) {
  noteCaller();
  void *ref = newBytes(n, heap);
  if (ref && n)
    __builtin_memcpy(ref, utf8, n);
  return ref;
}

CAIRN_API void *cairn_heap_try_alloc_string(cairn_heap *heap, const char *utf8, size_t n) {
  noteCaller();
  void *ref = cairn_rt_try_alloc_bytes(n, heap);
  if (ref && n)
    __builtin_memcpy(ref, utf8, n);
  return ref;
}

} // extern "C"
