//===- raw_test.cpp - malloc and its family -----------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include <cstring>

namespace {

size_t alignmentFor(size_t n) { return n && n % 16 == 0 ? 16 : 8; }

/// Heaps of each make: the default, one with 64 KiB slabs, one with pages, checked.
class Raw : public testing::TestWithParam<int> {
protected:
  Raw() {
    switch (GetParam()) {
    case 0:
      Given = cairn_heap_default();
      return;
    case 1:
      Own.reset(new test::Heap(64 << 20));
      break;
    case 2:
      Own.reset(new test::Heap(1 << 20));
      break;
    case 3:
      Own.reset(new test::Heap(64 << 20, true));
      break;
    }
    Given = *Own;
  }
  void SetUp() override {
    ASSERT_NE(Given, nullptr);
    Start = test::statsOf(Given).live_blocks;
  }
  void TearDown() override {
    EXPECT_EQ(test::statsOf(Given).live_blocks, Start);
    EXPECT_TRUE(cairn_heap_check(Given));
  }
  bool small() const { return GetParam() == 2; }
  void *malloc(size_t n) { return GetParam() ? cairn_heap_malloc(Given, n) : cairn_malloc(n); }
  void *calloc(size_t count, size_t n) {
    return GetParam() ? cairn_heap_calloc(Given, count, n) : cairn_calloc(count, n);
  }
  void *aligned(size_t align, size_t n) {
    return GetParam() ? cairn_heap_aligned_alloc(Given, align, n) : cairn_aligned_alloc(align, n);
  }
  cairn_heap *Given = nullptr;

private:
  std::unique_ptr<test::Heap> Own;
  uint64_t Start = 0;
};

std::string nameOf(const testing::TestParamInfo<int> &info) {
  const char *names[] = {"Default", "Slabs", "Pages", "Checked"};
  return names[info.param];
}
INSTANTIATE_TEST_SUITE_P(Heaps, Raw, testing::Range(0, 4), nameOf);

TEST_P(Raw, EverySize) {
  std::vector<void *> all;
  for (size_t n = 0; n <= 5000; ++n) {
    char *p = static_cast<char *>(malloc(n));
    if (!p && small()) { // it is full: start again
      for (void *q : all)
        cairn_free(q);
      all.clear();
      p = static_cast<char *>(malloc(n));
    }
    ASSERT_NE(p, nullptr) << n;
    EXPECT_TRUE(test::alignedTo(p, alignmentFor(n))) << n;
    EXPECT_GE(cairn_usable_size(p), n);
    EXPECT_EQ(cairn_heap_of(p), Given);
    EXPECT_NE(p, cairn_heap_base(Given));
    memset(p, int(n), cairn_usable_size(p));
    all.push_back(p);
    if (n % 3 == 0) {
      EXPECT_TRUE(test::allBytes(p, n, uint8_t(n)));
      cairn_free_sized(p, n);
      all.pop_back();
    }
  }
  for (void *p : all)
    cairn_free(p);
}

TEST_P(Raw, BlocksAreApart) {
  std::mt19937_64 random(1);
  std::vector<std::pair<uint8_t *, size_t>> all;
  for (uint64_t i = 0; i < test::times(60000, 8); ++i) {
    if (all.size() > 300 || (!all.empty() && random() % 2)) {
      size_t at = random() % all.size();
      auto [p, n] = all[at];
      ASSERT_TRUE(test::allBytes(p, n, uint8_t(n * 7)));
      random() % 2 ? cairn_free(p) : cairn_free_sized(p, n);
      all[at] = all.back();
      all.pop_back();
    } else {
      size_t n = random() % 4 ? random() % 300 : random() % 4000;
      uint8_t *p = static_cast<uint8_t *>(malloc(n));
      ASSERT_TRUE(p || small());
      if (!p)
        continue;
      memset(p, int(n * 7), n);
      all.push_back({p, n});
    }
  }
  for (auto [p, n] : all)
    cairn_free_sized(p, n);
}

TEST_P(Raw, LargeSizes) {
  if (small())
    GTEST_SKIP() << "too small";
  for (size_t n = 2040; n < (size_t(8) << 20); n = n * 5 / 4 + 1) {
    uint8_t *p = static_cast<uint8_t *>(malloc(n));
    ASSERT_NE(p, nullptr) << n;
    EXPECT_TRUE(test::alignedTo(p, alignmentFor(n)));
    EXPECT_GE(cairn_usable_size(p), n);
    memset(p, 1, n);
    EXPECT_EQ(cairn_heap_of(p + n - 1), Given);
    cairn_free_sized(p, n);
  }
}

TEST_P(Raw, SizesThatCannotBe) {
  size_t start = test::statsOf(Given).used;
  for (size_t n = SIZE_MAX; n > SIZE_MAX - 5000; --n) {
    ASSERT_EQ(malloc(n), nullptr);
    ASSERT_EQ(calloc(1, n), nullptr);
    ASSERT_EQ(calloc(n, 1), nullptr);
    ASSERT_EQ(aligned(16, n), nullptr);
    ASSERT_EQ(aligned(4096, n), nullptr);
    ASSERT_EQ(aligned(1 << 20, n), nullptr);
  }
  for (unsigned bit = 45; bit < 64; ++bit)
    for (int d = -2; d <= 2; ++d) {
      size_t n = (size_t(1) << bit) + size_t(d);
      ASSERT_EQ(malloc(n), nullptr);
      ASSERT_EQ(aligned(64, n), nullptr);
    }
  EXPECT_EQ(calloc(SIZE_MAX / 2 + 1, 2), nullptr);
  EXPECT_EQ(calloc(size_t(1) << 32, size_t(1) << 32), nullptr);
  EXPECT_EQ(calloc(SIZE_MAX, SIZE_MAX), nullptr);
  uint8_t *p = static_cast<uint8_t *>(malloc(100));
  memset(p, 9, 100);
  for (size_t n = SIZE_MAX; n > SIZE_MAX - 300; --n)
    ASSERT_EQ(cairn_realloc(p, n), nullptr);
  EXPECT_TRUE(test::allBytes(p, 100, 9)) << "the old block stays";
  cairn_free_sized(p, 100);
  p = static_cast<uint8_t *>(malloc(10000));
  for (size_t n = SIZE_MAX; n > SIZE_MAX - 300; --n)
    ASSERT_EQ(cairn_realloc(p, n), nullptr);
  cairn_free_sized(p, 10000);
  EXPECT_LE(test::statsOf(Given).used, start + (128 << 10));
}

TEST_P(Raw, Aligned) {
  for (size_t align = 1; align <= (size_t(1) << 20); align *= 2)
    for (size_t n : {0,  1,  7,   8,   9,    15,   16,   17,   24,   40,
                     63, 64, 100, 128, 1000, 2000, 2048, 2049, 5000, 70000}) {
      void *p = aligned(align, n);
      if (!p && small())
        continue;
      ASSERT_NE(p, nullptr) << align << " " << n;
      EXPECT_TRUE(test::alignedTo(p, align)) << align << " " << n;
      EXPECT_TRUE(test::alignedTo(p, alignmentFor(n)));
      EXPECT_GE(cairn_usable_size(p), n);
      memset(p, 5, n);
      n % 2 ? cairn_free_sized(p, n) : cairn_free(p);
      p = aligned(align, n);
      ASSERT_NE(p, nullptr);
      cairn_free_sized(p, n);
    }
  for (size_t align :
       {size_t(0), size_t(3), size_t(24), size_t(2) << 20, SIZE_MAX, size_t(1) << 63})
    EXPECT_EQ(aligned(align, 16), nullptr) << align;
}

TEST_P(Raw, CallocIsZeroAfterReuse) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 3000; ++i) {
    size_t n = i % 10 ? random() % 3000 : random() % 100000;
    uint8_t *p = static_cast<uint8_t *>(calloc(i % 2 ? n : 1, i % 2 ? 1 : n));
    ASSERT_NE(p, nullptr);
    ASSERT_TRUE(test::allBytes(p, n, 0)) << n;
    memset(p, 0xff, cairn_usable_size(p));
    cairn_free(p);
    if (i % 100 == 0)
      cairn_heap_trim(Given);
  }
}

TEST_P(Raw, CallocIsZeroAfterPurge) {
  for (int i = 0; i < 20; ++i) {
    size_t n = 200000 + size_t(i) * 777;
    uint8_t *p = static_cast<uint8_t *>(calloc(1, n));
    ASSERT_NE(p, nullptr);
    ASSERT_TRUE(test::allBytes(p, n, 0));
    memset(p, 0xff, n);
    cairn_free(p);
    cairn_heap_trim(Given);
    // A part of a purged run, then what lies behind it.
    uint8_t *q = static_cast<uint8_t *>(calloc(3, 1000));
    ASSERT_TRUE(test::allBytes(q, 3000, 0));
    memset(q, 0xff, 3000);
    cairn_free(q);
  }
}

TEST_P(Raw, ReallocKeepsContents) {
  std::mt19937_64 random(3);
  uint8_t *p = nullptr;
  size_t n = 0, asked = 0;
  auto fill = [&] {
    for (size_t i = 0; i < n; ++i)
      p[i] = uint8_t(i * 31 + i / 251);
  };
  auto good = [&](size_t upTo) {
    for (size_t i = 0; i < upTo; ++i)
      if (p[i] != uint8_t(i * 31 + i / 251))
        return false;
    return true;
  };
  if (GetParam())
    p = static_cast<uint8_t *>(malloc(0)); // else realloc of null, from the default heap
  for (int i = 0; i < 4000; ++i) {
    size_t most = small() ? 60000 : 300000;
    size_t m = i % 3 == 0 ? random() % 100 : i % 3 == 1 ? random() % 4000 : random() % most;
    uint8_t *q = static_cast<uint8_t *>(cairn_realloc(p, m));
    ASSERT_NE(q, nullptr);
    p = q;
    ASSERT_TRUE(good(n < m ? n : m)) << n << " -> " << m;
    ASSERT_GE(cairn_usable_size(p), m);
    ASSERT_TRUE(test::alignedTo(p, alignmentFor(m))) << m;
    ASSERT_EQ(cairn_heap_of(p), Given);
    asked = m;
    n = i % 2 ? m : cairn_usable_size(p); // what may be used is kept as well
    fill();
    if (i % 50 == 0) { // a sized free of the size last asked for
      cairn_free_sized(p, asked);
      p = static_cast<uint8_t *>(malloc(n = asked = 10));
      fill();
    }
  }
  cairn_free_sized(p, asked);
}

TEST_P(Raw, ReallocOfAlignedBlocksThenSizedFree) {
  for (size_t align : {16, 32, 64, 256, 4096})
    for (size_t n = 1; n < 6000; n += 97)
      for (size_t m = 1; m < 6000; m += 411) {
        void *p = aligned(align, n);
        ASSERT_NE(p, nullptr);
        p = cairn_realloc(p, m);
        ASSERT_NE(p, nullptr);
        ASSERT_TRUE(test::alignedTo(p, alignmentFor(m)));
        cairn_free_sized(p, m);
      }
}

TEST_P(Raw, NullIsNothing) {
  cairn_free(nullptr);
  cairn_free_sized(nullptr, 10);
  EXPECT_EQ(cairn_usable_size(nullptr), 0u);
}

TEST_P(Raw, SizeZeroGivesDistinctBlocks) {
  void *p = malloc(0), *q = malloc(0), *r = calloc(0, 8), *s = aligned(8, 0);
  EXPECT_NE(p, q);
  EXPECT_NE(r, s);
  EXPECT_GE(cairn_usable_size(p), GetParam() == 3 || test::checkedRun() ? 0u : 1u);
  for (void *x : {p, q, r, s})
    cairn_free_sized(x, 0);
}

TEST_P(Raw, FreedBlocksAreUsedAgain) {
  if (GetParam() == 3 || test::checkedRun())
    GTEST_SKIP() << "freed blocks are held back";
  size_t start = test::statsOf(Given).used;
  for (uint64_t i = 0; i < test::times(300000); ++i)
    cairn_free(malloc(16 + i % 2000));
  EXPECT_LE(test::statsOf(Given).used, start + (6 << 20));
}

TEST(RawStack, OnASmallStack) {
  test::onStack(64 << 10, [] {
    std::vector<void *> all;
    for (int i = 0; i < 20000; ++i)
      all.push_back(cairn_malloc(size_t(i % 3000)));
    for (void *p : all)
      cairn_free(p);
  });
}

} // namespace
