//===- exhaustion_test.cpp - Full heaps and their handlers --------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <csetjmp>

using namespace cairn;

namespace {

using test::Node;
using test::nodeType;

/// Fills the heap with raw blocks, the large ones first, to the last granule.
std::vector<void *> fill(cairn_heap *heap) {
  std::vector<void *> all;
  for (size_t n : {size_t(100000), size_t(3000), size_t(2048), size_t(128), size_t(16)})
    while (void *p = cairn_heap_malloc(heap, n))
      all.push_back(p);
  return all;
}

class Exhaustion : public testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, Exhaustion,
                         testing::Values(size_t(256) << 10, size_t(1) << 20, size_t(16) << 20));

TEST_P(Exhaustion, RawIsNullAndTheHeapStaysUsable) {
  for (bool checked : {false, true}) {
    test::Heap heap(GetParam(), checked);
    for (int round = 0; round < 3; ++round) {
      std::vector<void *> all = fill(heap);
      cairn_stats s = test::statsOf(heap);
      EXPECT_EQ(s.live_blocks, all.size());
      EXPECT_GE(s.used, GetParam() - (128 << 10));
      for (size_t n : {0u, 16u, 500u, 2048u, 4000u, 200000u}) {
        EXPECT_EQ(cairn_heap_malloc(heap, n), nullptr);
        EXPECT_EQ(cairn_heap_calloc(heap, 1, n), nullptr);
        EXPECT_EQ(cairn_heap_aligned_alloc(heap, 64, n), nullptr);
        // After the first round a slab in hand has a few objects to give.
        for (void *o :
             {cairn_heap_try_alloc_bytes(heap, n), cairn_heap_try_alloc_array(heap, &nodeType, n),
              cairn_heap_try_alloc(heap, &nodeType)}) {
          EXPECT_TRUE(!o || round) << n;
          cairn_decref(o);
        }
      }
      EXPECT_TRUE(cairn_heap_check(heap));
      // One block more fits for one that goes.
      cairn_free(all.front());
      EXPECT_NE(all.front() = cairn_heap_malloc(heap, 16), nullptr);
      std::shuffle(all.begin(), all.end(), std::mt19937_64(1));
      for (void *p : all)
        cairn_free(p);
      EXPECT_EQ(test::statsOf(heap).live_bytes, 0u);
      EXPECT_TRUE(cairn_heap_check(heap));
      void *half = cairn_heap_malloc(heap, GetParam() / 2);
      EXPECT_TRUE(half || checked) << "all of it is there again";
      cairn_free(half);
      Node *n = static_cast<Node *>(cairn_heap_try_alloc(heap, &nodeType));
      EXPECT_NE(n, nullptr);
      cairn_decref(n);
    }
  }
}

struct Seen {
  unsigned calls = 0;
  cairn_oom last = {};
  std::vector<void *> spare;
  cairn_heap *heap = nullptr;
};

/// Gives up one of the blocks it holds.
bool freeOne(const cairn_oom *oom, void *context) {
  Seen *seen = static_cast<Seen *>(context);
  ++seen->calls;
  seen->last = *oom;
  if (seen->spare.empty())
    return false;
  cairn_free(seen->spare.back());
  seen->spare.pop_back();
  // With no lock held: all of the heap may be used here.
  EXPECT_NE(test::statsOf(seen->heap).used, 0u);
  EXPECT_TRUE(cairn_heap_check(seen->heap));
  cairn_free(cairn_heap_malloc(seen->heap, 8));
  return true;
}

TEST_P(Exhaustion, HandlerThatFreesGoesOn) {
  test::Heap heap(GetParam(), false, "mine");
  Seen seen;
  seen.heap = heap;
  cairn_set_oom_handler(heap, freeOne, &seen);
  seen.spare = fill(heap);
  size_t used = test::statsOf(heap).used;
  std::vector<void *> objects;
  for (int i = 0; i < 20; ++i) {
    objects.push_back(cairn_heap_alloc(heap, &nodeType));
    objects.push_back(cairn_heap_alloc_bytes(heap, 300));
    objects.push_back(cairn_heap_alloc_array(heap, &cairn_type_ref, 100));
  }
  EXPECT_GE(seen.calls, 1u);
  EXPECT_EQ(seen.last.heap, heap);
  EXPECT_STREQ(seen.last.heap_name, "mine");
  EXPECT_EQ(seen.last.limit, GetParam());
  EXPECT_LE(seen.last.used, used);
  EXPECT_GE(seen.last.used, used / 2);
  for (void *o : objects)
    cairn_decref(o);
  for (void *p : seen.spare)
    cairn_free(p);
  EXPECT_EQ(test::statsOf(heap).live_bytes, 0u);
}

struct Figures {
  jmp_buf back;
  cairn_oom oom;
};
bool noteAndLeave(const cairn_oom *oom, void *context) {
  Figures *f = static_cast<Figures *>(context);
  f->oom = *oom;
  longjmp(f->back, 1);
}

TEST_P(Exhaustion, HandlerSeesTheFiguresAndMayLeave) {
  test::Heap heap(GetParam(), false, nullptr);
  static Figures f;
  cairn_set_oom_handler(heap, noteAndLeave, &f);
  std::vector<void *> all = fill(heap);
  struct Case {
    void *(*allocate)(cairn_heap *);
    size_t least, most; // bytes of the request, a header and rounding included
  } cases[] = {
      {[](cairn_heap *h) { return cairn_heap_alloc(h, &nodeType); }, 16, 32},
      {[](cairn_heap *h) { return cairn_heap_alloc_bytes(h, 5000); }, 5000, 5032},
      {[](cairn_heap *h) { return cairn_heap_alloc_array(h, &nodeType, 1000); }, 16000, 16040},
      {[](cairn_heap *h) { return cairn_heap_alloc_bytes(h, size_t(1) << 40); }, size_t(1) << 40,
       (size_t(1) << 40) + 32},
      {[](cairn_heap *h) { return cairn_heap_alloc_array(h, &nodeType, SIZE_MAX); }, SIZE_MAX,
       SIZE_MAX},
      {[](cairn_heap *h) {
         unsigned bin = binOf(kObject, cairn::classOf(24));
         return cairn_fast_alloc(cairn_fast_bins_of(h), bin, nodeType.meta, h);
       },
       16, 32},
  };
  for (const Case &c : cases) {
    f.oom = cairn_oom();
    if (!setjmp(f.back)) {
      c.allocate(heap);
      ADD_FAILURE() << "the handler leaves";
    }
    EXPECT_EQ(f.oom.heap, heap);
    EXPECT_STREQ(f.oom.heap_name, "unnamed");
    EXPECT_GE(f.oom.request, c.least);
    EXPECT_LE(f.oom.request, c.most);
    EXPECT_EQ(f.oom.used, test::statsOf(heap).used);
    EXPECT_EQ(f.oom.limit, GetParam());
    EXPECT_TRUE(cairn_heap_check(heap));
  }
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u);
  for (void *p : all)
    cairn_free(p);
  void *n = cairn_heap_alloc(heap, &nodeType);
  EXPECT_NE(n, nullptr);
  cairn_decref(n);
}

TEST_P(Exhaustion, HandlersAreOfTheirHeap) {
  test::Heap one(GetParam()), two(GetParam());
  Seen first;
  first.heap = one;
  cairn_set_oom_handler(one, freeOne, &first);
  void *context = nullptr;
  EXPECT_EQ(cairn_get_oom_handler(one, &context), freeOne);
  EXPECT_EQ(context, &first);
  EXPECT_EQ(cairn_get_oom_handler(two, nullptr), nullptr);
  fill(two);
  EXPECT_EQ(cairn_heap_try_alloc(two, &nodeType), nullptr);
  first.spare = fill(one);
  EXPECT_NE(cairn_heap_alloc(one, &nodeType), nullptr);
  EXPECT_EQ(first.calls, 1u);
}

using ExhaustionDeathTest = testing::Test;

TEST(ExhaustionDeathTest, DefaultIsAMessageAndAbort) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        test::Heap heap(256 << 10, false, "little");
        fill(heap);
        cairn_heap_alloc_bytes(heap, 5000);
      },
      testing::KilledBySignal(SIGABRT),
      "heap exhausted: heap little, request 50[0-9][0-9] bytes, used [0-9]+, limit 262144");
  EXPECT_EXIT(
      {
        test::Heap heap(256 << 10, false, "little");
        cairn_set_oom_handler(
            heap, [](const cairn_oom *, void *) { return false; }, nullptr);
        fill(heap);
        cairn_heap_alloc(heap, &nodeType);
      },
      testing::KilledBySignal(SIGABRT), "heap exhausted: heap little");
  EXPECT_EXIT(cairn_alloc_bytes(size_t(1) << 45), testing::KilledBySignal(SIGABRT),
              "heap exhausted: heap default, request 35184372088832 bytes");
}

TEST_P(Exhaustion, FragmentedHeapFindsEveryHole) {
  test::Heap heap(GetParam());
  std::vector<void *> all;
  while (void *p = cairn_heap_malloc(heap, 4000))
    all.push_back(p);
  for (size_t i = 0; i < all.size(); i += 2)
    cairn_free(all[i]);
  size_t again = 0;
  std::vector<void *> holes;
  while (void *p = cairn_heap_malloc(heap, 4000)) {
    ++again;
    holes.push_back(p);
  }
  EXPECT_GE(again, all.size() / 2);
  for (void *p : holes)
    cairn_free(p);
  for (size_t i = 1; i < all.size(); i += 2)
    cairn_free(all[i]);
  if (!test::checkedRun()) // what is freed waits there
    EXPECT_EQ(test::statsOf(heap).used, 0u);
}

} // namespace
