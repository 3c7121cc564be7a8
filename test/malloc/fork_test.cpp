//===- fork_test.cpp - fork beside the C library's own locks -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// fork locks the C library's list of streams and the heap. Other threads wait for the one
// with the other locked: a stream is locked while getline reallocates, and the list while
// fflush(NULL) waits for a stream. Each test fails by its alarm if they wait for each other.
//
//===----------------------------------------------------------------------===//

#include <gtest/gtest.h>

#include <atomic>
#include <dirent.h>
#include <functional>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern char **environ;

namespace {

constexpr int kForks = 60;
constexpr unsigned kSeconds = 60;

/// Threads that do something again and again until they go.
class Busy {
public:
  ~Busy() {
    stop = true;
    for (std::thread &t : threads)
      t.join();
    EXPECT_GT(done, 0) << "they hang";
  }
  void add(int n, std::function<void()> f) {
    for (int i = 0; i < n; ++i)
      threads.emplace_back([this, f] {
        while (!stop) {
          f();
          ++done;
        }
      });
  }
  std::atomic<long> done{0};

private:
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
};

/// A stream of one long line, for getline to reallocate its buffer often. It is no file: a
/// child's flush would move the offset that it shares with its parent.
void readLine() {
  static const std::string text(5000, 'a');
  FILE *f = fmemopen(const_cast<char *>(text.data()), text.size(), "r");
  for (int i = 0; i < 20; ++i) {
    char *line = nullptr;
    size_t n = 0;
    rewind(f);
    if (getline(&line, &n, f) != 5000)
      abort();
    free(line);
  }
  fclose(f);
}

void flush() {
  fflush(nullptr);
  usleep(50);
}

/// Forks some times; the child does `f` and exits with its result.
void forkOften(int times, int (*f)()) {
  alarm(kSeconds);
  for (int i = 0; i < times; ++i) {
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(20);
      _exit(f());
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "of child " << i;
  }
  alarm(0);
}

/// What a child may do after it: streams, memory, threads.
int useAll() {
  FILE *f = tmpfile();
  if (!f || fputs("line\n", f) < 0 || fflush(nullptr) != 0)
    return 2;
  rewind(f);
  char *line = nullptr;
  size_t n = 0;
  if (getline(&line, &n, f) != 5)
    return 3;
  free(line);
  fclose(f);
  int result = 4;
  std::thread([&result] {
    std::vector<void *> blocks;
    for (size_t i = 0; i < 3000; ++i)
      blocks.push_back(malloc(i));
    for (void *p : blocks)
      free(p);
    result = 0;
  }).join();
  return result;
}

TEST(ForkBesideStreams, LinesAndFlushes) {
  Busy busy;
  busy.add(1, flush);
  busy.add(3, readLine);
  forkOften(kForks, useAll);
}

TEST(ForkBesideStreams, OpenAndClose) {
  Busy busy;
  busy.add(1, flush);
  busy.add(2, [] {
    if (FILE *f = fopen("/dev/null", "r")) {
      setvbuf(f, nullptr, _IOFBF, 100000);
      fgetc(f);
      fclose(f);
    }
  });
  busy.add(1, [] {
    char *text = nullptr;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    for (int i = 0; i < 1000; ++i)
      fprintf(f, "%d ", i);
    fclose(f);
    free(text);
  });
  busy.add(1, [] {
    if (DIR *d = opendir("/")) {
      while (readdir(d)) {
      }
      closedir(d);
    }
  });
  forkOften(kForks, useAll);
}

TEST(ForkBesideStreams, Forkers) {
  alarm(kSeconds);
  Busy busy;
  busy.add(1, flush);
  busy.add(2, readLine);
  busy.add(2, [] {
    pid_t child = fork();
    if (child == 0)
      _exit(0);
    waitpid(child, nullptr, 0);
  });
  busy.add(1, [] {
    char name[] = "true";
    char *arguments[] = {name, nullptr};
    pid_t child;
    if (posix_spawnp(&child, name, nullptr, nullptr, arguments, environ) == 0)
      waitpid(child, nullptr, 0);
  });
  busy.add(1, [] {
    if (FILE *f = popen("echo x", "r")) {
      char text[10];
      if (!fgets(text, sizeof text, f))
        abort();
      pclose(f);
    }
  });
  sleep(2);
  alarm(0);
}

/// A child that forks, whose child forks.
int forkAgain() {
  for (int depth = 0; depth < 3; ++depth) {
    free(malloc(100000));
    pid_t child = fork();
    if (child < 0)
      return 5;
    if (child > 0) {
      int status = 0;
      return waitpid(child, &status, 0) == child && status == 0 ? 0 : 6;
    }
  }
  return useAll();
}

TEST(ForkBesideStreams, ChildrenFork) {
  Busy busy;
  busy.add(1, flush);
  busy.add(2, readLine);
  forkOften(kForks / 4, forkAgain);
}

//===----------------------------------------------------------------------===//
// Handlers of a program or a library
//===----------------------------------------------------------------------===//

pthread_mutex_t Mine = PTHREAD_MUTEX_INITIALIZER;
std::atomic<bool> Handlers{false};
std::atomic<int> Calls{0};

void allocateSome() {
  for (size_t n : {size_t(24), size_t(3000), size_t(70000), size_t(2) << 20}) {
    void *p = malloc(n);
    memset(p, 1, n);
    p = realloc(p, n * 2);
    free(p);
  }
  ++Calls;
}
void prepare() {
  if (!Handlers)
    return;
  pthread_mutex_lock(&Mine);
  allocateSome();
}
void after() {
  if (!Handlers)
    return;
  allocateSome();
  pthread_mutex_unlock(&Mine);
}

/// The first handlers are registered before anything of the program runs, and before it has
/// allocated: they run last before the fork, and first after it.
void early(int, char **, char **) { pthread_atfork(prepare, after, after); }
__attribute__((section(".preinit_array"), used)) void (*const Early)(int, char **, char **) = early;
__attribute__((constructor)) void late() { pthread_atfork(prepare, after, after); }

struct Registered {
  Registered() { Handlers = true; }
  ~Registered() { Handlers = false; }
};

TEST(ForkHandlers, MayAllocateAndLock) {
  pthread_mutexattr_t recursive;
  pthread_mutexattr_init(&recursive);
  pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
  // Both pairs of handlers have it. In the child it is made anew.
  pthread_mutex_init(&Mine, &recursive);
  Registered registered;
  Calls = 0;
  Busy busy;
  busy.add(2, readLine);
  busy.add(2, [] { // allocates with the lock that the handlers take
    pthread_mutex_lock(&Mine);
    void *blocks[50];
    for (void *&p : blocks)
      p = malloc(1000);
    for (void *p : blocks)
      free(p);
    free(malloc(100000));
    pthread_mutex_unlock(&Mine);
    usleep(10);
  });
  forkOften(kForks, [] { return useAll(); });
  EXPECT_EQ(Calls, kForks * 4);
}

} // namespace
