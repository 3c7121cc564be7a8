//===- checked_test.cpp - Heaps that check every operation --------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/origin.h"
#include "heap/redzone.h"
#include "heap/sealed.h"
#include "mappings.h"
#include "objects.h"

#include <csignal>
#include <cstring>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace cairn;

namespace {

using test::Node;
using test::nodeType;

/// An explicit checked heap, small and large; the default heap too under CAIRN_CHECK=1.
class Checked : public testing::TestWithParam<int> {
protected:
  Checked() {
    if (GetParam() == 2)
      H = cairn_heap_default();
    else
      H = *(Own = std::make_unique<test::Heap>(GetParam() ? 64 << 20 : 1 << 20, true));
  }
  void SetUp() override {
    if (GetParam() == 2 && !test::checkedRun())
      GTEST_SKIP() << "the default heap is not checked in this run";
  }
  /// Whether the heap has pages that nobody can touch (heap/sealed.h).
  bool seals() const { return GetParam() != 0; }
  test::Errors errors;
  cairn_heap *H;

private:
  std::unique_ptr<test::Heap> Own;
};
INSTANTIATE_TEST_SUITE_P(Heaps, Checked, testing::Range(0, 3));

TEST_P(Checked, DoubleFreeIsSeenAtOnce) {
  for (auto release : {cairn_free, cairn_fast_free}) {
    void *p = cairn_heap_malloc(H, 48);
    std::vector<void *> between;
    cairn_free(p);
    // Long after, and with much allocated and freed between.
    for (int i = 0; i < 1000; ++i)
      between.push_back(cairn_heap_malloc(H, 48));
    for (void *q : between)
      cairn_free(q);
    EXPECT_TRUE(errors.take().empty());
    release(p);
    test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
    release(p);
    test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
    EXPECT_TRUE(cairn_heap_check(H));
  }
}

TEST_P(Checked, DoubleFreeFromAnotherThread) {
  void *p = cairn_heap_malloc(H, 48);
  std::thread([p] { cairn_free(p); }).join();
  cairn_fast_free(p);
  test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
  p = cairn_heap_malloc(H, 48);
  cairn_fast_free(p);
  std::thread([p] { cairn_fast_free(p); }).join();
  test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
}

TEST_P(Checked, DoubleDecrefIsSeenAtOnce) {
  for (auto release : {cairn_decref, cairn_fast_decref}) {
    void *objects[] = {cairn_heap_alloc(H, &nodeType), cairn_heap_alloc_bytes(H, 100),
                       cairn_heap_alloc_array(H, &cairn_type_ref, 10),
                       cairn_heap_alloc_array(H, &cairn_type_byte, 0)};
    for (void *o : objects)
      cairn_decref(o);
    for (int i = 0; i < 1000; ++i)
      cairn_decref(cairn_heap_alloc(H, &nodeType));
    for (void *o : objects) {
      release(o);
      std::vector<test::Errors::One> seen = errors.take();
      ASSERT_EQ(seen.size(), 1u);
      EXPECT_EQ(seen[0].kind, CAIRN_ERROR_DEAD) << seen[0].message;
      EXPECT_EQ(seen[0].p, o);
      EXPECT_EQ(cairn_resolve(o), nullptr);
    }
    EXPECT_TRUE(cairn_heap_check(H));
  }
}

TEST_P(Checked, IncrefOfADeadObjectIsSeen) {
  for (auto retain : {cairn_incref, cairn_fast_incref}) {
    void *o = cairn_heap_alloc(H, &nodeType), *a = cairn_heap_alloc_array(H, &nodeType, 3);
    cairn_decref(o);
    cairn_decref(a);
    for (void *p : {o, a}) {
      retain(p);
      std::vector<test::Errors::One> seen = errors.take();
      ASSERT_EQ(seen.size(), 1u);
      EXPECT_EQ(seen[0].kind, CAIRN_ERROR_DEAD) << seen[0].message;
    }
  }
}

TEST_P(Checked, FreedMemoryIsFilledAndHeldBack) {
  uint8_t *p = static_cast<uint8_t *>(cairn_heap_malloc(H, 64));
  memset(p, 1, 64);
  cairn_free(p);
  EXPECT_FALSE(test::allBytes(p, 8, 1));
  EXPECT_EQ(p[7], 0xdd); // no address has such a word
  EXPECT_EQ(memcmp(p, p + 8, 48), 0);
  for (int i = 0; i < 1000; ++i) {
    void *q = cairn_heap_malloc(H, 64);
    EXPECT_NE(q, p);
    cairn_free(q);
  }
}

TEST_P(Checked, UseOfHeldBackPointersIsSeen) {
  void *p = cairn_heap_malloc(H, 64);
  cairn_free(p);
  EXPECT_EQ(cairn_usable_size(p), 0u);
  test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
  EXPECT_EQ(cairn_realloc(p, 200), nullptr);
  test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
  cairn_free_sized(p, 64);
  test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
  void *o = cairn_heap_alloc(H, &nodeType);
  cairn_decref(o);
  cairn_share(o);
  EXPECT_EQ(errors.take().size(), 1u);
  cairn_make_immortal(o);
  EXPECT_EQ(errors.take().size(), 1u);
}

TEST_P(Checked, AByteOverIsSeen) {
  for (size_t n : {0, 1, 8, 100, 2040, 2041, 5000, 300000}) {
    if (!n && seals())
      continue; // ends the process: see below
    auto *p = static_cast<char *>(cairn_heap_malloc(H, n));
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(cairn_usable_size(p), n);
    p[n] = 1;
    EXPECT_FALSE(cairn_heap_check(H));
    std::string where = n + 8 > cairn_usable_size(p) ? "byte " + std::to_string(n) : "";
    test::expectError(errors, CAIRN_ERROR_CORRUPT, p, ("past its end: " + where).c_str());
    cairn_free(p); // reported, and freed all the same
    test::expectError(errors, CAIRN_ERROR_CORRUPT, p, "past its end");
    EXPECT_TRUE(cairn_heap_check(H));
    cairn_free(p);
    test::expectError(errors, CAIRN_ERROR_DEAD, p, "freed already");
  }
}

// Objects whose header word says neither type nor class: over 128 bytes, without a finaliser.
TEST_P(Checked, AWriteDirectlyPastAnObjectOfAnySizeIsSeen) {
  static const uint32_t fields[] = {0};
  for (uint32_t size = 8; size <= 2600; size += size < 300 ? 8 : 72) {
    cairn_type type = {size, 8, 1, 0, 0, fields, nullptr, "sized"};
    for (uint32_t past : {0u, 3u, 7u}) {
      auto *o = static_cast<char *>(cairn_heap_alloc(H, &type));
      ASSERT_NE(o, nullptr);
      memset(o + 8, 0, size - 8);
      cairn_incref(o);
      cairn_decref(o);
      EXPECT_TRUE(errors.take().empty()) << size;
      o[size + past] ^= 1; // the stamp of a large one may have any byte there
      cairn_decref(o);
      std::vector<test::Errors::One> seen = errors.take();
      ASSERT_EQ(seen.size(), 1u) << size << " and " << past;
      EXPECT_EQ(seen[0].kind, CAIRN_ERROR_CORRUPT) << seen[0].message;
      std::string where = "past its end: byte " + std::to_string(size + past);
      EXPECT_NE(seen[0].message.find(size + kHeaderSize <= 1984 ? where : "past its end"),
                std::string::npos)
          << seen[0].message;
    }
  }
  EXPECT_TRUE(cairn_heap_check(H));
}

// The same of what inlined code of an ordinary build makes: it hands over the class.
TEST_P(Checked, AWriteDirectlyPastAnObjectsClassIsSeen) {
  if (GetParam() == 0)
    GTEST_SKIP() << "in a small heap one class serves many";
  Bins *bins = cairn_fast_bins_of(H);
  for (unsigned cls = 15; cls < kClasses; ++cls) {
    size_t bytes = sizeOfClass(cls) - kHeaderSize;
    auto *o = static_cast<char *>(cairn_fast_alloc(bins, binOf(kObject, cls), kMetaTyped, H));
    ASSERT_NE(o, nullptr);
    memset(o, 0, bytes);
    cairn_fast_decref(o);
    EXPECT_TRUE(errors.take().empty()) << bytes;
    o = static_cast<char *>(cairn_fast_alloc(bins, binOf(kObject, cls), kMetaTyped, H));
    o[bytes] = 1;
    cairn_fast_decref(o);
    std::vector<test::Errors::One> seen = errors.take();
    ASSERT_EQ(seen.size(), 1u) << bytes;
    EXPECT_NE(seen[0].message.find("past its end"), std::string::npos) << seen[0].message;
  }
}

// A block that is resized where it is gets another red zone; what was written to the old one is
// reported as it would be by a free. So is what a block that moves leaves behind.
TEST_P(Checked, ResizingALargeBlockLooksBehindIt) {
  for (size_t n : {2100, 5000, 40000}) {
    for (size_t to : {n - 40, n + 40, n + 8000, size_t(300000)}) {
      if (GetParam() == 0 && to == 300000)
        continue; // it would not fit often
      for (size_t past : {size_t(0), size_t(20)}) {
        auto *p = static_cast<char *>(cairn_heap_malloc(H, n));
        ASSERT_NE(p, nullptr);
        auto *q = static_cast<char *>(cairn_realloc(p, n + 1));
        ASSERT_NE(q, nullptr);
        EXPECT_TRUE(errors.take().empty());
        q[n + 1 + past] = 1;
        auto *r = static_cast<char *>(cairn_realloc(q, to));
        ASSERT_NE(r, nullptr);
        test::expectError(errors, CAIRN_ERROR_CORRUPT, q, "past its end");
        cairn_free(r);
        EXPECT_TRUE(errors.take().empty()) << n << " to " << to;
      }
    }
  }
  EXPECT_TRUE(cairn_heap_check(H));
}

// A library that was unloaded, or a module that was removed, leaves its addresses to others.
TEST_P(Checked, ATypeInThePlaceOfAnotherHasItsOwnName) {
  char name[] = "first";
  cairn_type type = {24, 8, 0, 0, 0, nullptr, nullptr, name};
  auto make = [&] { return cairn_heap_alloc(H, &type); };
  for (const char *now : {"first", "other", "first", "third"}) {
    strcpy(name, now);
    type.size = now[0] == 't' ? 32 : 24;
    void *o = make();
    cairn_decref(o);
    cairn_decref(o);
    test::expectError(errors, CAIRN_ERROR_DEAD, o,
                      (std::string("type ") + now + ", " + std::to_string(type.size)).c_str());
  }
}

// The same of a record of a call, whose type is another than what it says.
TEST_P(Checked, ARecordInThePlaceOfAnotherHasItsOwnNumber) {
  cairn_type type = {24, 8, 0, 0, 0, nullptr, nullptr, "made"};
  CheckSite site = {};
  for (const char *now : {"one", "two", "one"}) {
    site.function = now;
    site.number = 0;
    void *o = cairn_rt_check_alloc(&type, 0, H, &site);
    cairn_decref(o);
    cairn_decref(o);
    test::expectError(errors, CAIRN_ERROR_DEAD, o, (std::string("made at ") + now).c_str());
  }
}

TEST_P(Checked, AWriteAfterFreeIsSeen) {
  for (size_t n : {1, 16, 100, 2040, 5000, 60000, 300000}) {
    if (n > 65536 && seals())
      continue;
    auto *p = static_cast<char *>(cairn_heap_malloc(H, n));
    ASSERT_NE(p, nullptr);
    cairn_free(p);
    p[n / 2] = 1;
    EXPECT_FALSE(cairn_heap_check(H));
    test::expectError(errors, CAIRN_ERROR_CORRUPT, p,
                      ("written after it was freed: byte " + std::to_string(n / 2)).c_str());
    EXPECT_TRUE(cairn_heap_check(H));
    EXPECT_TRUE(errors.take().empty());
  }
  void *o = cairn_heap_alloc_array(H, &nodeType, 4);
  cairn_decref(o);
  static_cast<char *>(o)[20] = 1;
  EXPECT_FALSE(cairn_heap_check(H));
  EXPECT_EQ(errors.take().size(), 1u);
  cairn_decref(o); // its count reads 0 nevertheless
  EXPECT_EQ(errors.take().size(), 1u);
}

// Nobody can read or write a block of no bytes, or a large one that waits.
TEST_P(Checked, WhatIsSealedCannotBeTouched) {
  if (!seals() || CAIRN_TEST_ASAN || CAIRN_TEST_TSAN)
    GTEST_SKIP() << "nothing is sealed in this heap, or a sanitizer has the signal";
  auto *empty = static_cast<char *>(cairn_heap_malloc(H, 0));
  auto *dead = static_cast<char *>(cairn_heap_malloc(H, 100000));
  dead[0] = dead[99999] = 1;
  cairn_free(dead);
  EXPECT_EQ(cairn_usable_size(empty), 0u);
  volatile char read = 0;
  EXPECT_EXIT(read = read + *empty, testing::KilledBySignal(SIGSEGV), "live block of 0 bytes");
  EXPECT_EXIT(*empty = 1, testing::KilledBySignal(SIGSEGV), "live block of 0 bytes");
  EXPECT_EXIT(read = read + *dead, testing::KilledBySignal(SIGSEGV), "dead block of 100000 bytes");
  EXPECT_EXIT(dead[99999] = 1, testing::KilledBySignal(SIGSEGV), "dead block of 100000 bytes");
  EXPECT_TRUE(cairn_heap_check(H));
  cairn_free(dead);
  test::expectError(errors, CAIRN_ERROR_DEAD, dead, "freed already");
  // What it was is usable again, and it reads as any block.
  std::vector<char *> others;
  for (int i = 0; i < 100; ++i) {
    others.push_back(static_cast<char *>(cairn_heap_malloc(H, 100000)));
    ASSERT_NE(others.back(), nullptr);
    memset(others.back(), 1, 100000);
    cairn_free(others.back());
  }
  auto *q = static_cast<char *>(cairn_realloc(empty, 10));
  ASSERT_NE(q, nullptr);
  memset(q, 1, 10);
  cairn_free(empty);
  test::expectError(errors, CAIRN_ERROR_DEAD, empty, "freed already");
  cairn_free(q);
  EXPECT_TRUE(errors.take().empty());
  EXPECT_TRUE(cairn_heap_check(H));
}

// A dead large object is still read by whoever counts it: its header is not sealed.
TEST_P(Checked, ADeadLargeObjectIsReportedNotTouched) {
  if (!seals() || CAIRN_TEST_ASAN || CAIRN_TEST_TSAN)
    GTEST_SKIP() << "nothing is sealed in this heap, or a sanitizer has the signal";
  for (void *o : {cairn_heap_alloc_array(H, &nodeType, 10000), cairn_heap_alloc_bytes(H, 200000)}) {
    cairn_decref(o);
    for (auto release : {cairn_decref, cairn_fast_decref, cairn_incref, cairn_fast_incref}) {
      release(o);
      test::expectError(errors, CAIRN_ERROR_DEAD, o, "");
    }
    EXPECT_EXIT(static_cast<char *>(o)[100000] = 1, testing::KilledBySignal(SIGSEGV), "dead");
  }
  EXPECT_TRUE(cairn_heap_check(H));
}

TEST_P(Checked, MoreEmptyBlocksThanHavePages) {
  std::vector<void *> blocks;
  for (int i = 0; i < 5000; ++i) {
    blocks.push_back(cairn_heap_malloc(H, 0));
    ASSERT_NE(blocks.back(), nullptr);
    ASSERT_EQ(cairn_usable_size(blocks.back()), 0u);
  }
  EXPECT_TRUE(cairn_heap_check(H));
  for (void *p : blocks)
    cairn_free(p);
  EXPECT_TRUE(cairn_heap_check(H));
  EXPECT_TRUE(errors.take().empty());
}

// Each seal may split a mapping, of which the process has so many.
TEST_P(Checked, SealsOfAllHeapsHaveOneLimit) {
  if (GetParam() != 1 || CAIRN_TEST_ASAN || CAIRN_TEST_TSAN)
    GTEST_SKIP() << "this heap has no seals, or shares them";
  constexpr unsigned kHeaps = 3;
  auto isSealed = [](cairn_heap *heap, void *p) {
    auto &space = reinterpret_cast<Heap *>(heap)->space;
    uint64_t granule = space.granuleOf(p);
    return space.run(granule).used && !space.run(granule).slab && space.run(granule).sealed;
  };
  for (unsigned round = 0; round < 2; ++round) { // heaps that end leave theirs to others
    unsigned empty = 0, held = 0;
    std::unique_ptr<test::Heap> heaps[kHeaps];
    for (auto &heap : heaps) {
      heap = std::make_unique<test::Heap>(size_t(1) << 30, true);
      for (unsigned i = 0; i < kMostEmpty / 2; ++i) {
        void *p = cairn_heap_malloc(*heap, 0);
        ASSERT_NE(p, nullptr);
        ASSERT_EQ(cairn_usable_size(p), 0u);
        empty += isSealed(*heap, p);
      }
    }
    EXPECT_GT(empty, kMostEmpty - 100); // other tests may have some
    EXPECT_LE(empty, kMostEmpty);
    std::vector<std::unique_ptr<test::Heap>> more;
    for (unsigned i = 0; i < 2 * kMostHeld / 32; ++i) {
      more.push_back(std::make_unique<test::Heap>(size_t(16) << 20, true));
      for (unsigned k = 0; k < 40; ++k) {
        void *p = cairn_heap_malloc(*more.back(), kLeastSealed + 4000);
        ASSERT_NE(p, nullptr);
        cairn_free(p);
        held += isSealed(*more.back(), p);
      }
    }
    EXPECT_GT(held, kMostHeld - 200);
    EXPECT_LE(held, kMostHeld);
    EXPECT_TRUE(cairn_heap_check(*more.back()));
  }
  EXPECT_TRUE(errors.take().empty());
}

// A run whose seal the system cannot take away is lost, and nobody gets it.
TEST_P(Checked, WhatStaysSealedIsNotGivenOut) {
  if (GetParam() != 1 || CAIRN_TEST_ASAN || CAIRN_TEST_TSAN)
    GTEST_SKIP() << "nothing is sealed in this heap";
  pid_t child = fork();
  if (child == 0) {
    // Side by side: three that wait are one mapping, out of whose midst one has to be split.
    constexpr size_t kBytes = kLeastSealed - kStampBytes;
    std::vector<void *> blocks;
    for (unsigned i = 0; i < 240; ++i)
      blocks.push_back(cairn_heap_aligned_alloc(H, 4096, kBytes));
    test::Mappings all;
    for (unsigned given = 0; given < 8; ++given)
      all.giveOne();
    for (unsigned step : {1, 0, 2}) // those in the midst wait longest
      for (size_t i = step; i < 90; i += 3)
        cairn_free(blocks[i]);
    for (size_t i = 90; i < blocks.size(); ++i) // those before have to go
      cairn_free(blocks[i]);
    for (unsigned i = 0; i < 240; ++i)
      if (void *p = cairn_heap_malloc(H, kBytes))
        memset(p, 1, kBytes);
    _exit(!cairn_heap_check(H) || !errors.take().empty());
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// What is known of who made a block and who freed it is of that block, or not said.
TEST_P(Checked, AReportIsOfTheRightBlock) {
  if (GetParam() != 1)
    GTEST_SKIP() << "the slabs of others are not known";
  auto *heap = reinterpret_cast<Heap *>(H);
  // All of a slab, which then becomes one of another size.
  std::vector<void *> blocks;
  for (unsigned i = 0; i < 2000; ++i)
    blocks.push_back(cairn_heap_malloc(H, 120));
  for (void *p : blocks)
    cairn_free(p);
  releaseHeldBack(heap);
  cairn_heap_trim(H);
  void *p = cairn_heap_malloc(H, 1000);
  Slab *slab = locate(p).slab;
  ASSERT_TRUE(slab && slab->slots > slab->fresh + 1);
  ASSERT_NE(loadOrigin(originOf(slab, slab->slots - 1u)).made, 0u); // of the earlier slab
  void *never = slotAt(slab, slab->slots - 1u);
  cairn_free(never);
  auto seen = errors.take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].message.find("made"), std::string::npos) << seen[0].message;
  EXPECT_EQ(seen[0].message.find(" dead "), std::string::npos) << seen[0].message;
  cairn_free(p);
  // An address that was read from a freed block, whose memory is another's by now.
  void **holder = static_cast<void **>(cairn_heap_malloc(H, 48));
  cairn_free(holder);
  void *word = *static_cast<void **volatile>(holder);
  cairn_free(word);
  seen = errors.take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_NE(seen[0].message.find("freed at"), std::string::npos) << seen[0].message;
  releaseHeldBack(heap);
  std::vector<void *> others;
  do
    others.push_back(cairn_heap_malloc(H, 48));
  while (others.back() != holder && others.size() < 10000);
  ASSERT_EQ(others.back(), holder);
  cairn_free(word);
  seen = errors.take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].message.find("made"), std::string::npos) << seen[0].message;
  EXPECT_NE(seen[0].message.find("given out again"), std::string::npos) << seen[0].message;
}

TEST_P(Checked, AWriteBeforeTheFirstBlockIsSeen) {
  if (GetParam() != 1)
    GTEST_SKIP() << "small heaps have no room for it, and in others the first block is not known";
  for (size_t n : {40, 200, 5000}) {
    test::Heap own(64 << 20, true);
    auto *p = static_cast<char *>(cairn_heap_malloc(own, n));
    p[-3] ^= 1;
    EXPECT_FALSE(cairn_heap_check(own));
    test::expectError(errors, CAIRN_ERROR_CORRUPT, p,
                      "written before its start: 3 bytes before it");
    cairn_free(p); // reported, and freed all the same
    test::expectError(errors, CAIRN_ERROR_CORRUPT, p,
                      "written before its start: 3 bytes before it");
    EXPECT_TRUE(cairn_heap_check(own));
  }
}

TEST_P(Checked, ReallocKnowsTheBlockToTheByte) {
  auto *p = static_cast<char *>(cairn_heap_malloc(H, 10));
  for (size_t n = 10, next; n < 100000; n = next) {
    memset(p, 7, n);
    next = n * 3 / 2 + 1;
    auto *q = static_cast<char *>(cairn_realloc(p, next));
    if (!q) // a small heap is full
      break;
    p = q;
    EXPECT_EQ(cairn_usable_size(p), next);
    EXPECT_TRUE(test::allBytes(reinterpret_cast<uint8_t *>(p), n, 7));
  }
  EXPECT_TRUE(cairn_heap_check(H));
  cairn_free(p);
  EXPECT_TRUE(errors.take().empty());
}

TEST_P(Checked, DestroyLooksAtTheBlocks) {
  test::Heap *own = new test::Heap(1 << 20, true);
  auto *p = static_cast<char *>(cairn_heap_malloc(*own, 100));
  p[100] = 1;
  delete own;
  test::expectError(errors, CAIRN_ERROR_CORRUPT, p, "byte 100 of a block of 100 bytes");
}

// The one object of a heap holds the object that the heap belongs to, and is gone when its
// finaliser runs.
TEST_P(Checked, AFinaliserDestroysTheHeapOfWhatHeldIt) {
  static cairn_heap *arena;
  static const uint32_t next[] = {offsetof(Node, next)};
  static cairn_type owner = {sizeof(Node),
                             8,
                             1,
                             0,
                             0,
                             next,
                             [](void *) { cairn_heap_destroy(std::exchange(arena, nullptr)); },
                             "owner"};
  const cairn_heap_options options = {size_t(64) << 20, "arena", true};
  for (bool written : {false, true}) {
    arena = cairn_heap_create(&options);
    Node *holder = static_cast<Node *>(cairn_heap_alloc(arena, &nodeType));
    holder->next = cairn_heap_alloc(H, &owner);
    void *dead = cairn_heap_malloc(arena, 20);
    cairn_free(dead);
    if (written)
      *static_cast<volatile char *>(dead) = 1;
    cairn_decref(holder);
    EXPECT_EQ(arena, nullptr);
    // What was written there is said before the heap goes.
    if (written)
      test::expectError(errors, CAIRN_ERROR_CORRUPT, dead, "written after it was freed");
    EXPECT_TRUE(errors.take().empty());
  }
}

// As when a library was unloaded, or a module of a JIT session removed. A message needs what was
// there.
TEST_P(Checked, ATypeGoesBeforeItsObjects) {
  struct Image {
    cairn_type type;
    char name[16];
  };
  void *page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  auto *image = new (page) Image{{24, 8, 0, 0, 0, nullptr, nullptr, nullptr}, "unloaded"};
  image->type.name = image->name;
  void *object = cairn_heap_alloc(H, &image->type);
  void *other = cairn_heap_alloc(H, &image->type);
  ASSERT_EQ(munmap(page, 4096), 0);
  cairn_decref(object);
  cairn_decref(object);
  test::expectError(errors, CAIRN_ERROR_DEAD, object, "of type unloaded, 24 bytes");
  cairn_free(other);
  test::expectError(errors, CAIRN_ERROR_KIND, other, "of type unloaded, 24 bytes");
  cairn_decref(other);
}

TEST_P(Checked, WrongSizeInlinedIsSeen) {
  void *p = cairn_heap_malloc(H, 64);
  cairn_fast_free_sized(p, 4000);
  test::expectError(errors, CAIRN_ERROR_SIZE, p, "size");
  cairn_fast_free_sized(p, 64);
  EXPECT_TRUE(errors.take().empty());
}

TEST_P(Checked, InteriorInlinedIsSeen) {
  char *p = static_cast<char *>(cairn_heap_malloc(H, 64));
  cairn_fast_free(p + 16);
  test::expectError(errors, CAIRN_ERROR_INTERIOR, p + 16, "inside a block");
  cairn_fast_free(p);
  EXPECT_TRUE(errors.take().empty());
}

TEST_P(Checked, WhoHoldsWhatIsNotUnique) {
  Node *n = static_cast<Node *>(cairn_heap_alloc(H, &nodeType));
  void *child = cairn_heap_alloc(H, &nodeType);
  cairn_assert_unique(child);
  cairn_assert_unique(nullptr);
  cairn_assert_unique(reinterpret_cast<void *>(3)); // an immediate
  EXPECT_TRUE(errors.take().empty());
  n->next = child;
  cairn_incref(child);
  cairn_assert_unique(child);
  test::expectError(errors, CAIRN_ERROR_UNIQUE, child, "held by object");
  cairn_incref(child);
  cairn_assert_unique(child);
  test::expectError(errors, CAIRN_ERROR_UNIQUE, child, "but its count is 3");
  cairn_decref(child);
  cairn_decref(child);
  cairn_assert_unique(child); // the field's
  EXPECT_TRUE(errors.take().empty());
  cairn_share(child);
  cairn_assert_unique(child);
  EXPECT_TRUE(errors.take().empty());
  cairn_incref(child);
  cairn_assert_unique(child);
  test::expectError(errors, CAIRN_ERROR_UNIQUE, child, "but its count is 2");
  cairn_decref(child);
  cairn_decref(n);
  cairn_assert_unique(child);
  test::expectError(errors, CAIRN_ERROR_DEAD, child, "asserted to be unique, but its count is 0");
}

TEST_P(Checked, FieldThatRefersToADeadObject) {
  Node *n = static_cast<Node *>(cairn_heap_alloc(H, &nodeType));
  void *child = cairn_heap_alloc(H, &nodeType);
  n->next = child;
  cairn_decref(child); // the field's count
  cairn_decref(n);
  test::expectError(errors, CAIRN_ERROR_DEAD, child, "a field refers to a dead object");
}

TEST_P(Checked, ManyThreads) {
  std::vector<std::thread> threads;
  uint64_t start = test::statsOf(H).live_blocks;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([this] {
      for (int i = 0; i < 5000; ++i) {
        void *p = cairn_heap_malloc(H, size_t(i % 300));
        void *o = cairn_heap_try_alloc(H, &nodeType);
        cairn_fast_decref(o);
        cairn_fast_free(p);
      }
    });
  for (std::thread &t : threads)
    t.join();
  EXPECT_EQ(test::statsOf(H).live_blocks, start);
  EXPECT_TRUE(cairn_heap_check(H));
  EXPECT_TRUE(errors.take().empty());
}

} // namespace
