//===- share_test.cpp - Publishing objects ------------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <set>
#include <thread>

using namespace cairn;

namespace {

using Node = test::Pair;
using test::pairType;

using test::Far;
using test::farType;

class Share : public test::LiveObjects {};

void shareOnSmallStack(void *ref) {
  test::onStack(64 << 10, [ref] {
    size_t used = test::statsOf(nullptr).used;
    test::requests();
    cairn_share(ref);
    EXPECT_EQ(test::requests(), 0u) << "sharing allocates nothing";
    EXPECT_EQ(test::statsOf(nullptr).used, used);
  });
}

void dropElsewhere(void *ref) {
  std::thread([ref] { cairn_decref(ref); }).join();
}

TEST_F(Share, DeepList) {
  Node *head = nullptr;
  for (uint64_t i = 0; i < test::times(1000000); ++i) {
    Node *n = static_cast<Node *>(cairn_alloc(&pairType));
    (i % 2 ? n->first : n->second) = head;
    head = n;
  }
  shareOnSmallStack(head);
  for (Node *n = head; n; n = static_cast<Node *>(n->first ? n->first : n->second))
    ASSERT_EQ(test::countWord(n), -1);
  dropElsewhere(head);
}

TEST_F(Share, WideAndDeepArrays) {
  // Arrays of references, of plain elements and of registered ones, in each other.
  void *head = nullptr;
  std::vector<void *> all;
  for (uint64_t i = 0; i < test::times(30000); ++i) {
    size_t n = i % 100 == 0 ? 500 : 1 + i % 7;
    void *made;
    if (i % 3 == 0) {
      void **refs = static_cast<void **>(made = cairn_alloc_array(&cairn_type_ref, n));
      refs[i % n] = head;
      if (n > 2)
        refs[(i + 1) % n] = cairn_alloc_bytes(3);
    } else if (i % 3 == 1) {
      Node *nodes = static_cast<Node *>(made = cairn_alloc_array(&pairType, n));
      nodes[i % n].second = head;
      nodes[i % n].first = cairn_alloc_bytes(8);
    } else {
      Far *fars = static_cast<Far *>(made = cairn_alloc_array(&farType, n));
      fars[i % n].second = head;
      fars[n - 1].first = cairn_alloc_bytes(8);
    }
    all.push_back(head = made);
  }
  std::vector<size_t> lengths;
  for (void *o : all)
    lengths.push_back(cairn_length(o));
  shareOnSmallStack(head);
  for (size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(test::countWord(all[i]), -1);
    ASSERT_EQ(cairn_length(all[i]), lengths[i]);
    ASSERT_EQ(static_cast<uint32_t *>(all[i])[-3], lengths[i]) << "the capacity is put back";
  }
  dropElsewhere(head);
}

TEST_F(Share, RandomGraphs) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Node *> all;
    std::vector<std::pair<void *, void *>> fields;
    for (uint64_t i = 0; i < test::times(3000, 4); ++i) {
      Node *n = static_cast<Node *>(cairn_alloc(&pairType));
      auto pick = [&]() -> void * {
        if (all.empty() || random() % 4 == 0)
          return nullptr;
        Node *target = seed % 2 ? all[random() % all.size()] : all.back();
        cairn_incref(target);
        return target;
      };
      n->first = pick();
      n->second = pick();
      all.push_back(n);
      fields.push_back({n->first, n->second});
    }
    std::vector<int64_t> counts;
    for (Node *n : all)
      counts.push_back(cairn_refcount(n));
    // Some of it is shared before, or immortal to be.
    cairn_share(all[all.size() / 3]);
    shareOnSmallStack(all.back());
    std::set<void *> reached;
    std::vector<void *> todo = {all.back(), all[all.size() / 3]};
    while (!todo.empty()) {
      Node *n = static_cast<Node *>(todo.back());
      todo.pop_back();
      if (!n || !reached.insert(n).second)
        continue;
      todo.push_back(n->first);
      todo.push_back(n->second);
    }
    for (size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(all[i]->first, fields[i].first) << "fields are put back";
      ASSERT_EQ(all[i]->second, fields[i].second);
      ASSERT_EQ(cairn_refcount(all[i]), counts[i]);
      ASSERT_EQ(test::countWord(all[i]) < 0, reached.count(all[i]) == 1);
    }
    for (Node *n : all)
      cairn_decref(n);
  }
}

TEST_F(Share, Cycles) {
  test::Heap heap;
  Node *a = static_cast<Node *>(cairn_heap_alloc(heap, &pairType));
  Node *b = static_cast<Node *>(cairn_heap_alloc(heap, &pairType));
  a->first = b;
  b->first = a;
  b->second = b;
  a->second = a;
  cairn_share(a);
  EXPECT_EQ(test::countWord(a), -1);
  EXPECT_EQ(test::countWord(b), -1);
  EXPECT_EQ(b->first, a);
  EXPECT_EQ(b->second, b);
  EXPECT_EQ(a->second, a);
}

TEST_F(Share, ReachesPastAStickyObject) {
  // A count that overflowed says nothing of who may see the object.
  Node *parent = static_cast<Node *>(cairn_alloc(&pairType));
  Node *sticky = static_cast<Node *>(cairn_alloc(&pairType));
  Node *child = static_cast<Node *>(cairn_alloc(&pairType));
  parent->first = sticky;
  sticky->first = child;
  test::countWord(sticky) = INT32_MAX;
  cairn_incref(sticky);
  EXPECT_EQ(cairn_refcount(sticky), -1);
  cairn_share(parent);
  EXPECT_EQ(test::countWord(child), -1) << "another thread may reach it";
  EXPECT_EQ(cairn_refcount(sticky), -1);
  cairn_share(sticky);
  cairn_decref(parent);
  EXPECT_EQ(cairn_resolve(sticky), sticky);
  test::countWord(sticky) = 1;
  cairn_decref(sticky);
}

TEST_F(Share, MakeImmortalReachesAll) {
  test::Heap heap;
  void **array = static_cast<void **>(cairn_heap_alloc_array(heap, &cairn_type_ref, 1000));
  for (int i = 0; i < 1000; ++i) {
    Far *f = static_cast<Far *>(cairn_heap_alloc(heap, &farType));
    f->second = cairn_heap_alloc(heap, &pairType);
    array[i] = f;
  }
  test::onStack(64 << 10, [array] { cairn_make_immortal(array); });
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(test::countWord(array[i]), kImmortal);
    EXPECT_EQ(test::countWord(static_cast<Far *>(array[i])->second), kImmortal);
  }
  EXPECT_EQ(cairn_length(array), 1000u);
}

TEST_F(Share, ManyThreadsRetainAndRelease) {
  Node *root = static_cast<Node *>(cairn_alloc(&pairType));
  root->first = cairn_alloc(&pairType);
  cairn_share(root);
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    cairn_incref(root);
    threads.emplace_back([root, t] {
      for (uint64_t i = 0; i < test::times(200000); ++i) {
        void *child = root->first;
        t % 2 ? cairn_incref(child) : cairn_fast_incref(child);
        cairn_incref(root);
        EXPECT_FALSE(cairn_is_unique(root));
        t % 2 ? cairn_decref(child) : cairn_fast_decref(child);
        cairn_decref(root);
      }
      cairn_decref(root);
    });
  }
  for (std::thread &t : threads)
    t.join();
  EXPECT_EQ(cairn_refcount(root), 1);
  EXPECT_TRUE(cairn_is_unique(root));
  cairn_decref(root);
}

TEST_F(Share, UniqueSeesWhatOtherOwnersDid) {
  for (uint64_t i = 0; i < test::times(2000); ++i) {
    Node *n = static_cast<Node *>(cairn_alloc(&pairType));
    n->value = 0;
    cairn_share(n);
    cairn_incref(n);
    std::thread t([n] {
      n->value = 1; // plain: the release below orders it
      cairn_decref(n);
    });
    while (!cairn_is_unique(n))
      std::this_thread::yield();
    ASSERT_EQ(n->value, 1);
    n->value = 2;
    cairn_decref(n);
    t.join();
  }
}

} // namespace
