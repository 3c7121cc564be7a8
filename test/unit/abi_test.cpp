//===- abi_test.cpp - Size classes and encodings ------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

using namespace cairn;

namespace {

TEST(SizeClasses, HoldEverySizeAndAscend) {
  for (unsigned c = 1; c < kClasses; ++c)
    EXPECT_LT(sizeOfClass(c - 1), sizeOfClass(c));
  for (size_t n = 0; n <= kMaxSmall; ++n) {
    unsigned c = cairn::classOf(n);
    ASSERT_LT(c, kClasses) << n;
    EXPECT_GE(sizeOfClass(c), n);
    if (c)
      EXPECT_LT(sizeOfClass(c - 1), n) << "a smaller class holds " << n;
  }
}

TEST(SizeClasses, MultiplesOf16MeetMultiplesOf16) {
  for (size_t n = 16; n <= kMaxSmall; n += 16)
    EXPECT_EQ(sizeOfClass(cairn::classOf(n)) % 16, 0u) << n;
  for (unsigned c = 0; c < kClasses; ++c)
    EXPECT_EQ(sizeOfClass(c) % 8, 0u);
}

TEST(SizeClasses, HaveTheEightPowersOfTwo) {
  for (size_t n = 16; n <= kMaxSmall; n *= 2)
    EXPECT_EQ(sizeOfClass(cairn::classOf(n)), n);
}

TEST(SizeClasses, WasteIsBounded) {
  for (size_t n = 129; n <= kMaxSmall; ++n)
    EXPECT_LE(sizeOfClass(cairn::classOf(n)) - n, n / 8) << n;
}

TEST(SizeClasses, TableAgrees) {
  constexpr ClassTable table = makeClassTable();
  for (size_t n = 0; n <= kMaxSmall; ++n)
    EXPECT_EQ(table.of[(n + 7) / 8], cairn::classOf(n)) << n;
}

TEST(SizeClasses, PublicCountIsRight) { EXPECT_EQ(unsigned(CAIRN_CLASSES), kClasses); }

TEST(Bins, AreDistinct) {
  std::vector<bool> seen(kBins);
  for (Kind kind : {kRaw, kObject, kByteArray})
    for (unsigned c = 0; c < kClasses; ++c) {
      unsigned bin = binOf(kind, c);
      ASSERT_LT(bin, kBins);
      EXPECT_FALSE(seen[bin]);
      seen[bin] = true;
      EXPECT_LE(bin, 255u); // Slab::bin is a byte
    }
}

TEST(Header, RegisteredIndexGoesThroughTheWord) {
  for (uint32_t i = 0; i < kMaxRegistered; i += i < 70000 ? 1 : 977) {
    uint32_t meta = registeredMeta(i);
    ASSERT_EQ(registeredIndex(meta), i);
    ASSERT_TRUE(meta & kMetaTyped);
    ASSERT_TRUE(meta & kMetaRegistered);
    ASSERT_FALSE(meta & kMetaArray);
    ASSERT_FALSE(meta & kMetaTagMask);
    ASSERT_EQ(registeredIndex(meta | kMetaTagMask | kMetaArray), i) << "tag and array are apart";
  }
  EXPECT_EQ(registeredIndex(registeredMeta(kMaxRegistered - 1)), kMaxRegistered - 1);
}

TEST(Header, BitsDoNotOverlap) {
  EXPECT_EQ(kMetaTyped & (kMetaRegistered | kMetaArray | kMetaTagMask | kMetaShapeMask), 0u);
  EXPECT_EQ(kMetaRegistered & (kMetaArray | kMetaTagMask | kMetaShapeMask), 0u);
  EXPECT_EQ(kMetaArray & (kMetaTagMask | kMetaShapeMask), 0u);
  EXPECT_EQ(kMetaTagMask & kMetaShapeMask, 0u);
  uint32_t others = kMetaTyped | kMetaRegistered | kMetaArray | kMetaTagMask | kMetaShapeMask;
  EXPECT_EQ(kMetaClassMask & (others | kMetaFree), 0u);
  EXPECT_EQ(kMetaFree & others, 0u);
  EXPECT_EQ(others | kMetaClassMask | kMetaFree, ~0u) << "every bit has its meaning";
  EXPECT_LE(kMaxBytes, uint64_t(~kMetaTyped)) << "a bytes length leaves the typed bit clear";
}

TEST(Header, TheClassOfASlot) {
  for (uint64_t n = 0; n <= 4 * kMaxSmall; ++n) {
    uint32_t bits = classBits(n);
    ASSERT_EQ(bits & ~kMetaClassMask, 0u);
    if (n > 128)
      ASSERT_EQ(bits, 0u) << n;
    else
      ASSERT_EQ(bits >> kMetaClassShift, classOf(n) + 1) << n;
  }
  EXPECT_EQ(objectBytes(24, 8), 32u);
  EXPECT_EQ(objectBytes(16, 16), 32u);
  EXPECT_EQ(objectBytes(0, 1), 8u);
}

TEST(Header, NoPlainWordIsTheArrayMark) {
  // Plain objects: described by the word itself, or registered; any tag.
  EXPECT_FALSE((kMetaTyped | kMetaTagMask | kMetaClassMask | kMetaFree | kMetaShapeMask) ==
               kArrayMark);
  EXPECT_FALSE((registeredMeta(kMaxRegistered - 1) | kMetaTagMask) == kArrayMark);
}

TEST(Header, CountBandsAreInOrder) {
  EXPECT_LT(kImmortal, kSticky);
  EXPECT_LT(kSticky, kStickyBand);
  // Many threads may overshoot the band before one of them sees it.
  EXPECT_GT(int64_t(kStickyBand) - kSticky, int64_t(1) << 24);
  EXPECT_GT(int64_t(kImmortal) - INT32_MIN, int64_t(1) << 24);
}

TEST(Layout, RecordsAreOneLine) {
  EXPECT_EQ(sizeof(Slab), size_t(1) << kSlabRecordShift);
  EXPECT_EQ(alignof(Slab), 64u);
  EXPECT_EQ(kArrayPrefix % 16, kHeaderSize % 16) << "elements are as aligned as payloads";
}

} // namespace
