//===- slab_test.cpp - A slab's arithmetic --------------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include "heap/slab.h"

using namespace cairn;

namespace {

/// As makeSlab (heap/cache.cpp) fills a record in.
Slab slabOf(unsigned cls) {
  Slab s = {};
  size_t size = sizeOfClass(cls);
  s.slotSize = uint32_t(size);
  s.reciprocal = uint32_t(((uint64_t(1) << 32) + size - 1) / size);
  s.slots = uint16_t(kSlabSize / size);
  return s;
}

TEST(Slabs, OneMultiplicationFindsTheSlotAndWhetherItBeginsThere) {
  for (unsigned cls = 0; cls < kClasses; ++cls) {
    Slab s = slabOf(cls);
    for (uint32_t off = 0; off < kSlabSize; ++off) {
      uint64_t slot = exactSlot(&s, off);
      if (off % s.slotSize == 0)
        ASSERT_EQ(slot, off / s.slotSize) << "size " << s.slotSize << ", offset " << off;
      else
        ASSERT_GE(slot, uint64_t(s.slots)) << "size " << s.slotSize << ", offset " << off;
    }
    // From an address before slot 0.
    for (uint32_t before = 1; before <= 1024; ++before)
      ASSERT_GE(exactSlot(&s, 0u - before), uint64_t(s.slots)) << s.slotSize << ", -" << before;
  }
}

TEST(Slabs, RemoteWordsPackAndUnpack) {
  for (uint16_t head : {0, 1, 4095, 65535})
    for (uint16_t count : {0, 1, 4096, 65535})
      for (SlabState state : {kIdle, kHand, kFull, kReady, kOrphan}) {
        Remote r = Remote::unpack(Remote{head, count, state}.pack());
        EXPECT_EQ(r.head, head);
        EXPECT_EQ(r.count, count);
        EXPECT_EQ(r.state, state);
      }
}

} // namespace
