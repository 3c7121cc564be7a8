//===- exchange.cpp - Threads that swap blocks with each other -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   exchange ITERATIONS
//
// In each iteration two threads allocate arrays of words, of lengths that are powers of two and
// now and then a hundred or a thousand times as long; each frees some of its own at random, keeps
// a part to its end, and swaps others with a table that both share. Half of the table lives on
// into the next iteration, whose threads are new. This is how mstress uses a heap. Each block is
// checked when it is freed. Prints the blocks freed.
//
//===----------------------------------------------------------------------===//

#include "random.h"
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

constexpr unsigned kThreads = 2, kBlocks = 5000, kShared = 1000;
constexpr uint64_t kMark = 0x5bd1e9955bd1e995u;

std::atomic<uint64_t *> shared[kShared];
std::atomic<unsigned long> freed;

/// An array of n words that count down to 1, disguised.
uint64_t *make(uint64_t n, Random &random) {
  uint32_t kind = random.below(10000);
  n *= kind < 2 ? 10000 : kind < 20 ? 1000 : kind < 200 ? 100 : 1;
  auto *p = static_cast<uint64_t *>(malloc(n * sizeof(uint64_t)));
  if (!p)
    abort();
  for (uint64_t i = 0; i < n; ++i)
    p[i] = (n - i) ^ kMark;
  return p;
}

void drop(uint64_t *p) {
  if (!p)
    return;
  uint64_t n = p[0] ^ kMark;
  for (uint64_t i = 0; i < n; ++i)
    if ((p[i] ^ kMark) != n - i) {
      fputs("exchange: a block does not hold what was written\n", stderr);
      abort();
    }
  free(p);
  freed.fetch_add(1, std::memory_order_relaxed);
}

void work(unsigned seed, unsigned blocks) {
  Random random(seed);
  std::vector<uint64_t *> kept, passing;
  for (unsigned toKeep = blocks / 2; blocks || toKeep;) {
    if (blocks && (!toKeep || random.below(2))) {
      --blocks;
      passing.push_back(make(1u << random.below(5), random));
    } else {
      --toKeep;
      kept.push_back(make(1u << random.below(7), random));
    }
    if (passing.empty())
      continue;
    if (random.below(3)) {
      uint64_t *&one = passing[random.below(uint32_t(passing.size()))];
      drop(one);
      one = nullptr;
    }
    if (!random.below(4)) {
      uint64_t *&one = passing[random.below(uint32_t(passing.size()))];
      one = shared[random.below(kShared)].exchange(one);
    }
  }
  for (uint64_t *p : kept)
    drop(p);
  for (uint64_t *p : passing)
    drop(p);
}

} // namespace

int main(int argc, char **argv) {
  int iterations = argc > 1 ? atoi(argv[1]) : 10;
  for (int i = 0; i < iterations; ++i) {
    std::vector<std::thread> threads;
    for (unsigned t = 1; t < kThreads; ++t)
      threads.emplace_back(work, unsigned(i) * kThreads + t, kBlocks * (t + 1));
    work(unsigned(i) * kThreads, kBlocks);
    for (std::thread &t : threads)
      t.join();
    for (unsigned s = 0; s < kShared; ++s)
      if (s % 2 || i + 1 == iterations)
        drop(shared[s].exchange(nullptr));
  }
  printf("%lu\n", freed.load());
  return 0;
}
