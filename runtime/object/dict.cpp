//===- dict.cpp - Dicts with string keys behind a handle -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Open addressing, linear probing. A deletion moves later entries of the same run
// back, so that a probe ends at the first empty entry and nothing is ever marked.
//
// Invariant: whatever allocates comes before whatever changes the dict, so that a
// handler for a full heap may leave by longjmp; and what is released, is released
// after, since a finaliser may look at the dict.
//
//===----------------------------------------------------------------------===//

#include "object/container.h"

namespace cairn {

namespace {

constexpr uint32_t tableField[] = {0};
constexpr cairn_type dictType = {sizeof(Dict), alignof(Dict), 1, 0, 0, tableField, nullptr, "dict"};
constexpr uint32_t entryFields[] = {offsetof(Entry, key), offsetof(Entry, ref)};
constexpr cairn_type entryType = {sizeof(Entry), alignof(Entry), 2,           0, 0,
                                  entryFields,   nullptr,        "dict entry"};
constexpr uint32_t kEntryMeta =
    kMetaTyped | kMetaArray | uint32_t(sizeof(Entry) / sizeof(void *)) << kMetaElemShift | 3;
constexpr uint32_t kLeastCapacity = 8;
constexpr uint32_t kMostCapacity = 1u << 27;

Dict *dictOf(const void *ref, Heap *&heap) {
  heap = checkHandle(ref, kDictTag, kDictMagic, "not a dict");
  return heap ? static_cast<Dict *>(const_cast<void *>(ref)) : nullptr;
}
Dict *dictOf(const void *ref) {
  Heap *heap;
  return dictOf(ref, heap);
}

uint32_t hashOf(const char *key, size_t n) {
  constexpr uint64_t kFactor = 0x9e3779b97f4a7c15u;
  uint64_t h = uint64_t(n) * kFactor;
  while (n) {
    uint64_t part = 0;
    size_t step = n < 8 ? n : 8;
    __builtin_memcpy(&part, key, step);
    h = (h ^ part) * kFactor;
    h ^= h >> 32;
    key += step;
    n -= step;
  }
  return uint32_t(h ^ h >> 29);
}

Entry *entriesOf(const Dict *dict) { return static_cast<Entry *>(dict->table); }

/// Whether an entry's key may be read, in a heap that the program writes over.
bool soundKey(const Entry &entry) {
  if (cairn_resolve(entry.key) != entry.key)
    return false;
  ObjectPlace place = placeOf(entry.key);
  return place.heap && kindAt(place) == kObject && !isTyped(loadMeta(entry.key)) &&
         soundHeader(place, entry.key);
}

Entry *find(Heap *heap, const Dict *dict, const char *key, size_t n, uint32_t hash) {
  if (!dict->table)
    return nullptr;
  Entry *entries = entriesOf(dict);
  uint32_t mask = dict->capacity - 1;
  for (uint32_t i = hash & mask, left = dict->capacity; left && entries[i].key;
       i = (i + 1) & mask, --left)
    if (entries[i].hash == hash && (CAIRN_LIKELY(!heap->exposed) || soundKey(entries[i])) &&
        loadMeta(entries[i].key) == n && !__builtin_memcmp(entries[i].key, key, n))
      return &entries[i];
  return nullptr;
}

Entry *emptyPlace(Entry *entries, uint32_t capacity, uint32_t hash) {
  uint32_t mask = capacity - 1, i = hash & mask;
  for (uint32_t left = mask; left && entries[i].key; --left)
    i = (i + 1) & mask;
  return &entries[i];
}

bool isFull(const Dict *dict) {
  return !dict->table || (uint64_t(dict->length) + 1) * 4 > uint64_t(dict->capacity) * 3;
}

/// Of the table that is to follow.
uint64_t nextCapacity(const Dict *dict) {
  return dict->table ? uint64_t(dict->capacity) * 2 : dict->wanted;
}

/// Room for one more key; false if there is no memory.
bool makeRoom(Heap *heap, Dict *dict, OnFull onFull) {
  if (!isFull(dict))
    return true;
  uint64_t capacity = nextCapacity(dict);
  void *table = (onFull == OnFull::Fail ? newArray : cairn_rt_try_alloc_array)(
      &entryType, capacity > kMostCapacity ? UINT32_MAX : capacity, heap);
  if (!table)
    return false;
  void *old = dict->table;
  Entry *from = entriesOf(dict), *to = static_cast<Entry *>(table);
  for (uint32_t i = 0; old && i < dict->capacity; ++i)
    if (from[i].key)
      *emptyPlace(to, uint32_t(capacity), from[i].hash) = from[i];
  dict->table = table;
  dict->capacity = uint32_t(capacity);
  // What the entries refer to is shared already; seeing that ends the walk.
  publish(dict, table);
  discardTable(old);
  return true;
}

void *makeDict(Heap *heap, uint32_t capacity, OnFull onFull) {
  uint64_t wanted = kLeastCapacity;
  while (wanted * 3 < uint64_t(capacity) * 4 && wanted < kMostCapacity)
    wanted *= 2;
  void *ref = (onFull == OnFull::Fail ? newTyped : cairn_rt_try_alloc_type)(&dictType, heap);
  if (!ref)
    return nullptr;
  *fast::metaOf(ref) = handleMeta(kDictTag);
  *static_cast<Dict *>(ref) = {nullptr, kDictMagic, 0, 0, uint32_t(wanted)};
  platform::written(ref, sizeof(Dict));
  return ref;
}

bool set(void *ref, const char *key, size_t n, cairn_value_kind kind, uint64_t bits, void *object,
         OnFull onFull) {
  Heap *heap;
  Dict *dict = dictOf(ref, heap);
  if (!dict || !storable(object))
    return false;
  uint32_t hash = hashOf(key, n);
  Entry *entry = find(heap, dict, key, n, hash);
  if (!entry) {
    if (!makeRoom(heap, dict, onFull))
      return false;
    cairn_heap *h = reinterpret_cast<cairn_heap *>(heap);
    void *copy = onFull == OnFull::Fail ? cairn_heap_alloc_string(h, key, n)
                                        : cairn_heap_try_alloc_string(h, key, n);
    if (!copy)
      return false;
    publish(dict, copy);
    entry = emptyPlace(entriesOf(dict), dict->capacity, hash);
    *entry = {copy, nullptr, 0, hash, CAIRN_VALUE_NONE};
    ++dict->length;
  }
  publish(dict, object);
  retainStored(object);
  void *old = entry->ref;
  entry->ref = object;
  entry->bits = bits;
  entry->kind = kind;
  if (old)
    cairn_decref(old);
  return true;
}

uint64_t bitsOf(double value) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  return bits;
}
double floatOf(uint64_t bits) {
  double value;
  __builtin_memcpy(&value, &bits, sizeof(value));
  return value;
}

/// The key's entry if it has a value of this kind.
Entry *get(const void *ref, const char *key, size_t n, cairn_value_kind kind) {
  Heap *heap;
  Dict *dict = dictOf(ref, heap);
  Entry *entry = dict ? find(heap, dict, key, n, hashOf(key, n)) : nullptr;
  return entry && entry->kind == uint32_t(kind) ? entry : nullptr;
}

} // namespace

uint64_t nextRequest(const Dict *dict, size_t n) {
  return isFull(dict) ? kArrayPrefix + nextCapacity(dict) * sizeof(Entry) : kHeaderSize + n;
}

bool soundDict(const Dict *dict) {
  if (!dict->table)
    return dict->length == 0 && dict->wanted >= kLeastCapacity && dict->wanted <= kMostCapacity &&
           !(dict->wanted & (dict->wanted - 1));
  uint64_t capacity = dict->capacity;
  if (!capacity || (capacity & (capacity - 1)) || uint64_t(dict->length) * 4 > capacity * 3 ||
      cairn_resolve(dict->table) != dict->table)
    return false;
  ObjectPlace place = placeOf(dict->table);
  return place.heap && kindAt(place) == kObject && loadMeta(dict->table) == kEntryMeta &&
         lengthOf(dict->table)[0] == capacity &&
         kArrayPrefix + capacity * sizeof(Entry) <= extentOf(place, kObject);
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void *cairn_heap_alloc_dict(cairn_heap *heap, uint32_t capacity) {
  noteCaller();
  return makeDict(orDefault(heap), capacity, OnFull::Fail);
}
CAIRN_API void *cairn_heap_try_alloc_dict(cairn_heap *heap, uint32_t capacity) {
  noteCaller();
  return makeDict(orDefault(heap), capacity, OnFull::Null);
}

CAIRN_API bool cairn_is_dict(const void *object) {
  noteCaller();
  return cairn_resolve(object) == object && loadMeta(object) == handleMeta(kDictTag) &&
         static_cast<const Dict *>(object)->magic == kDictMagic;
}

CAIRN_API uint32_t cairn_dict_length(const void *ref) {
  noteCaller();
  Dict *dict = dictOf(ref);
  return dict ? dict->length : 0;
}

CAIRN_API void cairn_dict_set_int(void *dict, const char *key, size_t n, int64_t value) {
  noteCaller();
  set(dict, key, n, CAIRN_VALUE_INT, uint64_t(value), nullptr, OnFull::Fail);
}
CAIRN_API void cairn_dict_set_float(void *dict, const char *key, size_t n, double value) {
  noteCaller();
  set(dict, key, n, CAIRN_VALUE_FLOAT, bitsOf(value), nullptr, OnFull::Fail);
}
CAIRN_API void cairn_dict_set(void *dict, const char *key, size_t n, void *object) {
  noteCaller();
  set(dict, key, n, CAIRN_VALUE_REF, 0, object, OnFull::Fail);
}
CAIRN_API bool cairn_try_dict_set_int(void *dict, const char *key, size_t n, int64_t value) {
  noteCaller();
  return set(dict, key, n, CAIRN_VALUE_INT, uint64_t(value), nullptr, OnFull::Null);
}
CAIRN_API bool cairn_try_dict_set_float(void *dict, const char *key, size_t n, double value) {
  noteCaller();
  return set(dict, key, n, CAIRN_VALUE_FLOAT, bitsOf(value), nullptr, OnFull::Null);
}
CAIRN_API bool cairn_try_dict_set(void *dict, const char *key, size_t n, void *object) {
  noteCaller();
  return set(dict, key, n, CAIRN_VALUE_REF, 0, object, OnFull::Null);
}

CAIRN_API cairn_value_kind cairn_dict_kind(const void *ref, const char *key, size_t n) {
  noteCaller();
  Heap *heap;
  Dict *dict = dictOf(ref, heap);
  Entry *entry = dict ? find(heap, dict, key, n, hashOf(key, n)) : nullptr;
  return entry ? cairn_value_kind(entry->kind) : CAIRN_VALUE_NONE;
}
CAIRN_API int64_t cairn_dict_get_int(const void *dict, const char *key, size_t n) {
  noteCaller();
  Entry *entry = get(dict, key, n, CAIRN_VALUE_INT);
  return entry ? int64_t(entry->bits) : 0;
}
CAIRN_API double cairn_dict_get_float(const void *dict, const char *key, size_t n) {
  noteCaller();
  Entry *entry = get(dict, key, n, CAIRN_VALUE_FLOAT);
  return entry ? floatOf(entry->bits) : 0;
}
CAIRN_API void *cairn_dict_get(const void *dict, const char *key, size_t n) {
  noteCaller();
  Entry *entry = get(dict, key, n, CAIRN_VALUE_REF);
  return entry ? entry->ref : nullptr;
}

CAIRN_API bool cairn_dict_delete(void *ref, const char *key, size_t n) {
  noteCaller();
  Heap *heap;
  Dict *dict = dictOf(ref, heap);
  Entry *entry = dict ? find(heap, dict, key, n, hashOf(key, n)) : nullptr;
  if (!entry)
    return false;
  void *oldKey = entry->key, *oldRef = entry->ref;
  Entry *entries = entriesOf(dict);
  uint32_t mask = dict->capacity - 1, hole = uint32_t(entry - entries);
  for (uint32_t i = (hole + 1) & mask, left = mask; left && entries[i].key;
       i = (i + 1) & mask, --left)
    // Entries whose probe starts at or before the hole move into it.
    if (((i - entries[i].hash) & mask) >= ((i - hole) & mask)) {
      entries[hole] = entries[i];
      hole = i;
    }
  entries[hole] = {};
  --dict->length;
  cairn_decref(oldKey);
  if (oldRef)
    cairn_decref(oldRef);
  return true;
}

CAIRN_API void cairn_dict_cleanup(void *ref) {
  noteCaller();
  Dict *dict = dictOf(ref);
  if (!dict || !dict->table)
    return;
  void *table = dict->table;
  dict->table = nullptr;
  dict->length = dict->capacity = 0;
  cairn_rt_decref(table);
}

CAIRN_API bool cairn_dict_next(const void *ref, uint32_t *at, cairn_dict_entry *out) {
  noteCaller();
  Dict *dict = dictOf(ref);
  for (; dict && dict->table && *at < dict->capacity; ++*at) {
    const Entry &entry = entriesOf(dict)[*at];
    if (!entry.key)
      continue;
    ++*at;
    *out = {entry.key, cairn_value_kind(entry.kind), 0, 0, entry.ref};
    platform::written(out, sizeof *out);
    if (entry.kind == CAIRN_VALUE_INT)
      out->as_int = int64_t(entry.bits);
    else if (entry.kind == CAIRN_VALUE_FLOAT)
      out->as_float = floatOf(entry.bits);
    return true;
  }
  return false;
}

} // extern "C"
