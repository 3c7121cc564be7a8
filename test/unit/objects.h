//===- objects.h - Types and fixtures of tests that make objects  -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TEST_UNIT_OBJECTS_H
#define CAIRN_TEST_UNIT_OBJECTS_H

#include "support.h"

namespace test {

struct Node {
  void *next;
  int64_t value;
};
CAIRN_TYPE(nodeType, struct Node, next);

struct Pair {
  void *first;
  int64_t value;
  void *second;
};
CAIRN_TYPE(pairType, struct Pair, first, second);

/// Its last field lies past word 15, so the header has no bit for it: the type is registered.
struct Far {
  void *first;
  int64_t words[17];
  void *second;
};
CAIRN_TYPE(farType, struct Far, first, second);

/// Tests of the default heap that leave no object behind.
class LiveObjects : public testing::Test {
protected:
  void SetUp() override { Start = statsOf(nullptr).live_objects; }
  void TearDown() override {
    EXPECT_EQ(live(), 0u);
    EXPECT_TRUE(cairn_heap_check(nullptr));
  }
  /// Objects that were made since the test began and still live.
  uint64_t live() const { return statsOf(nullptr).live_objects - Start; }

  uint64_t Start; ///< Objects that lived before.
};

/// The same of tests that record errors, and leave none unseen.
class LiveObjectsAndErrors : public LiveObjects {
protected:
  void TearDown() override {
    EXPECT_TRUE(errors.take().empty());
    LiveObjects::TearDown();
  }
  Errors errors;
};

/// Tests that misuse a heap: a plain one of 64 KiB slabs, or, in a run of checked heaps, a
/// checked one.
class Misuse : public testing::Test {
protected:
  void expect(cairn_error_kind kind, const void *p, const char *part) {
    expectError(errors, kind, p, part);
  }
  void expectNone() {
    for (const Errors::One &e : errors.take())
      ADD_FAILURE() << e.message;
  }
  void expectSound() {
    EXPECT_TRUE(cairn_heap_check(heap));
    expectNone();
  }
  void *raw(size_t n) { return cairn_heap_malloc(heap, n); }
  Node *node();

  Heap heap;
  Errors errors;
};

} // namespace test

#endif // CAIRN_TEST_UNIT_OBJECTS_H
