//===- check.cpp - Calls that check all they are given -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/check.h"
#include "heap/checked.h"
#include "platform/text.h"

namespace cairn {

namespace {

uint64_t *originOf(const ObjectPlace &place) {
  return place.slab ? cairn::originOf(place.slab, place.slot)
                    : originAt(place.heap, place.heap->space.addressOf(place.granule));
}

/// CAIRN_CHECK_THREADS=0: objects go from thread to thread with nobody else at them.
bool looksAtThreads() {
  static int wish; // 1: yes, 2: no
  int known = __atomic_load_n(&wish, __ATOMIC_RELAXED);
  if (CAIRN_UNLIKELY(!known)) {
    const char *text = platform::environment("CAIRN_CHECK_THREADS");
    known = text && *text == '0' ? 2 : 1;
    __atomic_store_n(&wish, known, __ATOMIC_RELAXED);
  }
  return known == 1;
}

/// Reports a dead object.
bool alive(void *ref, int32_t n, const char *dead) {
  if (CAIRN_LIKELY(n != 0))
    return true;
  fail(CAIRN_ERROR_DEAD, ref, dead);
  return false;
}

} // namespace

bool ownedHere(const ObjectPlace &place, void *ref, const char *done) {
  if (!place.heap->checked)
    return true;
  uint64_t *word = originOf(place);
  Origin origin = loadOrigin(word);
  unsigned self = threadNumber();
  if (CAIRN_LIKELY(origin.owner == self || !origin.owner || !self))
    return true;
  if (!looksAtThreads() || (noted().site && noted().site->fibers))
    return true;
  if (threadInfo(origin.owner).ended) {
    platform::Guard guard(place.heap->central->lock);
    origin = loadOrigin(word);
    origin.owner = self;
    storeOrigin(word, origin);
    return true;
  }
  Text text;
  text << done << " by thread " << self << ", but it is thread " << uint32_t(origin.owner)
       << "'s: cairn_share was not called for it";
  fail(CAIRN_ERROR_THREAD, ref, text.text());
  return false;
}

namespace {
constexpr uint32_t kLeftovers = 4096;
/// As a Leftover, in two words that are written one after the other, under no lock: the second says
/// which reference it is about. A message says less where two threads wrote here at once.
struct LeftoverEntry {
  uintptr_t ref;
  uint64_t holder; ///< [check:16 | word:8 | gone:20 | made:20]
};
static_assert(kMaxSmall / sizeof(void *) <= 256 && sizeof(Origin) == 8);
LeftoverEntry leftovers[kLeftovers]; ///< By a hash of the reference; newer ones replace others.

uint32_t hashOf(const void *ref) {
  return uint32_t(reinterpret_cast<uintptr_t>(ref) >> 3) * 0x9e3779b1u;
}
LeftoverEntry &leftoverAt(const void *ref) {
  return leftovers[hashOf(ref) >> 8 & (kLeftovers - 1)];
}
uint64_t checkOf(const void *ref) {
  return (reinterpret_cast<uintptr_t>(ref) * 0x9e3779b97f4a7c15u) >> 49 | 1u << 15; // no address
}

/// Whether a word is the reference of a live object. Where an object of a checked heap has been
/// freed, nothing else is there.
CAIRN_FAST bool isLiveReference(void *word) {
  PlainObject object;
  object.heap = nullptr;
  if (CAIRN_LIKELY(findPlain(word, object)))
    return true;
  return (!object.heap || object.origin.live) && cairn_resolve(word) == word;
}
CAIRN_FAST bool isListed(void *holder, uint32_t meta, void **word) {
  if (CAIRN_LIKELY(!isRegistered(meta))) {
    uint64_t i = uint64_t(word - static_cast<void **>(holder));
    return i < kMetaBitmapWords && (meta & kMetaShapeMask) >> i & 1;
  }
  Fields fields(holder, meta);
  uint64_t at = 0;
  while (void **field = fields.next(at))
    if (field >= word)
      return field == word;
  return false;
}
} // namespace

void noteLeftover(Origin origin, unsigned gone, void *holder, void **word) {
  void *ref = *word;
  if (isImmediate(ref) || !isLiveReference(ref))
    return;
  LeftoverEntry &entry = leftoverAt(ref);
  uint64_t at = uint64_t(word - static_cast<void **>(holder));
  __atomic_store_n(&entry.ref, ~reinterpret_cast<uintptr_t>(ref), __ATOMIC_RELAXED);
  __atomic_store_n(&entry.holder,
                   checkOf(ref) << 48 | at << 40 | uint64_t(gone) << 20 | origin.made,
                   __ATOMIC_RELAXED);
}

void noteLeftovers(const ObjectPlace &place, void *holder, uint64_t end) {
  uint32_t meta = loadMeta(holder);
  if (!place.slab || !isTyped(meta) || isArray(meta))
    return;
  platform::Unseen unseen; // they may never have been written
  void **last = reinterpret_cast<void **>(slotAt(place.slab, place.slot) + end);
  uintptr_t base = place.heap->base, size = place.heap->space.frontier() << kGranuleShift;
  for (void **word = static_cast<void **>(holder); word + 1 <= last; ++word)
    if (CAIRN_UNLIKELY(reinterpret_cast<uintptr_t>(*word) - base < size) &&
        !isListed(holder, meta, word))
      noteLeftover(loadOrigin(originOf(place)), callerSite(), holder, word);
}

Leftover leftoverOf(const void *ref) {
  const LeftoverEntry &entry = leftoverAt(ref);
  uint64_t holder = __atomic_load_n(&entry.holder, __ATOMIC_RELAXED);
  uintptr_t inverted = __atomic_load_n(&entry.ref, __ATOMIC_RELAXED);
  if (inverted != ~reinterpret_cast<uintptr_t>(ref) || holder >> 48 != checkOf(ref))
    return Leftover();
  constexpr uint32_t kSite = (1u << 20) - 1;
  const cairn_type *type = siteInfo(uint32_t(holder) & kSite).type;
  return {inverted, type ? type->name : nullptr, uint32_t((holder >> 40 & 0xff) * sizeof(void *)),
          uint32_t(holder >> 20) & kSite};
}

/// Whether the caller may change the count of `ref`; reports if not. `done` says what it does,
/// `dead` the same of an object whose count is 0.
static bool mayCount(void *ref, const char *done, const char *dead) {
  if (!isReference(ref))
    return false;
  ObjectPlace place = placeOf(ref);
  if (!place.heap)
    return false;
  int32_t n = loadCount(ref);
  return alive(ref, n, dead) && (n < 0 || ownedHere(place, ref, done));
}

void checkedIncref(void *ref) {
  PlainObject object;
  if (CAIRN_LIKELY(findCount(ref, object) != 0))
    fast::incref(ref);
  else if (mayCount(ref, "retained", "retained, but its count is 0"))
    fast::incref(ref);
}

void checkedDecref(void *ref) {
  PlainObject object;
  int32_t n = findCount(ref, object);
  if (CAIRN_LIKELY(n == 1)) {
    storeCount(ref, 0);
    dropAt(object, ref);
  } else if (n != 0)
    fast::release(ref, n);
  else if (mayCount(ref, "released", "released, but its count is 0"))
    fast::decref(ref);
}

void checkedAssertUnique(void *ref) {
  const bool known = placeOf(ref).heap || isStatic(ref); // else it was reported
  if (known && alive(ref, loadCount(ref), "asserted to be unique, but its count is 0") &&
      !fast::isUnique(ref))
    failShared(ref);
}

} // namespace cairn
