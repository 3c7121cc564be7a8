//===- statics_test.cpp - Objects in the program's image ----------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include "cairn/containers.h"
#include "cairn/static.h"
#include "fast/entry.h"

#include <cstring>
#include <memory>
#include <thread>

using namespace cairn;

namespace {

struct Cell {
  Cell *next;
  int64_t value;
};
CAIRN_TYPE(cellType, struct Cell, next);
struct alignas(16) Wide {
  double x;
  Cell *cell;
};
CAIRN_TYPE(wideType, struct Wide, cell);

static CAIRN_STATIC_OBJECT(last, cellType, 7, {nullptr, 42});
static CAIRN_STATIC_OBJECT(first, cellType, 0, {CAIRN_STATIC(last), 41});
static CAIRN_STATIC_OBJECT(wide, wideType, 1, {1.5, CAIRN_STATIC(first)});
static CAIRN_STATIC_STRING(hello, "Hello");

static_assert(CAIRN_STATIC_MARK == kStaticMark && CAIRN_IMMORTAL_ == kImmortal);
static_assert(offsetof(decltype(last), object) == kStaticPrefix);
static_assert(offsetof(decltype(hello), object) == kStaticPrefix);

class Statics : public test::LiveObjectsAndErrors {
protected:
  void TearDown() override {
    LiveObjectsAndErrors::TearDown();
    for (void *o : all)
      EXPECT_EQ(test::countWord(o), kImmortal);
  }
  void *all[4] = {CAIRN_STATIC(last), CAIRN_STATIC(first), CAIRN_STATIC(wide), CAIRN_STATIC(hello)};
};

TEST_F(Statics, HeadersAreThoseOfTheirTypes) {
  EXPECT_EQ(test::metaWord(all[1]), cellType.meta);
  EXPECT_EQ(test::metaWord(all[0]), cellType.meta | 7u << kMetaTagShift);
  EXPECT_EQ(test::metaWord(all[2]), wideType.meta | 1u << kMetaTagShift);
  EXPECT_EQ(test::metaWord(all[3]), 5u);
  for (void *o : all)
    EXPECT_TRUE(test::alignedTo(o, 16));
}

TEST_F(Statics, CalledFormsTakeThem) {
  for (void *o : all) {
    cairn_incref(o);
    cairn_decref(o);
    cairn_decref(o);
    cairn_fast_incref(o);
    cairn_fast_decref(o);
    cairn_fast_decref(o);
    cairn_share(o);
    cairn_make_immortal(o);
    EXPECT_FALSE(cairn_is_unique(o));
    EXPECT_FALSE(cairn_fast_is_unique(o));
    EXPECT_EQ(cairn_refcount(o), -1);
    EXPECT_EQ(cairn_resolve(o), o);
    EXPECT_EQ(cairn_heap_of(o), nullptr);
    EXPECT_FALSE(cairn_is_list(o) || cairn_is_dict(o) || cairn_is_byte_array(o));
  }
  EXPECT_EQ(cairn_tag(all[0]), 7);
  EXPECT_EQ(cairn_length(all[3]), 5u);
  EXPECT_EQ(cairn_length(all[1]), 0u);
  cairn_set_tag(all[0], 9);
  EXPECT_EQ(cairn_tag(all[0]), 9);
  cairn_set_tag(all[0], 7);
}

TEST_F(Statics, ObjectsOfEveryHeapReferToThem) {
  test::Heap checked(0, true), small(256 << 10);
  for (cairn_heap *heap :
       {static_cast<cairn_heap *>(nullptr), (cairn_heap *)checked, (cairn_heap *)small})
    for (auto before : {+[](void *) {}, +[](void *o) { cairn_share(o); }}) {
      Cell *tail = static_cast<Cell *>(cairn_heap_alloc(heap, &cellType));
      *tail = {CAIRN_STATIC(first), 1};
      Cell *head = static_cast<Cell *>(cairn_heap_alloc(heap, &cellType));
      *head = {tail, 0};
      void **refs = static_cast<void **>(cairn_heap_alloc_array(heap, &cairn_type_ref, 5));
      refs[0] = head;
      for (int i = 0; i < 4; ++i)
        refs[i + 1] = all[i];
      before(refs);
      cairn_decref(refs);
      EXPECT_EQ(test::statsOf(heap).live_objects, heap ? 0 : Start);
    }
}

TEST_F(Statics, ContainersTakeThem) {
  void *list = cairn_alloc_list(0, 8), *dict = cairn_alloc_dict(0);
  for (void *o : all)
    cairn_list_append_ref(list, o);
  cairn_list_set_ref(list, 0, all[3]);
  EXPECT_EQ(cairn_list_get_ref(list, 0), all[3]);
  cairn_dict_set(dict, "a", 1, all[0]);
  cairn_dict_set(dict, "a", 1, all[1]);
  EXPECT_EQ(cairn_dict_get(dict, "a", 1), all[1]);
  cairn_share(list);
  cairn_list_append_ref(list, all[2]);
  cairn_decref(list);
  cairn_decref(dict);
  for (auto use : {cairn_list_length, cairn_dict_length, cairn_byte_array_length}) {
    EXPECT_EQ(use(all[1]), 0u);
    std::vector<test::Errors::One> seen = errors.take();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].kind, CAIRN_ERROR_KIND);
  }
}

TEST_F(Statics, TheirFieldsMayChange) {
  Cell *c = static_cast<Cell *>(cairn_alloc(&cellType));
  *c = {nullptr, 3};
  Cell value = {c, 43};
  cairn_rt_copy_fields(all[0], all[0], &value, sizeof value);
  EXPECT_EQ(test::countWord(c), -2) << "a static object is there for all threads";
  cairn_rt_share_into(all[0], c);
  std::thread([&] { cairn_decref(c); }).join();
  cairn_rt_fill_fields(all[0], all[0], 0, sizeof(Cell));
  CAIRN_STATIC(last)->value = 42;
  cairn_rt_fill_fields(all[0], all[0], 0, 2 * sizeof(Cell));
  test::expectError(errors, CAIRN_ERROR_BOUNDS, all[0], "leaves the object");
}

TEST_F(Statics, WhatIsNoReferenceIsReported) {
  char *p = reinterpret_cast<char *>(CAIRN_STATIC(first));
  for (int i : {4, 8, 12}) {
    for (auto f : {cairn_incref, cairn_decref, cairn_share, cairn_make_immortal}) {
      f(p + i);
      test::expectError(errors, CAIRN_ERROR_INTERIOR, p + i, "inside an object");
    }
    EXPECT_EQ(cairn_resolve(p + i), p);
  }
  static int64_t elsewhere[4];
  for (void *wild : {static_cast<void *>(elsewhere + 2), static_cast<void *>(&cellType)})
    for (auto f : {cairn_incref, cairn_decref, cairn_share, cairn_make_immortal}) {
      f(wild);
      test::expectError(errors, CAIRN_ERROR_FOREIGN, wild, "not an object of any heap");
    }
}

/// Memory with a static object every 64 bytes.
class Image {
public:
  explicit Image(size_t objects)
      : Bytes(objects * 64), Memory(new (std::align_val_t(64)) char[Bytes]) {
    memset(Memory, 0, Bytes);
    for (size_t i = 0; i < objects; ++i) {
      uint32_t header[] = {kStaticMark, 16, uint32_t(kImmortal), cellType.meta};
      memcpy(Memory + i * 64, header, sizeof header);
    }
  }
  Image(const Image &) = delete;
  ~Image() { ::operator delete[](Memory, std::align_val_t(64)); }
  char *at(size_t i) { return Memory + i * 64 + kStaticPrefix; }
  void add() { EXPECT_TRUE(cairn_static_add(Memory, Memory + Bytes)); }
  void remove() { cairn_static_remove(Memory, Memory + Bytes); }

private:
  size_t Bytes;
  char *Memory;
};

TEST_F(Statics, RangesComeAndGo) {
  std::vector<std::unique_ptr<Image>> images;
  for (size_t i = 0; i < 200; ++i)
    images.push_back(std::make_unique<Image>(1 + i % 5));
  auto known = [&](Image &image, bool yes) {
    EXPECT_EQ(cairn_resolve(image.at(0)), yes ? image.at(0) : nullptr);
    cairn_incref(image.at(0));
    EXPECT_EQ(errors.take().size(), yes ? 0u : 1u);
  };
  for (auto &image : images) {
    known(*image, false);
    image->add();
    known(*image, true);
  }
  for (auto &image : images) {
    image->add();
    image->remove();
    known(*image, true);
    image->remove();
    known(*image, false);
    image->remove();
    known(*image, false);
  }
  for (auto &image : images)
    image->add();
  for (auto &image : images) {
    known(*image, true);
    image->remove();
  }
  EXPECT_TRUE(cairn_static_add(nullptr, nullptr));
  cairn_static_remove(nullptr, nullptr);
}

TEST_F(Statics, ResolveFindsTheObject) {
  Image image(3);
  image.add();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(cairn_resolve(image.at(i) - kStaticPrefix), image.at(i));
    EXPECT_EQ(cairn_resolve(image.at(i) + 15), image.at(i));
    EXPECT_EQ(cairn_resolve(image.at(i) + 16), nullptr) << "between two objects";
  }
  image.remove();
}

TEST_F(Statics, ThreadsLookWhileRangesChange) {
  std::atomic<bool> stop(false);
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      while (!stop)
        for (void *o : all) {
          cairn_incref(o);
          EXPECT_EQ(cairn_resolve(o), o);
        }
    });
  for (uint64_t i = 0; i < test::times(2000); ++i) {
    Image image(2);
    image.add();
    EXPECT_EQ(cairn_resolve(image.at(1)), image.at(1));
    image.remove();
  }
  stop = true;
  for (std::thread &t : readers)
    t.join();
}

} // namespace
