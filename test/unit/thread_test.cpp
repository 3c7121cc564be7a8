//===- thread_test.cpp - Threads that hand blocks to each other ---------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/heap.h"
#include "objects.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

using namespace cairn;

namespace {

using test::Node;
using test::nodeType;

/// A ring of blocks between one thread that fills it and one that empties it.
class Ring {
public:
  explicit Ring(size_t n) : Places(n) {}
  void put(void *p) {
    uint64_t at = Put.load(std::memory_order_relaxed);
    while (at - Got.load(std::memory_order_acquire) == Places.size())
      std::this_thread::yield();
    Places[at % Places.size()] = p;
    Put.store(at + 1, std::memory_order_release);
  }
  void *get() {
    uint64_t at = Got.load(std::memory_order_relaxed);
    while (at == Put.load(std::memory_order_acquire))
      std::this_thread::yield();
    void *p = Places[at % Places.size()];
    Got.store(at + 1, std::memory_order_release);
    return p;
  }

private:
  std::vector<void *> Places;
  alignas(64) std::atomic<uint64_t> Put{0};
  alignas(64) std::atomic<uint64_t> Got{0};
};

/// Blocks made in one thread and freed in another, with about `live` on their way;
/// peak memory may be twice that and 1 MiB.
void handOver(cairn_heap *heap, uint64_t n, size_t live, size_t most, bool inlined) {
  Ring ring(live);
  std::thread consumer([&] {
    for (uint64_t i = 0; i < n; ++i) {
      uint64_t *p = static_cast<uint64_t *>(ring.get());
      ASSERT_EQ(*p, i);
      inlined ? cairn_fast_free(p) : cairn_free(p);
    }
  });
  size_t largest = 0;
  for (uint64_t i = 0; i < n; ++i) {
    size_t size = most == 48 ? 48 : 8 + i * 7 % most;
    largest = std::max(largest, size);
    uint64_t *p = static_cast<uint64_t *>(cairn_heap_malloc(heap, size));
    ASSERT_NE(p, nullptr);
    *p = i;
    ring.put(p);
  }
  consumer.join();
  cairn_stats s = test::statsOf(heap);
  EXPECT_EQ(s.live_blocks, 0u);
  if (!test::checkedRun() && most == 48)
    EXPECT_LE(s.peak, 2 * live * 48 + (1 << 20));
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST(Threads, BlocksHandedOver) {
  test::Heap heap;
  handOver(heap, test::times(10000000, 100), 10000, 48, true);
}

TEST(Threads, BlocksHandedOverCalledForm) {
  test::Heap heap;
  handOver(heap, test::times(1000000), 10000, 48, false);
}

TEST(Threads, BlocksOfManySizesHandedOver) {
  test::Heap heap;
  handOver(heap, test::times(1000000), 5000, 1000, true);
}

TEST(Threads, BlocksHandedOverInASmallHeap) {
  test::Heap heap(2 << 20);
  handOver(heap, test::times(1000000), 1000, 48, true);
}

TEST(Threads, HandedOverRoundAndRound) {
  // Each thread frees what its left neighbour made.
  constexpr int kThreads = 3;
  test::Heap heap;
  std::vector<std::unique_ptr<Ring>> rings;
  for (int t = 0; t < kThreads; ++t)
    rings.push_back(std::make_unique<Ring>(500));
  uint64_t n = test::times(600000);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<uint64_t>(t));
      for (uint64_t i = 0; i < n; ++i) {
        rings[size_t(t)]->put(cairn_heap_malloc(heap, 16 + random() % 200));
        if (i >= 250)
          cairn_fast_free(rings[size_t(t + 1) % kThreads]->get());
      }
      for (int i = 0; i < 250; ++i)
        cairn_fast_free(rings[size_t(t + 1) % kThreads]->get());
    });
  for (std::thread &t : threads)
    t.join();
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST(Threads, EmptySlabsGoBackWhoeverFreesLast) {
  if (test::checkedRun())
    GTEST_SKIP() << "freed blocks are held back";
  for (int round = 0; round < 20; ++round) {
    test::Heap heap;
    std::vector<void *> all;
    for (int i = 0; i < 20000; ++i)
      all.push_back(cairn_heap_malloc(heap, 64));
    // Two threads free every other block at once, one of them the owner.
    std::thread other([&] {
      for (size_t i = 0; i < all.size(); i += 2)
        cairn_fast_free(all[i]);
    });
    for (size_t i = 1; i < all.size(); i += 2)
      cairn_fast_free(all[i]);
    other.join();
    cairn_heap_trim(heap);
    EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
    EXPECT_EQ(test::statsOf(heap).used, 0u);
    EXPECT_TRUE(cairn_heap_check(heap));
  }
}

/// A thread builds, in random order, rests, and waits: what others free is free, and when it goes
/// on it finds its slabs as they are.
TEST(Threads, RestedOnesKeepNoEmptySlab) {
  if (test::checkedRun())
    GTEST_SKIP() << "no thread owns a slab";
  cairn_heap *heap = cairn_heap_default();
  uint64_t before = test::statsOf(heap).used;
  for (size_t part : {0, 2}) { // all are freed meanwhile, or every other block
    std::thread([&, part] {
      std::mt19937 random(1);
      std::vector<void *> all(4000);
      // A block and the one that replaces it are seldom of one size: so the slots on a stack
      // come to be of many slabs.
      for (size_t i = 0; i < 40000; ++i) {
        void *&p = all[i < all.size() ? i : random() % all.size()];
        if (p)
          cairn_free(p);
        p = cairn_malloc(500 + random() % 500);
      }
      cairn::rest();
      uint64_t built = test::statsOf(heap).used - before;
      EXPECT_GE(built, all.size() * 750);
      std::thread([&] {
        for (size_t i = 0; i < all.size(); ++i)
          if (!part || i % part)
            cairn_free(std::exchange(all[i], nullptr));
      }).join();
      if (!part)
        EXPECT_LE(test::statsOf(heap).used - before, built / 20);
      for (void *&p : all)
        if (!p)
          memset(p = cairn_malloc(500 + random() % 500), 1, 500);
      EXPECT_LE(test::statsOf(heap).used - before, built + built / 4);
      for (void *p : all)
        cairn_free(p);
      EXPECT_TRUE(cairn_heap_check(heap));
    }).join();
  }
}

/// While threads rest and end, another one frees what they allocated: no block may be lost, or
/// given out twice. Each rests but once or twice, since a thread rests the more seldom the more
/// often it did.
TEST(Threads, RestWhileOthersFree) {
  constexpr size_t kBatch = 600;
  std::atomic<std::vector<void *> *> passed{nullptr};
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done || passed.load())
      if (std::vector<void *> *batch = passed.exchange(nullptr)) {
        for (void *p : *batch) {
          if (*static_cast<uint64_t *>(p) != reinterpret_cast<uintptr_t>(p))
            abort();
          *static_cast<uint64_t *>(p) = 0;
          cairn_free(p);
        }
        delete batch;
      }
  });
  for (size_t round = 0; round < test::times(500, 5); ++round) {
    auto *batch = new std::vector<void *>;
    std::thread([&] {
      for (size_t part = 0; part < 2; ++part) {
        for (size_t i = 0; i < kBatch; ++i) {
          auto *p = static_cast<uint64_t *>(cairn_malloc(round % 2 ? 1600 : 64));
          *p = reinterpret_cast<uintptr_t>(p);
          batch->push_back(p);
        }
        cairn::rest();
        if (part == 0) {
          while (passed.load())
            std::this_thread::yield();
          passed = std::exchange(batch, new std::vector<void *>);
        }
      }
      cairn::rest();
    }).join();
    while (passed.load())
      std::this_thread::yield();
    passed = batch;
  }
  done = true;
  other.join();
  EXPECT_TRUE(cairn_heap_check(cairn_heap_default()));
}

TEST(Threads, EndWithObjectsAliveElsewhere) {
  test::Heap heap;
  std::vector<Node *> left;
  for (int t = 0; t < 8; ++t)
    std::thread([&] {
      for (int i = 0; i < 3000; ++i) {
        Node *n = static_cast<Node *>(cairn_heap_alloc(heap, &nodeType));
        n->value = i;
        n->next = cairn_heap_alloc_bytes(heap, size_t(i % 500));
        if (i % 3)
          cairn_decref(n);
        else
          left.push_back(n);
      }
    }).join();
  EXPECT_EQ(test::statsOf(heap).live_objects, left.size() * 2);
  EXPECT_TRUE(cairn_heap_check(heap));
  for (size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left[i]->value, int64_t(i % 1000) * 3);
    cairn_decref(left[i]);
  }
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u);
  if (!test::checkedRun()) {
    EXPECT_EQ(test::statsOf(heap).used, 0u) << "an orphan goes with its last block";
  }
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST(Threads, OrphansAreAdopted) {
  if (test::checkedRun())
    GTEST_SKIP() << "no thread owns a slab";
  test::Heap heap;
  std::vector<void *> left;
  std::thread([&] {
    for (int i = 0; i < 10000; ++i)
      left.push_back(cairn_heap_malloc(heap, 48));
  }).join();
  for (size_t i = 0; i < left.size(); i += 2)
    cairn_free(left[i]);
  size_t used = test::statsOf(heap).used;
  std::thread([&] {
    for (size_t i = 0; i < left.size(); i += 2)
      left[i] = cairn_heap_malloc(heap, 48);
  }).join();
  EXPECT_LE(test::statsOf(heap).used, used + (64 << 10));
  for (void *p : left)
    cairn_free(p);
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST(Threads, ManyShortOnesDoNotGrow) {
  test::Heap heap;
  auto one = [&] {
    std::thread([&] {
      for (int i = 0; i < 30; ++i) {
        cairn_free(cairn_malloc(size_t(i * 10)));
        cairn_decref(cairn_alloc(&nodeType));
        cairn_free(cairn_heap_malloc(heap, size_t(i * 10)));
      }
    }).join();
  };
  // What checked heaps hold back is full after some 500.
  for (int i = 0; i < (test::checkedRun() ? 600 : 50); ++i)
    one();
  size_t used = test::statsOf(heap).used + test::statsOf(nullptr).used;
  size_t resident = test::residentBytes(), mapped = test::mappedBytes();
  for (uint64_t i = 0; i < test::times(3000); ++i)
    one();
  EXPECT_LE(test::statsOf(heap).used + test::statsOf(nullptr).used, used + (1 << 20));
  if (!CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN && !test::checkedRun()) {
    EXPECT_LE(test::residentBytes(), resident + (1 << 20));
    EXPECT_LE(test::mappedBytes(), mapped + (2 << 20));
  }
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST(Threads, TwoOnOneExplicitHeap) {
  for (size_t size : {size_t(4) << 20, size_t(64) << 20}) {
    test::Heap heap(size);
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        std::mt19937_64 random(static_cast<uint64_t>(t));
        std::vector<std::pair<uint8_t *, size_t>> mine;
        for (uint64_t i = 0; i < test::times(200000); ++i)
          if (mine.size() < 300 && random() % 2) {
            size_t n = random() % (i % 50 ? 500 : 10000);
            uint8_t *p = static_cast<uint8_t *>(cairn_heap_malloc(heap, n));
            if (!p)
              continue;
            memset(p, t + 1, n);
            mine.push_back({p, n});
          } else if (!mine.empty()) {
            size_t at = random() % mine.size();
            ASSERT_TRUE(test::allBytes(mine[at].first, mine[at].second, uint8_t(t + 1)));
            cairn_free_sized(mine[at].first, mine[at].second);
            mine[at] = mine.back();
            mine.pop_back();
          }
        for (auto [p, n] : mine)
          cairn_free_sized(p, n);
      });
    for (std::thread &t : threads)
      t.join();
    EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
    EXPECT_TRUE(cairn_heap_check(heap));
  }
}

TEST(Threads, ExhaustionReclaimsOtherThreadsSlabs) {
  if (test::checkedRun())
    GTEST_SKIP() << "no thread owns a slab";
  for (size_t size : {size_t(2) << 20, size_t(16) << 20}) {
    test::Heap heap(size);
    std::mutex m;
    std::condition_variable changed;
    int state = 0;
    // One thread fills the heap and frees all of it, and lives on.
    std::thread other([&] {
      std::vector<void *> all;
      while (void *p = cairn_heap_malloc(heap, 100))
        all.push_back(p);
      for (void *p : all)
        cairn_free(p);
      std::unique_lock<std::mutex> lock(m);
      state = 1;
      changed.notify_all();
      changed.wait(lock, [&] { return state == 2; });
    });
    {
      std::unique_lock<std::mutex> lock(m);
      changed.wait(lock, [&] { return state == 1; });
    }
    // This one gets nearly all of it, in other classes.
    std::vector<void *> all;
    while (void *p = cairn_heap_malloc(heap, 1024))
      all.push_back(p);
    EXPECT_GE(all.size() * 1024, size - size / 8);
    for (void *p : all)
      cairn_free(p);
    void *large = cairn_heap_malloc(heap, size / 2);
    EXPECT_NE(large, nullptr);
    cairn_free(large);
    {
      std::lock_guard<std::mutex> lock(m);
      state = 2;
      changed.notify_all();
    }
    other.join();
    EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
    EXPECT_TRUE(cairn_heap_check(heap));
  }
}

TEST(Threads, AllocateWhileOthersRunOut) {
  // A heap that is always nearly full: reclaiming meets allocation and remote frees.
  test::Heap heap(1 << 20);
  std::atomic<uint64_t> got{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<uint64_t>(t));
      std::vector<void *> mine;
      for (uint64_t i = 0; i < test::times(60000); ++i) {
        void *p = cairn_heap_malloc(heap, random() % 40 ? random() % 2048 : random() % 50000);
        if (p)
          mine.push_back(p), ++got;
        if (!p || mine.size() > 1000)
          while (mine.size() > 10) {
            cairn_free(mine.back());
            mine.pop_back();
          }
      }
      for (void *p : mine)
        cairn_free(p);
    });
  for (std::thread &t : threads)
    t.join();
  EXPECT_GT(got.load(), 1000u);
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST(Threads, LastBlocksOfASlabAreFreedAtOnce) {
  // The owner's free spends the slab's credit while another thread frees the last live block: both
  // want to release the slab, and only one may. A page of this heap has 8 slots of 512 bytes, and
  // its credit is one.
  test::Heap heap(8 << 20);
  constexpr size_t kSlots = 8, kPages = 64;
  std::vector<void *> blocks(kSlots * kPages);
  std::atomic<uint64_t> ready{0}, go{0}; // pages, counted through all rounds
  std::atomic<bool> over{false};
  auto wait = [&](const std::atomic<uint64_t> &pages, uint64_t until) {
    for (unsigned spins = 0; pages.load(std::memory_order_acquire) != until && !over; ++spins)
      if (spins > 1000)
        std::this_thread::yield();
  };
  std::atomic<uint64_t> given{0}, freed{0};
  std::thread other([&] {
    for (uint64_t page = 0; !over; ++page) {
      if (page % kPages == 0)
        wait(given, page / kPages + 1);
      if (over)
        break;
      void **slots = &blocks[page % kPages * kSlots];
      for (size_t slot = 1; slot + 1 < kSlots; ++slot)
        cairn_free(slots[slot]);
      ready.store(page + 1, std::memory_order_release);
      wait(go, page + 1); // both frees begin at the same moment
      cairn_free(slots[kSlots - 1]);
      freed.store(page + 1, std::memory_order_release);
    }
  });
  auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  uint64_t page = 0;
  for (uint64_t round = 1; std::chrono::steady_clock::now() < end; ++round) {
    for (void *&p : blocks)
      EXPECT_NE(p = cairn_heap_malloc(heap, 512), nullptr);
    given.store(round, std::memory_order_release);
    for (size_t i = 0; i < kPages; ++i) {
      wait(ready, ++page);
      go.store(page, std::memory_order_release);
      cairn_free(blocks[i * kSlots]);
    }
    wait(freed, page);
    EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
  }
  over = true;
  other.join();
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST(Threads, SharedListsHandedOver) {
  uint64_t start = test::statsOf(nullptr).live_objects;
  Ring ring(16);
  uint64_t n = test::times(2000, 8);
  std::thread consumer([&] {
    for (uint64_t i = 0; i < n; ++i)
      cairn_decref(ring.get());
  });
  for (uint64_t i = 0; i < n; ++i) {
    Node *head = nullptr;
    for (int j = 0; j < 100; ++j) {
      Node *one = static_cast<Node *>(cairn_alloc(&nodeType));
      one->next = head;
      head = one;
    }
    cairn_share(head);
    if (i % 2) {
      cairn_incref(head);
      ring.put(head);
      cairn_decref(head);
    } else {
      ring.put(head);
    }
  }
  consumer.join();
  EXPECT_EQ(test::statsOf(nullptr).live_objects, start);
  EXPECT_TRUE(cairn_heap_check(nullptr));
}

} // namespace
