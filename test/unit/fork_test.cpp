//===- fork_test.cpp - fork in a threaded program -----------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <atomic>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using test::Node;
using test::nodeType;

/// What the child does; 0 if all is well.
int inChild(cairn_heap *heap, const std::vector<void *> &others, const std::vector<void *> &mine,
            Node *object) {
  for (void *p : others)
    cairn_free(p);
  for (void *p : mine)
    cairn_free(p);
  cairn_decref(object);
  for (int i = 0; i < 20000; ++i) {
    void *p = cairn_malloc(size_t(i % 3000)), *q = cairn_heap_malloc(heap, size_t(i % 3000));
    if (!p || !q)
      return 2;
    cairn_decref(cairn_alloc(&nodeType));
    cairn_free(p);
    cairn_free(q);
  }
  cairn_stats s;
  cairn_stats_get(heap, &s);
  // The other threads may have been at an allocation each.
  if (s.live_blocks > 8 * 64)
    return 3;
  int result = 4;
  pthread_t thread;
  auto run = [](void *arg) -> void * {
    for (int i = 0; i < 1000; ++i) {
      cairn_free(cairn_malloc(size_t(i)));
      cairn_decref(cairn_alloc(&nodeType));
    }
    *static_cast<int *>(arg) = 0;
    return nullptr;
  };
  if (pthread_create(&thread, nullptr, run, &result) != 0)
    return 5;
  pthread_join(thread, nullptr);
  if (!result && !cairn_heap_check(heap))
    return 6;
  if (!result && !cairn_heap_check(nullptr))
    return 7;
  return result;
}

TEST(Fork, ChildOfAThreadedProgramIsUsable) {
  if (CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizer does not start threads after such a fork";
  test::Heap heap;
  std::atomic<bool> stop{false};
  std::atomic<int> ready{0};
  std::vector<void *> others[3];
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i)
        others[t].push_back(i % 2 ? cairn_malloc(size_t(i)) : cairn_heap_malloc(heap, size_t(i)));
      ++ready;
      static cairn_type types[3][4096];
      for (uint64_t i = 0; !stop; ++i) { // busy on slow paths when the fork comes
        void *blocks[64];
        for (void *&p : blocks)
          p = i % 2 ? cairn_malloc(2000) : cairn_heap_malloc(heap, 2000);
        for (void *p : blocks)
          cairn_free(p);
        if (i < 4096) {
          types[t][i] = {8, 8, 0, 0, 0, nullptr, [](void *) {}, "forked"};
          cairn_decref(cairn_alloc(&types[t][i]));
        }
      }
    });
  while (ready < 3)
    std::this_thread::yield();
  std::vector<void *> mine, theirs;
  for (auto &list : others)
    theirs.insert(theirs.end(), list.begin(), list.end());
  for (int i = 0; i < 2000; ++i)
    mine.push_back(cairn_heap_malloc(heap, size_t(i)));
  Node *object = static_cast<Node *>(cairn_alloc(&nodeType));
  for (uint64_t round = 0; round < test::times(12, 3); ++round) {
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(60);
      _exit(inChild(heap, theirs, mine, object));
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  stop = true;
  for (std::thread &t : threads)
    t.join();
  // The parent knows nothing of it.
  for (void *p : theirs)
    cairn_free(p);
  for (void *p : mine)
    cairn_free(p);
  cairn_decref(object);
  EXPECT_EQ(test::statsOf(heap).live_blocks, 0u);
  EXPECT_TRUE(cairn_heap_check(heap));
  EXPECT_TRUE(cairn_heap_check(nullptr));
}

TEST(Fork, ChildrenOfChildren) {
  if (CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizer does not start threads after such a fork";
  Node *object = static_cast<Node *>(cairn_alloc(&nodeType));
  for (int depth = 0; depth < 4; ++depth) {
    std::thread([] { cairn_free(cairn_malloc(100)); }).join();
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child) {
      int status = 0;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
      if (depth)
        _exit(status || testing::Test::HasFailure());
      break;
    }
    alarm(60);
    if (depth == 3) {
      cairn_decref(object);
      _exit(!cairn_heap_check(nullptr));
    }
  }
  cairn_decref(object);
}

} // namespace
