//===- fields_test.cpp - Copies that count, and immediates --------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include "cairn/containers.h"
#include "fast/entry.h"

#include <algorithm>
#include <map>

using namespace cairn;

namespace {

using Node = test::Pair;
using test::pairType;

using test::Far;
using test::farType;

// Its finaliser looks at who held it.
struct Watcher {
  Node *holder;
};
void *seenFirst, *seenSecond;
void watch(void *object) {
  Node *holder = static_cast<Watcher *>(object)->holder;
  seenFirst = holder->first;
  seenSecond = holder->second;
}
CAIRN_TYPE_FINAL(watcherType, struct Watcher, watch);

void *immediate(intptr_t n) { return reinterpret_cast<void *>(n * 2 + 1); }

class Fields : public test::LiveObjectsAndErrors {
protected:
  Node *node(void *first = nullptr, void *second = nullptr, int64_t value = 0) {
    Node *n = static_cast<Node *>(cairn_alloc(&pairType));
    *n = {first, value, second};
    return n;
  }
  void *leaf() { return cairn_alloc_bytes(8); }
};

TEST_F(Fields, ACopyRetainsWhatItWritesAndReleasesWhatWasThere) {
  void *a = leaf(), *b = leaf(), *old = leaf();
  Node *n = node(old, nullptr, 1);
  Node from = {a, 7, b};
  cairn_incref(old);
  cairn_rt_copy_fields(n, n, &from, sizeof from);
  EXPECT_EQ(n->first, a);
  EXPECT_EQ(n->value, 7);
  EXPECT_EQ(n->second, b);
  EXPECT_EQ(cairn_refcount(a), 2);
  EXPECT_EQ(cairn_refcount(b), 2);
  EXPECT_EQ(cairn_refcount(old), 1);
  // Only bytes that are no reference's.
  int64_t value = 9;
  cairn_rt_copy_fields(n, &n->value, &value, sizeof value);
  cairn_rt_copy_fields(n, &n->value, &value, 3);
  cairn_rt_copy_fields(n, n, &from, 0);
  EXPECT_EQ(n->value, 9);
  EXPECT_EQ(cairn_refcount(a), 2);
  for (void *o : {a, b, old, static_cast<void *>(n)})
    cairn_decref(o);
}

TEST_F(Fields, ACopyOntoItselfChangesNothing) {
  void *a = leaf();
  Node *n = node(a, a, 3);
  cairn_incref(a);
  cairn_rt_copy_fields(n, n, n, sizeof *n);
  EXPECT_EQ(cairn_refcount(a), 2);
  EXPECT_EQ(n->value, 3);
  cairn_decref(n);
}

TEST_F(Fields, OverlappingCopies) {
  constexpr size_t kWords = 9;
  for (size_t from = 0; from < kWords; ++from)
    for (size_t to = 0; to < kWords; ++to)
      for (size_t words = 0; words + std::max(from, to) <= kWords; ++words) {
        void **refs = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, kWords));
        void *model[kWords];
        for (size_t i = 0; i < kWords; ++i)
          model[i] = refs[i] = i % 4 == 3 ? nullptr : i % 4 == 2 ? immediate(int(i)) : leaf();
        memmove(model + to, model + from, words * sizeof(void *));
        cairn_rt_copy_fields(refs, refs + to, refs + from, words * sizeof(void *));
        std::map<void *, int> counts;
        for (size_t i = 0; i < kWords; ++i) {
          ASSERT_EQ(refs[i], model[i]);
          ++counts[model[i]];
        }
        for (auto [ref, count] : counts)
          if (ref && !(reinterpret_cast<uintptr_t>(ref) & 1)) {
            ASSERT_EQ(cairn_refcount(ref), count);
          }
        ASSERT_EQ(live(), 1 + counts.size() - counts.count(nullptr) -
                              size_t(std::count_if(counts.begin(), counts.end(), [](auto &c) {
                                return reinterpret_cast<uintptr_t>(c.first) & 1;
                              })));
        cairn_decref(refs);
      }
}

TEST_F(Fields, APartOfAReferenceIsReportedAndNothingCopied) {
  void *a = leaf(), *b = leaf();
  Node *n = node(a, b, 1);
  Node from = {b, 2, a}, slots = {};
  char *p = reinterpret_cast<char *>(n), *s = reinterpret_cast<char *>(&from);
  for (auto [at, bytes] : std::vector<std::pair<size_t, size_t>>{
           {0, 4}, {4, 4}, {2, 2}, {0, 20}, {4, 20}, {0, 23}, {12, 11}, {1, 23}}) {
    cairn_rt_copy_fields(n, p + at, s + at, bytes);
    test::expectError(errors, CAIRN_ERROR_USAGE, n, "a part of a reference");
    cairn_rt_fill_fields(n, p + at, 0, bytes);
    test::expectError(errors, CAIRN_ERROR_USAGE, n, "a part of a reference");
    cairn_rt_read_fields(n, p + at, &slots, bytes);
    test::expectError(errors, CAIRN_ERROR_USAGE, n, "a part of a reference");
  }
  EXPECT_EQ(n->first, a);
  EXPECT_EQ(n->value, 1);
  EXPECT_EQ(n->second, b);
  EXPECT_TRUE(test::allBytes(&slots, sizeof slots, 0));
  EXPECT_EQ(cairn_refcount(a) + cairn_refcount(b), 2);
  cairn_decref(n);
}

TEST_F(Fields, WhatASharedObjectGetsIsShared) {
  Node *inner = node(leaf());
  Node *n = node();
  cairn_share(n);
  Node from = {inner, 0, immediate(4)};
  cairn_rt_copy_fields(n, n, &from, sizeof from);
  EXPECT_EQ(test::countWord(inner), -2);
  EXPECT_EQ(test::countWord(inner->first), -1);
  cairn_decref(inner);
  cairn_decref(n);

  Node *plain = node(), *shared = node();
  void *a = leaf(), *b = leaf();
  cairn_share(shared);
  cairn_rt_share_into(plain, a);
  EXPECT_EQ(test::countWord(a), 1);
  cairn_rt_share_into(shared, b);
  EXPECT_EQ(test::countWord(b), -1);
  cairn_rt_share_into(shared, nullptr);
  cairn_rt_share_into(shared, immediate(1));
  cairn_rt_share_into(nullptr, a);
  EXPECT_EQ(test::countWord(a), 1);
  for (void *o : {a, b, static_cast<void *>(plain), static_cast<void *>(shared)})
    cairn_decref(o);
}

TEST_F(Fields, ElementsOfArrays) {
  Node *nodes = static_cast<Node *>(cairn_alloc_array(&pairType, 5));
  Far *fars = static_cast<Far *>(cairn_alloc_array(&farType, 3));
  void *a = leaf(), *b = leaf();
  Node from[2] = {{a, 1, b}, {b, 2, nullptr}};
  cairn_rt_copy_fields(nodes, &nodes[3], from, sizeof from);
  EXPECT_EQ(nodes[3].second, b);
  EXPECT_EQ(nodes[4].value, 2);
  EXPECT_EQ(cairn_refcount(b), 3);
  // From the middle of one element to the middle of another.
  cairn_rt_copy_fields(nodes, &nodes[0].second, &nodes[3].second, 24);
  EXPECT_EQ(nodes[0].second, b);
  EXPECT_EQ(nodes[1].first, b);
  EXPECT_EQ(nodes[1].value, 2);
  EXPECT_EQ(cairn_refcount(b), 5);
  cairn_rt_copy_fields(fars, &fars[2].second, &a, sizeof a);
  EXPECT_EQ(fars[2].second, a);
  EXPECT_EQ(cairn_refcount(a), 3);
  cairn_rt_copy_fields(fars, fars, &fars[1], 2 * sizeof(Far));
  EXPECT_EQ(fars[1].second, a);
  EXPECT_EQ(cairn_refcount(a), 4);
  cairn_rt_fill_fields(fars, fars, 0, 3 * sizeof(Far));
  EXPECT_EQ(cairn_refcount(a), 2);
  cairn_rt_copy_fields(nodes, &nodes[4], from, sizeof from);
  if (!test::checkedRun()) // there is some room behind five elements in their slot
    errors.take();
  else
    test::expectError(errors, CAIRN_ERROR_BOUNDS, nodes, "leaves the object");
  for (void *o : {a, b, static_cast<void *>(nodes), static_cast<void *>(fars)})
    cairn_decref(o);
}

TEST_F(Fields, ReadingRetainsForTheSlots) {
  void *a = leaf(), *b = leaf(), *old = leaf();
  Node *n = node(a, b, 5);
  Node slots = {old, 0, nullptr};
  cairn_rt_read_fields(n, n, &slots, sizeof slots);
  EXPECT_EQ(slots.first, a);
  EXPECT_EQ(slots.value, 5);
  EXPECT_EQ(slots.second, b);
  EXPECT_EQ(cairn_refcount(a), 2);
  cairn_decref(n);
  EXPECT_EQ(cairn_refcount(b), 1);
  cairn_decref(a);
  cairn_decref(b);
}

TEST_F(Fields, Fills) {
  void *a = leaf();
  Node *n = node(a, a, 5);
  cairn_incref(a);
  cairn_rt_fill_fields(n, &n->second, 0, sizeof(void *));
  EXPECT_EQ(n->second, nullptr);
  EXPECT_EQ(cairn_refcount(a), 1);
  cairn_rt_fill_fields(n, n, 0x22, sizeof *n); // even, and no object's address
  test::expectError(errors, CAIRN_ERROR_FOREIGN, reinterpret_cast<void *>(0x2222222222222222),
                    "not an object");
  EXPECT_EQ(n->first, a);
  EXPECT_EQ(n->value, 5);
  cairn_rt_fill_fields(n, n, 0xff, sizeof *n);
  EXPECT_EQ(n->first, immediate(-1));
  EXPECT_EQ(n->value, -1);
  cairn_decref(n);
}

TEST_F(Fields, WhatDiesSeesTheCopyFinished) {
  Node *n = node();
  for (int i = 0; i < 2; ++i) {
    Watcher *w = static_cast<Watcher *>(cairn_alloc(&watcherType));
    w->holder = n;
    (i ? n->second : n->first) = w;
  }
  void *a = leaf(), *b = leaf();
  Node from = {a, 0, b};
  seenFirst = seenSecond = nullptr;
  cairn_rt_copy_fields(n, n, &from, sizeof from);
  EXPECT_EQ(seenFirst, a);
  EXPECT_EQ(seenSecond, b);
  for (void *o : {a, b, static_cast<void *>(n)})
    cairn_decref(o);
}

TEST_F(Fields, BadArguments) {
  void *a = leaf();
  Node *n = node(a);
  int64_t outside = 0;
  Node from = {&outside, 1, nullptr};
  cairn_rt_copy_fields(n, n, &from, sizeof from);
  test::expectError(errors, CAIRN_ERROR_FOREIGN, &outside, "not an object of any heap");
  from = {a, 1, reinterpret_cast<char *>(a) + 4};
  cairn_rt_copy_fields(n, n, &from, sizeof from);
  test::expectError(errors, CAIRN_ERROR_INTERIOR, from.second, "not its reference");
  from = {};
  cairn_rt_copy_fields(n, n + 1000, &from, sizeof from);
  test::expectError(errors, CAIRN_ERROR_BOUNDS, n, "leaves the object");
  cairn_rt_copy_fields(n, n - 1, &from, sizeof from);
  test::expectError(errors, CAIRN_ERROR_BOUNDS, n, "leaves the object");
  cairn_rt_fill_fields(n, n, 0, ~uint64_t(0));
  test::expectError(errors, CAIRN_ERROR_BOUNDS, n, "leaves the object");
  cairn_rt_fill_fields(nullptr, n, 0, 8);
  test::expectError(errors, CAIRN_ERROR_FOREIGN, nullptr, "no object");
  cairn_rt_fill_fields(immediate(1), n, 0, 8);
  test::expectError(errors, CAIRN_ERROR_FOREIGN, immediate(1), "no object");
  cairn_rt_fill_fields(&outside, &outside, 0, 8);
  test::expectError(errors, CAIRN_ERROR_FOREIGN, &outside, "not an object");
  EXPECT_EQ(n->first, a);
  EXPECT_EQ(cairn_refcount(a), 1);
  cairn_decref(n);
}

// Random copies between arrays, against a model that counts by looking.
TEST_F(Fields, RandomCopies) {
  std::mt19937_64 random(13);
  constexpr size_t kWords = 24;
  void **arrays[3];
  for (void **&array : arrays)
    array = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, kWords));
  void *slots[kWords] = {};
  cairn_share(arrays[2]);
  for (uint64_t step = 0; step < test::times(20000); ++step) {
    size_t words = random() % 6, to = random() % (kWords - words),
           from = random() % (kWords - words);
    void **a = arrays[random() % 3], **b = arrays[random() % 3];
    switch (random() % 5) {
    case 0:
      cairn_rt_copy_fields(a, a + to, b + from, words * sizeof(void *));
      break;
    case 1:
      cairn_rt_read_fields(a, a + from, slots + to, words * sizeof(void *));
      break;
    case 2:
      cairn_rt_copy_fields(a, a + to, slots + from, words * sizeof(void *));
      break;
    case 3:
      cairn_rt_fill_fields(a, a + to, random() % 2 ? 0 : 0x11, words * sizeof(void *));
      break;
    default: {
      void *fresh = leaf();
      cairn_rt_copy_fields(a, a + to, &fresh, sizeof fresh);
      cairn_decref(fresh);
    }
    }
  }
  std::map<void *, int> counts;
  auto count = [&](void **words) {
    for (size_t i = 0; i < kWords; ++i)
      if (words[i] && !(reinterpret_cast<uintptr_t>(words[i]) & 1))
        ++counts[words[i]];
  };
  for (void **array : arrays)
    count(array);
  count(slots);
  for (auto [ref, n] : counts)
    EXPECT_EQ(cairn_refcount(ref), n);
  EXPECT_EQ(live(), 3 + counts.size());
  for (void *word : slots)
    cairn_decref(word);
  for (void **array : arrays)
    cairn_decref(array);
}

//===- Immediates -----------------------------------------------------------===//

TEST_F(Fields, CalledFormsDoNothingWithImmediates) {
  for (void *word : {immediate(0), immediate(-1), immediate(1000000)}) {
    cairn_incref(word);
    cairn_decref(word);
    cairn_share(word);
    cairn_make_immortal(word);
    cairn_set_tag(word, 3);
    EXPECT_FALSE(cairn_is_unique(word));
    EXPECT_EQ(cairn_refcount(word), -1);
    EXPECT_EQ(cairn_tag(word), 0);
    EXPECT_EQ(cairn_length(word), 0u);
    EXPECT_EQ(cairn_resolve(word), nullptr);
    EXPECT_FALSE(cairn_is_list(word) || cairn_is_dict(word) || cairn_is_byte_array(word));
    EXPECT_EQ(cairn_list_length(word), 0u);
    test::expectError(errors, CAIRN_ERROR_KIND, word, "not a list");
  }
}

TEST_F(Fields, DropsAndWalksSkipImmediates) {
  // Plain objects, several deaths at once, arrays and registered types; then the same shared,
  // immortal, and in a checked heap.
  test::Heap checked(0, true), small(256 << 10);
  for (cairn_heap *heap :
       {static_cast<cairn_heap *>(nullptr), (cairn_heap *)checked, (cairn_heap *)small})
    for (auto before : {+[](void *) {}, +[](void *o) { cairn_share(o); }}) {
      auto make = [&](void *first, void *second) {
        Node *n = static_cast<Node *>(cairn_heap_alloc(heap, &pairType));
        *n = {first, 0, second};
        return n;
      };
      Far *far = static_cast<Far *>(cairn_heap_alloc(heap, &farType));
      far->first = immediate(8);
      far->second = make(immediate(3), make(nullptr, immediate(-5)));
      void **refs = static_cast<void **>(cairn_heap_alloc_array(heap, &cairn_type_ref, 4));
      refs[0] = immediate(0);
      refs[1] = make(immediate(1), immediate(2));
      refs[2] = immediate(77);
      refs[3] = far;
      Node *root = make(refs, make(immediate(2), make(immediate(5), nullptr)));
      before(root);
      EXPECT_EQ(refs[0], immediate(0));
      EXPECT_EQ(refs[2], immediate(77));
      EXPECT_EQ(far->first, immediate(8)) << "the walk of share puts back what it found";
      cairn_decref(root);
      EXPECT_EQ(test::statsOf(heap).live_objects, heap ? 0 : Start);
      EXPECT_TRUE(cairn_heap_check(heap));
    }
}

TEST_F(Fields, ContainersHoldImmediates) {
  void *list = cairn_alloc_list(0, 8), *dict = cairn_alloc_dict(0);
  void *leaf = this->leaf();
  for (int i = 0; i < 20; ++i)
    cairn_list_append_ref(list, i % 3 ? immediate(i) : leaf);
  EXPECT_EQ(cairn_refcount(leaf), 8);
  cairn_list_set_ref(list, 0, immediate(50));
  cairn_list_set_ref(list, 1, leaf);
  EXPECT_EQ(cairn_list_get_ref(list, 0), immediate(50));
  EXPECT_EQ(cairn_list_get_ref(list, 2), immediate(2));
  cairn_dict_set(dict, "a", 1, immediate(6));
  cairn_dict_set(dict, "b", 1, leaf);
  cairn_dict_set(dict, "b", 1, immediate(7));
  EXPECT_EQ(cairn_dict_get(dict, "b", 1), immediate(7));
  cairn_share(dict);
  cairn_dict_set(dict, "c", 1, immediate(8));
  EXPECT_TRUE(cairn_dict_delete(dict, "a", 1));
  cairn_share(list);
  cairn_list_append_ref(list, immediate(9));
  cairn_decref(list);
  cairn_decref(dict);
  EXPECT_EQ(cairn_refcount(leaf), 1);
  cairn_decref(leaf);
}

TEST_F(Fields, EveryKindOfReferenceIsAMultipleOfFour) {
  for (size_t n : {1u, 7u, 8u, 9u, 24u, 100u, 1000u, 5000u, 100000u}) {
    cairn_type type = {uint32_t(n), 1, 0, 0, 0, nullptr, nullptr, "odd size"};
    void *objects[] = {cairn_alloc(&type),          cairn_alloc_bytes(n),
                       cairn_alloc_array(&type, 3), cairn_alloc_byte_array(uint32_t(n), 1),
                       cairn_alloc_string("", 0),   cairn_alloc_list(1, 1),
                       cairn_alloc_dict(1)};
    for (void *o : objects) {
      EXPECT_TRUE(test::alignedTo(o, 4));
      cairn_decref(o);
    }
  }
}

} // namespace
