//===- stack_test.cpp - The stacks that inlined code allocates from -----------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fast/fast.h"
#include "support.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <unordered_set>

using namespace cairn;

namespace {

class Stacks : public testing::Test {
protected:
  void SetUp() override {
    if (test::checkedRun())
      GTEST_SKIP() << "a checked heap has no stacks";
  }
  test::Heap heap{256 << 20};

  SlotStack &stackFor(size_t n) {
    return cairn_fast_bins_of(heap)->stacks[binOf(kRaw, classOf(n))];
  }
  size_t depth(size_t n) {
    size_t d = 0;
    for (void **top = stackFor(n).top; *top; --top)
      ++d;
    return d;
  }
  size_t room(size_t n) { return size_t(stackFor(n).limit - stackFor(n).top) - 1; }
  std::vector<void *> take(size_t count, size_t n) {
    std::vector<void *> all(count);
    for (void *&p : all)
      p = cairn_heap_malloc(heap, n);
    return all;
  }
  void give(std::vector<void *> &all) {
    for (void *p : all)
      cairn_free(p);
    all.clear();
  }
};

TEST_F(Stacks, BeginSmallAndDoubleUpToABoundOfBytes) {
  for (size_t n : {16, 48, 100, 256, 700, 2048}) {
    SCOPED_TRACE(n);
    EXPECT_EQ(depth(n) + room(n), 0u);
    cairn_free(cairn_heap_malloc(heap, n));
    EXPECT_LE(depth(n) + room(n), 15u);
    std::vector<void *> all = take(20000, n);
    size_t most = depth(n) + room(n);
    EXPECT_LE(most * n, kMostStacked);
    EXPECT_LE(most, 1023u);
    EXPECT_GE((most + 1) * 4, std::min(kMostStacked / sizeOfClass(classOf(n)), size_t(1024)));
    for (size_t i = 0; i < most; ++i, all.pop_back())
      cairn_free(all.back());
    EXPECT_EQ(depth(n), most) << "frees fill it";
    give(all);
  }
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
}

TEST_F(Stacks, GiveWhatWasFreedLast) {
  std::vector<void *> all = take(100, 48);
  give(all);
  std::vector<void *> again = take(1, 48);
  cairn_free(again[0]);
  EXPECT_EQ(take(1, 48)[0], again[0]);
}

TEST_F(Stacks, GiveFreshSlotsInTheOrderOfAddresses) {
  std::vector<void *> all = take(5000, 48);
  size_t ordered = 0;
  for (size_t i = 1; i < all.size(); ++i)
    ordered += static_cast<char *>(all[i]) - static_cast<char *>(all[i - 1]) == 48;
  EXPECT_GE(ordered, all.size() - 8); // from one slab to the next it may go anywhere
}

/// What a stack holds keeps its slab: once its thread frees more than it takes, or leaves
/// a bin alone, that must not be much.
TEST_F(Stacks, FreesInRandomOrderLeaveFewSlabs) {
  std::vector<void *> all = take(test::times(400000, 4), 48);
  uint64_t full = test::statsOf(heap).slabs;
  std::shuffle(all.begin(), all.end(), std::mt19937(1));
  give(all);
  EXPECT_LE(test::statsOf(heap).slabs, std::max<uint64_t>(full / 10, 20));
}

TEST_F(Stacks, ThatNobodyUsesAreDrained) {
  std::vector<void *> idle = take(1000, 48);
  give(idle);
  EXPECT_GT(depth(48), 0u);
  // Slow paths of another bin.
  for (int i = 0; i < 3; ++i) {
    std::vector<void *> other = take(200000, 64);
    give(other);
  }
  EXPECT_EQ(depth(48), 0u);
}

TEST_F(Stacks, ATrimEmptiesThem) {
  std::vector<void *> all = take(3000, 48);
  give(all);
  EXPECT_GT(depth(48), 0u);
  cairn_heap_trim(heap);
  EXPECT_EQ(depth(48), 0u);
  EXPECT_EQ(test::statsOf(heap).slabs, 0u);
}

/// Slots that were never used are on a stack too. To put them on the slab's list would touch
/// a page each.
TEST_F(Stacks, DrainedSlotsThatWereNeverUsedStayUntouched) {
  std::vector<void *> all = take(3, 2048);
  Slab *slab = fast::slabOf(all[0]);
  ASSERT_GT(slab->fresh, 3u) << "the stack was filled beyond what was taken";
  cairn_heap_trim(heap);
  EXPECT_EQ(slab->fresh, 3u);
  EXPECT_EQ(slab->free, nullptr);
  // A used one in between stays given out; what was given out after it is taken back.
  cairn_free(all[1]);
  cairn_heap_trim(heap);
  EXPECT_EQ(slab->fresh, 3u);
  EXPECT_EQ(slab->free, all[1]);
  EXPECT_EQ(test::statsOf(heap).live_blocks, 2u);
  EXPECT_EQ(take(1, 2048)[0], all[1]);
  EXPECT_TRUE(cairn_heap_check(heap));
}

/// The next heap's stacks use the memory of those that went with one.
TEST_F(Stacks, OfAHeapThatIsGoneServeAgain) {
  for (int i = 0; i < 50; ++i) {
    test::Heap h(16 << 20);
    std::unordered_set<void *> seen;
    for (int k = 0; k < 3000; ++k) {
      void *p = cairn_heap_malloc(h, 48);
      ASSERT_EQ(cairn_heap_of(p), h);
      ASSERT_TRUE(seen.insert(p).second) << "given out twice";
      memset(p, 1, 48);
      if (k % 2)
        cairn_free(p), seen.erase(p);
    }
  }
}

TEST_F(Stacks, OfAThreadThatEndedGoToItsSlabs) {
  std::vector<void *> kept;
  std::thread([&] {
    std::vector<void *> all = take(3000, 48);
    kept.assign(all.begin(), all.begin() + 10);
    all.erase(all.begin(), all.begin() + 10);
    give(all);
  }).join();
  EXPECT_EQ(test::statsOf(heap).live_blocks, kept.size());
  EXPECT_LE(test::statsOf(heap).slabs, 2u);
  give(kept);
  EXPECT_TRUE(cairn_heap_check(heap));
}

/// In a small heap a slab serves several classes, each with a stack of its own: what lies
/// on one must not be missed by another when the heap is full.
TEST_F(Stacks, OfASmallHeapGiveBackWhenItIsFull) {
  test::Heap small(256 << 10);
  for (int round = 0; round < 20; ++round) {
    std::vector<void *> all;
    for (size_t n : {40, 48, 56, 64})
      for (int i = 0; i < 3; ++i)
        all.push_back(cairn_heap_malloc(small, n));
    for (void *p : all) {
      ASSERT_NE(p, nullptr);
      cairn_free(p);
    }
    std::vector<void *> large;
    while (void *p = cairn_heap_malloc(small, 4096))
      large.push_back(p);
    EXPECT_GE(large.size(), 58u) << round;
    give(large);
    EXPECT_TRUE(cairn_heap_check(small));
  }
}

} // namespace
