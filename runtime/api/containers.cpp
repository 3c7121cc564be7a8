//===- containers.cpp - Containers without a heap to name, and by intrinsic -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Creation in the default heap, and, as in intrinsics.cpp, a symbol of its own name for
// each intrinsic on strings, byte arrays, lists and dicts: a module that no pass has
// lowered links and runs. An intrinsic's sizes are 64 bits wide on every target.
//
//===----------------------------------------------------------------------===//

#include "object/container.h"

/// An intrinsic's symbol: the name, and the function's result, parameters and body.
#define INTRINSIC(result, name, function, parameters, ...)                                         \
  result function parameters __asm__("cairn." name) __attribute__((visibility("default")));        \
  result function parameters __VA_ARGS__

extern "C" {

CAIRN_API void *cairn_alloc_byte_array(uint32_t length, uint32_t elem_size) {
  cairn::noteCaller();
  return cairn_heap_alloc_byte_array(nullptr, length, elem_size);
}
CAIRN_API void *cairn_try_alloc_byte_array(uint32_t length, uint32_t elem_size) {
  cairn::noteCaller();
  return cairn_heap_try_alloc_byte_array(nullptr, length, elem_size);
}
CAIRN_API void *cairn_alloc_string(const char *utf8, size_t n) {
  cairn::noteCaller();
  return cairn_heap_alloc_string(nullptr, utf8, n);
}
CAIRN_API void *cairn_try_alloc_string(const char *utf8, size_t n) {
  cairn::noteCaller();
  return cairn_heap_try_alloc_string(nullptr, utf8, n);
}
CAIRN_API void *cairn_alloc_list(uint32_t capacity, uint32_t elem_size) {
  cairn::noteCaller();
  return cairn_heap_alloc_list(nullptr, capacity, elem_size);
}
CAIRN_API void *cairn_try_alloc_list(uint32_t capacity, uint32_t elem_size) {
  cairn::noteCaller();
  return cairn_heap_try_alloc_list(nullptr, capacity, elem_size);
}
CAIRN_API void *cairn_alloc_dict(uint32_t capacity) {
  cairn::noteCaller();
  return cairn_heap_alloc_dict(nullptr, capacity);
}
CAIRN_API void *cairn_try_alloc_dict(uint32_t capacity) {
  cairn::noteCaller();
  return cairn_heap_try_alloc_dict(nullptr, capacity);
}

//===- Strings and byte arrays -----------------------------------------------===//

INTRINSIC(void *, "alloc.string", allocString, (const char *utf8, uint64_t n),
          { return cairn_alloc_string(utf8, size_t(n)); })
INTRINSIC(void *, "try.alloc.string", tryAllocString, (const char *utf8, uint64_t n),
          { return cairn_try_alloc_string(utf8, size_t(n)); })
INTRINSIC(void *, "heap.alloc.string", heapAllocString,
          (cairn_heap * heap, const char *utf8, uint64_t n),
          { return cairn_heap_alloc_string(heap, utf8, size_t(n)); })
INTRINSIC(void *, "heap.try.alloc.string", heapTryAllocString,
          (cairn_heap * heap, const char *utf8, uint64_t n),
          { return cairn_heap_try_alloc_string(heap, utf8, size_t(n)); })
INTRINSIC(void *, "alloc.byte.array", allocByteArray, (uint32_t length, uint32_t size),
          { return cairn_alloc_byte_array(length, size); })
INTRINSIC(void *, "try.alloc.byte.array", tryAllocByteArray, (uint32_t length, uint32_t size),
          { return cairn_try_alloc_byte_array(length, size); })
INTRINSIC(void *, "heap.alloc.byte.array", heapAllocByteArray,
          (cairn_heap * heap, uint32_t length, uint32_t size),
          { return cairn_heap_alloc_byte_array(heap, length, size); })
INTRINSIC(void *, "heap.try.alloc.byte.array", heapTryAllocByteArray,
          (cairn_heap * heap, uint32_t length, uint32_t size),
          { return cairn_heap_try_alloc_byte_array(heap, length, size); })

//===- Lists -----------------------------------------------------------------===//

INTRINSIC(void *, "alloc.list", allocList, (uint32_t capacity, uint32_t size),
          { return cairn_alloc_list(capacity, size); })
INTRINSIC(void *, "try.alloc.list", tryAllocList, (uint32_t capacity, uint32_t size),
          { return cairn_try_alloc_list(capacity, size); })
INTRINSIC(void *, "heap.alloc.list", heapAllocList,
          (cairn_heap * heap, uint32_t capacity, uint32_t size),
          { return cairn_heap_alloc_list(heap, capacity, size); })
INTRINSIC(void *, "heap.try.alloc.list", heapTryAllocList,
          (cairn_heap * heap, uint32_t capacity, uint32_t size),
          { return cairn_heap_try_alloc_list(heap, capacity, size); })
INTRINSIC(uint32_t, "list.length", listLength, (const void *list),
          { return cairn_list_length(list); })
INTRINSIC(uint32_t, "list.elem.size", listElemSize, (const void *list),
          { return cairn_list_elem_size(list); })
INTRINSIC(uint32_t, "list.kind", listKind, (const void *list), { return cairn_list_kind(list); })
INTRINSIC(void *, "list.data", listData, (const void *list), { return cairn_list_data(list); })
INTRINSIC(void, "list.append", listAppend, (void *list, int64_t value),
          { cairn_list_append(list, value); })
INTRINSIC(void, "list.append.float", listAppendFloat, (void *list, double value),
          { cairn_list_append_float(list, value); })
INTRINSIC(void, "list.append.ref", listAppendRef, (void *list, void *object),
          { cairn_list_append_ref(list, object); })
INTRINSIC(bool, "try.list.append", tryListAppend, (void *list, int64_t value),
          { return cairn_try_list_append(list, value); })
INTRINSIC(bool, "try.list.append.float", tryListAppendFloat, (void *list, double value),
          { return cairn_try_list_append_float(list, value); })
INTRINSIC(bool, "try.list.append.ref", tryListAppendRef, (void *list, void *object),
          { return cairn_try_list_append_ref(list, object); })
INTRINSIC(int64_t, "list.get", listGet, (const void *list, uint32_t i),
          { return cairn_list_get(list, i); })
INTRINSIC(double, "list.get.float", listGetFloat, (const void *list, uint32_t i),
          { return cairn_list_get_float(list, i); })
INTRINSIC(void *, "list.get.ref", listGetRef, (const void *list, uint32_t i),
          { return cairn_list_get_ref(list, i); })
INTRINSIC(void, "list.set", listSet, (void *list, uint32_t i, int64_t value),
          { cairn_list_set(list, i, value); })
INTRINSIC(void, "list.set.float", listSetFloat, (void *list, uint32_t i, double value),
          { cairn_list_set_float(list, i, value); })
INTRINSIC(void, "list.set.ref", listSetRef, (void *list, uint32_t i, void *object),
          { cairn_list_set_ref(list, i, object); })

//===- Dicts -----------------------------------------------------------------===//

INTRINSIC(void *, "alloc.dict", allocDict, (uint32_t capacity),
          { return cairn_alloc_dict(capacity); })
INTRINSIC(void *, "try.alloc.dict", tryAllocDict, (uint32_t capacity),
          { return cairn_try_alloc_dict(capacity); })
INTRINSIC(void *, "heap.alloc.dict", heapAllocDict, (cairn_heap * heap, uint32_t capacity),
          { return cairn_heap_alloc_dict(heap, capacity); })
INTRINSIC(void *, "heap.try.alloc.dict", heapTryAllocDict, (cairn_heap * heap, uint32_t capacity),
          { return cairn_heap_try_alloc_dict(heap, capacity); })
INTRINSIC(uint32_t, "dict.length", dictLength, (const void *dict),
          { return cairn_dict_length(dict); })
INTRINSIC(uint32_t, "dict.kind", dictKind, (const void *dict, const char *key, uint64_t n),
          { return cairn_dict_kind(dict, key, size_t(n)); })
INTRINSIC(void, "dict.set", dictSet, (void *dict, const char *key, uint64_t n, void *object),
          { cairn_dict_set(dict, key, size_t(n), object); })
INTRINSIC(void, "dict.set.int", dictSetInt,
          (void *dict, const char *key, uint64_t n, int64_t value),
          { cairn_dict_set_int(dict, key, size_t(n), value); })
INTRINSIC(void, "dict.set.float", dictSetFloat,
          (void *dict, const char *key, uint64_t n, double value),
          { cairn_dict_set_float(dict, key, size_t(n), value); })
INTRINSIC(bool, "try.dict.set", tryDictSet, (void *dict, const char *key, uint64_t n, void *object),
          { return cairn_try_dict_set(dict, key, size_t(n), object); })
INTRINSIC(bool, "try.dict.set.int", tryDictSetInt,
          (void *dict, const char *key, uint64_t n, int64_t value),
          { return cairn_try_dict_set_int(dict, key, size_t(n), value); })
INTRINSIC(bool, "try.dict.set.float", tryDictSetFloat,
          (void *dict, const char *key, uint64_t n, double value),
          { return cairn_try_dict_set_float(dict, key, size_t(n), value); })
INTRINSIC(void *, "dict.get", dictGet, (const void *dict, const char *key, uint64_t n),
          { return cairn_dict_get(dict, key, size_t(n)); })
INTRINSIC(int64_t, "dict.get.int", dictGetInt, (const void *dict, const char *key, uint64_t n),
          { return cairn_dict_get_int(dict, key, size_t(n)); })
INTRINSIC(double, "dict.get.float", dictGetFloat, (const void *dict, const char *key, uint64_t n),
          { return cairn_dict_get_float(dict, key, size_t(n)); })
INTRINSIC(bool, "dict.delete", dictDelete, (void *dict, const char *key, uint64_t n),
          { return cairn_dict_delete(dict, key, size_t(n)); })
INTRINSIC(void, "dict.cleanup", dictCleanup, (void *dict), { cairn_dict_cleanup(dict); })

} // extern "C"
