//===- drop.cpp - Counts off the fast path, and the end of objects -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// object/drop.cpp for one thread and 32 bits: one list of the dead that wait, linked
// through their counts by address / 4. Shared objects are those with counts below 0,
// as everywhere; nothing needs to be atomic.
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

bool widerShapes;

namespace {

/// The first of the dead objects whose fields are still to be released.
void *waiting;
/// Stack address of the drop that runs a finaliser, or 0.
uintptr_t finalizing;

void wait(void *ref) {
  storeCount(ref, int32_t(reinterpret_cast<uintptr_t>(waiting) >> 2));
  waiting = ref;
}

void *takeWaiting() {
  void *ref = waiting;
  if (ref)
    waiting = reinterpret_cast<void *>(uintptr_t(uint32_t(loadCount(ref))) << 2);
  return ref;
}

/// Counts up (1) or down (-1); the count now. Sticky and immortal ones stay.
__attribute__((noinline)) int32_t count(void *ref, int32_t step) {
  int32_t n = loadCount(ref);
  if (n == 0) {
    fail(CAIRN_ERROR_DEAD, ref, nullptr);
    return 1;
  }
  if (n <= kStickyBand)
    return n;
  // One that goes over the top is negative then, and below the band.
  n = int32_t(uint32_t(n) + uint32_t(n < 0 ? -step : step));
  storeCount(ref, n);
  return n;
}

/// Runs the finaliser of an object, or of each element of an array. Counting the
/// dying object up and down does nothing meanwhile, and what is dropped waits. What
/// the finaliser calls lies below this frame, which is not empty.
__attribute__((noinline)) void finalize(const cairn_type *type, void *ref, uint32_t n) {
  volatile char below = 0;
  finalizing = reinterpret_cast<uintptr_t>(&below) + 1;
  storeCount(ref, kImmortal);
  char *p = static_cast<char *>(ref);
  for (uint32_t i = 0; i < n; ++i, p += type->size)
    type->finalize(p);
  finalizing = 0;
  storeCount(ref, 0);
}

/// Releases a field's object. Of those that die with it the last one is kept in hand:
/// in a chain none ever waits.
CAIRN_FAST void releaseField(void *child, void *&hand) {
  if (!isReference(child))
    return;
  int32_t n = loadCount(child);
  if (n != 1 && count(child, -1))
    return;
  if (hand)
    wait(hand);
  hand = child;
}

/// What is not a plain object in a slab of the default heap: arrays, byte arrays, types with
/// a finaliser, large objects, other heaps, and wrong addresses. Returns one of the
/// objects that die with it, or null.
CAIRN_COLD void *dropOther(void *ref, uint32_t meta) {
  ObjectPlace place = placeOf(ref); // which reports
  if (!place.heap)
    return nullptr;
  void *hand = nullptr;
  if (isTyped(meta)) {
    const cairn_type *type = isRegistered(meta) ? registered(meta) : nullptr;
    if (type && type->finalize)
      finalize(type, ref, isArray(meta) ? *lengthOf(ref) : 1);
    Fields fields(ref, meta);
    uint64_t at = 0;
    while (void **field = fields.next(at))
      releaseField(*field, hand);
  }
  if (chunkCalls && isLarge(place.mark)) {
    chunkCalls->freeLarge(place);
    return hand;
  }
  if (ref == place.slot + kArrayPrefix)
    *reinterpret_cast<uint64_t *>(place.slot) = 0; // the mark
  freeSlot(place.heap, place.mark - 1, place.slot + linkOffset(kindOf(place.mark)));
  return hand;
}

/// Whether ref can be the reference of a plain object in a slab with this mark. A program
/// that counts by a wrong address gets here when what it took for the count ends. A header
/// word that says the slab's class is one of its objects'; others are looked at closely.
CAIRN_FAST bool isPlain(void *ref, uint32_t meta, unsigned mark) {
  constexpr uint32_t kOther = ~(kMetaTagMask | kMetaShapeMask);
  unsigned cls = mark - 1 - kObject * kClasses;
  if (CAIRN_LIKELY(cls < kMetaClassMask >> kMetaClassShift &&
                   (meta & kOther) == (kMetaTyped | (cls + 1) << kMetaClassShift)))
    return true;
  if (mark - (1 + kObject * kClasses) >= kClasses || (isRegistered(meta) && widerShapes) ||
      (isArray(meta) && widerShapes))
    return false;
  uint32_t every = slabOf(ref)->every; // a multiple n of the slot's size has n * this < this
  uint32_t at =
      uint32_t(reinterpret_cast<uintptr_t>(ref) % kSlabBytes) - slabStart(kObject) - kHeaderSize;
  return at * every < every;
}

/// The same for a plain object.
CAIRN_FAST void *dropPlain(void *ref, uint32_t meta, unsigned mark) {
  void *hand = nullptr;
  if (isTyped(meta)) {
    void **field = static_cast<void **>(ref);
    for (uint32_t bits = meta & kMetaShapeMask; bits; bits >>= 1, ++field)
      if (bits & 1)
        releaseField(*field, hand);
  }
  freeSlot(defaultHeap(), mark - 1, ref);
  return hand;
}

} // namespace

void drop(void *ref) {
  if (finalizing) {
    // Inside a finaliser: it runs deeper in the stack than the drop that called it.
    // If not, that drop was left by an exception of the host's, or a longjmp.
    if (reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < finalizing) {
      wait(ref);
      return;
    }
    finalizing = 0;
  }
  do {
    storeCount(ref, 0);
    uint32_t meta = loadMeta(ref);
    unsigned mark = fast::markOf(ref);
    void *hand = nullptr;
    if (CAIRN_LIKELY(isPlain(ref, meta, mark)))
      hand = dropPlain(ref, meta, mark);
    else if (widerShapes || chunkCalls || madeHeaps)
      hand = dropOther(ref, meta);
    else
      fail(CAIRN_ERROR_FOREIGN, ref, nullptr);
    ref = hand ? hand : takeWaiting();
  } while (ref);
}

void releaseLater(void *word) {
  if (!isReference(word))
    return;
  if (loadCount(word) == 1 || !count(word, -1))
    wait(word);
}

void dropWaiting() {
  if (void *ref = takeWaiting())
    drop(ref);
}

uintptr_t leaveFinalizer(uintptr_t frame) {
  uintptr_t before = finalizing;
  finalizing = frame;
  return before;
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_COLD void cairn_rt_incref(void *ref) { count(ref, 1); }

CAIRN_COLD void cairn_rt_decref(void *ref) {
  if (!count(ref, -1))
    drop(ref);
}

CAIRN_COLD bool cairn_rt_is_unique(void *ref) { return loadCount(ref) == -1; }

} // extern "C"
