//===- drop_test.cpp - The end of objects: shapes, finalisers, small stacks ---===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <algorithm>
#include <csetjmp>
#include <thread>

using namespace cairn;

namespace {

constexpr size_t kSmallStack = 64 << 10;

using test::Node;
using test::nodeType;

struct Tree {
  void *left, *right;
};
CAIRN_TYPE(treeType, struct Tree, left, right);

struct Far {
  int64_t words[17];
  void *child;
};
CAIRN_TYPE(farType, struct Far, child);

class Drops : public test::LiveObjects {
protected:
  /// Drops in a thread with a small stack, and sees that nothing was asked of the
  /// region or the platform meanwhile.
  void dropOnSmallStack(void *ref) {
    test::onStack(kSmallStack, [ref] {
      // The thread's own record is made by its first drop, whatever the shape.
      cairn_decref(cairn_alloc(&nodeType));
      size_t used = test::statsOf(nullptr).used;
      test::requests();
      cairn_decref(ref);
      EXPECT_EQ(test::requests(), 0u) << "a drop allocates nothing";
      EXPECT_LE(test::statsOf(nullptr).used, used);
    });
  }

private:
};

Node *list(uint64_t n) {
  Node *head = nullptr;
  for (uint64_t i = 0; i < n; ++i) {
    Node *one = static_cast<Node *>(cairn_alloc(&nodeType));
    one->next = head;
    one->value = int64_t(i);
    head = one;
  }
  return head;
}

TEST_F(Drops, ListOfTenMillion) {
  Node *head = list(test::times(10000000));
  dropOnSmallStack(head);
}

TEST_F(Drops, ListOfTenMillionInlined) {
  Node *head = list(test::times(10000000));
  test::onStack(kSmallStack, [head] { cairn_fast_decref(head); });
}

TEST_F(Drops, SharedListOfAMillion) {
  Node *head = list(test::times(1000000));
  cairn_share(head);
  dropOnSmallStack(head);
}

TEST_F(Drops, ListThroughFarFields) {
  Far *head = nullptr;
  for (uint64_t i = 0; i < test::times(1000000); ++i) {
    Far *one = static_cast<Far *>(cairn_alloc(&farType));
    one->child = head;
    head = one;
  }
  dropOnSmallStack(head);
}

TEST_F(Drops, ListThroughArrays) {
  void **head = nullptr;
  for (uint64_t i = 0; i < test::times(300000); ++i) {
    void **one = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, 3));
    one[i % 3] = head;
    one[(i + 1) % 3] = cairn_alloc_bytes(i % 50);
    head = one;
  }
  dropOnSmallStack(head);
}

TEST_F(Drops, ArrayOfAThousandArraysOfAThousandMixedObjects) {
  void **outer = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, 1000));
  for (int i = 0; i < 1000; ++i) {
    void **inner = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, 1000));
    outer[i] = inner;
    for (int j = 0; j < 1000; ++j)
      switch ((i + j) % 6) {
      case 0:
        inner[j] = cairn_alloc(&nodeType);
        break;
      case 1:
        inner[j] = cairn_alloc_bytes(size_t(j % 200));
        break;
      case 2: {
        Tree *t = static_cast<Tree *>(inner[j] = cairn_alloc(&treeType));
        t->left = cairn_alloc(&farType);
        t->right = cairn_alloc_array(&treeType, 2);
        break;
      }
      case 3:
        inner[j] = cairn_alloc(&farType);
        break;
      case 4:
        if (j)
          cairn_incref(inner[j] = inner[j - 1]);
        break;
      default:
        inner[j] = cairn_alloc_array(&nodeType, size_t(j % 3));
      }
  }
  dropOnSmallStack(outer);
}

TEST_F(Drops, WideArray) {
  uint64_t n = test::times(2000000);
  void **wide = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, n));
  for (uint64_t i = 0; i < n; ++i)
    wide[i] = cairn_alloc(&nodeType);
  dropOnSmallStack(wide);
}

TEST_F(Drops, TreesOfEveryLean) {
  for (int lean = 0; lean < 4; ++lean) {
    std::mt19937_64 random(static_cast<uint64_t>(lean));
    std::vector<Tree *> roots;
    for (uint64_t i = 0; i < test::times(200000); ++i) {
      Tree *t = static_cast<Tree *>(cairn_alloc(&treeType));
      auto pick = [&]() -> void * {
        if (roots.empty())
          return nullptr;
        size_t at = lean == 0 ? 0 : lean == 1 ? roots.size() - 1 : random() % roots.size();
        Tree *r = roots[at];
        roots[at] = roots.back();
        roots.pop_back();
        return r;
      };
      if (i % 2) {
        t->left = pick();
        t->right = lean == 3 ? nullptr : pick();
      }
      roots.push_back(t);
    }
    void **all = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, roots.size()));
    std::copy(roots.begin(), roots.end(), all);
    dropOnSmallStack(all);
    EXPECT_EQ(live(), 0u);
  }
}

TEST_F(Drops, ObjectsOfSeveralHeaps) {
  // One shape over heaps that lie in different windows of the address space.
  cairn_heap *heaps[8];
  for (int i = 0; i < 8; ++i) {
    cairn_heap_options options = {size_t(40) << 30, "window", false};
    heaps[i] = cairn_heap_create(&options);
    if (!heaps[i])
      heaps[i] = cairn_heap_create(nullptr);
    ASSERT_NE(heaps[i], nullptr);
  }
  Tree *root = nullptr;
  for (uint64_t i = 0; i < test::times(100000); ++i) {
    Tree *t = static_cast<Tree *>(cairn_heap_alloc(heaps[i % 8], &treeType));
    t->left = root;
    Tree *leaf = static_cast<Tree *>(cairn_heap_alloc(heaps[i * 5 % 7], &treeType));
    leaf->left = cairn_heap_alloc(heaps[i * 3 % 8], &treeType);
    t->right = leaf;
    root = t;
  }
  dropOnSmallStack(root);
  for (cairn_heap *h : heaps) {
    EXPECT_EQ(test::statsOf(h).live_objects, 0u);
    EXPECT_TRUE(cairn_heap_check(h));
    cairn_heap_destroy(h);
  }
}

TEST_F(Drops, SharedChildrenSurviveTheirParents) {
  Node *child = static_cast<Node *>(cairn_alloc(&nodeType));
  void **wide = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, 1000));
  for (int i = 0; i < 1000; ++i) {
    cairn_incref(child);
    wide[i] = child;
  }
  cairn_decref(wide);
  EXPECT_EQ(cairn_refcount(child), 1);
  cairn_decref(child);
}

//===----------------------------------------------------------------------===//
// Finalisers
//===----------------------------------------------------------------------===//

struct Final {
  void *child;
  int64_t id;
};
std::vector<int64_t> ended;
void record(void *object) { ended.push_back(static_cast<Final *>(object)->id); }
CAIRN_TYPE_FINAL(finalType, struct Final, record, child);

TEST_F(Drops, FinalisersRunOnceBeforeTheFields) {
  ended.clear();
  Final *head = nullptr;
  for (int i = 0; i < 1000; ++i) {
    Final *f = static_cast<Final *>(cairn_alloc(&finalType));
    f->child = head;
    f->id = i;
    head = f;
  }
  cairn_incref(head);
  cairn_decref(head);
  EXPECT_TRUE(ended.empty());
  cairn_decref(head);
  ASSERT_EQ(ended.size(), 1000u);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(ended[size_t(i)], 999 - i);
}

TEST_F(Drops, FinalisersOfArrayElements) {
  ended.clear();
  Final *a = static_cast<Final *>(cairn_alloc_array(&finalType, 100));
  for (int i = 0; i < 100; ++i)
    a[i].id = i;
  a[50].child = cairn_alloc_array(&finalType, 0);
  cairn_decref(a);
  ASSERT_EQ(ended.size(), 100u);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(ended[size_t(i)], i);
}

struct Owner { // owns its next by hand: the heap does not know
  void *next;
};
uint64_t ownersEnded;
void endOwner(void *object) {
  ++ownersEnded;
  cairn_decref(static_cast<Owner *>(object)->next);
}
cairn_type ownerType = {sizeof(Owner), 8, 0, 0, 0, nullptr, endOwner, "owner"};

TEST_F(Drops, FinalisersThatDropTheNextByHand) {
  uint64_t n = test::times(1000000);
  Owner *head = nullptr;
  for (uint64_t i = 0; i < n; ++i) {
    Owner *o = static_cast<Owner *>(cairn_alloc(&ownerType));
    o->next = head;
    head = o;
  }
  ownersEnded = 0;
  dropOnSmallStack(head);
  EXPECT_EQ(ownersEnded, n);
}

struct Spender {
  int64_t depth;
};
uint64_t spendersEnded;
void endSpender(void *object);
cairn_type spenderType = {sizeof(Spender), 8, 0, 0, 0, nullptr, endSpender, "spender"};
void endSpender(void *object) {
  ++spendersEnded;
  Spender *s = static_cast<Spender *>(object);
  EXPECT_EQ(cairn_refcount(s), -1) << "counting a dying object does nothing";
  cairn_incref(s);
  cairn_decref(s);
  // Allocates and drops, lists as well, and makes more of its kind.
  cairn_decref(list(20));
  cairn_free(cairn_malloc(size_t(s->depth) * 8));
  for (int i = 0; i < 2 && s->depth; ++i) {
    Spender *more = static_cast<Spender *>(cairn_alloc(&spenderType));
    more->depth = s->depth - 1;
    cairn_decref(more);
  }
}

TEST_F(Drops, FinalisersMayAllocateAndDrop) {
  spendersEnded = 0;
  test::onStack(kSmallStack, [] {
    Spender *s = static_cast<Spender *>(cairn_alloc(&spenderType));
    s->depth = 12;
    cairn_decref(s);
  });
  EXPECT_EQ(spendersEnded, (uint64_t(1) << 13) - 1);
}

TEST_F(Drops, FinalisersOfSharedObjectsRunOnTheLastThread) {
  ended.clear();
  Final *f = static_cast<Final *>(cairn_alloc(&finalType));
  f->id = 42;
  cairn_share(f);
  cairn_incref(f);
  std::thread([f] { cairn_decref(f); }).join();
  EXPECT_TRUE(ended.empty());
  std::thread([f] { cairn_decref(f); }).join();
  EXPECT_EQ(ended, std::vector<int64_t>{42});
}

jmp_buf leave;
cairn_heap *tiny;
bool leaveByJump(const cairn_oom *, void *) { longjmp(leave, 1); }
void endInFullHeap(void *) {
  for (;;)
    cairn_heap_alloc_bytes(tiny, 10000);
}
cairn_type jumperType = {8, 8, 0, 0, 0, nullptr, endInFullHeap, "jumper"};

/// Drops one object from deep in the stack, and says how many objects went.
__attribute__((noinline)) uint64_t dropDeep(int depth, cairn_heap *heap) {
  volatile char space[256];
  space[0] = char(depth);
  if (depth)
    return dropDeep(depth - 1, heap) + uint64_t(space[0] - char(depth));
  Tree *t = static_cast<Tree *>(cairn_heap_alloc(heap, &treeType));
  t->left = cairn_heap_alloc(heap, &treeType);
  uint64_t before = test::statsOf(heap).live_objects;
  cairn_decref(t);
  return before - test::statsOf(heap).live_objects;
}

TEST_F(Drops, LongjmpOutOfAFinaliser) {
  test::onStack(1 << 20, [] {
    test::Heap full(256 << 10), own;
    tiny = full;
    cairn_set_oom_handler(full, leaveByJump, nullptr);
    for (volatile int round = 0; round < 3; round = round + 1) {
      if (!setjmp(leave)) {
        // The jumper's siblings wait while its finaliser runs.
        void **all = static_cast<void **>(cairn_heap_alloc_array(own, &cairn_type_ref, 10));
        for (int i = 0; i < 10; ++i)
          all[i] = cairn_heap_alloc(own, i == 0 ? &jumperType : &nodeType);
        cairn_decref(all);
        ADD_FAILURE() << "the handler leaves";
      }
      // Drops work at once, from deeper and from shallower in the stack.
      EXPECT_GE(dropDeep(50, own), 2u);
      EXPECT_GE(dropDeep(0, own), 2u);
      EXPECT_TRUE(cairn_heap_check(own));
      EXPECT_TRUE(cairn_heap_check(full));
    }
    // What was on its way is dropped with the next object; only what the jump left
    // in the middle stays.
    EXPECT_LE(test::statsOf(own).live_objects, 3u * 2);
  });
}

bool freeAndRetry(const cairn_oom *, void *context) {
  std::vector<void *> &spare = *static_cast<std::vector<void *> *>(context);
  if (spare.empty())
    return false;
  cairn_decref(spare.back()); // a drop inside a finaliser's allocation
  spare.pop_back();
  return true;
}
void endWithAllocation(void *) { cairn_decref(cairn_heap_alloc_bytes(tiny, 10000)); }
cairn_type needyType = {8, 8, 0, 0, 0, nullptr, endWithAllocation, "needy"};

TEST_F(Drops, HandlerThatDropsInsideAFinaliser) {
  test::Heap full(256 << 10);
  tiny = full;
  std::vector<void *> spare;
  while (void *o = cairn_heap_try_alloc_bytes(full, 10000))
    spare.push_back(o);
  cairn_set_oom_handler(full, freeAndRetry, &spare);
  void **all = static_cast<void **>(cairn_alloc_array(&cairn_type_ref, 5));
  for (int i = 0; i < 5; ++i)
    all[i] = cairn_alloc(&needyType);
  cairn_decref(all);
  EXPECT_FALSE(spare.empty());
  for (void *o : spare)
    cairn_decref(o);
  EXPECT_EQ(test::statsOf(full).live_objects, 0u);
}

} // namespace
