//===- sizes.cpp - Threads that replace blocks of very unlike sizes -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   sizes REPLACEMENTS
//
// Each of two threads keeps 1,024 blocks and replaces them at random. Sizes are between 4 bytes and
// 32 KiB, with a probability that falls with the square of the size: half of them are at most 8
// bytes. Each block is written whole. This is how glibc's bench-malloc-thread uses a heap. Prints a
// sum of the sizes.
//
//===----------------------------------------------------------------------===//

#include "random.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

constexpr unsigned kThreads = 2, kBlocks = 1024, kSizes = 8192;
constexpr double kLeast = 4, kMost = 32768;

std::vector<unsigned> sizes;

void work(unsigned seed, int replacements, unsigned long *sum) {
  Random random(seed);
  std::vector<void *> blocks(kBlocks);
  for (int i = 0; i < replacements; ++i) {
    void *&at = blocks[random.below(kBlocks)];
    unsigned size = sizes[random.below(kSizes)];
    free(at);
    if (!(at = malloc(size)))
      abort();
    memset(at, i, size);
    *sum += size;
  }
  for (void *p : blocks)
    free(p);
}

} // namespace

int main(int argc, char **argv) {
  int replacements = argc > 1 ? atoi(argv[1]) : 1000000;
  Random random(1);
  for (unsigned i = 0; i < kSizes; ++i) {
    double part = double(random.next()) / 4294967296.0;
    sizes.push_back(unsigned(1 / (1 / kLeast - part * (1 / kLeast - 1 / kMost))));
  }
  std::vector<std::thread> threads;
  unsigned long sums[kThreads] = {}, sum = 0;
  for (unsigned t = 0; t < kThreads; ++t)
    threads.emplace_back(work, t + 2, replacements, &sums[t]);
  for (std::thread &t : threads)
    t.join();
  for (unsigned long s : sums)
    sum += s;
  printf("%lu\n", sum);
  return 0;
}
