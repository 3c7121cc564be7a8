//===- sweep_test.cpp - Failing each request of the platform in turn ----------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One program that uses everything runs again and again: with the first request of a
// kind refused, with the second, and so on, until it runs with none refused. Each time
// it must end with nothing left behind, and the heap must go on as before.
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <cstring>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cairn;

namespace {

using test::Node;
using test::nodeType;

struct Far {
  int64_t words[17];
  void *child;
};
CAIRN_TYPE(farType, struct Far, child);

uint64_t finalised;
void end(void *) {
  ++finalised;
  cairn_free(cairn_malloc(100));
  cairn_decref(cairn_try_alloc_bytes(50));
}
CAIRN_TYPE_FINAL(finalType, struct Node, end, next);

bool retry(const cairn_oom *, void *calls) {
  return ++*static_cast<int *>(calls) < 100; // a refusal comes once
}

/// What each part does, on a heap that may be null for the default one; returns false if
/// memory that was there did not hold what was written.
bool rawBlocks(cairn_heap *h) {
  bool good = true;
  std::vector<std::pair<uint8_t *, size_t>> all;
  for (size_t n = 1; n < 100000; n = n * 2 + 3) {
    uint8_t *p = static_cast<uint8_t *>(cairn_heap_malloc(h, n));
    if (p)
      memset(p, int(n), n), all.push_back({p, n});
    p = static_cast<uint8_t *>(cairn_heap_calloc(h, n, 2));
    if (p)
      good &= test::allBytes(p, n * 2, 0), cairn_free(p);
    p = static_cast<uint8_t *>(cairn_heap_aligned_alloc(h, 4096, n));
    if (p)
      good &= test::alignedTo(p, 4096), cairn_free_sized(p, n);
  }
  for (auto &[p, n] : all) {
    good &= test::allBytes(p, n, uint8_t(n));
    if (uint8_t *q = static_cast<uint8_t *>(cairn_realloc(p, n * 2))) {
      good &= test::allBytes(q, n, uint8_t(n));
      cairn_free_sized(q, n * 2);
    } else {
      cairn_free_sized(p, n); // the old block stays
    }
  }
  return good;
}

bool objects(cairn_heap *h) {
  bool good = true;
  Node *head = nullptr;
  for (int i = 0; i < 700; ++i) {
    Node *n = static_cast<Node *>(cairn_heap_try_alloc(h, i % 9 ? &nodeType : &finalType));
    if (!n)
      continue;
    good &= n->next == nullptr;
    n->next = head;
    n->value = i;
    head = n;
  }
  void **array = static_cast<void **>(cairn_heap_try_alloc_array(h, &cairn_type_ref, 300));
  Far *far = static_cast<Far *>(cairn_heap_try_alloc_array(h, &farType, 40));
  for (int i = 0; array && i < 300; ++i)
    array[i] = cairn_heap_try_alloc_bytes(h, size_t(i) * 7);
  if (far) {
    for (int i = 0; i < 40; ++i)
      good &= far[i].child == nullptr;
    far[3].child = array;
    far[4].child = head;
    cairn_share(far);
    cairn_incref(far);
    cairn_decref(far);
    cairn_decref(far);
  } else {
    cairn_decref(array);
    cairn_decref(head);
  }
  // The forms that never return null, with a handler that says to try again.
  int calls = 0;
  cairn_set_oom_handler(h, retry, &calls);
  void *one = cairn_heap_alloc(h, &nodeType), *bytes = cairn_heap_alloc_bytes(h, 100000);
  void *fin = cairn_heap_alloc(h, &finalType), *fars = cairn_heap_alloc_array(h, &farType, 3);
  void *late = cairn_heap_alloc(h, &farType);
  good &= one && bytes && fin && fars && late && calls < 10;
  for (void *o : {one, bytes, fin, fars, late})
    cairn_decref(o);
  cairn_set_oom_handler(h, nullptr, nullptr);
  return good;
}

struct Work {
  cairn_heap *heap;
  std::vector<void *> blocks;
  Node *shared;
  bool good;
};

/// A thread that frees what another made, and leaves blocks of its own.
void *elsewhere(void *arg) {
  Work *work = static_cast<Work *>(arg);
  for (void *&p : work->blocks) {
    cairn_free(p);
    p = cairn_heap_malloc(work->heap, 80);
  }
  cairn_decref(work->shared);
  work->good = rawBlocks(work->heap) && objects(work->heap);
  return nullptr;
}

bool threads(cairn_heap *h) {
  Work work = {h, {}, nullptr, true};
  for (int i = 0; i < 1500; ++i)
    work.blocks.push_back(cairn_heap_malloc(h, 80));
  work.shared = static_cast<Node *>(cairn_heap_try_alloc(h, &nodeType));
  if (work.shared) {
    work.shared->next = cairn_heap_try_alloc_bytes(h, 10);
    cairn_share(work.shared);
  }
  pthread_t thread;
  if (pthread_create(&thread, nullptr, elsewhere, &work) != 0)
    return false;
  pthread_join(thread, nullptr);
  for (void *p : work.blocks)
    cairn_free(p);
  return work.good;
}

bool program() {
  bool good = true;
  good &= rawBlocks(nullptr) && objects(nullptr) && threads(nullptr);
  for (size_t size : {size_t(1) << 20, size_t(32) << 20})
    for (bool checked : {false, true}) {
      cairn_heap_options options = {size, "swept", checked};
      cairn_heap *h = cairn_heap_create(&options);
      if (!h)
        continue;
      good &= rawBlocks(h) && objects(h) && threads(h);
      cairn_stats s = test::statsOf(h);
      good &= s.live_blocks == 0 && s.live_objects == 0 && cairn_heap_check(h);
      cairn_heap_destroy(h);
    }
  return good;
}

struct Kind {
  cairn_fault fault;
  const char *name;
} const kinds[] = {{CAIRN_FAULT_REGION, "region"},
                   {CAIRN_FAULT_SLAB, "slab"},
                   {CAIRN_FAULT_LARGE, "large"},
                   {CAIRN_FAULT_METADATA, "metadata"}};

class Sweep : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Sweep, testing::ValuesIn(kinds),
                         [](const auto &info) { return std::string(info.param.name); });

TEST_P(Sweep, EveryRequestFailsOnce) {
  ASSERT_TRUE(program());
  cairn_heap_trim(nullptr);
  cairn_stats start = test::statsOf(nullptr);
  size_t mapped = test::mappedBytes();
  uint64_t k = 1, runs = 0;
  // Under a sanitizer a sample of the later ones: each of the first, then fewer.
  bool slow = CAIRN_TEST_ASAN || CAIRN_TEST_TSAN || test::checkedRun();
  for (;; k += slow && k > 20 ? k / 4 : 1) {
    cairn_fault_set(GetParam().fault, k);
    bool good = program();
    uint64_t made = cairn_fault_count(GetParam().fault);
    cairn_fault_set(GetParam().fault, 0);
    ++runs;
    ASSERT_TRUE(good) << "request " << k;
    cairn_stats s = test::statsOf(nullptr);
    ASSERT_EQ(s.live_blocks, start.live_blocks) << "request " << k;
    ASSERT_EQ(s.live_objects, start.live_objects) << "request " << k;
    ASSERT_TRUE(cairn_heap_check(nullptr)) << "request " << k;
    if (made < k)
      break; // it ran clean
  }
  RecordProperty("runs", std::to_string(runs));
  EXPECT_GE(runs, 4u) << "nothing was refused";
  if (!CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN) {
    EXPECT_LE(test::mappedBytes(), mapped + (8 << 20));
  }
}

/// A process's first requests: the default heap, the thread's record, the registry.
TEST_P(Sweep, EveryFirstRequestFailsOnce) {
  if (CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizer does not start threads after a fork";
  uint64_t k = 1;
  for (bool clean = false; !clean; ++k) {
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (!child) {
      std::string number = std::to_string(k);
      setenv("CAIRN_TEST_SWEEP_K", number.c_str(), 1);
      setenv("CAIRN_TEST_SWEEP_KIND", std::to_string(int(GetParam().fault)).c_str(), 1);
      execl("/proc/self/exe", "unit", "--gtest_filter=SweepChild.*",
            "--gtest_also_run_disabled_tests", "--gtest_brief=1", static_cast<char *>(nullptr));
      _exit(99);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "request " << k << ": signal " << WTERMSIG(status);
    ASSERT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3) << "request " << k;
    clean = WEXITSTATUS(status) == 3;
    if (k >= 12)
      break; // those that follow are no first ones
  }
}

TEST(SweepChild, DISABLED_Run) {
  const char *kind = getenv("CAIRN_TEST_SWEEP_KIND"), *k = getenv("CAIRN_TEST_SWEEP_K");
  if (!kind || !k)
    GTEST_SKIP() << "a part of Sweep";
  cairn_fault fault = cairn_fault(atoi(kind));
  cairn_fault_set(fault, strtoull(k, nullptr, 10));
  if (!cairn_heap_default() && fault != CAIRN_FAULT_METADATA && fault != CAIRN_FAULT_REGION)
    FAIL() << "the default heap takes what there is";
  bool small = !rawBlocks(nullptr) || !objects(nullptr) || !threads(nullptr);
  ASSERT_FALSE(small);
  uint64_t made = cairn_fault_count(fault);
  cairn_fault_set(fault, 0);
  ASSERT_TRUE(program()) << "a second run is clean";
  cairn_stats s = test::statsOf(nullptr);
  ASSERT_EQ(s.live_blocks, 0u);
  ASSERT_EQ(s.live_objects, 0u);
  ASSERT_TRUE(cairn_heap_check(nullptr));
  size_t mapped = test::mappedBytes();
  ASSERT_TRUE(program());
  if (!CAIRN_TEST_ASAN && !CAIRN_TEST_TSAN) {
    EXPECT_LE(test::mappedBytes(), mapped + (8 << 20));
  }
  if (!HasFailure() && made < strtoull(k, nullptr, 10))
    _exit(3);
}

} // namespace
