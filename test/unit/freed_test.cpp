//===- freed_test.cpp - Calls that are given a free slot ----------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a mark in a slot says (heap/freed.h), and where it says nothing.
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <memory>
#include <thread>

using namespace cairn;

namespace {

using Freed = test::Misuse;

/// Wherever the slot is by then: on the stack, in its slab's list, in a slab that is in no hand.
TEST_F(Freed, DoubleFreeOfAnyOfMany) {
  for (size_t n : {1, 16, 17, 100, 500, 2000}) {
    std::vector<void *> blocks(std::min<size_t>(4000, (256 << 10) / n));
    for (void *&p : blocks)
      p = raw(n);
    for (void *p : blocks)
      cairn_free(p);
    for (size_t i = 0; i < blocks.size(); i += 7) {
      cairn_free(blocks[i]);
      std::vector<test::Errors::One> seen = errors.take();
      ASSERT_EQ(seen.size(), 1u) << n << ", block " << i;
      EXPECT_EQ(cairn_usable_size(blocks[i]), 0u);
      EXPECT_EQ(cairn_realloc(blocks[i], 5), nullptr);
      ASSERT_EQ(errors.take().size(), 2u) << n << ", block " << i;
    }
    expectSound();
  }
}

/// A slot may lie on the thread's stack that no call has given out yet.
TEST_F(Freed, NeverGivenOutCalled) {
  for (test::Heap *own : {new test::Heap(64 << 20), new test::Heap(1 << 20)}) {
    for (size_t n : {16, 64, 512}) {
      auto *p = static_cast<char *>(cairn_heap_malloc(*own, n));
      size_t step = test::checkedRun() ? n + 16 : n;
      for (size_t i = 1; i < 6; ++i) {
        cairn_free(p + i * step);
        ASSERT_EQ(errors.take().size(), 1u) << n << ", slot " << i;
      }
      std::vector<void *> all(100);
      for (void *&q : all)
        q = cairn_heap_malloc(*own, n);
      for (void *q : all)
        cairn_free(q);
      cairn_free(p);
      expectNone();
    }
    EXPECT_TRUE(cairn_heap_check(*own));
    delete own;
  }
}

/// What inlined code is given and what calls free are the same blocks: no mark of a call that
/// freed one before may count against it, and only the search can say so.
TEST_F(Freed, InlinedMallocCalledFreeIsNoDoubleFree) {
  for (int round = 0; round < 3; ++round) {
    std::vector<void *> blocks(2000);
    for (void *&p : blocks)
      p = round % 2 ? cairn_malloc(8) : cairn_fast_malloc_n(cairn_fast_bins(), 8, nullptr);
    for (void *p : blocks)
      round % 2 ? cairn_fast_free(p) : cairn_free(p);
    expectNone();
  }
  void *p = cairn_fast_malloc_n(cairn_fast_bins(), 8, nullptr);
  cairn_free(p);
  cairn_free(p);
  expect(CAIRN_ERROR_DEAD, p, "freed already");
  std::thread([] { // and one that another thread frees
    void *q = cairn_fast_malloc_n(cairn_fast_bins(), 40, nullptr);
    cairn_free(q);
    q = cairn_fast_malloc_n(cairn_fast_bins(), 40, nullptr);
    std::thread([q] { cairn_free(q); }).join();
  })
      .join();
  expectNone();
}

} // namespace
