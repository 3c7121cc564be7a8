//===- bad_input_test.cpp - The first cells of docs/bad-input.md --------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Frees and counts of what is dead, and wrong sizes; the rest is in bad_places_test.cpp. Tests
// are named row by row as in the table. "Called" is a call of the library;
// "Inlined" is the code that the lowering pass puts in its place (fast/fast.cpp).
// Checked heaps have theirs in checked_test.cpp too.
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <cstring>
#include <thread>

using namespace cairn;

namespace {

using test::Node;
using test::nodeType;

using BadInput = test::Misuse;

//===- Double free ---------------------------------------------------------===//

TEST_F(BadInput, DoubleFreeCalledSoonAfter) {
  void *p = raw(48), *q = raw(48);
  cairn_free(p);
  cairn_free(p);
  expect(CAIRN_ERROR_DEAD, p, "freed already");
  cairn_free(q); // up to seven frees lie between
  cairn_free_sized(p, 48);
  expect(CAIRN_ERROR_DEAD, p, "freed already");
  expectSound();
}

TEST_F(BadInput, DoubleFreeCalledFromOtherThreads) {
  void *p = raw(48);
  std::thread([p] { cairn_free(p); }).join();
  std::thread([p] { cairn_free(p); }).join(); // twice in a row
  expect(CAIRN_ERROR_DEAD, p, "freed");
  void *q = raw(48), *r = raw(48);
  std::thread([q, r] { cairn_free(q), cairn_free(r), cairn_free(q); }).join();
  expect(CAIRN_ERROR_DEAD, q, "freed");
  expectSound();
}

/// Frees a block, then twenty others of its slab, then it again.
template <typename Free> void *freeLongAgo(cairn_heap *heap, Free release) {
  void *p = cairn_heap_malloc(heap, 48), *others[20];
  for (void *&q : others)
    q = cairn_heap_malloc(heap, 48);
  cairn_free(p);
  for (void *q : others)
    cairn_free(q);
  release(p);
  return p;
}

TEST_F(BadInput, DoubleFreeLongAfterCalled) {
  void *p = freeLongAgo(heap, cairn_free);
  expect(CAIRN_ERROR_DEAD, p, "freed already");
  expectSound();
}

TEST_F(BadInput, DoubleFreeInlinedLongAfterIsListedTwiceThenFound) {
  for (auto release : {cairn_fast_free}) {
    test::Heap own;
    void *p = freeLongAgo(own, release);
    if (test::checkedRun()) {
      expect(CAIRN_ERROR_DEAD, p, "freed already");
      continue;
    }
    expectNone();
    EXPECT_FALSE(cairn_heap_check(own));
    std::vector<test::Errors::One> seen = errors.take();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].kind, CAIRN_ERROR_CORRUPT);
  }
}

TEST_F(BadInput, DoubleFreeInlinedIsListedTwiceThenFound) {
  void *p = raw(48);
  cairn_fast_free(p);
  cairn_fast_free(p);
  if (test::checkedRun()) {
    expect(CAIRN_ERROR_DEAD, p, "freed already");
    return;
  }
  expectNone();
  EXPECT_FALSE(cairn_heap_check(heap));
  expect(CAIRN_ERROR_CORRUPT, p, "freed twice");
}

TEST_F(BadInput, DoubleFreeOfALargeBlock) {
  for (auto release : {cairn_free, cairn_fast_free}) {
    void *p = raw(10000);
    cairn_free(p);
    release(p);
    expect(CAIRN_ERROR_DEAD, p, "freed already");
    expectSound();
  }
}

TEST_F(BadInput, DoubleFreeAfterReuseEndsTheOtherBlock) {
  void *p = raw(10000);
  cairn_free(p);
  void *q = raw(10000);
  if (test::checkedRun()) { // the memory waits
    EXPECT_NE(p, q);
    cairn_free(p);
    expect(CAIRN_ERROR_DEAD, p, "freed already");
    p = q;
  }
  EXPECT_EQ(p, q);
  cairn_free(p); // is q's now
  expectSound();
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
}

//===- Double decref -------------------------------------------------------===//

TEST_F(BadInput, DoubleDecref) {
  for (auto release : {cairn_decref, cairn_fast_decref, cairn_fast_decref_leaf}) {
    void *objects[] = {node(), cairn_heap_alloc_bytes(heap, 100),
                       cairn_heap_alloc_array(heap, &nodeType, 5)};
    for (void *o : objects)
      cairn_decref(o);
    for (void *o : objects) {
      release(o);
      std::vector<test::Errors::One> seen = errors.take();
      ASSERT_EQ(seen.size(), 1u);
      EXPECT_EQ(seen[0].kind, CAIRN_ERROR_DEAD) << seen[0].message;
      EXPECT_EQ(seen[0].p, o);
    }
    expectSound();
  }
}

TEST_F(BadInput, IncrefOfTheDead) {
  for (auto retain : {cairn_incref, cairn_fast_incref}) {
    void *objects[] = {node(), cairn_heap_alloc_array(heap, &nodeType, 5)};
    for (void *o : objects)
      cairn_decref(o);
    for (void *o : objects) {
      retain(o);
      std::vector<test::Errors::One> seen = errors.take();
      ASSERT_EQ(seen.size(), 1u);
      EXPECT_EQ(seen[0].kind, CAIRN_ERROR_DEAD) << seen[0].message;
    }
    expectSound();
  }
}

TEST_F(BadInput, LargeObjectTwice) {
  void *o = cairn_heap_alloc_bytes(heap, 10000);
  cairn_decref(o);
  cairn_decref(o);
  expect(CAIRN_ERROR_DEAD, o, "not a live object");
  if (!test::checkedRun() && *(static_cast<int32_t *>(o) - 2) == 0) {
    cairn_fast_decref(o); // while its memory has no other use
    expect(CAIRN_ERROR_DEAD, o, "count is 0");
  }
  expectSound();
}

/// The end of the default heap, where the object was, is no more usable.
TEST_F(BadInput, LargeObjectTwiceWhenItsMemoryWentBack) {
  size_t size = size_t(64) << 20;
  void *o = cairn_alloc_bytes(size);
  memset(o, 1, size);
  cairn_decref(o);
  cairn_heap_trim(nullptr);
  for (auto release : {cairn_decref, cairn_fast_decref, cairn_incref, cairn_fast_incref}) {
    release(o);
    std::vector<test::Errors::One> seen = errors.take();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].kind, CAIRN_ERROR_DEAD) << seen[0].message;
  }
}

TEST_F(BadInput, ShareAndImmortalOfTheDead) {
  Node *n = node();
  cairn_decref(n);
  cairn_share(n);
  expect(CAIRN_ERROR_DEAD, n, "count is 0");
  cairn_make_immortal(n);
  expect(CAIRN_ERROR_DEAD, n, "count is 0");
  expectSound();
}

TEST_F(BadInput, QueriesOfTheDead) {
  Node *n = node();
  cairn_decref(n);
  EXPECT_EQ(cairn_refcount(n), 0);
  EXPECT_FALSE(cairn_is_unique(n));
  EXPECT_EQ(cairn_resolve(n), nullptr);
  expectNone();
}

TEST_F(BadInput, FieldOfTheDead) {
  Node *n = node();
  Node *child = node();
  n->next = child;
  cairn_decref(child);
  cairn_decref(n);
  expect(CAIRN_ERROR_DEAD, child, "a field refers to a dead object");
  expectSound();
}

//===- Wrong size ----------------------------------------------------------===//

TEST_F(BadInput, WrongSizeCalled) {
  void *p = raw(72);
  for (size_t n : {size_t(0), size_t(40), size_t(64), size_t(73), size_t(4000), SIZE_MAX}) {
    cairn_free_sized(p, n);
    expect(CAIRN_ERROR_SIZE, p, "a size that the block does not have");
  }
  if (test::checkedRun()) {
    cairn_free_sized(p, 65);
    expect(CAIRN_ERROR_SIZE, p, "a size that the block does not have");
    cairn_free_sized(p, 72);
    expectSound();
    return;
  }
  cairn_free_sized(p, 65); // its class: not told apart
  expectNone();
  p = raw(64);
  cairn_free_sized(p, 65);
  expect(CAIRN_ERROR_SIZE, p, "a size that the block does not have");
  cairn_free_sized(p, 1); // it may have been asked for with alignment 64
  expectNone();
  p = raw(10000);
  for (size_t n : {size_t(0), size_t(9999), size_t(10001), size_t(64), SIZE_MAX}) {
    cairn_free_sized(p, n);
    expect(CAIRN_ERROR_SIZE, p, "a size that the block does not have");
  }
  cairn_free_sized(p, 10000);
  expectSound();
}

TEST_F(BadInput, WrongSizeCalledInASmallHeap) {
  test::Heap pages(1 << 20);
  void *p = cairn_heap_malloc(pages, 64);
  cairn_free_sized(p, 65);
  expect(CAIRN_ERROR_SIZE, p, "size");
  if (test::checkedRun()) {
    cairn_free_sized(p, 3);
    expect(CAIRN_ERROR_SIZE, p, "size");
    cairn_free(p);
    return;
  }
  cairn_free_sized(p, 3); // one class serves all up to its own size
  expectNone();
}

/// The default heap's blocks have a short way of their own: it believes the record of the
/// block's slab, which another slab or a large block may have by then.
TEST_F(BadInput, SizedFreeInlinedIntoASlabThatIsGone) {
  constexpr size_t n = 1856;
  std::vector<void *> blocks(10 * kSlabSize / n);
  for (void *&p : blocks)
    p = cairn_malloc(n);
  for (void *p : blocks)
    cairn_fast_free_sized(p, n);
  cairn_heap_trim(nullptr);
  void *p = blocks[blocks.size() / 2];
  cairn_fast_free_sized(p, n);
  expect(CAIRN_ERROR_DEAD, p, "freed already");
  EXPECT_TRUE(cairn_heap_check(nullptr));
  expectNone();
}

TEST_F(BadInput, WrongSizeInlinedInTheDefaultHeap) {
  void *p = cairn_malloc(64), *large = cairn_malloc(10000);
  cairn_fast_free_sized(p, 4000);
  expect(CAIRN_ERROR_SIZE, p, "size");
  cairn_fast_free_sized(p, 1856); // of another class
  expect(CAIRN_ERROR_SIZE, p, "size");
  cairn_fast_free_sized(large, 64);
  expect(CAIRN_ERROR_SIZE, large, "size");
  cairn_fast_free_sized(p, 64);
  cairn_fast_free_sized(large, 10000);
  EXPECT_TRUE(cairn_heap_check(nullptr));
  expectNone();
}

TEST_F(BadInput, WrongSizeInlined) {
  void *p = raw(64);
  cairn_fast_free_sized(p, 4000);
  expect(CAIRN_ERROR_SIZE, p, "size");
  cairn_fast_free_sized(p, 64);
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
  p = raw(10000);
  cairn_fast_free_sized(p, 64); // a large block's is
  expect(CAIRN_ERROR_SIZE, p, "size");
  cairn_fast_free_sized(p, 10000);
  p = raw(64);
  std::thread([p] { cairn_fast_free_sized(p, 4000); }).join(); // so is another thread's
  expect(CAIRN_ERROR_SIZE, p, "size");
  cairn_fast_free_sized(p, 64);
  expectSound();
}

} // namespace
