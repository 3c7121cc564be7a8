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
CAIRN_TYPE_FINAL(
    closedType, struct Closed, [](void *) { ++closed; }, child);
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
    {8, 0, kMetaTyped | 1u << 24, false},
    {24, 2, kMetaTyped | 3u << 24 | 6, false},
    {128, 16, kMetaTyped | 0xffff, false}, // a slot over 128 bytes
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
  EXPECT_EQ(vectorType.meta, kMetaTyped | 5u << 24 | 4); // 8 + 32, rounded to 48
}

// The header word says which class the slot is asked for, whatever heap the object lies in and
// whether the descriptor has the word or the runtime works it out.
TEST(Types, HeadersSayTheClass) {
  test::Heap heap, small(256 << 10), checked(0, true);
  uint32_t fields[] = {0};
  for (uint32_t size = 0; size <= 300; ++size)
    for (uint16_t align : {1, 8, 16})
      for (uint16_t count : {0, 1}) {
        if (count && size < sizeof(void *))
          continue;
        cairn_type type = {size, align, count, 0, 0, count ? fields : nullptr, nullptr, "sized"};
        uint32_t bytes = align == 16 ? (size + 8 + 15) / 16 * 16 : size + 8;
        uint32_t cls = bytes <= 16 ? 1 : bytes <= 128 ? (bytes + 7) / 8 - 1 : 0;
        uint32_t meta = kMetaTyped | cls << 24 | count;
        for (cairn_heap *h : {(cairn_heap *)heap, (cairn_heap *)small, (cairn_heap *)checked}) {
          void *o = cairn_heap_alloc(h, &type);
          ASSERT_EQ(test::metaWord(o), meta) << size << " bytes, alignment " << align;
          cairn_decref(o);
          type.meta = meta;
          o = cairn_heap_alloc(h, &type);
          ASSERT_EQ(test::metaWord(o), meta);
          cairn_decref(o);
          // Without the class, which such a descriptor leaves to the slab.
          type.meta = meta & ~kMetaClassMask;
          o = cairn_heap_alloc(h, &type);
          ASSERT_EQ(test::metaWord(o), type.meta);
          cairn_decref(o);
          type.meta = 0;
        }
      }
  for (cairn_heap *h : {(cairn_heap *)heap, (cairn_heap *)small, (cairn_heap *)checked}) {
    EXPECT_EQ(test::statsOf(h).live_objects, 0u);
    EXPECT_TRUE(cairn_heap_check(h));
  }
}

// A slot of an object has at least the bytes of the class in its header: in a small heap more.
TEST(Types, TheClassFitsTheSlot) {
  test::Heap heap, small(256 << 10);
  for (cairn_heap *h : {(cairn_heap *)heap, (cairn_heap *)small})
    for (uint32_t size = 1; size <= 120; ++size) {
      cairn_type type = {size, 8, 0, 0, 0, nullptr, nullptr, "sized"};
      void *o = cairn_heap_alloc(h, &type);
      size_t room = 0;
      auto see = [](const cairn_block *block, void *to) {
        *static_cast<size_t *>(to) = block->size + kHeaderSize;
        return true;
      };
      cairn_heap_walk(h, see, &room);
      unsigned cls = (test::metaWord(o) & kMetaClassMask) >> kMetaClassShift;
      ASSERT_GE(room, sizeOfClass(cls - 1));
      if (h == heap && !test::checkedRun()) { // whose slots have a red zone
        ASSERT_EQ(room, sizeOfClass(cls - 1));
      }
      cairn_decref(o);
    }
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
