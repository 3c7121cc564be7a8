//===- backing_test.cpp - Which free pages have memory, and for how long ------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include "heap/backing.h"

#include <cstring>
#include <sys/mman.h>

using namespace cairn;

namespace {

constexpr size_t kPageBytes = 4096, kPages = 4096, kRegion = kPages * kPageBytes;

class Pages : public testing::Test {
protected:
  void SetUp() override {
    Memory = static_cast<char *>(
        mmap(nullptr, kRegion, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(Memory, MAP_FAILED);
    Records.resize(Backing::recordBytes(kRegion));
    pages.init(reinterpret_cast<uintptr_t>(Memory), Records.data());
  }
  void TearDown() override { munmap(Memory, kRegion); }

  /// All of it is used, and free again.
  void comeAndGo() {
    pages.taken(0, kPages);
    memset(Memory, 1, kRegion);
    pages.freed(0, kPages);
  }
  void sweep() {
    while (pages.sweep()) {
    }
  }
  /// Sweeps until nothing is dirty any more.
  unsigned sweepsUntilGone() {
    for (unsigned n = 0; n < 100; ++n) {
      if (!pages.dirty())
        return n;
      sweep();
    }
    return 100;
  }
  bool anyBacked() {
    std::vector<unsigned char> backed(kPages);
    EXPECT_EQ(mincore(Memory, kRegion, backed.data()), 0);
    for (unsigned char page : backed)
      if (page & 1)
        return true;
    return false;
  }

  Backing pages = {};

private:
  char *Memory = nullptr;
  std::vector<char> Records;
};

TEST_F(Pages, GoBackAtTheSecondSweep) {
  comeAndGo();
  EXPECT_EQ(pages.dirty(), kPages);
  sweep();
  EXPECT_EQ(pages.dirty(), kPages);
  EXPECT_TRUE(anyBacked());
  sweep();
  EXPECT_EQ(pages.dirty(), 0u);
  EXPECT_FALSE(anyBacked());
}

TEST_F(Pages, TakenMeanwhileAreYoungAgain) {
  comeAndGo();
  sweep();
  EXPECT_EQ(pages.taken(0, kPages / 2), kPages / 2);
  pages.freed(0, kPages / 2);
  sweep();
  EXPECT_EQ(pages.dirty(), kPages / 2);
  sweep();
  EXPECT_EQ(pages.dirty(), 0u);
}

/// Memory that was given back and wanted again was given back too early: it stays twice as
/// long the next time, up to a bound; and not any longer once nobody wants it.
TEST_F(Pages, StayLongerWhereTheyComeBack) {
  unsigned wanted[] = {2, 4, 8, 16, 32, 32, 32};
  for (unsigned n : wanted) {
    comeAndGo();
    EXPECT_EQ(sweepsUntilGone(), n);
  }
  // Each time less than half of what went back is wanted.
  unsigned last = 32;
  for (uint64_t used : {1600, 600, 250, 100, 40, 10}) {
    pages.taken(0, used);
    pages.freed(0, used);
    unsigned n = sweepsUntilGone();
    EXPECT_LE(n, last) << used;
    last = n;
  }
  EXPECT_EQ(last, 2u);
}

/// A few pages say nothing.
TEST_F(Pages, OfWhichFewComeBackAreNotKept) {
  for (int i = 0; i < 5; ++i) {
    pages.taken(0, 100);
    pages.freed(0, 100);
    EXPECT_EQ(sweepsUntilGone(), 2u);
  }
}

TEST_F(Pages, APurgeTakesAllAtOnce) {
  comeAndGo();
  EXPECT_EQ(pages.purge(), kRegion);
  EXPECT_EQ(pages.purge(), 0u);
  EXPECT_FALSE(anyBacked());
}

} // namespace
