//===- statics.cpp - Objects that lie in the program's images -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ranges of static objects (cairn/static.h), in blocks that are never given back:
//
//   range   [from, to), told `times` times; empty if to is 0
//
// A reader looks at all of them without the lock. Whoever changes a range empties it first
// and writes its end last, so a reader finds it as it was or as it is. An object in a range
// has its mark 16 bytes before its reference.
//
//===----------------------------------------------------------------------===//

#include "cairn/host.h"
#include "object/object.h"

namespace cairn {

namespace {

struct Range {
  uintptr_t from, to;
  uint32_t times;
};
constexpr unsigned kRanges = 62;
struct Ranges {
  Range all[kRanges];
  Ranges *next;
};

platform::Mutex lock;
Ranges first;

/// Calls with each range, until `each` says yes; that range, or null.
template <typename Each> Range *find(Each each) {
  for (Ranges *block = &first; block; block = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE))
    for (Range &range : block->all)
      if (each(range))
        return &range;
  return nullptr;
}

bool startsObject(const char *at) {
  const uint32_t *word = reinterpret_cast<const uint32_t *>(at);
  return word[0] == kStaticMark && loadCount(at + kStaticPrefix) == kImmortal;
}

/// The object in a known range that p lies in, or null. Objects start at multiples of 16.
void *objectAt(const Range &range, uintptr_t p) {
  uintptr_t from = (range.from + 15) & ~uintptr_t(15);
  for (uintptr_t at = p & ~uintptr_t(15); at >= from; at -= 16) {
    if (range.to - at < kStaticPrefix || !startsObject(reinterpret_cast<char *>(at)))
      continue;
    uint64_t bytes = reinterpret_cast<const uint32_t *>(at)[1];
    return p - at < kStaticPrefix + (bytes ? bytes : 1)
               ? reinterpret_cast<char *>(at) + kStaticPrefix
               : nullptr;
  }
  return nullptr;
}

void *objectOf(const void *p) {
  uintptr_t at = reinterpret_cast<uintptr_t>(p);
  Range found = {};
  find([&](Range &range) {
    uintptr_t to = __atomic_load_n(&range.to, __ATOMIC_ACQUIRE);
    uintptr_t from = __atomic_load_n(&range.from, __ATOMIC_RELAXED);
    if (at < from || at >= to)
      return false;
    found = {from, to, 0};
    return true;
  });
  return found.to ? objectAt(found, at) : nullptr;
}

#if defined(__wasm__)
void noteUsual(const Range &) {}
#else
/// The range has other `times` now. Under the lock.
void noteUsual(const Range &range) {
  uintptr_t from = ((range.from + 15) & ~uintptr_t(15)) + kStaticPrefix;
  if (!usualStatics.from)
    __atomic_store_n(&usualStatics.from, from, __ATOMIC_RELAXED);
  if (usualStatics.from == from)
    __atomic_store_n(&usualStatics.to, range.to, __ATOMIC_RELEASE);
}
#endif

} // namespace

#if !defined(__wasm__)
StaticRange usualStatics;
#endif

void lockStatics() { lock.lock(); }
void unlockStatics() { lock.unlock(); }

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API bool cairn_static_add(const void *from, const void *to) {
  platform::Guard guard(lock);
  uintptr_t start = reinterpret_cast<uintptr_t>(from), end = reinterpret_cast<uintptr_t>(to);
  if (start >= end)
    return true;
  Range *range = find([&](Range &r) { return r.from == start && r.to == end; });
  if (!range)
    range = find([&](Range &r) { return !r.to; });
  if (!range) {
    Ranges *more = static_cast<Ranges *>(metadata(sizeof(Ranges)));
    if (!more)
      return false;
    more->next = first.next;
    __atomic_store_n(&first.next, more, __ATOMIC_RELEASE);
    range = more->all;
  }
  if (!range->to) {
    __atomic_store_n(&range->from, start, __ATOMIC_RELEASE);
    __atomic_store_n(&range->to, end, __ATOMIC_RELEASE);
  }
  ++range->times;
  noteUsual(*range);
  __atomic_store_n(&staticAt, objectOf, __ATOMIC_RELEASE);
  return true;
}

CAIRN_API void cairn_static_remove(const void *from, const void *to) {
  platform::Guard guard(lock);
  uintptr_t start = reinterpret_cast<uintptr_t>(from), end = reinterpret_cast<uintptr_t>(to);
  Range *range = end ? find([&](Range &r) { return r.from == start && r.to == end; }) : nullptr;
  if (range && !--range->times) {
    __atomic_store_n(&range->to, 0, __ATOMIC_RELEASE);
    noteUsual(*range);
  }
}

} // extern "C"
