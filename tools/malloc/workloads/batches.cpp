//===- batches.cpp - Threads that allocate for threads that free -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   batches COUNT
//
// Two threads fill batches of 4,096 blocks of 64 bytes and hand them through a bounded queue to two
// others, which free them. No block is ever freed by the thread that allocated it, and up to
// 100 batches wait, the last one first. This is how xmalloc-test uses a heap. Prints the blocks
// freed.
//
//===----------------------------------------------------------------------===//

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr unsigned kPairs = 2, kInBatch = 4096, kMostWaiting = 100;
constexpr size_t kSize = 64;

struct Batch {
  Batch *next;
  void *blocks[kInBatch];
};

std::mutex lock;
std::condition_variable room, work;
Batch *waiting;
unsigned waitingCount;

void *make(size_t size) {
  void *p = malloc(size);
  if (!p)
    abort();
  return p;
}

void produce(int batches) {
  while (batches-- > 0) {
    auto *batch = static_cast<Batch *>(make(sizeof(Batch)));
    for (void *&block : batch->blocks) {
      block = make(kSize);
      memset(block, batches, kSize);
    }
    std::unique_lock<std::mutex> guard(lock);
    room.wait(guard, [] { return waitingCount < kMostWaiting; });
    batch->next = waiting;
    waiting = batch;
    ++waitingCount;
    work.notify_one();
  }
}

void consume(int batches, unsigned long *freed) {
  while (batches-- > 0) {
    std::unique_lock<std::mutex> guard(lock);
    work.wait(guard, [] { return waiting; });
    Batch *batch = waiting;
    waiting = batch->next;
    --waitingCount;
    room.notify_one();
    guard.unlock();
    for (void *block : batch->blocks)
      free(block);
    free(batch);
    *freed += kInBatch;
  }
}

} // namespace

int main(int argc, char **argv) {
  int batches = argc > 1 ? atoi(argv[1]) : 100;
  std::vector<std::thread> threads;
  unsigned long freed[kPairs] = {}, sum = 0;
  for (unsigned long &count : freed) {
    threads.emplace_back(consume, batches, &count);
    threads.emplace_back(produce, batches);
  }
  for (std::thread &t : threads)
    t.join();
  for (unsigned long count : freed)
    sum += count;
  printf("%lu\n", sum);
  return 0;
}
