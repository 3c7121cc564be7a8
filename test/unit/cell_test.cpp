//===- cell_test.cpp - The memory of an object for another to take ------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include "cairn/static.h"
#include "fast/entry.h"

#include <cstring>
#include <thread>

extern "C" {
void *cairn_fast_own_cell(void *ref, uint32_t meta);
void *cairn_fast_own_cell_on(void *ref, uint32_t meta, void *heap);
void *cairn_fast_own_tagged_cell_on(void *ref, uint32_t meta, void *heap);
bool cairn_fast_is_on(void *ref, void *heap);
void cairn_fast_free_cell(void *cell);
}

using namespace cairn;

namespace {

struct Node {
  void *left, *right;
  int64_t key;
};
CAIRN_TYPE(nodeType, struct Node, left, right);
/// As large, with its references elsewhere.
struct Other {
  int64_t key;
  void *first;
  int64_t more;
};
CAIRN_TYPE(otherType, struct Other, first);
/// Shorter than a node, in memory of another class.
struct Short {
  void *left;
};
CAIRN_TYPE(shortType, struct Short, left);

static CAIRN_STATIC_OBJECT(fixed, nodeType, 7, {nullptr, nullptr, 42});

class Cells : public testing::Test {
protected:
  void SetUp() override { Start = test::statsOf(nullptr).live_objects; }
  void TearDown() override {
    EXPECT_TRUE(errors.take().empty());
    EXPECT_EQ(test::statsOf(nullptr).live_objects, Start) << "nothing is lost";
    EXPECT_TRUE(cairn_heap_check(nullptr));
  }
  static Node *node(int64_t key, uint8_t tag = 0) {
    auto *n = static_cast<Node *>(cairn_alloc_tagged(&nodeType, tag));
    *n = {cairn_alloc_bytes(8), nullptr, key};
    return n;
  }
  /// The counts of a cell's fields are the caller's.
  static void drop(void *cell) {
    auto *n = static_cast<Node *>(cell);
    if (n->left)
      cairn_decref(n->left);
    if (n->right)
      cairn_decref(n->right);
    cairn_fast_free_cell(cell);
  }
  /// That \p cell is a copy of \p n, which keeps its fields.
  static void expectCopy(void *cell, Node *n, uint8_t tag) {
    ASSERT_NE(cell, n);
    auto *copy = static_cast<Node *>(cell);
    EXPECT_EQ(test::countWord(cell), 1);
    EXPECT_EQ(test::metaWord(cell), nodeType.meta | uint32_t(tag) << kMetaTagShift);
    EXPECT_EQ(copy->left, n->left);
    EXPECT_EQ(copy->right, n->right);
    EXPECT_EQ(copy->key, n->key);
  }
  uint32_t meta = nodeType.meta;
  test::Errors errors;
  uint64_t Start;
};

TEST_F(Cells, TheLastReferenceIsTheCell) {
  Node *n = node(5, 9);
  void *left = n->left;
  void *cell = cairn_fast_own_cell(n, meta);
  EXPECT_EQ(cell, n);
  EXPECT_EQ(n->left, left);
  EXPECT_EQ(n->key, 5);
  EXPECT_EQ(cairn_tag(cell), 9) << "the tag can still be read";
  EXPECT_EQ(cairn_refcount(left), 1);
  drop(cell);
}

TEST_F(Cells, CopiesWhatOthersHave) {
  Node *n = node(5, 9);
  cairn_incref(n);
  void *cell = cairn_fast_own_cell(n, meta);
  expectCopy(cell, n, 9);
  EXPECT_EQ(cairn_refcount(n), 1) << "the cell took the other count";
  EXPECT_EQ(cairn_refcount(n->left), 2) << "both have the field";
  drop(cell);
  cairn_decref(n);
}

TEST_F(Cells, CalledFormTakesALastReferenceToo) {
  Node *n = node(5);
  void *left = n->left;
  void *cell = cairn_rt_own_cell(n, meta);
  EXPECT_EQ(static_cast<Node *>(cell)->left, left);
  EXPECT_EQ(cairn_refcount(left), 1) << "the object that was copied is gone";
  drop(cell);
}

TEST_F(Cells, CopiesWhatThreadsShare) {
  Node *n = node(5, 3);
  cairn_share(n);
  cairn_incref(n);
  std::thread([&] {
    for (int i = 0; i < 1000; ++i) {
      cairn_incref(n);
      void *cell = cairn_fast_own_cell(n, meta);
      expectCopy(cell, n, 3);
      EXPECT_GT(test::countWord(cell), 0) << "the copy is this thread's alone";
      drop(cell);
    }
  }).join();
  EXPECT_EQ(cairn_refcount(n), 2);
  cairn_decref(n);
  // Its last reference is copied too: other threads may have to see the stores.
  drop(cairn_fast_own_cell(n, meta));
}

TEST_F(Cells, CopiesStaticAndImmortalObjects) {
  void *cell = cairn_fast_own_cell(CAIRN_STATIC(fixed), meta);
  expectCopy(cell, static_cast<Node *>(static_cast<void *>(CAIRN_STATIC(fixed))), 7);
  drop(cell);
  EXPECT_EQ(test::countWord(CAIRN_STATIC(fixed)), kImmortal);
}

TEST_F(Cells, OtherShapesGiveWhatFits) {
  auto *other = static_cast<Other *>(cairn_alloc_tagged(&otherType, 4));
  *other = {1, cairn_alloc_bytes(8), 3};
  void *first = other->first;
  cairn_incref(other);
  auto *cell = static_cast<Node *>(cairn_fast_own_cell(other, meta));
  EXPECT_EQ(cell->left, nullptr) << "a number is no reference";
  EXPECT_EQ(cell->right, first);
  EXPECT_EQ(cairn_refcount(first), 2);
  EXPECT_EQ(cell->key, 3);
  EXPECT_EQ(cairn_tag(cell), 4);
  drop(cell);
  // The last reference of it.
  cell = static_cast<Node *>(cairn_fast_own_cell(other, meta));
  EXPECT_NE(static_cast<void *>(cell), other);
  EXPECT_EQ(cairn_refcount(first), 1);
  drop(cell);
}

TEST_F(Cells, ShorterObjectsAreReadToTheirEnd) {
  auto *s = static_cast<Short *>(cairn_alloc(&shortType));
  s->left = cairn_alloc_bytes(8);
  void *left = s->left;
  auto *cell = static_cast<Node *>(cairn_fast_own_cell(s, meta));
  EXPECT_EQ(cell->left, left);
  EXPECT_EQ(cell->right, nullptr) << "the object has no such field";
  drop(cell);
  void *bytes = cairn_alloc_bytes(24);
  memset(bytes, 0xff, 24);
  cell = static_cast<Node *>(cairn_fast_own_cell(bytes, meta));
  EXPECT_EQ(cell->left, nullptr) << "bytes hold no references";
  EXPECT_EQ(cell->key, -1);
  EXPECT_EQ(cairn_tag(cell), 0);
  drop(cell);
}

TEST_F(Cells, ObjectsOfOtherHeaps) {
  test::Heap heap;
  auto *n = static_cast<Node *>(cairn_heap_alloc(heap, &nodeType));
  *n = {nullptr, nullptr, 8};
  cairn_incref(n);
  void *cell = cairn_fast_own_cell(n, meta);
  expectCopy(cell, n, 0);
  EXPECT_NE(cairn_heap_of(cell), static_cast<cairn_heap *>(heap))
      << "copies are on the default heap";
  drop(cell);
  drop(cairn_fast_own_cell(n, meta));
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u);
}

/// An object of \p heap with one field of the default heap.
Node *nodeOn(cairn_heap *heap, int64_t key) {
  auto *n = static_cast<Node *>(cairn_heap_alloc(heap, &nodeType));
  *n = {cairn_alloc_bytes(8), nullptr, key};
  return n;
}

TEST_F(Cells, OfTheHeapThatIsMeant) {
  test::Heap heap;
  Node *n = nodeOn(heap, 8);
  void *cell = cairn_fast_own_cell_on(n, meta, heap);
  EXPECT_EQ(cell, n) << "the last reference lies there already";
  EXPECT_EQ(cairn_fast_own_tagged_cell_on(n, meta, heap), n);
  drop(cell);
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u);
}

TEST_F(Cells, CopiesOnTheHeapThatIsMeant) {
  test::Heap heap, other;
  Node *n = nodeOn(heap, 8);
  cairn_incref(n);
  void *cell = cairn_fast_own_cell_on(n, meta, heap);
  expectCopy(cell, n, 0);
  EXPECT_EQ(cairn_heap_of(cell), static_cast<cairn_heap *>(heap))
      << "the other owner has the object";
  drop(cell);
  // The last reference, but on another heap: the object is freed there.
  for (cairn_heap *to : {static_cast<cairn_heap *>(other), cairn_heap_default()}) {
    cairn_incref(n);
    cell = cairn_fast_own_cell_on(n, meta, to);
    expectCopy(cell, n, 0);
    EXPECT_EQ(cairn_heap_of(cell), to);
    EXPECT_EQ(cairn_refcount(n->left), 2);
    drop(cell);
  }
  void *left = n->left;
  auto *copy =
      static_cast<Node *>(cairn_fast_own_tagged_cell_on(n, meta | 3u << kMetaTagShift, other));
  EXPECT_EQ(cairn_heap_of(copy), static_cast<cairn_heap *>(other));
  EXPECT_EQ(cairn_tag(copy), 3);
  EXPECT_EQ(copy->left, left);
  EXPECT_EQ(cairn_refcount(left), 1);
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u) << "the object that was copied is gone";
  drop(copy);
  EXPECT_EQ(test::statsOf(other).live_objects, 0u);
}

TEST_F(Cells, OfNoHeapThatIsNamed) {
  test::Heap heap;
  Node *n = nodeOn(heap, 8);
  EXPECT_EQ(cairn_fast_own_cell_on(n, meta, nullptr), n) << "null is the default heap: not tested";
  cairn_incref(n);
  void *cell = cairn_fast_own_cell_on(n, meta, nullptr);
  EXPECT_EQ(cairn_heap_of(cell), cairn_heap_default());
  drop(cell);
  cairn_decref(n);
}

TEST_F(Cells, WhatLiesOnAHeap) {
  test::Heap heap, other, small(size_t(1) << 20);
  for (cairn_heap *h : {static_cast<cairn_heap *>(heap), static_cast<cairn_heap *>(small)}) {
    std::vector<void *> all;
    for (int i = 0; i < 3000; ++i)
      all.push_back(cairn_heap_alloc(h, &shortType));
    for (void *p : all) {
      EXPECT_TRUE(cairn_fast_is_on(p, h));
      EXPECT_FALSE(cairn_fast_is_on(p, other));
      cairn_decref(p);
    }
  }
  EXPECT_FALSE(cairn_fast_is_on(CAIRN_STATIC(fixed), heap));
  EXPECT_TRUE(cairn_fast_is_on(CAIRN_STATIC(fixed), nullptr));
}

TEST_F(Cells, CopiesWhatThreadsShareOnTheHeapThatIsMeant) {
  test::Heap heap;
  Node *n = nodeOn(heap, 8);
  cairn_share(n);
  cairn_incref(n);
  std::thread([&] {
    void *cell = cairn_fast_own_cell_on(n, meta, heap);
    expectCopy(cell, n, 0);
    EXPECT_EQ(cairn_heap_of(cell), static_cast<cairn_heap *>(heap));
    drop(cell);
  }).join();
  drop(cairn_fast_own_cell_on(n, meta, heap));
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u);
}

TEST_F(Cells, OnACheckedHeap) {
  test::Heap heap(0, true);
  Node *n = nodeOn(heap, 8);
  cairn_incref(n);
  void *cell = cairn_fast_own_cell_on(n, meta, heap);
  EXPECT_NE(cell, n);
  drop(cell);
  cell = cairn_fast_own_cell_on(n, meta, heap);
  EXPECT_EQ(cell, n);
  drop(cell);
  cell = cairn_fast_own_cell_on(n, meta, heap);
  test::expectError(errors, CAIRN_ERROR_DEAD, n, "was to be used again");
  drop(cell);
}

TEST_F(Cells, OfTheDead) {
  Node *n = node(5);
  cairn_decref(n);
  auto *cell = static_cast<Node *>(cairn_fast_own_cell(n, meta));
  test::expectError(errors, CAIRN_ERROR_DEAD, n, "was to be used again");
  EXPECT_EQ(cell->left, nullptr) << "the program may go on with nothing";
  drop(cell);
}

} // namespace
