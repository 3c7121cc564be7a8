//===- validate_drops.cpp - The queue of dead objects, looked at -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of a debug build (docs/debug-build.md). What heap/validate.cpp does for the heap's own
// structures is done here for what object/drop.cpp keeps in a thread's record.
//
//===----------------------------------------------------------------------===//

#include "heap/validate.h"

#if CAIRN_DEBUG

#include "heap/above.h"
#include "heap/state.h"
#include "object/object.h"

namespace cairn {

namespace {
Sampler queues;
} // namespace

namespace {

/// Whether there is a slot, or a large block, whose object has this reference.
bool mayBeObject(const void *ref) {
  Place place = locate(ref);
  if (const Slab *slab = place.slab) {
    int i = slotOf(slab, ref);
    if (kindOf(slab) == kRaw || i < 0 || unsigned(i) >= slab->fresh)
      return false;
    size_t offset = size_t(static_cast<const char *>(ref) - slotAt(slab, unsigned(i)));
    return kindOf(slab) == kByteArray ? offset == kByteArrayRef
                                      : offset == kHeaderSize || offset == kArrayPrefix;
  }
  if (!place.heap)
    return false;
  platform::Guard guard(place.heap->lock);
  uint64_t g = largeAt(place.heap, ref);
  return g != Space::kNone && place.heap->space.run(g).kind != kRaw;
}

} // namespace

void validate(const DropState &drops) {
  CAIRN_ASSERT("queue of dead objects", &drops, drops.used <= DropState::kWindows, drops.used);
  uint64_t looked = 0;
  for (unsigned i = 0; i < drops.used && assertsMemory(); ++i) {
    auto &list = drops.pending[i];
    for (unsigned j = 0; j < i; ++j)
      CAIRN_ASSERT("queue of dead objects", &drops, drops.pending[j].window != list.window, i, j,
                   list.window);
    CAIRN_ASSERT("queue of dead objects", &drops, list.head != 0, i, list.window);
    const char *behind = nullptr; // goes half as fast: it is met where the list is a circle
    auto at = [&](uint32_t link) {
      return reinterpret_cast<const char *>(uint64_t(list.window) << 32 | uint32_t(link << 2));
    };
    auto next = [](const char *ref) { return reinterpret_cast<const uint32_t *>(ref)[-2]; };
    uint64_t steps = 0;
    for (uint32_t link = list.head; link; ++steps) {
      const char *ref = at(link);
      CAIRN_ASSERT("queue of dead objects", &drops, mayBeObject(ref), ref, i, steps);
      CAIRN_ASSERT("queue of dead objects", &drops, ref != behind, ref, i, steps);
      if (steps % 2)
        behind = steps == 1 ? at(list.head) : at(next(behind));
      link = next(ref);
    }
    looked += steps;
  }
  queues.looked(looked);
}

void validateAtTimes(const DropState &drops) {
  if (queues.due())
    validate(drops);
}

void validateDead(Thread *thread) { validate(dropsOf(thread)); }

} // namespace cairn

#endif
