//===- biased_mutex_test.cpp - One holder at a time ---------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include "platform/biased_mutex.h"

#include <atomic>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <ucontext.h>
#include <unistd.h>

using cairn::platform::BiasedMutex;
using cairn::platform::Guard;

namespace {

/// What the lock guards: two words that are equal unless somebody is in between.
struct Guarded {
  BiasedMutex lock;
  volatile uint64_t a = 0, b = 0;
  uint64_t wrong = 0;

  void step() {
    Guard guard(lock);
    wrong += a != b;
    a = a + 1;
    b = b + 1;
  }
  void steps(uint64_t n) {
    for (uint64_t i = 0; i < n; ++i)
      step();
  }
};

TEST(BiasedMutex, OneThread) {
  Guarded g;
  g.steps(100000);
  EXPECT_EQ(g.a, 100000u);
  EXPECT_EQ(g.wrong, 0u);
}

TEST(BiasedMutex, AnotherThreadTakesItFromItsOwner) {
  Guarded g;
  for (int round = 0; round < 20; ++round) {
    g.steps(20000);
    std::thread([&] { g.step(); }).join();
  }
  EXPECT_EQ(g.a, 20u * 20001);
  EXPECT_EQ(g.wrong, 0u);
}

TEST(BiasedMutex, OwnersInTurns) {
  Guarded g;
  for (int round = 0; round < 50; ++round)
    std::thread([&] { g.steps(test::times(20000)); }).join();
  EXPECT_EQ(g.a, 50u * test::times(20000));
  EXPECT_EQ(g.wrong, 0u);
}

TEST(BiasedMutex, ThreadsAtOnce) {
  // One is busy, and becomes owner again and again; the others come by.
  Guarded g;
  uint64_t n = test::times(400000);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { g.steps(n); });
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < n / 1000; ++i) {
        g.step();
        std::this_thread::yield();
      }
    });
  threads.emplace_back([&] { g.steps(n / 4); });
  for (std::thread &t : threads)
    t.join();
  EXPECT_EQ(g.a, n + 2 * (n / 1000) + n / 4);
  EXPECT_EQ(g.wrong, 0u);
}

#if defined(__x86_64__) && !CAIRN_TEST_TSAN
/// Counts the instructions of a thread, and stops it at one of them for a while.
namespace step {
constexpr int kMost = 80;
thread_local int Left, StopAt;
std::atomic<bool> Stopped;
void onTrap(int, siginfo_t *, void *context) {
  if (--StopAt == 0) {
    Stopped = true;
    timespec pause = {0, 3000000};
    nanosleep(&pause, nullptr);
  }
  if (--Left == 0)
    static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_EFL] &= ~greg_t(0x100);
}
void begin(int stopAt) {
  Left = kMost;
  StopAt = stopAt;
  asm volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc");
}
} // namespace step

/// The owner is stopped at each instruction of its way in, also where it saw that it is the
/// owner and has not said yet that it is inside. Meanwhile another thread has the lock, often
/// enough to become owner, and holds it most of the time.
TEST(BiasedMutex, AnOwnerThatStopsOnItsWayIn) {
  struct sigaction trap = {}, before;
  trap.sa_sigaction = step::onTrap;
  trap.sa_flags = SA_SIGINFO;
  ASSERT_EQ(sigaction(SIGTRAP, &trap, &before), 0);
  for (int at = 1; at <= step::kMost; ++at) {
    Guarded g;
    std::atomic<bool> done = false;
    step::Stopped = false;
    std::thread owner([&] {
      g.steps(1000);
      step::begin(at);
      g.steps(20);
      done = true;
    });
    while (!step::Stopped)
      std::this_thread::yield();
    while (!done)
      for (int i = 0; i < 150; ++i) {
        Guard guard(g.lock);
        g.wrong += g.a != g.b;
        g.a = g.a + 1;
        for (volatile int k = 0; k < 5000; k = k + 1) {
        }
        g.b = g.b + 1;
      }
    owner.join();
    EXPECT_EQ(g.wrong, 0u) << "stopped at instruction " << at;
    EXPECT_EQ(g.a, g.b) << "stopped at instruction " << at;
  }
  sigaction(SIGTRAP, &before, nullptr);
}

/// Stops a thread after an instruction, and after the next one, until `Go` says more than it did
/// or a little time is over.
namespace twice {
thread_local int Left, StopAt;
std::atomic<int> Stopped, Go;
void onTrap(int, siginfo_t *, void *context) {
  int stop = --StopAt == 0 ? 1 : StopAt == -1 ? 2 : 0;
  if (stop) {
    Stopped = stop;
    timespec pause = {0, 100000};
    for (int i = 0; i < 20 && Go < stop; ++i)
      nanosleep(&pause, nullptr);
  }
  if (--Left == 0)
    static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_EFL] &= ~greg_t(0x100);
}
void begin(int stopAt) {
  Left = stopAt + 2;
  StopAt = stopAt;
  asm volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc");
}
} // namespace twice

/// A fork takes the lock from its owner, which is between its looks: it says then that it is
/// inside, and the fork happens. In the child it is gone, and a new thread, with its stack and
/// so its pointer, becomes owner; nobody is inside, and the lock can be taken from it.
TEST(BiasedMutex, AForkWhileTheOwnerIsOnItsWayIn) {
  struct sigaction trap = {}, before;
  trap.sa_sigaction = twice::onTrap;
  trap.sa_flags = SA_SIGINFO;
  ASSERT_EQ(sigaction(SIGTRAP, &trap, &before), 0);
  for (int at = 1; at <= step::kMost; ++at) {
    Guarded g;
    twice::Stopped = twice::Go = 0;
    std::thread owner([&] {
      g.steps(1000);
      twice::begin(at);
      g.steps(20);
    });
    while (!twice::Stopped)
      std::this_thread::yield();
    g.lock.lockForFork();
    twice::Go = 1;
    while (twice::Stopped < 2)
      std::this_thread::yield();
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(20);
      g.lock.unlockInChild();
      // As often as makes it the owner, and no more, in one of the rounds.
      for (uint64_t n = 60; n < 70; ++n) {
        std::thread([&] { g.steps(n); }).join();
        g.step();
      }
      _exit(g.wrong == 0 ? 0 : 1);
    }
    twice::Go = 2;
    g.lock.unlock();
    owner.join();
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "stopped at instruction " << at;
    EXPECT_EQ(g.wrong, 0u);
    if (status)
      break;
  }
  sigaction(SIGTRAP, &before, nullptr);
}
#endif

TEST(BiasedMutex, HeldByItsOwnerAcrossFork) {
  if (CAIRN_TEST_TSAN)
    GTEST_SKIP() << "the sanitizer does not start threads after a fork";
  Guarded g;
  g.steps(1000);
  g.lock.lock();
  pid_t child = fork();
  ASSERT_GE(child, 0);
  g.lock.unlock();
  g.steps(1000);
  if (child == 0) {
    alarm(60);
    std::thread([&] { g.steps(1000); }).join();
    g.steps(1000);
    _exit(g.a == 4000 && g.wrong == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(g.a, 2000u);
}

} // namespace
