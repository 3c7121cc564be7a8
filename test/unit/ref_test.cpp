//===- ref_test.cpp - cairn::ref ----------------------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cairn.hpp"

#include "objects.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <unordered_set>

namespace {

struct Node {
  Node(int key, cairn::ref<Node> next) : next(std::move(next)), key(key) {}
  cairn::ref<Node> next;
  int key;
};
CAIRN_TYPE(nodeType, Node, next);

cairn::ref<Node> node(int key, cairn::ref<Node> next = nullptr) {
  return cairn::make<Node>(nodeType, key, std::move(next));
}

class Ref : public test::LiveObjectsAndErrors {};

TEST_F(Ref, CopiesAndMoves) {
  cairn::ref<Node> a = node(1), null;
  EXPECT_TRUE(a && !null && a.unique() && !null.unique());
  cairn::ref<Node> b = a;
  EXPECT_EQ(cairn_refcount(a.get()), 2);
  EXPECT_FALSE(a.unique());
  cairn::ref<Node> c = std::move(b);
  EXPECT_FALSE(b);
  EXPECT_EQ(cairn_refcount(a.get()), 2);
  b = c;
  EXPECT_EQ(cairn_refcount(a.get()), 3);
  b = std::move(c);
  EXPECT_EQ(cairn_refcount(a.get()), 2);
  b = nullptr;
  EXPECT_EQ(cairn_refcount(a.get()), 1);
  cairn::ref<Node> &same = a;
  a = same;
  a = std::move(same);
  EXPECT_EQ(cairn_refcount(a.get()), 1);
  EXPECT_EQ(a->key, 1);
  EXPECT_EQ((*a).key, 1);
  a = node(2, a);
  EXPECT_EQ(a->key, 2);
  EXPECT_EQ(a->next->key, 1);
  a = a->next; // what holds the new value dies
  EXPECT_EQ(a->key, 1);
  null.reset();
  swap(a, null);
  EXPECT_EQ(null->key, 1);
  EXPECT_EQ(live(), 1u);
}

TEST_F(Ref, AdoptReleaseRetain) {
  Node *plain = node(3).release();
  EXPECT_EQ(cairn_refcount(plain), 1);
  {
    cairn::ref<Node> r = cairn::ref<Node>::retain(plain);
    EXPECT_EQ(cairn_refcount(plain), 2);
  }
  cairn::ref<Node> r = cairn::ref<Node>::adopt(plain);
  EXPECT_EQ(cairn_refcount(plain), 1);
  EXPECT_FALSE(cairn::ref<Node>::adopt(nullptr) || cairn::ref<Node>::retain(nullptr));
}

TEST_F(Ref, LongListsAreDroppedInConstantStack) {
  cairn::ref<Node> list;
  for (uint64_t i = 0; i < test::times(300000); ++i)
    list = node(int(i), std::move(list));
  test::onStack(64 << 10, [&] { list.reset(); });
}

TEST_F(Ref, ComparisonAndHash) {
  cairn::ref<Node> a = node(1), b = node(2), c = a, null;
  cairn::ref<const Node> d = a;
  EXPECT_TRUE(a == c && a != b && a == d && null == nullptr && nullptr != a && !(a == nullptr));
  EXPECT_NE(a < b, b < a);
  EXPECT_TRUE(a <= c && a >= c && !(a < c) && !(a > c));
  EXPECT_EQ(std::hash<cairn::ref<Node>>()(a), std::hash<cairn::ref<Node>>()(c));
}

TEST_F(Ref, Containers) {
  std::vector<cairn::ref<Node>> all;
  for (int i = 0; i < 100; ++i)
    all.push_back(node(i, all.empty() ? nullptr : all.back()));
  all.erase(all.begin() + 10, all.begin() + 20);
  std::reverse(all.begin(), all.end());
  std::sort(all.begin(), all.end(),
            [](const cairn::ref<Node> &a, const cairn::ref<Node> &b) { return a->key < b->key; });
  all.insert(all.begin(), all[5]);
  std::map<int, cairn::ref<Node>> byKey;
  std::set<cairn::ref<Node>> set;
  std::unordered_set<cairn::ref<Node>> hashed;
  std::unordered_map<cairn::ref<Node>, int> keys;
  for (const auto &r : all) {
    byKey[r->key] = r;
    set.insert(r);
    hashed.insert(r);
    keys[r] = r->key;
  }
  EXPECT_EQ(byKey.size(), 90u);
  EXPECT_EQ(set.size(), 90u);
  EXPECT_EQ(hashed.count(all[7]), 1u);
  EXPECT_EQ(cairn_refcount(all.back().get()), 5) << "a vector, a map, two sets and a map";
  static_assert(std::is_nothrow_move_constructible<cairn::ref<Node>>::value, "vectors move");
}

// Counts what lives, and throws when it is to.
struct Witness {
  static int alive, throwAt;
  Witness() {
    if (throwAt && --throwAt == 0)
      throw std::runtime_error("wanted");
    ++alive;
  }
  ~Witness() { --alive; }
};
int Witness::alive, Witness::throwAt;

struct Several {
  explicit Several(const cairn::ref<Node> &r) : first(r), second(r) {}
  Witness a;
  cairn::ref<Node> first;
  Witness b;
  cairn::ref<Node> second;
  Witness c;
};
CAIRN_CLASS(severalType, Several, first, second);
CAIRN_TYPE(severalPlainType, Several, first, second);

TEST_F(Ref, AConstructorThatThrowsLeavesNothing) {
  cairn::ref<Node> r = node(1);
  for (const cairn_type *type : {&severalType, &severalPlainType})
    for (int at = 1; at <= 3; ++at) {
      Witness::throwAt = at;
      EXPECT_THROW(cairn::make<Several>(*type, r), std::runtime_error);
      EXPECT_EQ(Witness::alive, 0);
      EXPECT_EQ(cairn_refcount(r.get()), 1) << "each member was released once";
      EXPECT_EQ(live(), 1u);
    }
  test::Heap heap(0, true);
  Witness::throwAt = 2;
  EXPECT_THROW(cairn::make_in<Several>(heap, severalType, r), std::runtime_error);
  EXPECT_EQ(test::statsOf(heap).live_objects, 0u);
  EXPECT_EQ(cairn_refcount(r.get()), 1);
}

TEST_F(Ref, DestructorsRunWhenTheObjectIsDropped) {
  cairn::ref<Node> r = node(1);
  {
    cairn::ref<Several> several = cairn::make<Several>(severalType, r);
    EXPECT_EQ(Witness::alive, 3);
    EXPECT_EQ(cairn_refcount(r.get()), 3);
    several.share(); // the walk sees the fields
    EXPECT_EQ(test::countWord(r.get()), -3);
  }
  EXPECT_EQ(Witness::alive, 0);
  EXPECT_EQ(cairn_refcount(r.get()), 1);
}

// A destructor that changes the members that Cairn would release.
struct Stubborn {
  cairn::ref<Node> first, second, third;
  std::unique_ptr<int> other{new int(3)};
  ~Stubborn() {
    first.reset();
    std::swap(second, third);
    third = node(7);
  }
};
CAIRN_CLASS(stubbornType, Stubborn, first, second, third);
struct Empty {
  Witness w;
};
CAIRN_CLASS(emptyType, Empty);

TEST_F(Ref, ADestructorMayChangeItsMembers) {
  cairn::ref<Node> a = node(1), b = node(2);
  {
    cairn::ref<Stubborn> s = cairn::make<Stubborn>(stubbornType);
    s->first = a;
    s->second = b;
    s->third = a;
  }
  EXPECT_TRUE(a.unique() && b.unique());
  cairn::make<Empty>(emptyType);
  EXPECT_EQ(Witness::alive, 0);
}

TEST_F(Ref, ChainsOfClassesAreDroppedInConstantStack) {
  cairn::ref<Stubborn> chain;
  struct Link {
    cairn::ref<Link> next;
    Witness w;
  };
  static uint32_t offsets[] = {0};
  static cairn_type type = {sizeof(Link),
                            alignof(Link),
                            1,
                            0,
                            0,
                            offsets,
                            [](void *o) { cairn::detail::destroy(static_cast<Link *>(o), type); },
                            "link"};
  cairn::ref<Link> list;
  for (uint64_t i = 0; i < test::times(100000); ++i) {
    cairn::ref<Link> l = cairn::make<Link>(type);
    l->next = std::move(list);
    list = std::move(l);
  }
  test::onStack(64 << 10, [&] { list.reset(); });
  EXPECT_EQ(Witness::alive, 0);
}

struct Base {
  cairn::ref<Node> first;
};
struct Derived : Base {
  cairn::ref<Node> second;
};
struct Other {
  int x;
};
struct Both : Other, Base {};
CAIRN_TYPE(baseType, Base, first);

TEST_F(Ref, Conversions) {
  static const uint32_t offsets[] = {0, sizeof(void *)};
  static const cairn_type derivedType = {sizeof(Derived), alignof(Derived), 2,        0, 0,
                                         offsets,         nullptr,          "derived"};
  cairn::ref<Derived> d = cairn::make<Derived>(derivedType);
  d->first = node(1);
  d->second = node(2);
  cairn::ref<Base> b = d;
  EXPECT_EQ(b, d);
  EXPECT_EQ(cairn_refcount(d.get()), 2);
  cairn::ref<const Base> c = std::move(b);
  EXPECT_FALSE(b);
  EXPECT_EQ(cairn_refcount(d.get()), 2);
  b = d;
  c = b;
  cairn::ref<Derived> again = cairn::static_ref_cast<Derived>(b);
  EXPECT_EQ(again->second->key, 2);
  static_assert(!std::is_convertible<cairn::ref<Base>, cairn::ref<Derived>>::value, "down");
  static_assert(!std::is_convertible<cairn::ref<const Base>, cairn::ref<Base>>::value, "const");
  static_assert(!std::is_convertible<cairn::ref<Node>, cairn::ref<Base>>::value, "unrelated");
  cairn::ref<void> any = d;
  EXPECT_EQ(any, d);
}

TEST_F(Ref, ABaseThatLiesElsewhereIsRefused) {
  static const cairn_type bothType = {sizeof(Both), alignof(Both), 0, 0, 0, nullptr, nullptr, ""};
  cairn::ref<Both> both = cairn::make<Both>(bothType);
  EXPECT_DEATH(cairn::ref<Base> base = both, "");
  cairn::ref<Other> first = both;
  cairn::ref<Both> null;
  cairn::ref<Base> none = null;
  EXPECT_FALSE(none);
}

TEST_F(Ref, ThreadsHaveRefsOfTheirOwn) {
  cairn::ref<Node> list;
  for (int i = 0; i < 100; ++i)
    list = node(i, std::move(list));
  list.share();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([list] {
      for (uint64_t k = 0; k < test::times(200); ++k)
        for (cairn::ref<Node> at = list; at; at = at->next)
          EXPECT_LT(at->key, 100);
    });
  list.reset();
  for (std::thread &t : threads)
    t.join();
}

TEST_F(Ref, AFullHeapGivesNull) {
  EXPECT_TRUE(cairn::try_make<Node>(nodeType, 1, nullptr));
  cairn_fault_set(CAIRN_FAULT_LARGE, 1);
  struct Large {
    char bytes[100000];
  };
  static const cairn_type large = {sizeof(Large), 1, 0, 0, 0, nullptr, nullptr, "large"};
  EXPECT_FALSE(cairn::try_make<Large>(large));
  cairn_fault_set(CAIRN_FAULT_LARGE, 0);
}

} // namespace
