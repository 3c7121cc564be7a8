//===- container.h - How byte arrays, lists and dicts lie -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   byte array  [refcount][length][capacity][data ...] ... [element size u32]
//               the last word of its slot or block: what `length` counts
//   list        a handle; its table is a bytes object of values, or a typed array
//               of references
//   dict        a handle; its table is a typed array of entries, open addressing
//               with linear probing, a power of two long, at most 3/4 full
//
// Handles are typed objects whose first word is managed: drop, share and walk need
// know nothing of them. The header's tag and a word of the payload say what they are.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_OBJECT_CONTAINER_H
#define CAIRN_OBJECT_CONTAINER_H

#include "cairn/containers.h"
#include "object/object.h"

namespace cairn {

/// What a byte array has beside its data.
constexpr uint64_t kByteArrayExtra = kByteArrayData + sizeof(uint32_t);

constexpr uint8_t kListTag = 0x4c;
constexpr uint8_t kDictTag = 0x44;
constexpr uint32_t kListMagic = 0x7473696c;
constexpr uint32_t kDictMagic = 0x74636964;

struct List {
  void *table; ///< Null while the capacity is 0, or nothing was ever put in.
  uint32_t magic;
  uint8_t kind; ///< cairn_value_kind
  uint8_t elemSize;
  uint16_t unused;
  uint32_t length;
  uint32_t capacity; ///< Elements.
};

struct Entry {
  void *key; ///< A bytes object, or null.
  void *ref; ///< Null unless the value is a reference.
  uint64_t bits;
  uint32_t hash;
  uint32_t kind; ///< cairn_value_kind
};

struct Dict {
  void *table; ///< Null while the capacity is 0.
  uint32_t magic;
  uint32_t length;
  uint32_t capacity;
  uint32_t wanted; ///< Capacity that the first table is to have.
};

/// The header word of both kinds of handle.
constexpr uint32_t handleMeta(uint8_t tag) {
  static_assert(sizeof(List) == sizeof(Dict) && alignof(List) == alignof(Dict));
  return kMetaTyped | classBits(objectBytes(sizeof(List), alignof(List))) |
         uint32_t(tag) << kMetaTagShift | 1;
}

/// The handle's heap, or null: it was not a live one of this kind, which is reported.
Heap *checkHandle(const void *ref, uint8_t tag, uint32_t magic, const char *what);

/// Whether a handle's table can be what the handle says: nothing outside the program
/// can have changed it, but a program that writes over its own objects can.
bool soundList(const List *list);
bool soundDict(const Dict *dict);

/// The bytes, with their header, that the heap is asked for by the next element of a
/// list, or by the next key of a dict, which has n bytes; 0 for none.
uint64_t nextRequest(const List *list, cairn_value_kind kind);
uint64_t nextRequest(const Dict *dict, size_t n);

/// What goes into a container, or another object, that was shared is shared as well.
void publish(const void *holder, void *child);
/// Gives a table back whose elements were moved to another.
void discardTable(void *table);
/// Whether a word may be stored as a reference: null, an immediate, or a live exact reference.
/// Reports if not; `dead` is what is said of a dead object.
bool storable(void *word, const char *dead = "put into a container, but its count is 0");
/// Whoever stores a word has a count of its own, if it is a reference.
void retainStored(void *word);

} // namespace cairn

#endif // CAIRN_OBJECT_CONTAINER_H
