//===- fields.cpp - Copies of bytes among which there are references -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// memcpy, memmove and memset of an object's payload, or from it, do here to its managed
// words what stores would do: what is written is retained first, and what was there is
// released last. Nothing runs in between: what dies waits until all bytes are in place.
// Every word is looked at before anything changes, and where one is wrong nothing does.
//
//===----------------------------------------------------------------------===//

#include "object/container.h"

namespace cairn {

namespace {

void *wordAt(const char *p) {
  void *word;
  __builtin_memcpy(&word, p, sizeof(word)); // which may lie anywhere
  return word;
}

/// The bytes from an object's reference to the end of its memory; 0, which is reported, if
/// `object` is none that lives.
uint64_t roomOf(void *object) {
  if (!isReference(object)) {
    fail(CAIRN_ERROR_FOREIGN, object, "copied to or from, but no object");
    return 0;
  }
  ObjectPlace place = placeOf(object);
  if (!place.heap)
    return isStatic(object) ? staticBytes(object) : 0;
  if (loadCount(object) == 0) {
    fail(CAIRN_ERROR_DEAD, object, "copied to or from, but its count is 0");
    return 0;
  }
  Kind kind = kindAt(place);
  return extentOf(place, kind) - (kind == kByteArray          ? kByteArrayRef
                                  : isArray(loadMeta(object)) ? kArrayPrefix
                                                              : kHeaderSize);
}

/// Whether [at, at + n) lies in the object's payload; reports if not.
bool inside(void *object, const char *at, uint64_t n) {
  uint64_t room = roomOf(object);
  if (!room)
    return false;
  uint64_t from = uint64_t(at - static_cast<char *>(object));
  if (from <= room && n <= room - from)
    return true;
  fail(CAIRN_ERROR_BOUNDS, object, "a copy that leaves the object");
  return false;
}

/// Calls with the distance from `from` of each managed word that the object has in
/// [from, from + n), until `each` says no. False then, and, with a report, where a word lies
/// there only in part.
template <typename Each> bool eachField(void *object, char *from, uint64_t n, Each each) {
  Fields fields(object, loadMeta(object));
  uint64_t at = fields.positionOf(from);
  while (void **field = fields.next(at)) {
    char *word = reinterpret_cast<char *>(field);
    if (word >= from + n)
      break;
    if (word + sizeof(void *) <= from)
      continue;
    if (word < from || uint64_t(from + n - word) < sizeof(void *)) {
      fail(CAIRN_ERROR_USAGE, object, "a copy of a part of a reference");
      return false;
    }
    if (!each(uint64_t(word - from)))
      return false;
  }
  return true;
}

/// Writes n bytes at `to` by `write`. The object has its map of them at `map`; `next` says what
/// a managed word at a distance from there will be.
template <typename Next, typename Write>
void transfer(void *object, char *map, char *to, uint64_t n, Next next, Write write) {
  constexpr const char *dead = "copied, but its count is 0";
  if (!eachField(object, map, n, [&](uint64_t at) {
        return storable(next(at), dead) && storable(wordAt(to + at), dead);
      }))
    return;
  eachField(object, map, n, [&](uint64_t at) {
    void *word = next(at);
    if (map == to)
      publish(object, word);
    retainStored(word);
    return true;
  });
  eachField(object, map, n, [&](uint64_t at) {
    releaseLater(wordAt(to + at));
    return true;
  });
  write();
  dropWaiting();
}

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_COLD CAIRN_API void cairn_rt_share_into(void *holder, void *value) {
  if (isReference(holder))
    publish(holder, value);
}

CAIRN_API void cairn_rt_copy_fields(void *object, void *to, const void *from, uint64_t n) {
  char *there = static_cast<char *>(to);
  const char *source = static_cast<const char *>(from);
  if (n && inside(object, there, n))
    transfer(
        object, there, there, n, [&](uint64_t at) { return wordAt(source + at); },
        [&] { __builtin_memmove(there, source, size_t(n)); });
}

CAIRN_API void cairn_rt_read_fields(void *object, const void *from, void *to, uint64_t n) {
  char *source = const_cast<char *>(static_cast<const char *>(from));
  char *there = static_cast<char *>(to);
  if (n && inside(object, source, n))
    transfer(
        object, source, there, n, [&](uint64_t at) { return wordAt(source + at); },
        [&] { __builtin_memmove(there, source, size_t(n)); });
}

CAIRN_API void cairn_rt_fill_fields(void *object, void *to, uint8_t byte, uint64_t n) {
  char *there = static_cast<char *>(to);
  void *word;
  __builtin_memset(&word, byte, sizeof(word));
  if (n && inside(object, there, n))
    transfer(
        object, there, there, n, [&](uint64_t) { return word; },
        [&] { __builtin_memset(there, byte, size_t(n)); });
}

} // extern "C"
