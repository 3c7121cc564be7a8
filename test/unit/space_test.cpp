//===- space_test.cpp - Runs of granules against a model ----------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include "heap/space.h"
#include "platform/platform.h"

#include <cstring>
#include <map>
#include <sys/mman.h>

using namespace cairn;

namespace {

/// A space over real memory, and what should be in it.
class Model {
public:
  explicit Model(size_t region) : Region(region) {
    Memory = platform::reserve(region, kSlabSize);
    Records = platform::reserve(Space::recordBytes(region), platform::kPage);
    space.init(reinterpret_cast<uintptr_t>(Memory), region, static_cast<char *>(Records), {});
  }
  ~Model() {
    platform::release(Memory, Region);
    platform::release(Records, Space::recordBytes(Region));
  }

  /// Whether some gap holds `length` granules from a multiple of `align`.
  bool fits(uint64_t length, uint64_t align) const {
    uint64_t at = 1;
    auto room = [&](uint64_t end) { return (at + align - 1) / align * align + length <= end; };
    for (auto [g, n] : Used) {
      if (room(g))
        return true;
      at = g + n;
    }
    return room(space.granules());
  }

  uint64_t take(uint64_t length, uint64_t align) {
    bool zero = false;
    uint64_t g = space.take(length, align, &zero);
    if (g == Space::kNone) {
      EXPECT_FALSE(fits(length, align)) << length << " granules at " << align << " do fit";
      return g;
    }
    EXPECT_EQ(g % align, 0u);
    EXPECT_LE(g + length, space.granules());
    EXPECT_EQ(space.run(g).length, length);
    EXPECT_TRUE(space.run(g).used);
    auto after = Used.lower_bound(g);
    EXPECT_TRUE(after == Used.end() || after->first >= g + length) << "overlap";
    if (after != Used.begin())
      EXPECT_LE(std::prev(after)->first + std::prev(after)->second, g) << "overlap";
    char *p = at(g);
    if (zero) {
      EXPECT_TRUE(test::allBytes(p, length << kGranuleShift, 0)) << "said to be zero";
    }
    memset(p, 0xaa, length << kGranuleShift);
    Used[g] = length;
    Sum += length;
    Most = std::max(Most, Sum);
    return g;
  }

  void give(uint64_t g) {
    Sum -= Used[g];
    Used.erase(g);
    space.give(g);
  }
  void giveAtOnce(uint64_t g) {
    give(g);
    space.purgeIfMuch();
  }

  void resize(uint64_t g, uint64_t length) {
    uint64_t old = Used[g];
    auto after = std::next(Used.find(g));
    uint64_t end = after == Used.end() ? space.granules() : after->first;
    bool done = space.resize(g, length);
    EXPECT_EQ(done, g + length <= end);
    if (!done)
      return;
    EXPECT_TRUE(test::allBytes(at(g), std::min(old, length) << kGranuleShift, 0xaa));
    memset(at(g), 0xaa, length << kGranuleShift);
    Sum += length - old;
    Used[g] = length;
    Most = std::max(Most, Sum);
  }

  /// Looks at every run.
  void check() {
    EXPECT_EQ(space.used(), Sum);
    EXPECT_EQ(space.peak(), Most);
    bool free = false;
    size_t seen = 0;
    for (uint64_t g = 0; g < space.granules(); g += space.run(g).length) {
      ASSERT_TRUE(space.run(g).length);
      ASSERT_TRUE(space.starts(g));
      uint64_t last = g + space.run(g).length - 1;
      EXPECT_EQ(space.runOf(last), g);
      EXPECT_EQ(space.runOf(g + (last - g) / 2), g);
      if (!space.run(g).used) {
        EXPECT_FALSE(free) << "two free runs touch";
        free = true;
        continue;
      }
      free = false;
      if (g == 0)
        continue;
      ++seen;
      EXPECT_EQ(Used.count(g), 1u);
      EXPECT_EQ(Used[g], space.run(g).length);
      EXPECT_LE(g + space.run(g).length, space.frontier());
    }
    EXPECT_EQ(seen, Used.size());
    EXPECT_EQ(space.dirtyBytes(), backedAndFree());
  }

  /// Bytes of the pages that have memory and that nothing used lies in.
  size_t backedAndFree() const {
    size_t pages = Region / platform::kPage, n = 0;
    std::vector<unsigned char> backed(pages);
    EXPECT_EQ(mincore(Memory, Region, backed.data()), 0);
    constexpr uint64_t kEach = platform::kPage / kGranule;
    backed[0] = 0; // granule 0 is never free
    for (auto [g, length] : Used)
      for (uint64_t page = g / kEach; page <= (g + length - 1) / kEach; ++page)
        backed[page] = 0;
    for (unsigned char b : backed)
      n += b & 1;
    return n * platform::kPage;
  }

  char *at(uint64_t g) { return reinterpret_cast<char *>(space.addressOf(g)); }
  uint64_t any(std::mt19937_64 &random) {
    auto it = Used.lower_bound(random() % space.granules());
    return it == Used.end() ? Used.begin()->first : it->first;
  }
  bool empty() const { return Used.empty(); }
  void giveAll() {
    while (!Used.empty())
      give(Used.begin()->first);
  }

  Space space{};

private:
  size_t Region;
  void *Memory, *Records;
  std::map<uint64_t, uint64_t> Used;
  uint64_t Sum = 0, Most = 0;
};

void sweep(Model &model, bool all) {
  size_t before = model.space.dirtyBytes();
  if (all) {
    EXPECT_EQ(model.space.purge(), before);
    EXPECT_EQ(model.space.dirtyBytes(), 0u);
  } else {
    while (model.space.sweep())
      ;
    EXPECT_LE(model.space.dirtyBytes(), before);
  }
}

void randomSpace(size_t region, uint64_t seed, uint64_t steps, uint64_t longest) {
  SCOPED_TRACE(testing::Message() << region << " bytes, seed " << seed);
  Model model(region);
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
    uint64_t what = random() % 100;
    uint64_t length = 1 + random() % (random() % 4 ? std::min<uint64_t>(longest, 12) : longest);
    uint64_t align = random() % 3 ? 1 : uint64_t(1) << random() % 9;
    // Filling and emptying in turns.
    bool filling = i / 512 % 2 == 0;
    if (what < (filling ? 55u : 35u) || model.empty())
      model.take(length, align);
    else if (what < 85)
      model.give(model.any(random));
    else if (what < 99)
      model.resize(model.any(random), length);
    else
      sweep(model, random() % 2);
    if (i % 64 == 0)
      model.check();
  }
  model.check();
  model.giveAll();
  model.check();
  // All of it is one run again.
  EXPECT_EQ(model.take(model.space.granules() - 1, 1), 1u);
  EXPECT_EQ(model.take(1, 1), Space::kNone);
  model.giveAll();
}

TEST(Space, RandomSmall) {
  for (uint64_t seed = 1; seed <= 8; ++seed)
    randomSpace(256 << 10, seed, test::times(4000, 4), 200);
}

TEST(Space, RandomMedium) {
  for (uint64_t seed = 1; seed <= 4; ++seed)
    randomSpace(4 << 20, seed, test::times(8000, 4), 600);
}

TEST(Space, RandomLarge) { randomSpace(64 << 20, 1, test::times(8000, 4), 5000); }

TEST(Space, AlignedTakesAmongUnaligned) {
  // Slabs must be found even where most free runs of their length are unaligned.
  Model model(16 << 20);
  std::vector<uint64_t> all;
  while (uint64_t g = model.take(256 + 7, 1))
    all.push_back(g);
  for (size_t i = 0; i < all.size(); i += 2)
    model.give(all[i]);
  while (model.take(200, 256))
    ;
  while (model.take(128, 64))
    ;
  model.check();
  model.giveAll();
  model.check();
}

TEST(Space, ExactFitAmongManyOfAList) {
  // Runs of 1024..1151 granules are in one list; the one that fits is deep in it.
  Model model(64 << 20);
  std::vector<uint64_t> kept, wanted;
  for (unsigned i = 0; i < 40; ++i) {
    wanted.push_back(model.take(i == 0 ? 1151 : 1024, 1));
    kept.push_back(model.take(1, 1));
  }
  while (model.take(1152, 1)) // nothing longer is left
    ;
  for (uint64_t g : wanted)
    model.give(g);
  EXPECT_EQ(model.take(1151, 1), wanted[0]);
  model.giveAll();
}

TEST(Space, PurgedMemoryReadsAsZero) {
  Model model(4 << 20);
  uint64_t g = model.take(4096, 16);
  char *p = model.at(g);
  model.give(g);
  EXPECT_GE(model.space.purge(), size_t(4096) << kGranuleShift);
  EXPECT_TRUE(test::allBytes(p, size_t(4096) << kGranuleShift, 0));
  EXPECT_EQ(model.space.purge(), 0u);
}

TEST(Space, FreeMemoryGoesBackWithoutBeingAsked) {
  Model model(64 << 20);
  size_t before = test::residentBytes();
  for (int round = 0; round < 4; ++round) {
    std::vector<uint64_t> all;
    for (int i = 0; i < 48; ++i)
      all.push_back(model.take(4096, 1));
    for (uint64_t g : all)
      model.giveAtOnce(g);
  }
#if !CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN
  EXPECT_LT(test::residentBytes(), before + (20 << 20)); // what is kept, and some
#else
  (void)before;
#endif
}

TEST(Space, MemoryThatWasUsedMeanwhileStays) {
  Model model(64 << 20);
  uint64_t idle = model.take(4096, 16), fence = model.take(16, 16), busy = model.take(4096, 16);
  model.give(idle);
  model.give(busy);
  size_t both = model.space.dirtyBytes();
  sweep(model, false);
  EXPECT_EQ(model.space.dirtyBytes(), both) << "free for less than a sweep";
  while (model.take(4096, 16) != busy)
    ;
  model.give(busy);
  sweep(model, false);
  EXPECT_EQ(model.space.dirtyBytes(), size_t(4096) << kGranuleShift);
  sweep(model, false);
  EXPECT_EQ(model.space.dirtyBytes(), 0u);
  model.give(fence);
  model.check();
}

TEST(Space, ARunThatGrowsIsNotYoungAgain) {
  Model model(64 << 20);
  uint64_t g = model.take(256, 16), old = model.take(4096, 16);
  EXPECT_EQ(old, g + 256);
  model.give(old);
  sweep(model, false);
  model.give(g); // one run with the old one
  sweep(model, false);
  EXPECT_EQ(model.space.dirtyBytes(), size_t(256) << kGranuleShift);
}

TEST(Space, FreedMemoryDoesNotMakeThePeak) {
  // Holes of one page of two: no use to what comes next.
  Model model(128 << 20);
  std::vector<uint64_t> holes;
  for (int i = 0; i < 1024; ++i) {
    holes.push_back(model.take(16, 16));
    model.take(16, 16);
  }
  for (uint64_t g : holes)
    model.give(g);
  EXPECT_EQ(model.space.dirtyBytes(), size_t(4) << 20);
  uint64_t peak = model.space.peak();
  while (model.space.used() < 2 * peak)
    model.take(64, 16);
  EXPECT_LT(model.space.dirtyBytes(), size_t(1) << 20);
  model.check();
}

TEST(Space, ZeroIsSaidOfPurgedMemoryToo) {
  Model model(4 << 20);
  uint64_t g = model.take(4096, 16);
  model.give(g);
  bool zero = true;
  EXPECT_EQ(model.space.take(4096, 16, &zero), g);
  EXPECT_FALSE(zero);
  model.space.give(g);
  model.space.purge();
  EXPECT_EQ(model.space.take(4096, 16, &zero), g);
  EXPECT_TRUE(zero);
  model.space.give(g);
}

TEST(Space, ShrunkMemoryGoesBackToo) {
  Model model(64 << 20);
  size_t before = test::residentBytes();
  for (int i = 0; i < 24; ++i) {
    uint64_t g = model.take(8192, 1);
    if (g == Space::kNone)
      break;
    model.resize(g, 16);
    model.space.purgeIfMuch();
  }
#if !CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN
  EXPECT_LT(test::residentBytes(), before + (20 << 20)); // what is kept, and some
#else
  (void)before;
#endif
  model.giveAll();
}

TEST(Space, ImpossibleRequests) {
  Model model(256 << 10);
  EXPECT_EQ(model.space.take(0, 1), Space::kNone);
  EXPECT_EQ(model.space.take(model.space.granules(), 1), Space::kNone);
  EXPECT_EQ(model.space.take(~uint64_t(0), 1), Space::kNone);
  EXPECT_EQ(model.space.take(1, model.space.granules()), Space::kNone);
  model.check();
}

TEST(Space, GranuleZeroIsNeverGiven) {
  Model model(256 << 10);
  while (uint64_t g = model.take(1, 1))
    EXPECT_NE(g, 0u);
  EXPECT_EQ(model.space.used(), model.space.granules() - 1);
  model.giveAll();
}

} // namespace
