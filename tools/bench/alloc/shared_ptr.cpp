//===- shared_ptr.cpp - The workloads of counts.c with std::shared_ptr -----===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A worker of its own, with the protocol of worker.c. libstdc++ counts without atomics
// as long as the process has one thread: in each loop a second one is alive.
//
//===----------------------------------------------------------------------===//
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <thread>

namespace {

enum { Steps = 8000000 };

struct Cell {
  std::uint64_t Value[5];
};
using Pointer = std::shared_ptr<Cell>;

template <typename T> [[gnu::always_inline]] inline void use(T &Value) {
  asm volatile("" : : "r"(&Value) : "memory");
}

double now(clockid_t Clock) {
  timespec T;
  clock_gettime(Clock, &T);
  return double(T.tv_sec) * 1e9 + double(T.tv_nsec);
}

/// A second thread that does nothing.
class Idler {
  std::atomic<bool> Stop{false};
  std::thread Thread{[this] {
    while (!Stop.load(std::memory_order_relaxed))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }};

public:
  ~Idler() {
    Stop = true;
    Thread.join();
  }
};

double newDrop() {
  Idler Other;
  double T = now(CLOCK_THREAD_CPUTIME_ID);
  for (int I = 0; I < Steps; ++I) {
    Pointer P = std::make_shared<Cell>();
    use(P);
  }
  return (now(CLOCK_THREAD_CPUTIME_ID) - T) / Steps;
}

double copyDrop() {
  Idler Other;
  Pointer P = std::make_shared<Cell>();
  double T = now(CLOCK_THREAD_CPUTIME_ID);
  for (int I = 0; I < Steps; ++I) {
    use(P);
    Pointer Copy = P;
    use(Copy);
  }
  return (now(CLOCK_THREAD_CPUTIME_ID) - T) / Steps;
}

/// Both threads at once, on one object; for each of them.
double copyDropBoth() {
  enum { EachSteps = 2000000 };
  Pointer P = std::make_shared<Cell>();
  std::atomic<int> Ready{0};
  auto Loop = [&] {
    const Pointer &Mine = P;
    ++Ready;
    while (Ready.load() != 2)
      ;
    for (int I = 0; I < EachSteps; ++I) {
      use(Mine);
      Pointer Copy = Mine;
      use(Copy);
    }
  };
  double T = now(CLOCK_MONOTONIC);
  std::thread Other(Loop);
  Loop();
  Other.join();
  return (now(CLOCK_MONOTONIC) - T) / EachSteps;
}

const struct {
  const char *Name;
  double (*Run)();
} Workloads[] = {{"new+drop", newDrop},
                 {"incref+decref", copyDrop},
                 {"incref+decref, shared", copyDrop},
                 {"shared, both threads", copyDropBoth}};

double run(const char *Name) {
  for (auto &W : Workloads)
    if (!std::strcmp(W.Name, Name))
      return W.Run();
  return -1;
}

} // namespace

int main() {
  char Name[64];
  while (std::fgets(Name, sizeof Name, stdin)) {
    Name[std::strcspn(Name, "\n")] = 0;
    std::printf("%.4f\n", run(Name));
    std::fflush(stdout);
  }
  return 0;
}
