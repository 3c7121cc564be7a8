//===- extent_test.cpp - Address space that becomes usable --------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include "heap/extent.h"
#include "heap/heap.h"
#include "heap/sealed.h"

#include <cstring>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace cairn;

namespace {

constexpr size_t kWhole = size_t(1) << 30;

/// Whether a byte can be read: asked of the system, which fails where a load would crash.
bool readable(const void *p) {
  static int out[2] = {-1, -1};
  if (out[0] < 0 && pipe(out) != 0)
    return false;
  if (write(out[1], p, 1) != 1)
    return false;
  char byte;
  return read(out[0], &byte, 1) == 1;
}

/// The same of a store, of what the byte is.
bool writable(char *p) {
  int ends[2];
  if (!readable(p) || pipe(ends) != 0)
    return false;
  bool done = write(ends[1], p, 1) == 1 && read(ends[0], p, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return done;
}

struct Range {
  Range() : base(static_cast<char *>(platform::reserveUntouchable(kWhole, platform::kPage))) {
    extent.init(base, kWhole, true, false);
  }
  ~Range() { extent.release(); }
  char *base;
  Extent extent;
};

TEST(Extent, GrowsFromItsStart) {
  Range r;
  ASSERT_NE(r.base, nullptr);
  EXPECT_FALSE(readable(r.base));
  for (size_t bytes = 1; bytes < kWhole / 4; bytes = bytes * 3 + 5000) {
    ASSERT_TRUE(r.extent.reach(bytes));
    EXPECT_GE(r.extent.ready(), bytes);
    r.base[bytes - 1] = 7;
    // What is usable too early is a little.
    EXPECT_LE(r.extent.ready(), bytes + bytes / 8 + (size_t(4) << 20));
    EXPECT_FALSE(readable(r.base + r.extent.ready()));
  }
  EXPECT_TRUE(r.extent.reach(kWhole));
  EXPECT_FALSE(r.extent.reach(kWhole + 1));
  EXPECT_EQ(r.extent.mapped(), kWhole);
}

TEST(Extent, CutLosesItsContents) {
  Range r;
  ASSERT_TRUE(r.extent.reach(100000));
  memset(r.base, 5, 100000);
  r.extent.cut(5000);
  EXPECT_EQ(r.extent.ready(), 8192u);
  EXPECT_TRUE(readable(r.base + 8192)); // as zeros, and not written
  EXPECT_EQ(r.base[8192], 0);
  EXPECT_FALSE(writable(r.base + 8192));
  EXPECT_TRUE(writable(r.base + 8191));
  ASSERT_TRUE(r.extent.reach(100000));
  EXPECT_EQ(r.base[4999], 5);
  EXPECT_EQ(r.base[8192], 0);
}

TEST(Extent, GrowsByMappingOnceNothingIsHeld) {
  Range r;
  ASSERT_TRUE(r.extent.reach(100000));
  size_t ready = r.extent.ready();
  r.base[99999] = 5;
  EXPECT_EQ(r.extent.unhold(), kWhole - ready);
  EXPECT_EQ(r.extent.unhold(), 0u);
  EXPECT_EQ(r.extent.mapped(), ready);
  ASSERT_TRUE(r.extent.reach(300000));
  r.base[299999] = 6;
  EXPECT_EQ(r.base[99999], 5);
  // What lies in its way is left alone.
  char *wall = r.base + (size_t(8) << 20);
  ASSERT_TRUE(platform::mapAt(wall, platform::kPage, platform::Access::Write));
  *wall = 9;
  EXPECT_FALSE(r.extent.reach((size_t(8) << 20) + 1));
  EXPECT_EQ(*wall, 9);
  EXPECT_TRUE(r.extent.reach(size_t(8) << 20));
  platform::release(wall, platform::kPage);
}

TEST(Reserve, AHeapIsAccessibleAsFarAsItHasGrown) {
  for (size_t size : {size_t(64) << 20, size_t(1) << 30}) {
    test::Heap h(size);
    char *base = static_cast<char *>(cairn_heap_base(h));
    EXPECT_NE(cairn_heap_malloc(h, 100), nullptr);
    EXPECT_FALSE(readable(base + size - 1));
    EXPECT_EQ(cairn_heap_of(base + size - 1), h);
    EXPECT_TRUE(addressHasRecord(base + size - 1));
    ASSERT_TRUE(exposeRegion(reinterpret_cast<Heap *>(static_cast<cairn_heap *>(h))));
    EXPECT_TRUE(readable(base + size - 1));
    base[size - 1] = 1;
    EXPECT_TRUE(cairn_heap_check(h));
  }
}

TEST(Reserve, AHeapFillsToItsSize) {
  for (size_t size : {size_t(64) << 20, size_t(320) << 20}) {
    test::Heap h(size);
    size_t total = 0, more = 0;
    std::vector<char *> all;
    for (size_t n = size_t(1) << 20; n >= 256; n /= 2)
      while (void *p = cairn_heap_malloc(h, n)) {
        all.push_back(static_cast<char *>(p));
        all.back()[n - 1] = 1;
        total += n;
        // A block of a checked heap has a stamp behind it: a granule more, or a page if its pages
        // will be sealed.
        if (test::checkedRun())
          more += n >= kLeastSealed ? platform::kPage : kGranule;
      }
    // What is left is too small for another block: at the end, and in a checked heap also before
    // the first block that lies on whole pages.
    EXPECT_GE(total + more, size - (test::checkedRun() ? 1024 : 512));
    for (char *p : all)
      cairn_free(p);
    EXPECT_TRUE(cairn_heap_check(h));
  }
}

// Who looks at all of a region, and may write anywhere in it, does so for as long as the heap is there.
TEST(Reserve, ARegionThatIsLookedAtIsNotTrimmed) {
  test::Heap h{size_t(64) << 20};
  auto *heap = reinterpret_cast<Heap *>(static_cast<cairn_heap *>(h));
  void *p = cairn_heap_malloc(h, size_t(20) << 20);
  char *last = reinterpret_cast<char *>(heap->base + heap->size - 1);
  ASSERT_FALSE(writable(last));
  ASSERT_TRUE(exposeRegion(heap));
  ASSERT_TRUE(writable(last));
  *last = 3;
  cairn_free(p);
  cairn_heap_trim(h);
  while (heap->space.sweep())
    ;
  ASSERT_TRUE(writable(last));
  EXPECT_EQ(*last, 3);
  EXPECT_TRUE(cairn_heap_check(h));
}

void goOnWithoutIt() {
  std::vector<std::pair<char *, size_t>> all;
  auto some = [&] {
    for (size_t n : {size_t(20), size_t(3000), size_t(100000), size_t(5) << 20}) {
      char *p = static_cast<char *>(cairn_malloc(n));
      ASSERT_NE(p, nullptr);
      memset(p, int(n % 251), n);
      all.push_back({p, n});
    }
  };
  some();
  cairn_trim_reserve();
  EXPECT_EQ(cairn_trim_reserve(), 0u) << "nothing is left to give";
  for (int i = 0; i < 40; ++i)
    some();
  std::thread(some).join();
  for (auto [p, n] : all) {
    EXPECT_EQ(p[0], char(n % 251));
    EXPECT_EQ(p[n - 1], char(n % 251));
    cairn_free(p);
  }
  // What is no block is still found, near and far.
  int local = 0;
  for (void *p : {static_cast<void *>(&local), reinterpret_cast<void *>(0x234567890000)}) {
    test::Errors errors;
    cairn_free(p);
    test::expectError(errors, CAIRN_ERROR_FOREIGN, p, "not a block");
  }
  test::Heap h;
  EXPECT_NE(cairn_heap_malloc(h, 1000), nullptr);
  EXPECT_TRUE(cairn_heap_check(nullptr));
}

/// In a child: the tests after it know the process with its reserve.
TEST(Reserve, TheHeapGoesOnWithoutIt) {
  if (CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizer does not start threads after such a fork";
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);
    goOnWithoutIt();
    _exit(testing::Test::HasFailure());
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

} // namespace
