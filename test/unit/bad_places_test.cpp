//===- bad_places_test.cpp - The other cells of docs/bad-input.md -------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pointers, sizes and descriptors that are none; frees and counts of the dead are in
// bad_input_test.cpp. Tests are named row by row as in the table. "Called" is a call of the
// library; "Inlined" is the code that the lowering pass puts in its place (fast/fast.cpp). Checked
// heaps have theirs in checked_test.cpp too.
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <cstring>
#include <thread>

using namespace cairn;

namespace {

using BadInput = test::Misuse;
using test::Node;
using test::nodeType;

//===- Foreign -------------------------------------------------------------===//

TEST_F(BadInput, ForeignRaw) {
  int64_t local[4] = {1, 1, 1, 1};
  void *outside = ::malloc(64);
  void *pointers[] = {&local[2], outside, reinterpret_cast<void *>(64),
                      static_cast<char *>(cairn_heap_base(heap)) + (32 << 20)};
  for (void *p : pointers) {
    for (auto release : {cairn_free, cairn_fast_free}) {
      release(p);
      std::vector<test::Errors::One> seen = errors.take();
      ASSERT_EQ(seen.size(), 1u);
      EXPECT_EQ(seen[0].p, p);
      // Inside a region, memory that is free cannot be told from what was freed.
      EXPECT_EQ(seen[0].kind, p == pointers[3] ? CAIRN_ERROR_DEAD : CAIRN_ERROR_FOREIGN)
          << seen[0].message;
    }
    cairn_fast_free_sized(p, 64);
    EXPECT_EQ(errors.take().size(), 1u);
    cairn_free_sized(p, 64);
    EXPECT_EQ(errors.take().size(), 1u);
    EXPECT_EQ(cairn_usable_size(p), 0u);
    EXPECT_EQ(errors.take().size(), 1u);
    EXPECT_EQ(cairn_realloc(p, 100), nullptr);
    EXPECT_EQ(errors.take().size(), 1u);
  }
  ::free(outside);
  for (int64_t word : local)
    EXPECT_EQ(word, 1) << "nothing is written";
  expectSound();
}

TEST_F(BadInput, ForeignRawOutsideUserMemoryCalled) {
  void *p = reinterpret_cast<void *>(0xdeadbeefdeadbee0);
  cairn_free(p);
  expect(CAIRN_ERROR_FOREIGN, p, "not a block of any heap");
  cairn_decref(p);
  expect(CAIRN_ERROR_FOREIGN, p, "not an object of any heap");
}

TEST_F(BadInput, ForeignRawOutsideUserMemoryInlined) {
#if !CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN
  // Its table entry would lie far outside of the table: the access faults.
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(cairn_fast_free(reinterpret_cast<void *>(0xdeadbeefdeadbee0)),
              testing::KilledBySignal(SIGSEGV), "");
#endif
}

TEST_F(BadInput, ForeignObjectCalled) {
  int64_t local[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  for (auto f : {cairn_incref, cairn_decref, cairn_share, cairn_make_immortal}) {
    f(&local[4]);
    expect(CAIRN_ERROR_FOREIGN, &local[4], "not an object of any heap");
  }
  for (int64_t word : local)
    EXPECT_EQ(word, 1) << "nothing is written";
}

TEST_F(BadInput, ForeignObjectInlinedTouchesTheWordBefore) {
  alignas(16) int32_t local[8] = {};
  void *p = &local[4];
  local[2] = 5;
  cairn_fast_incref(p);
  EXPECT_EQ(local[2], 6);
  cairn_fast_decref(p);
  EXPECT_EQ(local[2], 5);
  expectNone();
  local[2] = 0;
  cairn_fast_decref(p);
  expect(CAIRN_ERROR_DEAD, p, "count is 0");
  local[2] = 1; // the last count: it is looked up, and found to be no object
  cairn_fast_decref(p);
  expect(CAIRN_ERROR_FOREIGN, p, "not an object of any heap");
  EXPECT_EQ(local[2], 0);
}

TEST_F(BadInput, NeverGivenOut) {
  char *p = static_cast<char *>(raw(48));
  uintptr_t slab = reinterpret_cast<uintptr_t>(p) / (64 << 10) * (64 << 10);
  void *far = reinterpret_cast<void *>(slab + (60 << 10)); // slots not yet listed
  cairn_free(far);
  expect(CAIRN_ERROR_FOREIGN, far, "never given out");
  cairn_free(p);
  expectSound();
}

//===- Kinds mixed up ------------------------------------------------------===//

TEST_F(BadInput, ObjectGivenToFree) {
  void *objects[] = {node(), cairn_heap_alloc_bytes(heap, 9000)};
  for (void *o : objects) {
    for (auto release : {cairn_free, cairn_fast_free}) {
      release(o);
      expect(CAIRN_ERROR_KIND, o, "an object, not a raw block");
    }
    EXPECT_EQ(cairn_refcount(o), 1);
    cairn_decref(o);
  }
  expectSound();
}

TEST_F(BadInput, RawBlockGivenToDecref) {
  for (size_t n : {64u, 9000u}) {
    int64_t *p = static_cast<int64_t *>(raw(n));
    memset(p, 0, n);
    for (auto f : {cairn_incref, cairn_decref, cairn_share, cairn_make_immortal}) {
      f(p);
      expect(CAIRN_ERROR_KIND, p, "a raw block, not an object");
    }
    EXPECT_TRUE(test::allBytes(p, n, 0));
    p[0] = 1; // what the inlined form takes for a count
    cairn_fast_decref(p + 1);
    expect(CAIRN_ERROR_KIND, p + 1, "a raw block, not an object");
    cairn_free(p);
  }
  expectSound();
}

//===- Interior and misaligned ---------------------------------------------===//

TEST_F(BadInput, InteriorRawCalled) {
  for (size_t n : {64u, 9000u, 200000u}) {
    char *p = static_cast<char *>(raw(n));
    for (size_t i : {size_t(1), size_t(8), size_t(16), n - 1}) {
      cairn_free(p + i);
      expect(CAIRN_ERROR_INTERIOR, p + i, "inside a block");
      cairn_free_sized(p + i, n);
      expect(CAIRN_ERROR_INTERIOR, p + i, "inside a block");
      EXPECT_EQ(cairn_realloc(p + i, n), nullptr);
      expect(CAIRN_ERROR_INTERIOR, p + i, "inside a block");
      EXPECT_EQ(cairn_usable_size(p + i), 0u);
      expect(CAIRN_ERROR_INTERIOR, p + i, "inside a block");
    }
    cairn_free(p);
  }
  expectSound();
}

TEST_F(BadInput, InteriorRawInlined) {
  for (size_t i : {size_t(16), size_t(1)}) {
    if (i % 8 && CAIRN_TEST_ASAN && !test::checkedRun())
      continue; // the sanitizer stops at the misaligned link
    test::Heap own;
    char *p = static_cast<char *>(cairn_heap_malloc(own, 64));
    cairn_fast_free(p + i);
    if (test::checkedRun()) {
      expect(CAIRN_ERROR_INTERIOR, p + i, "inside a block");
      continue;
    }
    // Listed as it is; found when someone looks.
    expectNone();
    EXPECT_FALSE(cairn_heap_check(own));
    expect(CAIRN_ERROR_CORRUPT, p + i, "corrupt");
  }
  for (size_t n : {9000u, 200000u}) { // a large block takes the cold path
    char *p = static_cast<char *>(raw(n));
    cairn_fast_free(p + n / 2);
    expect(CAIRN_ERROR_INTERIOR, p + n / 2, "inside a block");
    cairn_fast_free(p);
  }
  char *p = static_cast<char *>(raw(64));
  std::thread([p] { cairn_fast_free(p + 8); }).join(); // so does another thread's
  expect(CAIRN_ERROR_INTERIOR, p + 8, "inside a block");
  cairn_fast_free(p);
  expectSound();
}

TEST_F(BadInput, InteriorObjectCalled) {
  char *objects[] = {reinterpret_cast<char *>(node()),
                     static_cast<char *>(cairn_heap_alloc_bytes(heap, 100)),
                     static_cast<char *>(cairn_heap_alloc_array(heap, &nodeType, 5)),
                     static_cast<char *>(cairn_heap_alloc_array(heap, &nodeType, 5000))};
  for (char *o : objects) {
    for (int i : {2, 4, 8, 14}) // an odd address is an immediate
      for (auto f : {cairn_incref, cairn_decref, cairn_share, cairn_make_immortal}) {
        f(o + i);
        expect(CAIRN_ERROR_INTERIOR, o + i, "inside an object, not its reference");
      }
    EXPECT_EQ(cairn_refcount(o), 1);
    cairn_decref(o);
  }
  expectSound();
}

TEST_F(BadInput, InteriorObjectInlined) {
  Node *n = node();
  n->value = 0;
  char *inside = reinterpret_cast<char *>(n) + 16; // the word before is the value
  n->value = 7;
  cairn_fast_incref(inside);
  EXPECT_EQ(n->value, 8) << "the word 8 bytes before is counted";
  cairn_fast_decref(inside);
  expectNone();
  n->value = 1;
  cairn_fast_decref(inside);
  std::vector<test::Errors::One> seen = errors.take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_TRUE(seen[0].kind == CAIRN_ERROR_INTERIOR || seen[0].kind == CAIRN_ERROR_FOREIGN ||
              seen[0].kind == CAIRN_ERROR_DEAD)
      << seen[0].message;
  EXPECT_EQ(n->value, 0);
  cairn_decref(n);
  expectSound();
}

//===- Sizes near SIZE_MAX -------------------------------------------------===//

TEST_F(BadInput, HugeSizes) {
  for (size_t n : {SIZE_MAX, SIZE_MAX - 7, SIZE_MAX - 4096, SIZE_MAX / 2 + 1}) {
    EXPECT_EQ(cairn_malloc(n), nullptr);
    EXPECT_EQ(cairn_heap_malloc(heap, n), nullptr);
    EXPECT_EQ(cairn_fast_malloc_n(cairn_fast_bins(), n, nullptr), nullptr);
    EXPECT_EQ(cairn_fast_malloc_n(cairn_fast_bins_of(heap), n, heap), nullptr);
    EXPECT_EQ(cairn_heap_calloc(heap, n, 2), nullptr);
    EXPECT_EQ(cairn_heap_calloc(heap, 2, n), nullptr);
    EXPECT_EQ(cairn_heap_aligned_alloc(heap, 64, n), nullptr);
    EXPECT_EQ(cairn_heap_try_alloc_bytes(heap, n), nullptr);
    EXPECT_EQ(cairn_heap_try_alloc_array(heap, &nodeType, n), nullptr);
  }
  expectSound();
}

//===- Wrong descriptors ---------------------------------------------------===//

TEST_F(BadInput, DescriptorsCalled) {
  static const uint32_t at4[] = {4}, past[] = {16}, back[] = {8, 0}, far[] = {4096};
  struct Case {
    cairn_type type;
    const char *part;
  } cases[] = {
      {{16, 0, 0, 0, 0, nullptr, nullptr, "align 0"}, "alignment"},
      {{16, 3, 0, 0, 0, nullptr, nullptr, "align 3"}, "alignment"},
      {{16, 32, 0, 0, 0, nullptr, nullptr, "align 32"}, "alignment"},
      {{16, 8, 0, 0, 1, nullptr, nullptr, "reserved"}, "reserved"},
      {{16, 8, 1, 0, 0, nullptr, nullptr, "no list"}, "not listed"},
      {{16, 8, 1, 0, 0, at4, nullptr, "off a word"}, "not aligned"},
      {{16, 8, 1, 0, 0, past, nullptr, "past the end"}, "past the size"},
      {{16, 8, 1, 0, 0, far, nullptr, "far past"}, "past the size"},
      {{16, 8, 2, 0, 0, back, nullptr, "descending"}, "do not ascend"},
      {{0, 8, 1, 0, 0, back, nullptr, "empty"}, "past the size"},
      // A header word that came with the descriptor and is not its own.
      {{16, 8, 0, 0x1234, 0, nullptr, nullptr, "bytes"}, "header word"},
      {{16, 8, 0, kMetaTyped | 4, 0, nullptr, nullptr, "bit past the end"}, "header word"},
      {{16, 8, 0, kMetaTyped | 1 << 24, 0, nullptr, nullptr, "another class"}, "header word"},
      {{16, 8, 0, kMetaTyped | 3 << 24, 0, nullptr, nullptr, "another class"}, "header word"},
      {{16, 8, 0, kMetaTyped | kMetaFree, 0, nullptr, nullptr, "bit without use"}, "header word"},
      {{16, 8, 1, kMetaTyped, 0, back + 1, nullptr, "bit lost"}, "header word"},
      {{16, 8, 0, kMetaTyped, 0, nullptr, [](void *) {}, "finaliser lost"}, "header word"},
      {{16, 8, 0, kMetaTyped | kMetaArray, 0, nullptr, nullptr, "array"}, "header word"},
      {{16, 8, 0, registeredMeta(kMaxRegistered - 1), 0, nullptr, nullptr, "index"}, "header word"},
  };
  for (const Case &c : cases) {
    SCOPED_TRACE(c.type.name);
    EXPECT_EQ(cairn_heap_alloc(heap, &c.type), nullptr);
    expect(CAIRN_ERROR_TYPE, &c.type, c.part);
    EXPECT_EQ(cairn_heap_try_alloc(heap, &c.type), nullptr);
    expect(CAIRN_ERROR_TYPE, &c.type, c.part);
    EXPECT_EQ(cairn_fast_alloc_type(const_cast<cairn_type *>(&c.type), 0, heap), nullptr);
    expect(CAIRN_ERROR_TYPE, &c.type, c.part);
    if (c.type.meta == 0) {
      EXPECT_EQ(cairn_heap_alloc_array(heap, &c.type, 3), nullptr);
      expect(CAIRN_ERROR_TYPE, &c.type, c.part);
    }
  }
  EXPECT_EQ(cairn_heap_alloc(heap, nullptr), nullptr);
  expect(CAIRN_ERROR_TYPE, nullptr, "no descriptor");
  EXPECT_EQ(cairn_heap_alloc_array(heap, nullptr, 3), nullptr);
  expect(CAIRN_ERROR_TYPE, nullptr, "no descriptor");
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u);
  expectSound();
}

TEST_F(BadInput, AnotherTypesRegisteredWord) {
  static cairn_type one = {16, 8, 0, 0, 0, nullptr, [](void *) {}, "one"};
  cairn_decref(cairn_heap_alloc(heap, &one));
  ASSERT_NE(one.meta, 0u);
  cairn_type copy = one; // with its word, at another address
  EXPECT_EQ(cairn_heap_alloc(heap, &copy), nullptr);
  expect(CAIRN_ERROR_TYPE, &copy, "header word");
}

//===- Writes where none are allowed ---------------------------------------===//

TEST_F(BadInput, LinkWrittenOverIsNotFollowed) {
#if !CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN
  if (test::checkedRun())
    GTEST_SKIP() << "a held-back slot has no link that is used";
  // More than the stack takes: the last is in its slab's list.
  std::vector<void **> all(2 << kMostStackShift);
  for (void **&p : all)
    p = static_cast<void **>(raw(64));
  for (void **p : all)
    cairn_free(p);
  *all.back() = reinterpret_cast<void *>(0x4141414141414140);
  EXPECT_FALSE(cairn_heap_check(heap));
  expect(CAIRN_ERROR_CORRUPT, reinterpret_cast<void *>(0x4141414141414140), "corrupt");
  unsigned reports = 0;
  for (size_t i = 0; i < 4 * all.size(); ++i) {
    void *p = raw(64);
    ASSERT_EQ(cairn_heap_of(p), heap);
    for (const test::Errors::One &e : errors.take()) {
      ++reports;
      EXPECT_EQ(e.kind, CAIRN_ERROR_CORRUPT) << e.message;
      EXPECT_EQ(e.p, cairn_heap_base(heap));
    }
  }
  EXPECT_EQ(reports, 1u);
#endif
}

TEST_F(BadInput, HeldBackContentsAreUsedForNothingAndLookedAt) {
  test::Heap checked(1 << 20, true);
  void *p = cairn_heap_malloc(checked, 64);
  cairn_free(p);
  memset(p, 0x41, 64);
  for (int i = 0; i < 10000; ++i)
    cairn_free(cairn_heap_malloc(checked, 64));
  expect(CAIRN_ERROR_CORRUPT, p, "written after it was freed: byte 0");
  EXPECT_TRUE(cairn_heap_check(checked));
  expectNone();
}

//===- The rest ------------------------------------------------------------===//

TEST_F(BadInput, DestroyingTheDefaultHeap) {
  cairn_heap_destroy(cairn_heap_default());
  std::vector<test::Errors::One> seen = errors.take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].kind, CAIRN_ERROR_USAGE);
  cairn_heap_destroy(nullptr);
  void *p = cairn_malloc(10);
  EXPECT_NE(p, nullptr);
  cairn_free(p);
  expectNone();
}

TEST_F(BadInput, MessagesSayWhere) {
  char *p = static_cast<char *>(raw(64));
  cairn_free(p + 8);
  std::vector<test::Errors::One> seen = errors.take();
  ASSERT_EQ(seen.size(), 1u);
  char hex[32];
  snprintf(hex, sizeof hex, "%p", static_cast<void *>(p + 8));
  size_t offset = size_t(p + 8 - static_cast<char *>(cairn_heap_base(heap)));
  for (std::string part :
       {std::string(hex), std::string("heap test"), "offset " + std::to_string(offset),
        std::string(test::checkedRun() ? "slot size 80" : "slot size 64")})
    EXPECT_NE(seen[0].message.find(part), std::string::npos) << seen[0].message;
  cairn_free(p);
}

TEST(BadInputDeathTest, DefaultIsAMessageAndAbort) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  int local = 0;
  EXPECT_EXIT(cairn_free(&local), testing::KilledBySignal(SIGABRT),
              "cairn: 0x[0-9a-f]+: not a block of any heap");
  EXPECT_EXIT(
      {
        void *o = cairn_alloc_bytes(8);
        cairn_decref(o);
        cairn_decref(o);
      },
      testing::KilledBySignal(SIGABRT), "count is 0.*heap default");
}

} // namespace
