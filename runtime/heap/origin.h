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
inline uint64_t *originOf(const Slab *slab, unsigned i) { return slab->shared->origins + i; }
inline Origin loadOrigin(const uint64_t *word) {
  return __builtin_bit_cast(Origin, __atomic_load_n(word, __ATOMIC_RELAXED));
}
inline void storeOrigin(uint64_t *word, Origin origin) {
  __atomic_store_n(word, __builtin_bit_cast(uint64_t, origin), __ATOMIC_RELAXED);
}

/// What a site is: one of the first two is null. Of a number, record and type are copies, which
/// outlive the image or module that they were in; of a type only size and name are there.
struct SiteInfo {
  const CheckSite *site = nullptr;
  const void *returns = nullptr; ///< The address after the call.
  const cairn_type *type = nullptr;
};
/// Of a number in an origin; nothing for 0.
SiteInfo siteInfo(unsigned number);

/// The numbered sites, by number and by hash. Entries do not change once a bucket leads to them.
struct SiteEntry {
  uintptr_t where;        ///< What the call returns to, or a CheckSite's address and the upper bit.
  const cairn_type *type; ///< May be gone; so may the record be.
  const cairn_type *typeCopy;
  const CheckSite *copy; ///< Null of what a call returns to.
  uint32_t next;         ///< In its bucket.
};
constexpr unsigned kSiteBucketBits = 12;
extern SiteEntry *siteEntries; ///< Address space for all; number 0 is none.
extern uint32_t siteBuckets[1u << kSiteBucketBits];
constexpr uintptr_t kIsSite = uintptr_t(1) << 63;
inline uint32_t &siteBucketOf(uintptr_t where, const cairn_type *type) {
  uint64_t hash = (where ^ reinterpret_cast<uintptr_t>(type) * 3) * 0x9e3779b97f4a7c15u;
  return siteBuckets[hash >> (64 - kSiteBucketBits)];
}
/// Whether type and record of a site are what they were when it got its number: they may be gone,
/// with the library or module that they were in, and others be in their place.
bool isSameRecord(const SiteEntry &entry);
inline bool isSameText(const char *a, const char *b) {
  if (!a || !b)
    return a == b;
  while (*a && *a == *b)
    ++a, ++b;
  return *a == *b;
}
inline bool isSame(const SiteEntry &entry) {
  const cairn_type *type = entry.type, *was = entry.typeCopy;
  return CAIRN_LIKELY(!type || (type->size == was->size && isSameText(type->name, was->name))) &&
         (CAIRN_LIKELY(!entry.copy) || isSameRecord(entry));
}
/// The number of a site that is not the first of its bucket.
unsigned numberOther(uintptr_t where, const cairn_type *type);
/// The number of a site; a new one where it has none. 0 if there is no memory.
inline unsigned numberOf(uintptr_t where, const cairn_type *type) {
  if (uint32_t first = __atomic_load_n(&siteBucketOf(where, type), __ATOMIC_ACQUIRE))
    if (const SiteEntry &entry = siteEntries[first];
        CAIRN_LIKELY(entry.where == where && entry.type == type && isSame(entry)))
      return first;
  return numberOther(where, type);
}
/// The same of a record that code has; `type` is its own, or another.
unsigned numberRecord(CheckSite *site, const cairn_type *type);
/// The same, where it was not asked for since the note was made.
inline unsigned findSite(const Note &note) {
  if (CAIRN_LIKELY(!note.site && note.returns))
    return numberOf(reinterpret_cast<uintptr_t>(note.returns), note.type);
  return note.site ? numberRecord(note.site, note.type) : 0;
}
/// Numbers of return addresses that were asked for lately, by their lower bits:
/// [the upper bits:44 | number:20]
constexpr unsigned kLateSiteBits = 9, kSiteBits = 20;
extern uint64_t lateSites[1u << kLateSiteBits];
unsigned findLateSite(Note &note);
/// The number of what a thread noted; 0 where it noted nothing.
CAIRN_FAST unsigned siteOf(Note &note) {
  if (unsigned n = note.number)
    return n;
  auto returns = reinterpret_cast<uintptr_t>(note.returns);
  uint64_t late = __atomic_load_n(&lateSites[returns % (1u << kLateSiteBits)], __ATOMIC_RELAXED);
  if (CAIRN_LIKELY(late >> kSiteBits == returns >> kLateSiteBits && returns && !note.type))
    return note.number = unsigned(late) % (1u << kSiteBits);
  return findLateSite(note);
}
/// The site that the calling thread noted last; 0 where there is none.
inline unsigned callerSite() {
  Thread *thread = knownThread();
  return CAIRN_LIKELY(thread != nullptr) ? siteOf(thread->note) : 0;
}

/// What the calling thread noted.
SiteInfo noted();
/// The object that is in the middle of its end; null if none is.
const void *notedHolder();

/// The calling thread's number, from 1; 0 without a record. Numbers end at kThreadNumbers, and
/// are then given anew.
constexpr unsigned kThreadNumbers = 1u << 11;
inline unsigned threadNumber() {
  Thread *thread = knownThread();
  return CAIRN_LIKELY(thread != nullptr) ? thread->number : 0;
}
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

/// A call from code that has a record of it. The site has its number, if it was asked for before.
inline Note noteOf(CheckSite *site) {
  if (CAIRN_UNLIKELY(!site))
    return {nullptr, nullptr, nullptr, nullptr, 0, true};
  return {site, nullptr, site->type, nullptr, __atomic_load_n(&site->number, __ATOMIC_RELAXED),
          true};
}

/// Says, for as long as it lives, that the thread's calls come from this place.
class CheckedCall {
public:
  explicit CheckedCall(CheckSite *site) : CheckedCall(noteOf(site)) {}
  explicit CheckedCall(const void *returns)
      : CheckedCall(Note{nullptr, returns, nullptr, nullptr, 0, true}) {}
  ~CheckedCall() {
    if (CAIRN_LIKELY(T != nullptr))
      T->note = Before;
  }
  CheckedCall(const CheckedCall &) = delete;

private:
  explicit CheckedCall(const Note &note) : T(currentThread()) {
    if (CAIRN_UNLIKELY(!T))
      return;
    Before = T->note;
    T->note = note;
  }
  Thread *T;
  Note Before;
};

/// For as long as it lives, the thread is in a handler of the program's, whose calls are other
/// places than that of who called the runtime. A handler may leave by longjmp.
class InHandler {
public:
  InHandler() : T(knownThread()) {
    if (T) {
      Before = T->note;
      T->note = Note();
    }
  }
  ~InHandler() {
    if (T)
      T->note = Before;
  }
  InHandler(const InHandler &) = delete;

private:
  Thread *T;
  Note Before;
};

} // namespace cairn

#endif // CAIRN_HEAP_ORIGIN_H
