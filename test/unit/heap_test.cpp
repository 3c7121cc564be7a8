//===- heap_test.cpp - Making, using and destroying heaps ---------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <atomic>
#include <cstring>
#include <sys/mman.h>
#include <thread>

namespace {

using test::Node;
using test::nodeType;

TEST(Heaps, DefaultsAreAsPromised) {
  cairn_heap *h = cairn_heap_create(nullptr);
  ASSERT_NE(h, nullptr);
  EXPECT_EQ(cairn_heap_size(h), size_t(64) << 20);
  EXPECT_TRUE(test::alignedTo(cairn_heap_base(h), 64 << 10));
  cairn_heap_destroy(h);
  EXPECT_EQ(cairn_heap_default(), cairn_heap_default());
  EXPECT_GE(cairn_heap_size(cairn_heap_default()), size_t(1) << 30);
}

TEST(Heaps, SizesAreRoundedAndBounded) {
  const size_t k = 1 << 10, g = size_t(1) << 30;
  const size_t sizes[][2] = {{1, 256 * k}, {256 * k, 256 * k},  {256 * k + 1, 320 * k}, {g - 1, g},
                             {g, g},       {1024 * g, 1024 * g}};
  for (auto [asked, got] : sizes) {
    test::Heap h(asked);
    if (!h && asked > 16 * g)
      continue; // the platform may refuse
    ASSERT_NE(h, nullptr) << asked;
    EXPECT_EQ(cairn_heap_size(h), got);
    EXPECT_EQ(test::statsOf(h).region_size, got);
  }
  for (size_t bad : {1024 * g + 1, 2048 * g, SIZE_MAX, SIZE_MAX - 65535, SIZE_MAX / 2}) {
    cairn_heap_options options = {bad, "bad", false};
    EXPECT_EQ(cairn_heap_create(&options), nullptr) << bad;
  }
}

/// Every class of raw blocks and of objects at once.
void everyClassServes(cairn_heap *h) {
  std::vector<void *> blocks, objects;
  for (size_t n = 16; n <= 2048; n += 8) {
    void *p = cairn_heap_malloc(h, n);
    ASSERT_NE(p, nullptr) << "raw " << n;
    blocks.push_back(p);
    memset(p, 1, n);
    if (cairn_heap_size(h) < (1 << 20) && n % 256 == 0)
      while (blocks.size() > 16) {
        cairn_free(blocks.back());
        blocks.pop_back();
      }
  }
  for (size_t n = 8; n <= 2040; n += 8) {
    void *o = cairn_heap_try_alloc_bytes(h, n);
    ASSERT_NE(o, nullptr) << "object " << n;
    memset(o, 2, n);
    objects.push_back(o);
    if (cairn_heap_size(h) < (1 << 20) && n % 256 == 0)
      while (objects.size() > 16) {
        cairn_decref(objects.back());
        objects.pop_back();
      }
  }
  for (void *p : blocks)
    cairn_free(p);
  for (void *o : objects)
    cairn_decref(o);
}

TEST(Heaps, SmallestServesEveryClassAtOnce) {
  for (bool checked : {false, true}) {
    test::Heap h(256 << 10, checked);
    std::vector<void *> live;
    for (size_t n = 16; n <= 2048; n *= 2) {
      void *p = cairn_heap_malloc(h, n), *o = cairn_heap_try_alloc_bytes(h, n - 8);
      ASSERT_NE(p, nullptr) << n;
      ASSERT_NE(o, nullptr) << n;
      memset(p, int(n), n);
      memset(o, int(n), n - 8);
      live.push_back(p);
      live.push_back(o);
    }
    EXPECT_EQ(test::statsOf(h).live_blocks, 8u);
    EXPECT_EQ(test::statsOf(h).live_objects, 8u);
    everyClassServes(h);
    for (size_t i = 0; i < live.size(); ++i)
      i % 2 ? cairn_decref(live[i]) : cairn_free(live[i]);
    EXPECT_EQ(test::statsOf(h).live_bytes, 0u);
    EXPECT_TRUE(cairn_heap_check(h));
  }
}

/// A thread's first slab of a size may be hardly used: memory that had another use does not
/// stay backed for it, but for its beginning.
TEST(Heaps, AFirstSlabIsNotBackedFromBefore) {
  test::Heap h(64 << 20);
  size_t size = 32 << 20;
  void *before = cairn_heap_malloc(h, size);
  ASSERT_NE(before, nullptr);
  memset(before, 1, size);
  cairn_free(before);
  // A checked heap writes at the end of the slots, the largest of which hold less.
  bool checked = test::checkedRun();
  for (size_t n = 16; n <= (checked ? 2032 : 2048); n += 16) {
    auto *p = static_cast<unsigned char *>(cairn_heap_malloc(h, n));
    ASSERT_NE(p, nullptr);
    uintptr_t slab = reinterpret_cast<uintptr_t>(p) & ~(cairn::kSlabSize - 1);
    unsigned char backed[cairn::kSlabSize / 4096];
    ASSERT_EQ(mincore(reinterpret_cast<void *>(slab), cairn::kSlabSize, backed), 0);
    for (size_t page = checked ? 3 : 2; page < sizeof backed; ++page)
      EXPECT_FALSE(backed[page] & 1) << n << ", page " << page;
    memset(p, 2, n);
  }
}

/// Of memory that the system has, as it gave it or got it back, nothing is written.
TEST(Heaps, WhatIsZeroIsNotWritten) {
  test::Heap h(64 << 20);
  constexpr size_t kSize = 16 << 20;
  auto resident = [](void *p) {
    uintptr_t first = reinterpret_cast<uintptr_t>(p) & ~uintptr_t(4095);
    std::vector<unsigned char> pages(kSize / 4096);
    EXPECT_EQ(mincore(reinterpret_cast<void *>(first), kSize, pages.data()), 0);
    size_t n = 0;
    for (unsigned char page : pages)
      n += page & 1;
    return n;
  };
  for (bool again : {false, true}) {
    void *p = cairn_heap_calloc(h, kSize / 16, 16);
    void *refs = cairn_heap_alloc_array(h, &cairn_type_ref, kSize / 8);
    ASSERT_TRUE(p && refs);
    EXPECT_LE(resident(p), 4u) << again;
    EXPECT_LE(resident(refs), 4u) << again;
    EXPECT_TRUE(test::allBytes(p, kSize, 0));
    EXPECT_TRUE(test::allBytes(refs, kSize, 0));
    memset(p, 1, kSize);
    cairn_free(p);
    cairn_decref(refs);
    cairn_heap_trim(h);
  }
}

TEST(Heaps, EverySizeOfHeapWorks) {
  for (size_t size : {size_t(256) << 10, size_t(320) << 10, size_t(1) << 20, size_t(15) << 20,
                      size_t(16) << 20, size_t(64) << 20, size_t(1) << 30, size_t(16) << 30}) {
    SCOPED_TRACE(size);
    test::Heap h(size);
    ASSERT_NE(h, nullptr);
    everyClassServes(h);
    // Large blocks up to nearly all of it.
    size_t n = size - (128 << 10);
    cairn_heap_trim(h);
    void *p = cairn_heap_malloc(h, n);
    ASSERT_NE(p, nullptr);
    static_cast<char *>(p)[0] = static_cast<char *>(p)[n - 1] = 1;
    EXPECT_EQ(cairn_heap_of(static_cast<char *>(p) + n - 1), h);
    cairn_free_sized(p, n);
    EXPECT_EQ(test::statsOf(h).live_bytes, 0u);
    EXPECT_TRUE(cairn_heap_check(h));
  }
}

TEST(Heaps, BlocksStayInTheirHeap) {
  std::vector<std::unique_ptr<test::Heap>> heaps;
  std::vector<std::vector<void *>> blocks(100); // more than a thread's look-ups
  for (int i = 0; i < 100; ++i)
    heaps.push_back(std::make_unique<test::Heap>(1 << 20));
  for (int round = 0; round < 50; ++round)
    for (int i = 0; i < 100; ++i) {
      void *p = cairn_heap_malloc(*heaps[i], size_t(16 + round * 8));
      Node *o = static_cast<Node *>(cairn_heap_alloc(*heaps[i], &nodeType));
      ASSERT_EQ(cairn_heap_of(p), *heaps[i]);
      ASSERT_EQ(cairn_heap_of(o), *heaps[i]);
      blocks[i].push_back(p);
      cairn_decref(o);
    }
  for (int i = 99; i >= 0; --i)
    for (void *p : blocks[i])
      cairn_free(p);
  for (auto &h : heaps) {
    EXPECT_EQ(test::statsOf(*h).live_blocks, 0u);
    EXPECT_TRUE(cairn_heap_check(*h));
  }
}

TEST(Heaps, OfOutsideIsNull) {
  int local = 0;
  EXPECT_EQ(cairn_heap_of(&local), nullptr);
  EXPECT_EQ(cairn_heap_of(nullptr), nullptr);
  EXPECT_EQ(cairn_heap_of(reinterpret_cast<void *>(~uintptr_t(0))), nullptr);
  test::Heap h(1 << 20);
  char *base = static_cast<char *>(cairn_heap_base(h));
  EXPECT_EQ(cairn_heap_of(base), h);
  EXPECT_EQ(cairn_heap_of(base + (1 << 20) - 1), h);
  EXPECT_NE(cairn_heap_of(base + (1 << 20)), h);
  EXPECT_NE(cairn_heap_of(base - 1), h);
}

TEST(Heaps, BaseIsStableAndOffsetZeroIsNeverGiven) {
  for (size_t size : {size_t(256) << 10, size_t(64) << 20}) {
    test::Heap h(size);
    void *base = cairn_heap_base(h);
    std::vector<void *> all;
    while (void *p = cairn_heap_malloc(h, 16 + all.size() % 700)) {
      EXPECT_NE(p, base);
      all.push_back(p);
    }
    for (size_t n = size; n >= 256; n /= 2)
      while (void *p = cairn_heap_malloc(h, n)) {
        EXPECT_NE(p, base);
        all.push_back(p);
      }
    EXPECT_EQ(cairn_heap_base(h), base);
    for (void *p : all)
      cairn_free(p);
    EXPECT_EQ(cairn_heap_base(h), base);
  }
}

TEST(Heaps, ManyInTurnDoNotGrow) {
  auto round = [](bool checked) {
    test::Heap h(0, checked);
    std::vector<void *> some;
    for (int i = 0; i < 200; ++i)
      some.push_back(cairn_heap_malloc(h, size_t(i * 20)));
    for (int i = 0; i < 200; i += 2)
      cairn_free(some[size_t(i)]);
    cairn_heap_alloc(h, &nodeType);
  };
  for (bool checked : {false, true}) {
    uint64_t n = test::times(1500, 10);
    for (uint64_t i = 0; i < n / 10; ++i)
      round(checked);
    size_t resident = test::residentBytes(), mapped = test::mappedBytes();
    for (uint64_t i = 0; i < n; ++i)
      round(checked);
    if (!CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN)
      EXPECT_LT(test::residentBytes(), resident + (1 << 19)) << checked;
    EXPECT_LT(test::mappedBytes(), mapped + (8 << 20)) << checked;
  }
}

TEST(Heaps, ManyAtOnce) {
  std::vector<cairn_heap *> heaps;
  for (int i = 0; i < 1000; ++i) {
    cairn_heap_options options = {256 << 10, "many", false};
    cairn_heap *h = cairn_heap_create(&options);
    ASSERT_NE(h, nullptr);
    heaps.push_back(h);
    ASSERT_NE(cairn_heap_malloc(h, 64), nullptr);
  }
  for (size_t i = 0; i < heaps.size(); ++i) {
    void *p = cairn_heap_malloc(heaps[i], 64);
    ASSERT_EQ(cairn_heap_of(p), heaps[i]);
    cairn_free(p);
  }
  for (size_t i = 0; i < heaps.size(); i += 2)
    cairn_heap_destroy(heaps[i]);
  for (size_t i = 1; i < heaps.size(); i += 2) {
    EXPECT_EQ(test::statsOf(heaps[i]).live_blocks, 1u);
    cairn_heap_destroy(heaps[i]);
  }
}

TEST(Heaps, DestroyRunsNoFinaliser) {
  static int ran;
  static cairn_type type = {8, 8, 0, 0, 0, nullptr, [](void *) { ++ran; }, "final"};
  {
    test::Heap h;
    cairn_heap_alloc(h, &type);
  }
  EXPECT_EQ(ran, 0);
}

TEST(Heaps, RecordsAreOutsideTheRegion) {
  test::Errors errors; // a checked heap is looked at when it is destroyed
  for (size_t size : {size_t(1) << 20, size_t(64) << 20}) {
    test::Heap h(size);
    std::vector<std::pair<void *, size_t>> blocks;
    std::vector<void *> objects;
    for (int i = 0; i < 600; ++i) {
      size_t n = size_t(i) * 5 % 3000;
      if (void *p = cairn_heap_malloc(h, n))
        blocks.push_back({p, n});
      if (void *o = cairn_heap_try_alloc_bytes(h, n / 4))
        objects.push_back(o);
    }
    // Garbage over everything that the program may write.
    std::mt19937_64 random(5);
    for (auto [p, n] : blocks)
      for (size_t i = 0; i < cairn_usable_size(p); ++i)
        static_cast<uint8_t *>(p)[i] = uint8_t(random());
    for (void *o : objects)
      memset(o, 0xff, cairn_length(o));
    EXPECT_TRUE(cairn_heap_check(h));
    for (size_t i = 0; i < blocks.size(); i += 2)
      cairn_free_sized(blocks[i].first, blocks[i].second);
    for (size_t i = 0; i < objects.size(); i += 2)
      cairn_decref(objects[i]);
    EXPECT_TRUE(cairn_heap_check(h));
    EXPECT_EQ(test::statsOf(h).live_blocks, blocks.size() / 2);
    EXPECT_NE(cairn_heap_malloc(h, 100), nullptr);
    // Destroyed with the other half, and with garbage over the whole region.
    memset(static_cast<char *>(cairn_heap_base(h)), 0xa5, 1 << 20);
  }
}

TEST(Heaps, ThreadsKeepNothingOfADestroyedHeap) {
  constexpr int kThreads = 4;
  std::vector<cairn_heap *> heaps;
  std::atomic<int> round{0}, done{0};
  std::atomic<cairn_heap *> now{nullptr};
  const int rounds = int(test::times(200, 4));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int r = 1; r <= rounds; ++r) {
        while (round.load() < r)
          std::this_thread::yield();
        cairn_heap *h = now.load();
        for (int i = 0; i < 100; ++i) {
          void *p = cairn_heap_malloc(h, size_t(16 + i * 8));
          EXPECT_EQ(cairn_heap_of(p), h);
          if (i % 2)
            cairn_free(p);
        }
        if (t == 0 && r == rounds / 2) {
          done.fetch_add(1);
          return; // ends while it has caches of heaps that are gone
        }
        done.fetch_add(1);
      }
    });
  for (int r = 1; r <= rounds; ++r) {
    cairn_heap_options options = {r % 2 ? size_t(1) << 20 : size_t(32) << 20, "round", false};
    cairn_heap *h = cairn_heap_create(&options);
    now = h;
    done = 0;
    round = r;
    int wanted = r > rounds / 2 ? kThreads - 1 : kThreads;
    while (done.load() < wanted)
      std::this_thread::yield();
    if (r != rounds / 2 && r != rounds) // then threads are leaving it
      EXPECT_TRUE(cairn_heap_check(h));
    cairn_heap_destroy(h);
  }
  for (std::thread &t : threads)
    t.join();
}

TEST(Heaps, ThreadsEndWhileHeapsAreDestroyed) {
  // A thread that has used a heap may end while another destroys it.
  for (uint64_t i = 0; i < test::times(400, 4); ++i) {
    auto h = std::make_unique<test::Heap>(1 << 20);
    std::atomic<bool> used{false};
    std::thread t([&] {
      cairn_heap_malloc(*h, 100);
      cairn_heap_alloc(*h, &nodeType);
      used = true;
    });
    while (!used)
      std::this_thread::yield();
    h.reset();
    t.join();
  }
}

TEST(Heaps, OtherHeapsComeAndGoUnderLookups) {
  // Resolving looks at every heap for what no table entry names.
  test::Heap big(64 << 20);
  char *array = static_cast<char *>(cairn_heap_alloc_bytes(big, 1 << 20));
  std::atomic<bool> stop{false};
  std::thread t([&] {
    while (!stop)
      test::Heap other(256 << 10);
  });
  for (uint64_t i = 0; i < test::times(100000); ++i)
    ASSERT_EQ(cairn_resolve(array + 100000 + i), array);
  stop = true;
  t.join();
}

TEST(Heaps, TrimGivesBack) {
  if (test::checkedRun())
    GTEST_SKIP() << "freed blocks are held back";
  test::Heap h;
  std::vector<void *> all;
  all.reserve(20000);
  size_t before = test::residentBytes();
  for (int i = 0; i < 20000; ++i) {
    all.push_back(cairn_heap_malloc(h, 1000));
    memset(all.back(), 1, 1000);
  }
  size_t full = test::statsOf(h).used;
  EXPECT_GE(full, 20000u * 1000);
  for (void *p : all)
    cairn_free(p);
  EXPECT_GT(cairn_heap_trim(h), 0u);
  EXPECT_LT(test::statsOf(h).used, full / 50);
#if !CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN
  EXPECT_LE(test::residentBytes(), before + (4 << 20));
#else
  (void)before;
#endif
  EXPECT_TRUE(cairn_heap_check(h));
}

TEST(Heaps, Version) { EXPECT_EQ(std::string(cairn_version()).find("0."), 0u); }

} // namespace
