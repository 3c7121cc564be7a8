//===- list.cpp - Lists that grow behind a handle -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Invariant: whatever allocates comes before whatever changes the list, so that a
// handler for a full heap may leave by longjmp.
//
//===----------------------------------------------------------------------===//

#include "object/container.h"

namespace cairn {

namespace {

constexpr uint32_t tableField[] = {0};
constexpr cairn_type listType = {sizeof(List), alignof(List), 1, 0, 0, tableField, nullptr, "list"};

List *listOf(const void *ref, Heap *&heap) {
  heap = checkHandle(ref, kListTag, kListMagic, "not a list");
  return heap ? static_cast<List *>(const_cast<void *>(ref)) : nullptr;
}
List *listOf(const void *ref) {
  Heap *heap;
  return listOf(ref, heap);
}

void *makeTable(Heap *heap, uint8_t kind, uint32_t elemSize, uint64_t capacity, OnFull onFull) {
  bool fail = onFull == OnFull::Fail;
  if (kind == CAIRN_VALUE_REF)
    return (fail ? newArray : cairn_rt_try_alloc_array)(&cairn_type_ref, capacity, heap);
  void *table = (fail ? newBytes : cairn_rt_try_alloc_bytes)(capacity * elemSize, heap);
  if (table)
    platform::written(table, size_t(capacity * elemSize)); // by the list's functions
  return table;
}

uint32_t widthOf(const List *list) {
  return list->kind == CAIRN_VALUE_REF ? uint32_t(sizeof(void *)) : list->elemSize;
}

bool isFull(const List *list) { return !list->table || list->length >= list->capacity; }

/// Of the table that is to follow.
uint64_t nextCapacity(const List *list) {
  uint64_t capacity = list->table ? uint64_t(list->capacity) * 2 : list->capacity;
  if (capacity < 4)
    return 4;
  return capacity > UINT32_MAX ? UINT32_MAX : capacity;
}

/// Room for one more element of this kind; false if there is no memory, or the list
/// holds another kind, which is reported.
bool makeRoom(Heap *heap, List *list, cairn_value_kind kind, OnFull onFull) {
  if (kind == CAIRN_VALUE_FLOAT && list->elemSize < sizeof(float)) {
    fail(CAIRN_ERROR_KIND, list, "a list of elements too small for a float");
    return false;
  }
  if (list->kind != kind && list->kind != CAIRN_VALUE_NONE) {
    fail(CAIRN_ERROR_KIND, list, "a list of another kind of element");
    return false;
  }
  if (!isFull(list))
    return true;
  uint64_t capacity = nextCapacity(list);
  void *table = list->length == UINT32_MAX
                    ? nullptr
                    : makeTable(heap, kind, list->elemSize, capacity, onFull);
  if (!table)
    return false;
  void *old = list->table;
  if (old)
    __builtin_memcpy(table, old, size_t(list->length) * widthOf(list));
  list->kind = kind;
  list->table = table;
  list->capacity = uint32_t(capacity);
  publish(list, table);
  discardTable(old);
  return true;
}

void *makeList(Heap *heap, uint32_t capacity, uint32_t elemSize, OnFull onFull) {
  if (elemSize != 1 && elemSize != 2 && elemSize != 4 && elemSize != 8) {
    fail(CAIRN_ERROR_USAGE, nullptr, "a list's elements have 1, 2, 4 or 8 bytes");
    return nullptr;
  }
  void *ref = (onFull == OnFull::Fail ? newTyped : cairn_rt_try_alloc_type)(&listType, heap);
  if (!ref)
    return nullptr;
  *fast::metaOf(ref) = handleMeta(kListTag);
  List *list = static_cast<List *>(ref);
  *list = {nullptr, kListMagic, CAIRN_VALUE_NONE, uint8_t(elemSize), 0, 0, capacity};
  platform::written(list, sizeof *list);
  return ref;
}

void storeInt(List *list, uint32_t i, int64_t value) {
  switch (list->elemSize) {
  case 1:
    static_cast<int8_t *>(list->table)[i] = int8_t(value);
    break;
  case 2:
    static_cast<int16_t *>(list->table)[i] = int16_t(value);
    break;
  case 4:
    static_cast<int32_t *>(list->table)[i] = int32_t(value);
    break;
  default:
    static_cast<int64_t *>(list->table)[i] = value;
  }
}

void storeFloat(List *list, uint32_t i, double value) {
  if (list->elemSize == sizeof(float))
    static_cast<float *>(list->table)[i] = float(value);
  else
    static_cast<double *>(list->table)[i] = value;
}

bool appendInt(void *ref, int64_t value, OnFull onFull) {
  Heap *heap;
  List *list = listOf(ref, heap);
  if (!list || !makeRoom(heap, list, CAIRN_VALUE_INT, onFull))
    return false;
  storeInt(list, list->length++, value);
  return true;
}

bool appendFloat(void *ref, double value, OnFull onFull) {
  Heap *heap;
  List *list = listOf(ref, heap);
  if (!list || !makeRoom(heap, list, CAIRN_VALUE_FLOAT, onFull))
    return false;
  storeFloat(list, list->length++, value);
  return true;
}

bool appendRef(void *ref, void *object, OnFull onFull) {
  Heap *heap;
  List *list = listOf(ref, heap);
  if (!list || !storable(object) || !makeRoom(heap, list, CAIRN_VALUE_REF, onFull))
    return false;
  publish(list, object);
  retainStored(object);
  static_cast<void **>(list->table)[list->length++] = object;
  return true;
}

/// The list, if it has such an element; reports if not.
List *element(const void *ref, uint32_t i, cairn_value_kind kind) {
  List *list = listOf(ref);
  if (!list)
    return nullptr;
  if (i >= list->length)
    fail(CAIRN_ERROR_BOUNDS, ref, "an index past the end of a list");
  else if (list->kind != kind)
    fail(CAIRN_ERROR_KIND, ref, "a list of another kind of element");
  else
    return list;
  return nullptr;
}

} // namespace

uint64_t nextRequest(const List *list, cairn_value_kind kind) {
  if (!isFull(list))
    return 0;
  return kind == CAIRN_VALUE_REF ? kArrayPrefix + nextCapacity(list) * sizeof(void *)
                                 : kHeaderSize + nextCapacity(list) * list->elemSize;
}

bool soundList(const List *list) {
  unsigned size = list->elemSize;
  auto sizeIsOne = [&] { return size <= 8 && (1u << 1 | 1u << 2 | 1u << 4 | 1u << 8) >> size & 1; };
  if (!list->table)
    return list->length == 0 && list->kind == CAIRN_VALUE_NONE && sizeIsOne();
  if (list->length > list->capacity || cairn_resolve(list->table) != list->table)
    return false;
  uint32_t meta = loadMeta(list->table);
  ObjectPlace place = placeOf(list->table);
  if (!place.heap || kindAt(place) != kObject)
    return false;
  uint64_t room = extentOf(place, kObject);
  switch (list->kind) {
  case CAIRN_VALUE_REF:
    return meta == (kMetaTyped | kMetaArray | 1u << kMetaElemShift | 1) &&
           list->capacity <= lengthOf(list->table)[0] &&
           kArrayPrefix + uint64_t(lengthOf(list->table)[0]) * sizeof(void *) <= room;
  case CAIRN_VALUE_FLOAT:
    if (size < sizeof(float))
      return false;
    [[fallthrough]];
  case CAIRN_VALUE_INT:
    return !isTyped(meta) && sizeIsOne() && uint64_t(list->capacity) * size <= meta &&
           kHeaderSize + uint64_t(meta) <= room;
  default:
    return false;
  }
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void *cairn_heap_alloc_list(cairn_heap *heap, uint32_t capacity, uint32_t elem_size) {
  noteCaller();
  return makeList(orDefault(heap), capacity, elem_size, OnFull::Fail);
}
CAIRN_API void *cairn_heap_try_alloc_list(cairn_heap *heap, uint32_t capacity, uint32_t elem_size) {
  noteCaller();
  return makeList(orDefault(heap), capacity, elem_size, OnFull::Null);
}

CAIRN_API bool cairn_is_list(const void *object) {
  noteCaller();
  return cairn_resolve(object) == object && loadMeta(object) == handleMeta(kListTag) &&
         static_cast<const List *>(object)->magic == kListMagic;
}

CAIRN_API uint32_t cairn_list_length(const void *ref) {
  noteCaller();
  List *list = listOf(ref);
  return list ? list->length : 0;
}
CAIRN_API uint32_t cairn_list_elem_size(const void *ref) {
  noteCaller();
  List *list = listOf(ref);
  return list ? list->elemSize : 0;
}
CAIRN_API cairn_value_kind cairn_list_kind(const void *ref) {
  noteCaller();
  List *list = listOf(ref);
  return list ? cairn_value_kind(list->kind) : CAIRN_VALUE_NONE;
}

CAIRN_API void cairn_list_append(void *list, int64_t value) {
  noteCaller();
  appendInt(list, value, OnFull::Fail);
}
CAIRN_API void cairn_list_append_float(void *list, double value) {
  noteCaller();
  appendFloat(list, value, OnFull::Fail);
}
CAIRN_API void cairn_list_append_ref(void *list, void *object) {
  noteCaller();
  appendRef(list, object, OnFull::Fail);
}
CAIRN_API bool cairn_try_list_append(void *list, int64_t value) {
  noteCaller();
  return appendInt(list, value, OnFull::Null);
}
CAIRN_API bool cairn_try_list_append_float(void *list, double value) {
  noteCaller();
  return appendFloat(list, value, OnFull::Null);
}
CAIRN_API bool cairn_try_list_append_ref(void *list, void *object) {
  noteCaller();
  return appendRef(list, object, OnFull::Null);
}

CAIRN_API int64_t cairn_list_get(const void *ref, uint32_t i) {
  noteCaller();
  List *list = element(ref, i, CAIRN_VALUE_INT);
  if (!list)
    return 0;
  switch (list->elemSize) {
  case 1:
    return static_cast<int8_t *>(list->table)[i];
  case 2:
    return static_cast<int16_t *>(list->table)[i];
  case 4:
    return static_cast<int32_t *>(list->table)[i];
  default:
    return static_cast<int64_t *>(list->table)[i];
  }
}

CAIRN_API double cairn_list_get_float(const void *ref, uint32_t i) {
  noteCaller();
  List *list = element(ref, i, CAIRN_VALUE_FLOAT);
  if (!list)
    return 0;
  return list->elemSize == sizeof(float) ? static_cast<float *>(list->table)[i]
                                         : static_cast<double *>(list->table)[i];
}

CAIRN_API void *cairn_list_get_ref(const void *ref, uint32_t i) {
  noteCaller();
  List *list = element(ref, i, CAIRN_VALUE_REF);
  return list ? static_cast<void **>(list->table)[i] : nullptr;
}

CAIRN_API void cairn_list_set(void *ref, uint32_t i, int64_t value) {
  noteCaller();
  if (List *list = element(ref, i, CAIRN_VALUE_INT))
    storeInt(list, i, value);
}
CAIRN_API void cairn_list_set_float(void *ref, uint32_t i, double value) {
  noteCaller();
  if (List *list = element(ref, i, CAIRN_VALUE_FLOAT))
    storeFloat(list, i, value);
}
CAIRN_API void cairn_list_set_ref(void *ref, uint32_t i, void *object) {
  noteCaller();
  List *list = element(ref, i, CAIRN_VALUE_REF);
  if (!list || !storable(object))
    return;
  publish(list, object);
  retainStored(object);
  void *&place = static_cast<void **>(list->table)[i];
  void *old = place;
  place = object;
  if (old)
    cairn_decref(old);
}

CAIRN_API void *cairn_list_data(const void *ref) {
  noteCaller();
  List *list = listOf(ref);
  return list && list->length ? list->table : nullptr;
}

} // extern "C"
