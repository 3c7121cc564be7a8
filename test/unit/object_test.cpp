//===- object_test.cpp - Objects, counts, tags and resolving ------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <cstring>
#include <thread>

using namespace cairn;

namespace {

using test::Pair;
using test::pairType;

struct Odd { // its managed field is out of reach of the header word
  int64_t filling[20];
  void *child;
};
CAIRN_TYPE(oddType, struct Odd, child);

struct Big {
  void *child;
  char data[5000];
};
CAIRN_TYPE(bigType, struct Big, child);

/// The default heap with what was live before.
class Objects : public test::LiveObjects {};

TEST_F(Objects, PlainIsOwnedOnceWithNullFields) {
  for (int i = 0; i < 1000; ++i) {
    Pair *p = static_cast<Pair *>(i % 2 ? cairn_alloc(&pairType) : cairn_try_alloc(&pairType));
    EXPECT_EQ(p->first, nullptr);
    EXPECT_EQ(p->second, nullptr);
    EXPECT_EQ(cairn_refcount(p), 1);
    EXPECT_TRUE(cairn_is_unique(p));
    EXPECT_EQ(cairn_length(p), 0u);
    EXPECT_EQ(cairn_tag(p), 0);
    memset(p, 0xff, sizeof *p);
    p->first = p->second = nullptr;
    cairn_decref(p);
  }
}

TEST_F(Objects, LargeTypes) {
  for (int i = 0; i < 100; ++i) {
    Big *b = static_cast<Big *>(cairn_alloc(&bigType));
    EXPECT_EQ(b->child, nullptr);
    memset(b->data, 0xff, sizeof b->data);
    b->child = cairn_alloc(&bigType);
    EXPECT_EQ(cairn_resolve(b->data + 4999), b);
    cairn_decref(b);
  }
}

TEST_F(Objects, BytesOfEveryLength) {
  std::vector<uint8_t *> all;
  for (size_t n = 0; n <= 5000; n += n < 300 ? 1 : 37) {
    uint8_t *b = static_cast<uint8_t *>(n % 2 ? cairn_alloc_bytes(n) : cairn_try_alloc_bytes(n));
    ASSERT_EQ(cairn_length(b), n);
    EXPECT_EQ(cairn_refcount(b), 1);
    memset(b, int(n), n);
    all.push_back(b);
  }
  for (uint8_t *b : all) {
    EXPECT_TRUE(test::allBytes(b, cairn_length(b), uint8_t(cairn_length(b))));
    cairn_set_tag(b, 7); // ignored
    EXPECT_EQ(cairn_tag(b), 0);
    EXPECT_EQ(cairn_resolve(b + cairn_length(b) / 2), b);
    cairn_decref(b);
  }
}

TEST_F(Objects, ArraysOfEveryLength) {
  for (size_t n = 0; n <= 3000; n += n < 300 ? 1 : 53) {
    void **refs = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, n));
    ASSERT_EQ(cairn_length(refs), n);
    EXPECT_TRUE(test::alignedTo(refs, 16));
    EXPECT_TRUE(test::allBytes(refs, n * 8, 0));
    for (size_t i = 0; i < n; i += 5)
      refs[i] = cairn_alloc(&pairType);
    uint8_t *bytes = static_cast<uint8_t *>(cairn_try_alloc_array(&cairn_type_byte, n));
    ASSERT_EQ(cairn_length(bytes), n);
    EXPECT_TRUE(test::alignedTo(bytes, 16));
    memset(bytes, 0xff, n);
    Pair *pairs = static_cast<Pair *>(cairn_alloc_array(&pairType, n));
    EXPECT_TRUE(test::alignedTo(pairs, 16));
    for (size_t i = 0; i < n; ++i) {
      EXPECT_EQ(pairs[i].first, nullptr);
      pairs[i].value = ~int64_t(0);
    }
    if (n) {
      pairs[n - 1].second = refs;
      pairs[0].first = bytes;
    } else {
      cairn_decref(refs);
      cairn_decref(bytes);
    }
    cairn_decref(pairs);
  }
}

TEST_F(Objects, ArraysOfRegisteredElements) {
  Odd *odd = static_cast<Odd *>(cairn_alloc_array(&oddType, 50));
  for (int i = 0; i < 50; ++i) {
    memset(odd[i].filling, 0xff, sizeof odd[i].filling);
    odd[i].child = cairn_alloc_bytes(4);
  }
  cairn_decref(odd);
  cairn_decref(cairn_alloc(&oddType));
}

TEST_F(Objects, Tags) {
  for (const cairn_type *type : {&pairType, &oddType, &bigType})
    for (unsigned tag = 0; tag < 256; ++tag) {
      void *o = cairn_alloc_tagged(type, uint8_t(tag));
      EXPECT_EQ(cairn_tag(o), tag);
      cairn_set_tag(o, uint8_t(~tag));
      EXPECT_EQ(cairn_tag(o), uint8_t(~tag));
      *static_cast<void **>(type == &oddType ? &static_cast<Odd *>(o)->child : o) =
          cairn_alloc_bytes(1);
      cairn_decref(o);
    }
  void *a = cairn_alloc_array(&pairType, 9);
  cairn_set_tag(a, 255);
  EXPECT_EQ(cairn_tag(a), 255);
  EXPECT_EQ(cairn_length(a), 9u);
  cairn_decref(a);
}

TEST_F(Objects, TooLongForAHeader) {
  EXPECT_EQ(cairn_try_alloc_bytes(size_t(1) << 31), nullptr);
  EXPECT_EQ(cairn_try_alloc_bytes(SIZE_MAX), nullptr);
  EXPECT_EQ(cairn_try_alloc_array(&cairn_type_byte, size_t(1) << 32), nullptr);
  EXPECT_EQ(cairn_try_alloc_array(&pairType, SIZE_MAX), nullptr);
  EXPECT_EQ(cairn_try_alloc_array(&pairType, SIZE_MAX / sizeof(Pair) + 2), nullptr);
  cairn_type huge = {UINT32_MAX - 7, 8, 0, 0, 0, nullptr, nullptr, "huge"};
  EXPECT_EQ(cairn_try_alloc_array(&huge, UINT32_MAX), nullptr);
}

TEST_F(Objects, CountsUpAndDown) {
  void *o = cairn_alloc(&pairType);
  for (int i = 1; i <= 1000; ++i) {
    EXPECT_EQ(cairn_refcount(o), i);
    EXPECT_EQ(cairn_is_unique(o), i == 1);
    i % 2 ? cairn_incref(o) : cairn_fast_incref(o);
  }
  for (int i = 1000; i >= 1; --i) {
    i % 2 ? cairn_decref(o) : cairn_fast_decref(o);
    EXPECT_EQ(cairn_refcount(o), i);
  }
  cairn_incref(nullptr);
  cairn_decref(nullptr);
  cairn_share(nullptr);
  cairn_decref(o);
}

TEST_F(Objects, OverflowSticks) {
  for (bool called : {false, true}) {
    auto up = called ? cairn_incref : cairn_fast_incref;
    auto down = called ? cairn_decref : cairn_fast_decref;
    void *o = cairn_alloc(&pairType);
    test::countWord(o) = INT32_MAX - 1;
    up(o);
    EXPECT_EQ(cairn_refcount(o), INT32_MAX);
    down(o);
    EXPECT_EQ(cairn_refcount(o), INT32_MAX - 1);
    up(o);
    up(o); // over
    EXPECT_EQ(cairn_refcount(o), -1);
    EXPECT_FALSE(cairn_is_unique(o));
    int32_t word = test::countWord(o);
    for (int i = 0; i < 1000; ++i)
      i % 3 ? down(o) : up(o);
    EXPECT_EQ(test::countWord(o), word);
    EXPECT_EQ(cairn_resolve(o), o);
    test::countWord(o) = 1;
    cairn_decref(o);
  }
}

TEST_F(Objects, SharedCountsStickAtTheBand) {
  void *o = cairn_alloc(&pairType);
  cairn_share(o);
  EXPECT_EQ(test::countWord(o), -1);
  test::countWord(o) = kStickyBand + 2;
  EXPECT_EQ(cairn_refcount(o), -(int64_t(kStickyBand) + 2));
  cairn_incref(o);
  cairn_decref(o);
  EXPECT_EQ(test::countWord(o), kStickyBand + 2);
  cairn_incref(o);
  cairn_incref(o); // at the band
  EXPECT_EQ(cairn_refcount(o), -1);
  for (int i = 0; i < 10; ++i)
    cairn_decref(o);
  EXPECT_EQ(cairn_refcount(o), -1);
  // Nor does a parent's end take one from it.
  for (int32_t word : {kStickyBand, kStickyBand - 1, kSticky, kImmortal}) {
    test::countWord(o) = word;
    Pair *parent = static_cast<Pair *>(cairn_alloc(&pairType));
    parent->first = o;
    cairn_decref(parent);
    EXPECT_EQ(test::countWord(o), word);
  }
  test::countWord(o) = -1;
  cairn_decref(o);
}

TEST_F(Objects, SharingAHugeCountSticks) {
  void *o = cairn_alloc(&pairType);
  test::countWord(o) = -kStickyBand - 1;
  cairn_share(o);
  EXPECT_EQ(cairn_refcount(o), -int64_t(kStickyBand) - 1);
  test::countWord(o) = -kStickyBand;
  cairn_share(o);
  EXPECT_EQ(cairn_refcount(o), -1);
  test::countWord(o) = 1;
  cairn_decref(o);
}

TEST_F(Objects, SharedCounts) {
  void *o = cairn_alloc(&pairType);
  cairn_incref(o);
  cairn_share(o);
  EXPECT_EQ(cairn_refcount(o), 2);
  EXPECT_FALSE(cairn_is_unique(o));
  cairn_share(o); // again: nothing
  EXPECT_EQ(cairn_refcount(o), 2);
  cairn_decref(o);
  EXPECT_TRUE(cairn_is_unique(o));
  EXPECT_TRUE(cairn_fast_is_unique(o));
  cairn_fast_incref(o);
  EXPECT_EQ(cairn_refcount(o), 2);
  cairn_fast_decref(o);
  cairn_fast_decref(o);
}

TEST_F(Objects, ImmortalCountsNoMore) {
  test::Heap heap; // takes what is immortal with it
  Pair *o = static_cast<Pair *>(cairn_heap_alloc(heap, &pairType));
  Pair *child = static_cast<Pair *>(cairn_heap_alloc(heap, &pairType));
  o->first = child;
  child->first = o; // a cycle
  cairn_make_immortal(o);
  for (Pair *p : {o, child}) {
    EXPECT_EQ(cairn_refcount(p), -1);
    EXPECT_FALSE(cairn_is_unique(p));
    for (int i = 0; i < 100; ++i) {
      cairn_decref(p);
      cairn_fast_decref(p);
    }
    EXPECT_EQ(cairn_resolve(p), p);
    EXPECT_EQ(test::countWord(p), kImmortal);
  }
  cairn_make_immortal(o);
  cairn_share(o);
  EXPECT_EQ(test::countWord(o), kImmortal);
  cairn_make_immortal(nullptr);
}

TEST_F(Objects, ResolveFindsTheObject) {
  Pair *o = static_cast<Pair *>(cairn_alloc(&pairType));
  for (size_t i = 0; i < sizeof(Pair); ++i)
    EXPECT_EQ(cairn_resolve(reinterpret_cast<char *>(o) + i), o);
  for (size_t n : {1u, 3u, 10u, 100u, 1000u, 100000u}) {
    char *a = static_cast<char *>(cairn_alloc_array(&cairn_type_ref, n));
    for (size_t i = 0; i < n * 8; i += 1 + n / 50)
      ASSERT_EQ(cairn_resolve(a + i), a);
    ASSERT_EQ(cairn_resolve(a + n * 8 - 1), a);
    char *b = static_cast<char *>(cairn_alloc_bytes(n * 8));
    for (size_t i = 0; i < n * 8; i += 1 + n / 50)
      ASSERT_EQ(cairn_resolve(b + i), b);
    ASSERT_EQ(cairn_resolve(b + n * 8 - 1), b);
    cairn_decref(a);
    cairn_decref(b);
    for (size_t i = 0; i < n * 8; i += 1 + n / 50) {
      ASSERT_EQ(cairn_resolve(a + i), nullptr) << "dead";
      ASSERT_EQ(cairn_resolve(b + i), nullptr) << "dead";
    }
  }
  cairn_decref(o);
  EXPECT_EQ(cairn_resolve(o), nullptr);
}

TEST_F(Objects, ResolveFindsNothingElsewhere) {
  int local = 0;
  for (size_t n : {16u, 48u, 2048u, 3000u, 200000u}) {
    char *p = static_cast<char *>(cairn_malloc(n));
    memset(p, 0x7f, n);
    for (size_t i = 0; i < n; i += 7)
      ASSERT_EQ(cairn_resolve(p + i), nullptr) << "raw";
    cairn_free(p);
    ASSERT_EQ(cairn_resolve(p), nullptr);
  }
  EXPECT_EQ(cairn_resolve(nullptr), nullptr);
  EXPECT_EQ(cairn_resolve(&local), nullptr);
  EXPECT_EQ(cairn_resolve(reinterpret_cast<void *>(~uintptr_t(15))), nullptr);
  for (size_t size : {size_t(256) << 10, size_t(32) << 20}) {
    test::Heap heap(size);
    char *base = static_cast<char *>(cairn_heap_base(heap));
    void *o = cairn_heap_alloc(heap, &pairType);
    for (size_t i = 0; i < (256 << 10); i += 8) {
      void *found = cairn_resolve(base + i);
      ASSERT_TRUE(found == nullptr || found == o);
    }
  }
}

TEST_F(Objects, ReusedMemoryNeverReadsAsLive) {
  // Raw memory full of ones becomes a slab of objects, slot by slot.
  test::Heap heap(256 << 10);
  for (int round = 0; round < 3; ++round) {
    std::vector<void *> raw;
    while (void *p = cairn_heap_malloc(heap, 2048)) {
      memset(p, 0x01, 2048);
      raw.push_back(p);
    }
    for (void *p : raw)
      cairn_free(p);
    cairn_heap_trim(heap);
    void *o = cairn_heap_alloc(heap, &pairType);
    unsigned seen = 0;
    auto count = [](const cairn_block *, void *n) {
      ++*static_cast<unsigned *>(n);
      return true;
    };
    cairn_heap_walk(heap, count, &seen);
    EXPECT_EQ(seen, 1u);
    for (int i = -400; i < 400; ++i) {
      void *found = cairn_resolve(static_cast<char *>(o) + i * 8);
      EXPECT_TRUE(!found || found == o);
    }
    cairn_decref(o);
  }
}

TEST_F(Objects, InlinedForm) {
  Bins *bins = cairn_fast_bins();
  for (int i = 0; i < 1000; ++i) {
    unsigned bin = binOf(kObject, cairn::classOf(kHeaderSize + sizeof(Pair)));
    Pair *p = static_cast<Pair *>(cairn_fast_alloc(bins, bin, pairType.meta, nullptr));
    bins = cairn_fast_bins();
    p->first = p->second = nullptr;
    EXPECT_EQ(cairn_refcount(p), 1);
    EXPECT_EQ(cairn_resolve(p), p);
    i % 2 ? cairn_fast_decref(p) : cairn_decref(p);
    void *raw = cairn_fast_malloc_n(bins, uint64_t(i), nullptr);
    memset(raw, 1, size_t(i));
    i % 3 ? cairn_fast_free(raw) : cairn_fast_free_sized(raw, uint64_t(i));
  }
}

TEST_F(Objects, InlinedFormOfAnExplicitHeap) {
  test::Heap heap(1 << 20), other(32 << 20), checked(1 << 20, true);
  for (cairn_heap *h : {static_cast<cairn_heap *>(heap), static_cast<cairn_heap *>(other),
                        static_cast<cairn_heap *>(checked)}) {
    for (int i = 0; i < 500; ++i) {
      unsigned bin = binOf(kObject, cairn::classOf(kHeaderSize + sizeof(Pair)));
      Pair *p = static_cast<Pair *>(cairn_fast_alloc(cairn_fast_bins_of(h), bin, pairType.meta, h));
      ASSERT_EQ(cairn_heap_of(p), h);
      p->first = p->second = nullptr;
      cairn_fast_decref(p);
      void *raw = cairn_fast_malloc_n(cairn_fast_bins_of(h), 100, h);
      ASSERT_EQ(cairn_heap_of(raw), h);
      cairn_fast_free(raw);
      p = static_cast<Pair *>(
          cairn_fast_alloc(cairn_fast_bins_of(h), bin, kMetaTyped, h)); // a leaf
      cairn_fast_decref_leaf(p);
    }
    EXPECT_EQ(test::statsOf(h).live_bytes, 0u);
    EXPECT_TRUE(cairn_heap_check(h));
  }
}

} // namespace
