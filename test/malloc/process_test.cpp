//===- process_test.cpp - Start, end, threads, fork and misuse -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

//===----------------------------------------------------------------------===//
// Before every constructor, and after every destructor
//===----------------------------------------------------------------------===//

void *Early;
bool EarlyGood;

void beforeConstructors(int, char **, char **) {
  free(nullptr); // before anything was allocated by the program
  void *p = malloc(100);
  memset(p, 3, 100);
  p = realloc(p, 5000);
  void *q = calloc(3, 1000);
  EarlyGood = p && q && static_cast<char *>(p)[99] == 3 && static_cast<char *>(q)[2999] == 0;
  free(q);
  Early = p;
}
__attribute__((section(".preinit_array"),
               used)) void (*const Preinit)(int, char **, char **) = beforeConstructors;

struct Last {
  char *at = strdup("freed by the last destructor");
};
Last TheLast;
__attribute__((destructor(101))) void afterDestructors() {
  free(TheLast.at);
  char *p = static_cast<char *>(calloc(1000, 1));
  if (!p || p[999])
    _exit(9);
  free(p);
}

TEST(Start, BeforeConstructors) {
  EXPECT_TRUE(EarlyGood);
  EXPECT_EQ(static_cast<char *>(Early)[99], 3);
  free(Early);
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

/// A key whose destructor allocates, frees, and sets the key again: the runtime's own
/// key may have been destroyed before, and is then made anew.
pthread_key_t Key;
std::atomic<int> Ends;

void endOfKey(void *value) {
  free(value);
  std::vector<std::string> more;
  for (int i = 0; i < 100; ++i)
    more.emplace_back(size_t(i), 'x');
  if (++Ends % 5)
    pthread_setspecific(Key, malloc(100));
}

struct Local {
  std::vector<void *> blocks;
  ~Local() {
    for (void *p : blocks)
      free(p);
    free(malloc(300));
  }
};
thread_local Local TheLocal;

TEST(Threads, KeysAndThreadLocalsAtTheEnd) {
  ASSERT_EQ(pthread_key_create(&Key, endOfKey), 0);
  size_t before = 0;
  for (int round = 0; round < 300; ++round) {
    if (round == 20)
      before = mallinfo2().uordblks;
    std::thread([] {
      for (int i = 0; i < 100; ++i)
        TheLocal.blocks.push_back(malloc(size_t(i) * 50));
      pthread_setspecific(Key, malloc(100));
    }).join();
  }
  EXPECT_GE(Ends, 300);
  pthread_key_delete(Key);
  EXPECT_LE(mallinfo2().uordblks, before + (2 << 20)) << "what ended threads had is used again";
}

TEST(Threads, WhoStartsThemKeepsNoSlabsOfWhatTheyFree) {
  if (getenv("CAIRN_CHECK"))
    GTEST_SKIP() << "freed blocks are held back";
  size_t before = mallinfo2().uordblks, built = 0;
  std::thread([&] {
    uint32_t random = 1;
    auto below = [&](uint32_t n) { return (random = random * 1664525 + 1013904223) / 65536 % n; };
    std::vector<void *> blocks(4000);
    // A block and the one that replaces it are seldom of one size: so the slots on a stack come to
    // be of many slabs.
    for (uint32_t i = 0; i < 40000; ++i) {
      void *&p = blocks[i < blocks.size() ? i : below(4000)];
      free(p);
      p = malloc(500 + below(500));
    }
    built = mallinfo2().uordblks - before;
    std::thread([&] {
      for (void *p : blocks)
        free(p);
    }).join();
    EXPECT_LE(mallinfo2().uordblks, before + built / 10);
  }).join();
}

TEST(Threads, BlocksOfOthers) {
  std::vector<void *> blocks;
  std::thread([&] {
    for (size_t i = 0; i < 10000; ++i) {
      blocks.push_back(malloc(i % 3000));
      memset(blocks.back(), int(i & 255), i % 3000);
    }
  }).join();
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (size_t i = t; i < blocks.size(); i += 4) {
        size_t n = i % 3000;
        uint8_t *p = static_cast<uint8_t *>(blocks[i]);
        if (i % 2)
          p = static_cast<uint8_t *>(realloc(p, n * 2 + 1));
        for (size_t j = 0; j < n; ++j)
          if (p[j] != uint8_t(i))
            abort();
        if (malloc_usable_size(p) < n)
          abort();
        free(p);
      }
    });
  for (std::thread &t : threads)
    t.join();
}

TEST(Fork, ChildOfThreadsAllocates) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      while (!stop)
        for (size_t n = size_t(t); n < 100000; n = n * 3 + 1)
          free(calloc(1, n));
    });
  int failures = 0;
  for (int i = 0; i < 50; ++i) {
    pid_t child = fork();
    if (child == 0) {
      alarm(20); // a lock that nobody holds any more
      std::vector<void *> blocks;
      for (size_t n = 0; n < 3000; ++n)
        blocks.push_back(malloc(n * 7));
      for (void *p : blocks)
        free(p);
      std::thread([] { free(malloc(1000)); }).join();
      _exit(0);
    }
    int status = 0;
    failures += child < 0 || waitpid(child, &status, 0) != child || status != 0;
  }
  stop = true;
  for (std::thread &t : threads)
    t.join();
  EXPECT_EQ(failures, 0);
}

/// The C library's fork may be called by a handler of a process with one thread, whatever that
/// thread does, the heap's work under its locks included.
TEST(ForkDeathTest, BySignalHandlerWhileTheHeapWorks) {
  GTEST_FLAG_SET(death_test_style, "threadsafe"); // a process that never had another thread
  EXPECT_EXIT(
      {
        alarm(60);
        signal(SIGALRM, SIG_DFL);
        static pid_t self;
        self = getpid();
        signal(SIGUSR1, [](int) {
          int before = errno;
          pid_t child = fork();
          if (child == 0)
            _exit(0);
          waitpid(child, nullptr, 0);
          errno = before;
        });
        pid_t sender = fork();
        if (sender == 0) {
          for (int i = 0; i < 300; ++i) {
            kill(self, SIGUSR1);
            usleep(300);
          }
          _exit(0);
        }
        int status = 0;
        for (size_t i = 0; waitpid(sender, &status, WNOHANG) != sender; ++i) {
          void *small[40];
          for (void *&p : small)
            p = malloc(2000);
          for (void *p : small)
            free(p);
          free(malloc(3000 + i % 50000));
        }
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

/// The compiler does not look through it.
template <typename T> T *hidden(T *p) {
  asm volatile("" : "+r"(p));
  return p;
}

/// Whether a process that limits its address space to 1 GiB can fill half of that, and then,
/// with all of it freed, start a thread.
bool fillsAndStartsAThread() {
  rlimit limit = {size_t(1) << 30, size_t(1) << 30};
  setrlimit(RLIMIT_AS, &limit);
  std::vector<void *> blocks;
  blocks.reserve(100000);
  while (void *p = malloc(100000))
    blocks.push_back(p);
  for (void *p : blocks)
    free(p);
  pthread_t thread;
  int made = pthread_create(&thread, nullptr, [](void *p) { return p; }, nullptr);
  return made == 0 && pthread_join(thread, nullptr) == 0 && blocks.size() > 5000;
}

/// The heap may keep what was freed for some time. A thread's stack can have it at once.
TEST(Limits, StackOfWhatWasFreed) {
  pid_t child = fork();
  if (child == 0)
    _exit(fillsAndStartsAThread() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

/// The records of a region that was large once count under a limit as well.
TEST(Limits, AfterAVeryLargeBlock) {
  pid_t child = fork();
  if (child == 0) {
    free(hidden(malloc(size_t(56) << 30)));
    _exit(fillsAndStartsAThread() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

//===----------------------------------------------------------------------===//
// Misuse ends the process with a message
//===----------------------------------------------------------------------===//

TEST(MisuseDeathTest, IsNamed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  char local[64] = {};
  static char fixed[64];
  EXPECT_DEATH(free(hidden(local + 16)), "cairn: 0x[0-9a-f]+: not a block of any heap");
  EXPECT_DEATH(free(hidden(fixed)), "not a block of any heap");
  EXPECT_DEATH(free(hidden(reinterpret_cast<void *>(8))), "not a block of any heap");
  // Far from everything that is mapped, and where no process can have anything.
  for (uintptr_t far :
       {uintptr_t(1) << 44, uintptr_t(1) << 45, uintptr_t(1) << 48, ~uintptr_t(15)}) {
    auto *p = reinterpret_cast<char *>(far);
    EXPECT_DEATH(free(hidden(p)), "not a block of any heap");
    EXPECT_DEATH((void)realloc(hidden(p), 100), "not a block of any heap");
    EXPECT_DEATH((void)malloc_usable_size(hidden(p)), "not a block of any heap");
    EXPECT_DEATH(operator delete(hidden(p)), "not a block of any heap");
    EXPECT_DEATH(operator delete(hidden(p), size_t(100)), "not a block of any heap");
  }
  EXPECT_DEATH((void)realloc(hidden(local), 100), "not a block of any heap");
  EXPECT_DEATH((void)malloc_usable_size(hidden(local)), "not a block of any heap");
  for (size_t n : {size_t(5000), size_t(1) << 20}) {
    char *p = static_cast<char *>(malloc(n));
    EXPECT_DEATH(free(hidden(p + 512)), "inside a block");
    EXPECT_DEATH((void)realloc(hidden(p + 512), 9000), "inside a block");
    EXPECT_DEATH((free(p), free(hidden(p))), "freed already");
    free(p);
  }
  char *p = static_cast<char *>(malloc(200));
  EXPECT_DEATH((void)realloc(hidden(p + 16), 900), "inside a block");
  EXPECT_DEATH(operator delete(hidden(local)), "not a block of any heap");
  free(p);
}

/// A filter under which the process ends when it makes a thread.
bool forbidThreads() {
  constexpr unsigned kCalls[] = {SYS_clone, SYS_clone3};
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
  for (unsigned call : kCalls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// The thread that gives memory back is not made there, and memory goes back all the same.
TEST(Sandbox, NoThreadIsMadeUnderAFilter) {
  pid_t child = fork();
  if (child == 0) {
    if (!forbidThreads())
      _exit(77);
    for (int round = 0; round < 3; ++round) {
      std::vector<void *> blocks(200);
      for (void *&p : blocks)
        memset(p = malloc(1 << 20), 1, 1 << 20);
      for (void *p : blocks)
        free(p);
      for (int i = 0; i < 100; ++i) // the thread is wanted by now, and made in an allocation
        free(malloc(100000));
    }
    // Some systems count the page of zeros that is read as resident; no memory is behind it.
    FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    long kib = -1;
    while (rollup && kib < 0 && fgets(line, sizeof line, rollup))
      sscanf(line, "Private_Dirty: %ld", &kib);
    if (kib < 0)
      _exit(2);
    _exit(kib < 60 << 10 ? 0 : 3);
  }
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "the system lets no program filter its calls";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

/// A thread that is to end goes on through what malloc_stats writes.
TEST(Threads, StatsAreNoCancellationPoint) {
  int other = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
  dup2(null, STDERR_FILENO);
  static bool after;
  std::thread([] {
    pthread_cancel(pthread_self());
    malloc_stats();
    after = true;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  }).join();
  dup2(other, STDERR_FILENO);
  close(other);
  close(null);
  EXPECT_TRUE(after);
}

} // namespace
