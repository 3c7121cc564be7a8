//===- handover.cpp - Threads that free what others allocated -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   handover ROUNDS
//
// Four threads fill blocks of many sizes and hand them on in a ring; each checks and
// frees what it is given, grows some of it, and keeps a table of blocks of its own
// that it replaces at random. Threads end and start again, and in every third round the
// main thread forks while they run: the child allocates, frees what threads that it
// does not have allocated, starts a thread, and says by its status that all was well.
// Prints sums that do not depend on the scheduler.
//
//===----------------------------------------------------------------------===//

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr int kThreads = 4;
constexpr int kBlocks = 20000; ///< handed over by each thread in a round

struct Block {
  uint8_t *at;
  size_t size;
  uint8_t fill;
};

class Queue {
public:
  void push(std::vector<Block> blocks) {
    std::lock_guard<std::mutex> guard(Lock);
    Batches.push_back(std::move(blocks));
    Ready.notify_one();
  }
  std::vector<Block> pop() {
    std::unique_lock<std::mutex> guard(Lock);
    Ready.wait(guard, [this] { return !Batches.empty(); });
    std::vector<Block> blocks = std::move(Batches.front());
    Batches.pop_front();
    return blocks;
  }

private:
  std::mutex Lock;
  std::condition_variable Ready;
  std::deque<std::vector<Block>> Batches;
};

[[noreturn]] void wrong(const char *what) {
  fprintf(stderr, "handover: %s\n", what);
  _exit(3);
}

size_t sizeFrom(std::mt19937 &random) {
  unsigned kind = random() % 100;
  return kind < 80 ? random() % 256 : kind < 98 ? random() % 4096 : random() % 100000;
}

Block make(std::mt19937 &random) {
  Block b = {nullptr, sizeFrom(random), uint8_t(random())};
  b.at = static_cast<uint8_t *>(malloc(b.size));
  if (!b.at || uintptr_t(b.at) % (b.size < 16 ? 8 : 16)) // some allocators' least alignment is 8
    wrong("no block, or one at an odd address");
  memset(b.at, b.fill, b.size);
  return b;
}

uint64_t use(Block b) {
  uint64_t sum = b.size;
  for (size_t i = 0; i < b.size; ++i)
    if (b.at[i] != b.fill)
      wrong("a block does not hold what was written");
  if (b.size % 5 == 0) {
    b.at = static_cast<uint8_t *>(realloc(b.at, b.size * 2 + 1));
    if (!b.at || (b.size && (b.at[0] != b.fill || b.at[b.size - 1] != b.fill)))
      wrong("realloc lost contents");
  }
  free(b.at);
  return sum * 31 + b.fill;
}

uint64_t work(unsigned seed, Queue &in, Queue &out) {
  std::mt19937 random(seed);
  std::vector<Block> own(1000);
  for (Block &b : own)
    b = make(random);
  std::map<int, std::string> names;
  uint64_t sum = 0;
  for (int done = 0; done < kBlocks;) {
    std::vector<Block> batch;
    for (int i = 0; i < 200; ++i, ++done) {
      batch.push_back(make(random));
      Block &old = own[random() % own.size()];
      sum += use(old);
      old = make(random);
      names[int(random() % 500)] = std::string(random() % 60, char('a' + done % 26));
    }
    out.push(std::move(batch));
    for (Block b : in.pop())
      sum += use(b);
  }
  for (Block b : own)
    sum += use(b);
  for (auto &[number, name] : names)
    sum += uint64_t(number) + name.size();
  return sum;
}

/// In a child whose other threads are gone.
void inChild(std::vector<Block> &mine) {
  std::mt19937 random(7);
  for (Block b : mine)
    use(b);
  std::vector<Block> more;
  for (int i = 0; i < 5000; ++i)
    more.push_back(make(random));
  std::thread([&] {
    for (Block b : more)
      use(b);
  }).join();
  _exit(0);
}

uint64_t oneRound(unsigned number) {
  std::vector<Queue> queues(kThreads);
  std::vector<uint64_t> sums(kThreads);
  std::vector<std::thread> threads;
  std::vector<Block> given;
  std::mt19937 random(number);
  std::thread([&] { // allocated by a thread that is gone
    for (int i = 0; i < 2000; ++i)
      given.push_back(make(random));
  })
      .join();
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      sums[size_t(i)] =
          work(number * 100 + unsigned(i), queues[size_t(i)], queues[size_t((i + 1) % kThreads)]);
    });
  if (number % 3 == 0) {
    pid_t child = fork();
    if (child == 0)
      inChild(given);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
      wrong("the child of a fork failed");
  }
  uint64_t sum = 0;
  for (std::thread &t : threads)
    t.join();
  for (uint64_t s : sums)
    sum += s;
  for (Block b : given)
    sum += use(b);
  return sum;
}

} // namespace

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  for (int i = 0; i < rounds; ++i)
    printf("%d %llu\n", i, static_cast<unsigned long long>(oneRound(unsigned(i))));
  return 0;
}
