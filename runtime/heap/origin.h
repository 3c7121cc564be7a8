//===- origin.h - Where a block was made and released -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A checked heap has a word, its origin, for each kMinSmall bytes of its region:
//
//   [zoned:1 | live:1 | by:11 | owner:11 | gone:20 | made:20]
//
// That of a slot is found by the slab's place and the slot's number, that of a large block by
// its first byte. `made` and `gone` are numbers of sites, `owner` and `by` numbers of threads:
// who made the block and who released it last. They outlive the block, up to the next one there.
//
// A site is a place in the program: a record that code built with --heap=checked has for each
// call (CheckSite in cairn/abi.h), or the address that a call returns to. Sites are numbered as
// they are met. One that makes objects of several types has a number for each type.
//
// Every call that may make or release something says where it was called from (noteCaller)
// before it does. A call from code that was built with --heap=checked says it first, and then
// what the runtime calls for it says nothing (CheckedCall in object/check.cpp).
//
// Origins are written under the central cache's lock, or, of large blocks, the heap's; they are
// read without.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_ORIGIN_H
#define CAIRN_HEAP_ORIGIN_H

#include "heap/heap.h"

namespace cairn {

struct Origin {
  uint64_t made : 20, gone : 20, owner : 11, by : 11;
  uint64_t live : 1;  ///< A slot is given out.
  uint64_t zoned : 1; ///< It is a raw block with a stamp (redzone.h), or was an array.
};
static_assert(sizeof(Origin) == sizeof(uint64_t));

/// Bytes of origins for a region.
constexpr size_t originBytes(size_t region) { return region / kMinSmall * sizeof(Origin); }

/// The word of what lies at this address, a multiple of kMinSmall, of a checked heap.
inline uint64_t *originAt(const Heap *heap, uintptr_t at) {
  return heap->origins + (at - heap->base) / kMinSmall;
}
inline uint64_t *originOf(const Slab *slab, unsigned i) {
  return originAt(slab->shared->heap, slab->base) + i;
}
inline Origin loadOrigin(const uint64_t *word) {
  return __builtin_bit_cast(Origin, __atomic_load_n(word, __ATOMIC_RELAXED));
}
inline void storeOrigin(uint64_t *word, Origin origin) {
  __atomic_store_n(word, __builtin_bit_cast(uint64_t, origin), __ATOMIC_RELAXED);
}

/// What a site is: one of the two is null.
struct SiteInfo {
  const CheckSite *site = nullptr;
  const void *returns = nullptr; ///< The address after the call.
  const cairn_type *type = nullptr;
};
/// Of a number in an origin; nothing for 0.
SiteInfo siteInfo(unsigned number);
/// The site that the calling thread noted last, and the same with a type; 0 where there is none.
unsigned callerSite();

/// What the calling thread noted.
SiteInfo noted();
/// The object that is in the middle of its end; null if none is.
const void *notedHolder();

/// The calling thread's number, from 1; 0 without a record. Numbers end at kThreadNumbers, and
/// are then given anew.
constexpr unsigned kThreadNumbers = 1u << 11;
unsigned threadNumber();
/// A thread begins: its number. Under processLock.
unsigned numberThread();
void threadEnds(unsigned number);
/// Around fork.
void lockSites();
void unlockSites();
struct ThreadInfo {
  unsigned id = 0; ///< The system's.
  bool isMain = false, ended = false;
};
ThreadInfo threadInfo(unsigned number);

/// Says, for as long as it lives, that the thread's calls come from this place.
class CheckedCall {
public:
  explicit CheckedCall(CheckSite *site);
  explicit CheckedCall(const void *returns);
  ~CheckedCall();
  CheckedCall(const CheckedCall &) = delete;

private:
  Thread *T;
  Note Before;
};

} // namespace cairn

#endif // CAIRN_HEAP_ORIGIN_H
