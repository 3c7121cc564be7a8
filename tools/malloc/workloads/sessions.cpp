//===- sessions.cpp - Server threads that inherit each other's blocks -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   sessions GENERATIONS
//
// Two lines of threads, each with 5,000 blocks of 8 to 999 bytes. A thread replaces blocks
// at random, half a million times; then it starts its successor, leaves its blocks to it, and
// ends. So most blocks are freed by a thread that did not allocate them, and of each line two
// threads exist for a moment. This is how larson uses a heap. Prints the replacements, and a sum
// over the blocks left.
//
//===----------------------------------------------------------------------===//

#include "random.h"
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

constexpr unsigned kLines = 2, kBlocks = 5000, kLeast = 8, kMost = 1000;
constexpr unsigned kReplacements = 100 * kBlocks; ///< of a generation

struct Line {
  std::vector<unsigned char *> blocks;
  Random random;
  int generations; ///< still to come
  unsigned long replaced;
  std::atomic<bool> done;
  explicit Line(unsigned seed, int n) : random(seed), generations(n), replaced(0), done(false) {}
};

unsigned char *make(Random &random) {
  unsigned size = kLeast + random.below(kMost - kLeast);
  auto *p = static_cast<unsigned char *>(malloc(size));
  if (!p)
    abort();
  p[0] = static_cast<unsigned char>(size);
  p[1] = static_cast<unsigned char>(size >> 8);
  return p;
}

void replaceSome(Line &line, unsigned times) {
  for (unsigned i = 0; i < times; ++i) {
    unsigned char *&at = line.blocks[line.random.below(kBlocks)];
    free(at);
    at = make(line.random);
  }
}

void serve(Line *line) {
  replaceSome(*line, kReplacements);
  line->replaced += kReplacements;
  if (--line->generations > 0) {
    std::thread(serve, line).detach(); // which has the line from here on
    return;
  }
  line->done.store(true, std::memory_order_release);
  line->done.notify_one();
}

} // namespace

int main(int argc, char **argv) {
  int generations = argc > 1 ? atoi(argv[1]) : 10;
  std::vector<Line *> lines;
  for (unsigned i = 0; i < kLines; ++i) {
    lines.push_back(new Line(i + 1, generations));
    for (unsigned b = 0; b < kBlocks; ++b)
      lines[i]->blocks.push_back(make(lines[i]->random));
    replaceSome(*lines[i], 4 * kBlocks);
  }
  for (Line *line : lines)
    std::thread(serve, line).detach();
  unsigned long sum = 0, replaced = 0;
  for (Line *line : lines) {
    line->done.wait(false, std::memory_order_acquire);
    replaced += line->replaced;
    for (unsigned char *p : line->blocks)
      sum += p[0] + 256u * p[1];
  }
  printf("%lu %lu\n", replaced, sum);
  return 0;
}
