//===- purger_test.cpp - Memory goes back a while after it was freed ----------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each test is in a child process: whether the thread is there, and the delay that it was
// made with, are the process's.
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include "heap/purger.h"

#include <csignal>
#include <cstring>
#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

constexpr size_t kBlock = 256 << 10, kBlocks = 64;

/// Runs f in a child without the thread, whose delay is this; f returns 0 if all is well.
void inProcess(unsigned delay, int (*f)()) {
  if (CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizer does not start threads after a fork";
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(120);
    cairn::setPurgeDelay(delay);
    _exit(f());
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

unsigned threads() {
  unsigned n = 0;
  DIR *tasks = opendir("/proc/self/task");
  while (dirent *entry = readdir(tasks))
    n += entry->d_name[0] != '.';
  closedir(tasks);
  return n;
}

size_t dirtyBytes(cairn_heap *h) {
  auto *heap = reinterpret_cast<cairn::Heap *>(h);
  cairn::platform::Guard guard(heap->lock);
  return heap->space.dirtyBytes();
}

/// Free memory that may stay: none, where all of it comes free at once. A checked heap fills blocks
/// as they are freed, and what comes free after the last sweep may not be worth another.
size_t kept() { return test::checkedRun() ? size_t(1) << 20 : 0; }

/// Whether `f` becomes true in good time.
template <typename F> bool soon(F f) {
  for (int i = 0; i < 6000; ++i) {
    if (f())
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// Uses and frees 16 MiB.
void comeAndGo(cairn_heap *heap) {
  void *blocks[kBlocks];
  for (void *&p : blocks)
    memset(p = cairn_heap_malloc(heap, kBlock), 1, kBlock);
  for (void *p : blocks)
    cairn_free(p);
}

TEST(Purger, GivesBackWhatStaysFree) {
  inProcess(20, [] {
    test::Heap heap;
    comeAndGo(heap);
    if (threads() != 2)
      return 1;
    return soon([&] { return dirtyBytes(heap) <= kept(); }) ? 0 : 2;
  });
}

TEST(Purger, SleepsAndIsWokenAgain) {
  inProcess(5, [] {
    test::Heap heap;
    for (int round = 0; round < 10; ++round) {
      comeAndGo(heap);
      if (!soon([&] { return dirtyBytes(heap) <= kept(); }))
        return 1;
    }
    return threads() == 2 ? 0 : 2;
  });
}

TEST(Purger, LittleIsNotWorthAThread) {
  if (test::checkedRun())
    GTEST_SKIP() << "a freed block waits before its memory is free";
  inProcess(1, [] {
    test::Heap heap;
    cairn_free(cairn_heap_malloc(heap, kBlock));
    return threads() == 1 && dirtyBytes(heap) > 0 ? 0 : 1;
  });
}

TEST(Purger, WithoutDelayThereIsNoThread) {
  // What waits in a checked heap is in use: it may add a quarter of itself.
  static size_t most;
  most = test::checkedRun() ? size_t(19) << 20 : size_t(17) << 20;
  inProcess(0, [] {
    test::Heap heap(256 << 20);
    std::vector<void *> blocks;
    for (int i = 0; i < 512; ++i) {
      blocks.push_back(cairn_heap_malloc(heap, kBlock));
      memset(blocks.back(), 1, kBlock);
    }
    for (void *p : blocks)
      cairn_free(p);
    return threads() == 1 && dirtyBytes(heap) <= most ? 0 : 1;
  });
}

TEST(Purger, ReusedMemoryKeepsWhatIsWritten) {
  inProcess(1, [] {
    test::Heap heap;
    std::mt19937 random(1);
    struct Block {
      unsigned char *p;
      size_t size;
      unsigned char fill;
    };
    std::vector<Block> live(48);
    uint64_t steps = test::times(4000, 4);
    for (uint64_t i = 0; i < steps; ++i) {
      Block &b = live[random() % live.size()];
      if (b.p) {
        if (!test::allBytes(b.p, b.size, b.fill))
          return 1;
        cairn_free(b.p);
      }
      b.size = 2049 + random() % kBlock;
      b.fill = static_cast<unsigned char>(i);
      bool zeroed = random() % 2;
      b.p = static_cast<unsigned char *>(zeroed ? cairn_heap_calloc(heap, 1, b.size)
                                                : cairn_heap_malloc(heap, b.size));
      if (!b.p || (zeroed && !test::allBytes(b.p, b.size, 0)))
        return 2;
      memset(b.p, b.fill, b.size);
    }
    for (Block &b : live)
      if (b.p)
        cairn_free(b.p);
    return cairn_heap_check(heap) ? 0 : 3;
  });
}

TEST(Purger, HeapsAreDestroyedMeanwhile) {
  inProcess(1, [] {
    for (uint64_t i = 0; i < test::times(40, 4); ++i) {
      test::Heap heap;
      comeAndGo(heap);
      if (i % 8 == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return 0;
  });
}

TEST(Purger, AForkedChildMakesItsOwn) {
  inProcess(1, [] {
    test::Heap heap;
    comeAndGo(heap);
    for (int round = 0; round < 15; ++round) {
      pid_t child = fork();
      if (child == 0) {
        alarm(60);
        unsigned before = threads();
        comeAndGo(heap);
        _exit(before != 1                                           ? 1
              : threads() != 2                                      ? 100 + int(threads())
              : !soon([&] { return dirtyBytes(heap) <= kept(); })   ? 3
              : cairn_heap_check(heap) && cairn_heap_check(nullptr) ? 0
                                                                    : 4);
      }
      int status = 0;
      if (waitpid(child, &status, 0) != child || status != 0)
        return 10 + WEXITSTATUS(status);
      comeAndGo(heap);
    }
    return 0;
  });
}

// A thread that the system has no memory for now is asked for again.
TEST(Purger, IsMadeLaterWhereTheSystemRefusesItOnce) {
  if (CAIRN_TEST_ASAN)
    GTEST_SKIP() << "the sanitizer maps memory all the time";
  inProcess(1, [] {
    test::Heap heap;
    struct rlimit before, none;
    if (getrlimit(RLIMIT_AS, &before) != 0)
      return 1;
    none = before;
    none.rlim_cur = 1;
    void *blocks[kBlocks];
    for (void *&p : blocks)
      memset(p = cairn_heap_malloc(heap, kBlock), 1, kBlock);
    setrlimit(RLIMIT_AS, &none);
    // The C library keeps the stacks of threads that tests before had, and needs no memory for
    // as many.
    unsigned others = 1;
    auto waits = [] {
      for (;;)
        pause();
    };
    while (others < 200 && cairn::platform::startThread(waits))
      ++others;
    for (unsigned i = 0; i < 6; ++i) // it is wanted once more than 1 MiB is free
      cairn_free(blocks[i]);
    setrlimit(RLIMIT_AS, &before);
    if (threads() != others)
      return 2;
    for (unsigned i = 6; i < kBlocks; ++i)
      cairn_free(blocks[i]);
    return threads() == others + 1 ? 0 : 100 + int(threads());
  });
}

TEST(Purger, TakesNoSignals) {
  inProcess(1, [] {
    static pthread_t self;
    static int wrong;
    self = pthread_self();
    signal(SIGUSR1, [](int) { wrong += !pthread_equal(self, pthread_self()); });
    test::Heap heap;
    comeAndGo(heap);
    if (threads() != 2)
      return 1;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &mask, nullptr);
    for (int i = 0; i < 100; ++i) {
      kill(getpid(), SIGUSR1); // stays pending while no thread takes it
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    pthread_sigmask(SIG_UNBLOCK, &mask, nullptr);
    return wrong;
  });
}

// In this process, where the sanitizers see the thread too.
TEST(Purger, SweepsWhileThreadsAreBusy) {
  test::Heap heap;
  std::vector<std::thread> busy;
  for (int t = 0; t < 2; ++t)
    busy.emplace_back([&] {
      for (uint64_t i = 0; i < test::times(100); ++i)
        comeAndGo(heap);
    });
  for (std::thread &t : busy)
    t.join();
  EXPECT_TRUE(soon([&] { return dirtyBytes(heap) <= size_t(1) << 20; }));
  EXPECT_TRUE(cairn_heap_check(heap));
}

} // namespace
