//===- family_test.cpp - Every entry point of libcairn-malloc -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linked against the library; the first test is that the names are the library's.
//
//===----------------------------------------------------------------------===//

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <malloc.h>
#include <random>
#include <set>
#include <stdlib.h>
#include <string>
#include <vector>

extern "C" { // C23, which this C library does not declare
void free_sized(void *p, size_t n);
void free_aligned_sized(void *p, size_t align, size_t n);
}

namespace {

bool alignedTo(const void *p, size_t align) { return reinterpret_cast<uintptr_t>(p) % align == 0; }

bool allBytes(const void *p, size_t n, uint8_t byte) {
  const uint8_t *bytes = static_cast<const uint8_t *>(p);
  return n == 0 || (bytes[0] == byte && memcmp(bytes, bytes + 1, n - 1) == 0);
}

/// Bytes in use as the library counts them: slabs and large blocks.
size_t inUse() { return mallinfo2().uordblks; }

/// Sizes that no system can give; volatile, or the compiler sees that they are wrong.
const volatile size_t kTooMuch[] = {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX / 2, size_t(1) << 45};

TEST(Names, AreTheLibrarys) {
  for (const char *name : {"malloc",
                           "calloc",
                           "realloc",
                           "reallocarray",
                           "free",
                           "free_sized",
                           "free_aligned_sized",
                           "aligned_alloc",
                           "posix_memalign",
                           "memalign",
                           "valloc",
                           "pvalloc",
                           "malloc_usable_size",
                           "malloc_trim",
                           "malloc_stats",
                           "mallinfo",
                           "mallinfo2",
                           "_Znwm",
                           "_Znam",
                           "_ZnwmRKSt9nothrow_t",
                           "_ZnamRKSt9nothrow_t",
                           "_ZnwmSt11align_val_t",
                           "_ZnamSt11align_val_t",
                           "_ZnwmSt11align_val_tRKSt9nothrow_t",
                           "_ZnamSt11align_val_tRKSt9nothrow_t",
                           "_ZdlPv",
                           "_ZdaPv",
                           "_ZdlPvm",
                           "_ZdaPvm",
                           "_ZdlPvRKSt9nothrow_t",
                           "_ZdaPvRKSt9nothrow_t",
                           "_ZdlPvSt11align_val_t",
                           "_ZdaPvSt11align_val_t",
                           "_ZdlPvmSt11align_val_t",
                           "_ZdaPvmSt11align_val_t",
                           "_ZdlPvSt11align_val_tRKSt9nothrow_t",
                           "_ZdaPvSt11align_val_tRKSt9nothrow_t"}) {
    void *at = dlsym(RTLD_DEFAULT, name);
    Dl_info info;
    ASSERT_TRUE(at && dladdr(at, &info)) << name;
    EXPECT_NE(std::string(info.dli_fname).find("libcairn-malloc.so"), std::string::npos) << name;
  }
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "cairn_malloc"), nullptr) << "the runtime must stay inside";
}

TEST(Malloc, EverySize) {
  std::vector<std::pair<uint8_t *, size_t>> blocks;
  for (size_t n = 0; n < 5000; ++n)
    for (int twice = 0; twice < 2; ++twice) {
      uint8_t *p = static_cast<uint8_t *>(malloc(n));
      ASSERT_NE(p, nullptr);
      ASSERT_TRUE(alignedTo(p, 16)) << n;
      size_t usable = malloc_usable_size(p);
      ASSERT_GE(usable, n);
      memset(p, int(n & 255), usable);
      blocks.emplace_back(p, n);
    }
  for (size_t n = 5000; n < 40 << 20; n = n * 3 / 2) {
    uint8_t *p = static_cast<uint8_t *>(malloc(n));
    ASSERT_NE(p, nullptr);
    ASSERT_TRUE(alignedTo(p, 16)) << n;
    memset(p, int(n & 255), malloc_usable_size(p));
    blocks.emplace_back(p, n);
  }
  for (auto [p, n] : blocks)
    ASSERT_TRUE(allBytes(p, n, uint8_t(n))) << n;
  for (auto [p, n] : blocks)
    n % 2 ? free(p) : free_sized(p, n);
}

TEST(Malloc, ZeroIsABlockOfItsOwn) {
  std::set<void *> seen;
  for (int i = 0; i < 1000; ++i) {
    void *p = malloc(0);
    ASSERT_NE(p, nullptr);
    ASSERT_TRUE(seen.insert(p).second);
  }
  for (void *p : seen)
    free(p);
}

TEST(Malloc, TooMuch) {
  for (size_t n : kTooMuch) {
    errno = 0;
    EXPECT_EQ(malloc(n), nullptr);
    EXPECT_EQ(errno, ENOMEM) << n;
    errno = 0;
    EXPECT_EQ(calloc(1, n), nullptr);
    EXPECT_EQ(errno, ENOMEM) << n;
    errno = 0;
    EXPECT_EQ(aligned_alloc(64, n), nullptr);
    EXPECT_EQ(errno, ENOMEM) << n;
    errno = 0;
    EXPECT_EQ(valloc(n), nullptr);
    EXPECT_EQ(errno, ENOMEM) << n;
    errno = 0;
    EXPECT_EQ(pvalloc(n), nullptr);
    EXPECT_EQ(errno, ENOMEM) << n;
    for (size_t size : {size_t(100), size_t(10000), size_t(3000000)}) {
      uint8_t *p = static_cast<uint8_t *>(malloc(size));
      ASSERT_NE(p, nullptr);
      memset(p, 7, size);
      errno = 0;
      ASSERT_EQ(realloc(p, n), nullptr);
      EXPECT_EQ(errno, ENOMEM) << n;
      EXPECT_TRUE(allBytes(p, size, 7)) << "the old block stays";
      free(p);
    }
  }
}

TEST(Malloc, FreeLeavesErrno) {
  free(nullptr);
  for (size_t n : {size_t(10), size_t(100000), size_t(200) << 20}) {
    void *p = malloc(n);
    ASSERT_NE(p, nullptr);
    memset(p, 1, n);
    errno = 12345;
    free(p);
    EXPECT_EQ(errno, 12345) << n;
  }
}

TEST(Calloc, IsZeroAfterReuse) {
  for (size_t n : {1, 15, 16, 17, 100, 2000, 2048, 2049, 5000, 70000, 1 << 20, 40 << 20})
    for (int i = 0; i < 3; ++i) {
      void *p = malloc(n);
      ASSERT_NE(p, nullptr);
      memset(p, 0xff, malloc_usable_size(p));
      free(p);
      p = calloc(n, 1);
      ASSERT_NE(p, nullptr);
      ASSERT_TRUE(alignedTo(p, 16));
      ASSERT_TRUE(allBytes(p, n, 0)) << n;
      memset(p, 0xff, n);
      free(p);
    }
}

TEST(Calloc, Overflow) {
  const volatile size_t half = SIZE_MAX / 2 + 1;
  errno = 0;
  EXPECT_EQ(calloc(half, 2), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  errno = 0;
  EXPECT_EQ(calloc(half, 3), nullptr) << "half * 3 is half again, in 64 bits";
  EXPECT_EQ(errno, ENOMEM);
  errno = 0;
  EXPECT_EQ(reallocarray(nullptr, half, 2), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  void *p = calloc(0, 5);
  EXPECT_NE(p, nullptr);
  free(p);
}

TEST(Realloc, KeepsContents) {
  std::mt19937 random(5);
  uint8_t *p = nullptr;
  size_t n = 0;
  for (int i = 0; i < 20000; ++i) {
    unsigned kind = random() % 10;
    size_t m = 1 + random() % (kind < 5 ? 300u : kind < 8 ? 5000u : kind < 9 ? 200000u : 3000000u);
    uint8_t *q = static_cast<uint8_t *>(realloc(p, m));
    ASSERT_NE(q, nullptr);
    ASSERT_TRUE(alignedTo(q, 16));
    p = q;
    size_t kept = n < m ? n : m;
    ASSERT_TRUE(kept == 0 || (p[0] == 1 && p[kept - 1] == (kept == 1   ? 1
                                                           : kept == n ? 3
                                                                       : 2)))
        << n << " -> " << m;
    n = i % 2 ? m : malloc_usable_size(p); // what may be used is kept as well
    ASSERT_GE(n, m);
    memset(p, 2, n);
    p[n - 1] = 3;
    p[0] = 1;
  }
  free(p);
}

/// Marks each page of a block, and its last byte, with its own number.
void stamp(uint8_t *p, size_t n, unsigned seed) {
  for (size_t at = 0; at < n; at += 4096)
    p[at] = uint8_t(seed + at / 4096);
  p[n - 1] = uint8_t(seed * 3);
}
bool stamped(const uint8_t *p, size_t n, unsigned seed, bool toTheEnd) {
  for (size_t at = 0; at < n - 1; at += 4096)
    if (p[at] != uint8_t(seed + at / 4096))
      return false;
  return !toTheEnd || p[n - 1] == uint8_t(seed * 3);
}

/// Blocks that lie between others cannot grow in place: their pages move, until so many
/// have that they are copied.
TEST(Realloc, LargeBlocksThatMove) {
  for (unsigned round = 0; round < 400; ++round) {
    std::vector<uint8_t *> blocks(16);
    size_t n = (1 << 20) + round * 111;
    for (unsigned i = 0; i < blocks.size(); ++i) {
      blocks[i] = static_cast<uint8_t *>(i % 2 ? malloc(n) : calloc(1, n));
      ASSERT_NE(blocks[i], nullptr);
      ASSERT_TRUE(i || round % 10 || allBytes(blocks[i], n, 0));
      stamp(blocks[i], n, i);
    }
    for (unsigned i = 0; i < blocks.size(); ++i) {
      size_t m = n + n * i / 8 + 1;
      blocks[i] = static_cast<uint8_t *>(realloc(blocks[i], m));
      ASSERT_NE(blocks[i], nullptr);
      ASSERT_TRUE(stamped(blocks[i], n, i, true)) << round << " " << i;
      stamp(blocks[i], malloc_usable_size(blocks[i]), i);
    }
    for (unsigned i = 0; i < blocks.size(); ++i) {
      size_t m = n / (1 + i % 5);
      blocks[i] = static_cast<uint8_t *>(realloc(blocks[i], m));
      ASSERT_TRUE(stamped(blocks[i], m, i, false));
      free(blocks[i]);
    }
  }
}

TEST(Realloc, OfZeroFrees) {
  size_t before = inUse();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(realloc(malloc(1 << 20), 0), nullptr);
    ASSERT_EQ(reallocarray(malloc(1 << 20), 0, 7), nullptr);
  }
  EXPECT_LE(inUse(), before + (2 << 20));
  void *p = realloc(nullptr, 0);
  EXPECT_NE(p, nullptr);
  free(p);
}

TEST(Realloc, OfAlignedBlocks) {
  for (size_t align = 32; align <= 8192; align *= 2)
    for (size_t n : {1, 100, 3000, 100000}) {
      uint8_t *p = static_cast<uint8_t *>(aligned_alloc(align, n));
      ASSERT_NE(p, nullptr);
      memset(p, 9, n);
      p = static_cast<uint8_t *>(realloc(p, n * 3));
      ASSERT_NE(p, nullptr);
      ASSERT_TRUE(allBytes(p, n, 9));
      p = static_cast<uint8_t *>(realloc(p, n));
      ASSERT_TRUE(allBytes(p, n, 9));
      free(p);
    }
}

TEST(Aligned, EveryPower) {
  for (size_t align = 1; align <= size_t(1) << 30; align *= 2)
    for (size_t n : {0, 1, 8, 17, 64, 100, 2048, 2049, 70000}) {
      void *p = aligned_alloc(align, n);
      ASSERT_NE(p, nullptr) << align << " " << n;
      EXPECT_TRUE(alignedTo(p, align < 16 ? 16 : align)) << align << " " << n;
      ASSERT_GE(malloc_usable_size(p), n);
      memset(p, 1, n);
      void *q = memalign(align, n);
      ASSERT_NE(q, nullptr);
      EXPECT_TRUE(alignedTo(q, align < 16 ? 16 : align));
      memset(q, 2, n);
      EXPECT_TRUE(allBytes(p, n, 1));
      free_aligned_sized(p, align, n);
      free(q);
      if (align < sizeof(void *))
        continue;
      ASSERT_EQ(posix_memalign(&p, align, n), 0) << align << " " << n;
      EXPECT_TRUE(alignedTo(p, align));
      memset(p, 3, n);
      free(p);
    }
}

TEST(Aligned, BadAlignment) {
  volatile size_t bad[] = {0, 3, 24, 48, (size_t(1) << 62) + 1};
  for (size_t align : bad) {
    errno = 0;
    EXPECT_EQ(aligned_alloc(align, 64), nullptr) << align;
    EXPECT_EQ(errno, EINVAL) << align;
  }
  volatile size_t notPosix[] = {0, 1, 2, 4, 12, 24};
  for (size_t align : notPosix) {
    int here = 0;
    void *p = &here;
    errno = 77;
    EXPECT_EQ(posix_memalign(&p, align, 64), EINVAL) << align;
    EXPECT_EQ(p, &here);
    EXPECT_EQ(errno, 77);
  }
  volatile size_t odd = 24;
  void *p = memalign(odd, 10); // rounded up
  ASSERT_NE(p, nullptr);
  EXPECT_TRUE(alignedTo(p, 32));
  free(p);
  volatile size_t most = SIZE_MAX;
  errno = 0;
  EXPECT_EQ(memalign(most, 1), nullptr);
  EXPECT_EQ(errno, EINVAL);
  volatile size_t huge = size_t(1) << 46;
  int here = 0;
  p = &here;
  errno = 77;
  EXPECT_EQ(posix_memalign(&p, huge, 1), ENOMEM);
  EXPECT_EQ(p, &here);
  EXPECT_EQ(errno, 77);
}

TEST(Aligned, Pages) {
  void *p = valloc(1);
  EXPECT_TRUE(alignedTo(p, 4096));
  free(p);
  p = pvalloc(4097);
  EXPECT_TRUE(alignedTo(p, 4096));
  EXPECT_GE(malloc_usable_size(p), 8192u);
  memset(p, 1, 8192);
  free(p);
}

TEST(Info, DoesNotCrash) {
  EXPECT_EQ(malloc_usable_size(nullptr), 0u);
  size_t before = inUse();
  void *p = malloc(10 << 20);
  memset(p, 1, 10 << 20);
  EXPECT_GE(inUse(), before + (10 << 20));
  EXPECT_GE(mallinfo2().arena, inUse());
  free(p);
  EXPECT_LT(inUse(), before + (10 << 20));
  EXPECT_EQ(malloc_trim(0), 1) << "10 MiB were given back";
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  EXPECT_GT(mallinfo().uordblks, 0);
  testing::internal::CaptureStderr();
  malloc_stats();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("in use"), std::string::npos);
}

} // namespace
