//===- guard_test.cpp - Blocks that live alone --------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/guard.h"
#include "mappings.h"
#include "objects.h"
#include "support.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern "C" void cairn_fast_free_own(cairn::Bins *bins, uintptr_t bin, void *p);
extern "C" void cairn_fast_decref_leaf_own(cairn::Bins *bins, uintptr_t bin, void *ref);

using namespace cairn;

namespace {

constexpr unsigned kBin48 = binOf(kRaw, classOf(48));

class Guarded : public testing::Test {
protected:
  void SetUp() override {
    if (test::checkedRun())
      GTEST_SKIP() << "a checked heap guards no block";
    ASSERT_TRUE(cairn_heap_guard(heap, 1));
  }
  test::Heap heap{256 << 20};

  static bool isGuardedBlock(const void *p) {
    Slab *slab = locate(p).slab;
    return slab && isGuarded(slab);
  }
  /// The next guarded block of 48 bytes; those that came before it are added to `others`.
  void *untilGuarded(std::vector<void *> &others) {
    for (;;) {
      void *p = cairn_heap_malloc(heap, 48);
      if (isGuardedBlock(p))
        return p;
      others.push_back(p);
    }
  }
  Bins *bins() { return cairn_fast_bins_of(heap); }
  size_t live() {
    cairn_stats s = test::statsOf(heap);
    return size_t(s.live_blocks + s.live_objects);
  }
};

TEST_F(Guarded, BlocksOfEverySizeAndKindAreAlignedAndWhole) {
  std::vector<void *> all;
  for (size_t n = 0; n <= kMaxSmall; n += n < 200 ? 7 : 61) {
    void *p = cairn_heap_malloc(heap, n);
    ASSERT_TRUE(isGuardedBlock(p)) << n;
    EXPECT_TRUE(test::alignedTo(p, n && n % 16 == 0 ? 16 : 8)) << n;
    EXPECT_GE(cairn_usable_size(p), n);
    memset(p, 0xa5, cairn_usable_size(p));
    all.push_back(p);
  }
  for (size_t align = 16; align <= 64; align *= 2)
    for (size_t n = 1; n < 1500; n += 301) {
      void *p = cairn_heap_aligned_alloc(heap, align, n);
      ASSERT_TRUE(isGuardedBlock(p));
      EXPECT_TRUE(test::alignedTo(p, align));
      all.push_back(p);
    }
  for (size_t n = 0; n < 1900; n += 111) {
    void *bytes = cairn_heap_alloc_bytes(heap, n),
         *array = cairn_heap_alloc_array(heap, &cairn_type_byte, n);
    ASSERT_TRUE(isGuardedBlock(bytes) && isGuardedBlock(array));
    EXPECT_TRUE(test::alignedTo(bytes, 16) && test::alignedTo(array, 16));
    EXPECT_EQ(cairn_resolve(bytes), bytes);
    EXPECT_EQ(cairn_resolve(static_cast<char *>(array) + n / 2), array);
    EXPECT_EQ(cairn_length(array), n);
    cairn_decref(bytes);
    EXPECT_EQ(cairn_resolve(bytes), nullptr); // which reads nothing of it
    cairn_decref(array);
  }
  EXPECT_EQ(live(), all.size());
  EXPECT_TRUE(cairn_heap_check(heap));
  for (void *p : all)
    cairn_free(p);
  EXPECT_EQ(live(), 0u);
}

TEST_F(Guarded, NoMoreUnitsThanTheHeapMayHaveAndTheLongestDeadServesFirst) {
  std::vector<void *> all;
  for (unsigned i = 0; i < 400; ++i)
    all.push_back(cairn_heap_malloc(heap, 48));
  size_t guarded = 0;
  for (void *p : all)
    guarded += isGuardedBlock(p);
  EXPECT_EQ(guarded, std::min<size_t>(kMostGuarded, (256 << 20) / kSlabSize / kGuardedShare));
  for (void *p : all)
    cairn_free(p);
  cairn_heap_trim(heap); // the stack's slots go
  // The first that was freed serves first, so that each waits as long as it can.
  void *next = cairn_heap_malloc(heap, 48);
  EXPECT_EQ(locate(next).slab, locate(all[0]).slab);
  cairn_free(next);
  EXPECT_EQ(live(), 0u);
}

TEST_F(Guarded, OneInSoMany) {
  test::Heap other{size_t(1) << 30};
  ASSERT_TRUE(cairn_heap_guard(other, 20));
  size_t guarded = 0, slow = 0;
  for (unsigned i = 0; i < 40000; ++i) {
    uint64_t before = test::statsOf(other).slow_paths;
    void *p = cairn_heap_malloc(other, 2000); // 31 on a stack
    slow += test::statsOf(other).slow_paths != before;
    guarded += isGuardedBlock(p);
    if (isGuardedBlock(p))
      cairn_free(p);
    if (i >= 1500)
      break;
  }
  // A stack that was refilled gives slots without a slow path, and a guarded one fills none.
  EXPECT_GT(slow, 40u);
  EXPECT_GT(guarded, 0u);
  EXPECT_LT(guarded, slow / 4);
}

TEST_F(Guarded, AFreeWithoutALookPutsItOntoTheStack) {
  void *p = cairn_heap_malloc(heap, 48);
  ASSERT_TRUE(isGuardedBlock(p));
  // The bin has no stack yet: the block goes back.
  cairn_fast_free_own(bins(), kBin48, p);
  EXPECT_TRUE(isDeadGuarded(locate(p).slab));
  // It has one after a slot was taken in the ordinary way.
  ASSERT_TRUE(cairn_heap_guard(heap, 0));
  void *q = cairn_heap_malloc(heap, 48);
  ASSERT_TRUE(cairn_heap_guard(heap, 1));
  std::vector<void *> others;
  void *guarded = untilGuarded(others);
  cairn_fast_free_own(bins(), kBin48, guarded);
  EXPECT_FALSE(isDeadGuarded(locate(guarded).slab));
  EXPECT_EQ(live(), others.size() + 1); // it is on the stack, and dead
  EXPECT_TRUE(cairn_heap_check(heap));
  {
    test::Errors errors;
    cairn_free(guarded);
    test::expectError(errors, CAIRN_ERROR_DEAD, guarded, "freed already");
  }
  // The next block of the bin is it, and a free that looks gives it back.
  EXPECT_EQ(cairn_heap_malloc(heap, 48), guarded);
  memset(guarded, 7, 48);
  cairn_free(guarded);
  EXPECT_TRUE(isDeadGuarded(locate(guarded).slab));
  for (void *other : others)
    cairn_free(other);
  cairn_free(q);
  EXPECT_EQ(live(), 0u);
}

// What the record says of how a block was made is of the first one that the unit held.
TEST_F(Guarded, ALaterBlockInItsSlotHasNoMaker) {
  ASSERT_TRUE(cairn_heap_guard(heap, 0));
  void *q = cairn_heap_malloc(heap, 48);
  ASSERT_TRUE(cairn_heap_guard(heap, 1));
  std::vector<void *> others;
  void *first = untilGuarded(others), *second = untilGuarded(others);
  ASSERT_TRUE(cairn_heap_guard(heap, 0));
  cairn_fast_free_own(bins(), kBin48, second);
  ASSERT_EQ(cairn_heap_malloc(heap, 48), second);
  test::Errors errors;
  auto reportOf = [&](void *p) {
    cairn_free(p);
    auto seen = errors.take();
    return seen.size() == 1 ? seen[0].message : std::string("none, or several");
  };
  for (void *p : {first, second}) {
    cairn_free(p);
    EXPECT_TRUE(isDeadGuarded(locate(p).slab));
    std::string report = reportOf(p);
    EXPECT_EQ(report.find("made") == std::string::npos, p == second) << report;
    EXPECT_NE(report.find("freed at"), std::string::npos) << report;
  }
  // The unit's next block is the first of its own again.
  ASSERT_TRUE(cairn_heap_guard(heap, 1));
  while (isDeadGuarded(locate(second).slab))
    others.push_back(cairn_heap_malloc(heap, 48));
  cairn_free(second);
  std::string report = reportOf(second);
  EXPECT_NE(report.find("made at"), std::string::npos) << report;
  for (void *other : others)
    if (other != second)
      cairn_free(other);
  cairn_free(q);
  EXPECT_EQ(live(), 0u);
}

TEST_F(Guarded, AStackThatIsDrainedGivesItsUnitsBack) {
  ASSERT_TRUE(cairn_heap_guard(heap, 0));
  void *q = cairn_heap_malloc(heap, 48);
  ASSERT_TRUE(cairn_heap_guard(heap, 1));
  std::vector<void *> others;
  void *guarded = untilGuarded(others);
  cairn_fast_free_own(bins(), kBin48, guarded);
  cairn_heap_trim(heap);
  EXPECT_EQ(live(), others.size() + 1);
  EXPECT_TRUE(isDeadGuarded(locate(guarded).slab));
  for (void *other : others)
    cairn_free(other);
  cairn_free(q);
}

TEST_F(Guarded, AThreadEndsWithOneOnItsStack) {
  void *guarded = nullptr;
  std::thread([&] {
    ASSERT_TRUE(cairn_heap_guard(heap, 0));
    cairn_free(cairn_heap_malloc(heap, 48));
    ASSERT_TRUE(cairn_heap_guard(heap, 1));
    std::vector<void *> others;
    while (!guarded) {
      others.push_back(cairn_heap_malloc(heap, 48));
      if (isGuardedBlock(others.back()))
        guarded = others.back(), others.pop_back();
    }
    cairn_fast_free_own(bins(), kBin48, guarded);
    for (void *other : others)
      cairn_free(other);
  }).join();
  EXPECT_TRUE(isDeadGuarded(locate(guarded).slab));
  EXPECT_EQ(live(), 0u);
}

TEST_F(Guarded, AFullHeapTakesTheUnitsOfDeadBlocks) {
  test::Heap small{16 << 20};
  ASSERT_TRUE(cairn_heap_guard(small, 1));
  std::vector<void *> all;
  for (unsigned i = 0; i < 8; ++i)
    all.push_back(cairn_heap_malloc(small, 48));
  for (void *p : all)
    EXPECT_TRUE(isGuardedBlock(p));
  for (void *p : all)
    cairn_free(p);
  ASSERT_TRUE(cairn_heap_guard(small, 0));
  size_t before = test::statsOf(small).used;
  EXPECT_GE(before, 8 * kSlabSize);
  all.clear();
  while (void *p = cairn_heap_malloc(small, 60 << 10)) {
    memset(p, 1, 60 << 10); // of a unit that was, too
    all.push_back(p);
  }
  EXPECT_GE(all.size(), 260u);
  for (void *p : all)
    cairn_free(p);
  EXPECT_TRUE(cairn_heap_check(small));
}

TEST_F(Guarded, ThreadsFreeEachOthers) {
  constexpr unsigned kThreads = 4, kBlocks = 300;
  std::vector<void *> blocks(kThreads * kBlocks);
  auto inThreads = [](auto f) {
    std::vector<std::thread> all;
    for (unsigned t = 0; t < kThreads; ++t)
      all.emplace_back(f, t);
    for (std::thread &t : all)
      t.join();
  };
  for (unsigned round = 0; round < 5; ++round) {
    inThreads([&](unsigned t) {
      for (unsigned i = 0; i < kBlocks; ++i)
        memset(blocks[t * kBlocks + i] = cairn_heap_malloc(heap, 16 + i), 1, 16 + i);
    });
    inThreads([&](unsigned t) {
      for (unsigned i = 0; i < kBlocks; ++i)
        cairn_free(blocks[(t + 1) % kThreads * kBlocks + i]);
    });
    EXPECT_EQ(live(), 0u);
  }
}

TEST_F(Guarded, MisuseIsReportedAndThenNothingIsDone) {
  test::Errors errors;
  char *p = static_cast<char *>(cairn_heap_malloc(heap, 48));
  cairn_free(p + 8);
  test::expectError(errors, CAIRN_ERROR_INTERIOR, p + 8, "inside a block");
  cairn_decref(nullptr);
  cairn_free_sized(p, 500);
  test::expectError(errors, CAIRN_ERROR_SIZE, p, "size");
  cairn_free(p);
  EXPECT_TRUE(errors.take().empty());
  cairn_free(p);
  test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
  EXPECT_EQ(cairn_realloc(p, 10), nullptr);
  test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
  void *object = cairn_heap_alloc_bytes(heap, 40);
  cairn_free(object);
  test::expectError(errors, CAIRN_ERROR_KIND, object, "an object");
  cairn_decref(object);
  cairn_free(object);
  test::expectError(errors, CAIRN_ERROR_KIND, object, "an object");
  cairn_share(object);
  test::expectError(errors, CAIRN_ERROR_DEAD, object, "dead");
  // Both sides: the blocks lie at the start and at the end of a page by turns.
  for (unsigned i = 0; i < 2; ++i) {
    char *q = static_cast<char *>(cairn_heap_malloc(heap, 64));
    bool atStart = reinterpret_cast<uintptr_t>(q) % 4096 == 0;
    char *at = atStart ? q + 64 : q - 1;
    *at ^= 1;
    EXPECT_FALSE(cairn_heap_check(heap));
    test::expectError(errors, CAIRN_ERROR_CORRUPT, q,
                      atStart ? "past its end" : "before its start");
    cairn_free(q);
    test::expectError(errors, CAIRN_ERROR_CORRUPT, q,
                      atStart ? "past its end" : "before its start");
  }
  EXPECT_EQ(live(), 0u);
}

TEST_F(Guarded, WalksAndReallocKnowThem) {
  void *p = cairn_heap_malloc(heap, 100);
  memset(p, 3, 100);
  EXPECT_EQ(cairn_realloc(p, 98), p);
  void *q = cairn_realloc(p, 1000);
  ASSERT_TRUE(isGuardedBlock(q));
  EXPECT_TRUE(test::allBytes(q, 98, 3));
  void *large = cairn_realloc(q, 5000);
  EXPECT_TRUE(test::allBytes(large, 98, 3));
  void *object = cairn_heap_alloc_bytes(heap, 30);
  std::set<void *> seen;
  cairn_heap_walk(
      heap,
      [](const cairn_block *block, void *context) {
        static_cast<std::set<void *> *>(context)->insert(block->p);
        return true;
      },
      &seen);
  EXPECT_EQ(seen, (std::set<void *>{large, object}));
  EXPECT_EQ(cairn_heap_of(object), static_cast<cairn_heap *>(heap));
  cairn_free(large);
  cairn_decref(object);
}

TEST_F(Guarded, ADestroyedHeapLeavesItsNumbersToOthers) {
  for (unsigned i = 0; i < kAllGuarded / 8 + 10; ++i) {
    test::Heap passing{16 << 20};
    ASSERT_TRUE(cairn_heap_guard(passing, 1));
    for (unsigned k = 0; k < 8; ++k)
      ASSERT_TRUE(isGuardedBlock(cairn_heap_malloc(passing, 48))) << i;
  }
}

TEST_F(Guarded, HeapsThatCannot) {
  test::Heap small{1 << 20}, checked{64 << 20, true};
  EXPECT_FALSE(cairn_heap_guard(small, 1));
  EXPECT_FALSE(cairn_heap_guard(checked, 1));
  EXPECT_TRUE(cairn_heap_guard(small, 0));
}

TEST_F(Guarded, AnExposedHeapCanBeReadAndWrittenEverywhere) {
  test::Heap seen{64 << 20};
  auto *core = reinterpret_cast<Heap *>(static_cast<cairn_heap *>(seen));
  ASSERT_TRUE(cairn_heap_guard(seen, 1));
  void *live = cairn_heap_alloc_bytes(seen, 40), *dead = cairn_heap_malloc(seen, 48);
  ASSERT_TRUE(isGuardedBlock(live) && isGuardedBlock(dead));
  cairn_free(dead);
  core->exposed = true;
  endGuards(core);
  EXPECT_FALSE(cairn_heap_guard(seen, 1));
  for (void *p : {live, dead}) {
    auto *unit =
        reinterpret_cast<volatile char *>(reinterpret_cast<uintptr_t>(p) & ~(kSlabSize - 1));
    for (size_t at = 0; at < kSlabSize; at += 512)
      unit[at] = unit[at];
  }
  cairn_decref(live);
  EXPECT_EQ(test::statsOf(seen).live_objects, 0u);
  EXPECT_TRUE(cairn_heap_check(seen));
}

TEST_F(Guarded, TheChildOfAForkHasItsOwn) {
  void *p = cairn_heap_malloc(heap, 48), *q = cairn_heap_malloc(heap, 48);
  cairn_free(q);
  pid_t child = fork();
  if (child == 0) {
    memset(p, 1, 48);
    cairn_free(p);
    for (unsigned i = 0; i < 1000; ++i)
      cairn_free(cairn_heap_malloc(heap, 48));
    _exit(live() != 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  cairn_free(p);
  EXPECT_EQ(live(), 0u);
}

// Where the system has no room for the page of a block, its unit waits for the next one: nobody
// looks at that page.
TEST_F(Guarded, AUnitWhosePageWasRefusedIsNotRead) {
  pid_t child = fork();
  if (child == 0) {
    auto &guards = reinterpret_cast<Heap *>(static_cast<cairn_heap *>(heap))->guards;
    bool refused = false, sound = true;
    test::Mappings all;
    for (unsigned given = 0; given < 64; ++given, all.giveOne()) {
      if (void *p = cairn_heap_malloc(heap, 48))
        memset(p, 1, 48);
      refused |= guards.firstDead != 0; // nothing was freed
      sound &= cairn_heap_check(heap);
    }
    _exit(!refused + 2 * !sound);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

#if !CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN // which have handlers of their own
TEST_F(Guarded, FaultsAreExplained) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  setenv("CAIRN_SYMBOLIZER", "0", 1); // which would be asked for each call of the test's
  auto fault = [&](auto access) {
    char *p = static_cast<char *>(cairn_heap_malloc(heap, 64));
    if (reinterpret_cast<uintptr_t>(p) % 4096 == 0)
      p = static_cast<char *>(cairn_heap_malloc(heap, 64));
    access(p);
  };
  auto signal = testing::KilledBySignal(SIGSEGV);
  EXPECT_EXIT(fault([](volatile char *p) { p[64] = 1; }), signal,
              "0 bytes past the end of the block");
  EXPECT_EXIT(fault([](volatile char *p) {
                cairn_free(const_cast<char *>(p));
                p[3] = 1;
              }),
              signal, "byte 3 of what was freed at(.|\n)*dead block(.|\n)*made at(.|\n)*freed at");
}
#endif

} // namespace
