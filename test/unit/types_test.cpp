//===- types_test.cpp - Descriptors from the macros, in C and C++ -------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"
#include "types_c.h"

#include <thread>

using namespace cairn;

namespace {

struct Leaf {
  int64_t a;
};
CAIRN_TYPE(leafType, struct Leaf);

struct Pair {
  int64_t a;
  void *first, *second;
};
CAIRN_TYPE(pairType, struct Pair, first, second);

struct Wide {
  void *f[16];
};
CAIRN_TYPE(wideType, struct Wide, f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10],
           f[11], f[12], f[13], f[14], f[15]);

struct Late {
  void *words[16], *child;
};
CAIRN_TYPE(lateType, struct Late, child);

struct Closed {
  void *child;
};
int closed;
CAIRN_TYPE_FINAL(closedType, struct Closed, [](void *) { ++closed; }, child);
CAIRN_TYPE_FINAL(closedLeafType, struct Leaf, [](void *) { ++closed; });

struct alignas(16) Vector {
  double x, y;
  void *child;
};
CAIRN_TYPE(vectorType, struct Vector, child);

cairn_type *cppTypes[] = {&leafType, &pairType, &wideType, &lateType, &closedType, &closedLeafType};

struct Expected {
  uint32_t size, fields, meta;
  bool final;
} const expected[] = {
    {8, 0, kMetaTyped, false},
    {24, 2, kMetaTyped | 6, false},
    {128, 16, kMetaTyped | 0xffff, false},
    {136, 1, 0, false},
    {8, 1, 0, true},
    {8, 0, 0, true},
};

void expectType(const cairn_type *type, const Expected &want) {
  SCOPED_TRACE(type->name);
  EXPECT_EQ(type->size, want.size);
  EXPECT_EQ(type->align, 8u);
  EXPECT_EQ(type->field_count, want.fields);
  // A registered type's word is filled in when it is first used.
  if (want.meta || !type->meta)
    EXPECT_EQ(type->meta, want.meta);
  else
    EXPECT_EQ(type->meta & (kMetaTyped | kMetaRegistered), kMetaTyped | kMetaRegistered);
  EXPECT_EQ(type->reserved, 0u);
  EXPECT_EQ(type->finalize != nullptr, want.final);
  for (unsigned i = 1; i < type->field_count; ++i)
    EXPECT_LT(type->fields[i - 1], type->fields[i]);
}

TEST(Types, MacrosInC) {
  for (int i = 0; i < 6; ++i)
    expectType(cairn_test_c_type(i), expected[i]);
  EXPECT_STREQ(cairn_test_c_type(1)->name, "pair_type");
}

TEST(Types, MacrosInCxx) {
  for (int i = 0; i < 6; ++i)
    expectType(cppTypes[i], expected[i]);
  EXPECT_EQ(vectorType.align, 16u);
  EXPECT_EQ(vectorType.meta, kMetaTyped | 4);
}

TEST(Types, ProgramInC) { EXPECT_EQ(cairn_test_c_program(), 0); }

TEST(Types, AlignmentOf16IsKept) {
  test::Heap heap;
  for (int i = 0; i < 5000; ++i)
    EXPECT_TRUE(test::alignedTo(cairn_heap_alloc(heap, &vectorType), 16));
}

TEST(Types, EveryFormWorksAsAnObjectAndAsAnElement) {
  int before = closed, beforeC = cairn_test_c_closed();
  cairn_stats start = test::statsOf(nullptr);
  for (cairn_type *const *types : {cppTypes})
    for (int i = 0; i < 6; ++i) {
      const cairn_type *t = types[i];
      char *p = static_cast<char *>(cairn_alloc(t));
      for (unsigned f = 0; f < t->field_count; ++f) {
        void **field = reinterpret_cast<void **>(p + t->fields[f]);
        EXPECT_EQ(*field, nullptr);
        *field = cairn_alloc_bytes(f);
      }
      cairn_decref(p);
      char *a = static_cast<char *>(cairn_alloc_array(t, 7));
      EXPECT_EQ(cairn_length(a), 7u);
      for (unsigned e = 0; e < 7; ++e)
        for (unsigned f = 0; f < t->field_count; ++f) {
          void **field = reinterpret_cast<void **>(a + e * t->size + t->fields[f]);
          EXPECT_EQ(*field, nullptr);
          *field = cairn_alloc(cairn_test_c_type(5));
        }
      cairn_decref(a);
    }
  cairn_stats end = test::statsOf(nullptr);
  EXPECT_EQ(end.live_objects, start.live_objects);
  EXPECT_EQ(closed - before, 2 * (1 + 7));
  EXPECT_EQ(cairn_test_c_closed() - beforeC, 7 * (0 + 2 + 16 + 1 + 1));
}

TEST(Types, SameDescriptorFromManyThreads) {
  // Its header word is worked out by whoever comes first.
  static cairn_type types[64];
  static const uint32_t fields[] = {128};
  for (cairn_type &t : types)
    t = {136, 8, 1, 0, 0, fields, nullptr, "late"};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([] {
      for (cairn_type &t : types) {
        void **p = static_cast<void **>(cairn_alloc(&t));
        p[16] = cairn_alloc_bytes(8);
        cairn_decref(p);
        cairn_decref(cairn_alloc_array(&t, 3));
      }
    });
  for (std::thread &t : threads)
    t.join();
  for (cairn_type &t : types)
    for (cairn_type &u : types)
      if (&t != &u)
        EXPECT_NE(t.meta, u.meta);
}

TEST(Types, ThousandsOfTypes) {
  static const uint32_t fields[] = {0};
  constexpr unsigned kMany = 70000; // past the 16 bits at the word's end
  // The registry keeps their addresses.
  static std::vector<cairn_type> types(kMany);
  static uint64_t ran;
  for (cairn_type &t : types)
    t = {8, 8, 1, 0, 0, fields, [](void *) { ++ran; }, "many"};
  cairn_stats start = test::statsOf(nullptr);
  for (unsigned i = 0; i < kMany; i += 1)
    cairn_decref(cairn_alloc(&types[i]));
  EXPECT_EQ(ran, kMany);
  EXPECT_EQ(test::statsOf(nullptr).live_objects, start.live_objects);
}

} // namespace
