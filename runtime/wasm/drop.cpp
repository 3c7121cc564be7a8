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
int32_t count(void *ref, int32_t step) {
  int32_t n = loadCount(ref);
  if (n == 0) {
    fail(CAIRN_ERROR_DEAD, ref, "its count is 0");
    return 1;
  }
  if (n <= kStickyBand)
    return n;
  n = int32_t(uint32_t(n) + uint32_t(n < 0 ? -step : step));
  if (n == INT32_MIN) // over the top
    n = kSticky;
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

void releaseField(void *child) {
  if (child && !count(child, -1))
    wait(child);
}

void releaseFields(void *ref, uint32_t meta) {
  if (CAIRN_LIKELY(!widerShapes || !(meta & (kMetaRegistered | kMetaArray)))) {
    void **field = static_cast<void **>(ref);
    for (uint32_t bits = meta & kMetaShapeMask; bits; bits >>= 1, ++field)
      if (bits & 1)
        releaseField(*field);
    return;
  }
  const cairn_type *type = isRegistered(meta) ? registered(meta) : nullptr;
  if (type && type->finalize)
    finalize(type, ref, isArray(meta) ? *lengthOf(ref) : 1);
  Fields fields(ref, meta);
  uint64_t at = 0;
  while (void **field = fields.next(at))
    releaseField(*field);
}

/// Gives a dead object's memory back.
void freeDead(void *ref, uint32_t meta) {
  Heap *heap = defaultHeap();
  unsigned mark = fast::markOf(ref);
  if (madeHeaps && mark == kOtherHeapPage && (heap = heapOf(ref)))
    mark = heap->marks()[pageOf(ref)];
  if (largeMade && isLarge(mark)) {
    freeLarge(heap, pageOf(ref));
    return;
  }
  if (!isSlab(mark)) {
    fail(CAIRN_ERROR_FOREIGN, ref, "in no heap");
    return;
  }
  unsigned bin = mark - 1;
  char *link = static_cast<char *>(ref);
  if (widerShapes && bin >= kByteArray * kClasses) {
    link -= kByteArrayRef - linkOffset(kByteArray);
  } else if (widerShapes && isArray(meta)) {
    link -= kArrayPrefix - linkOffset(kObject);
    *reinterpret_cast<uint64_t *>(link - linkOffset(kObject)) = 0; // the mark
  }
  freeSlot(heap, bin, link);
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
    uint32_t meta = loadMeta(ref);
    if (isTyped(meta))
      releaseFields(ref, meta);
    freeDead(ref, meta);
  } while ((ref = takeWaiting()));
}

uintptr_t leaveFinalizer(uintptr_t frame) {
  uintptr_t before = finalizing;
  finalizing = frame;
  return before;
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_COLD void cairn_rt_incref(void *ref) {
  if (ref)
    count(ref, 1);
}

CAIRN_COLD void cairn_rt_decref(void *ref) {
  if (ref && !count(ref, -1))
    drop(ref);
}

CAIRN_COLD bool cairn_rt_is_unique(void *ref) { return loadCount(ref) == -1; }

} // extern "C"
