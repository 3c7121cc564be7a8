/*===- memory.c - Resident bytes ------------------------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Each is run in a process of its own.
 *
 *===------------------------------------------------------------------------===*/
#include "worker.h"

#include <string.h>
#include <time.h>

enum { BLOCKS = 1000000 };

struct live {
  void **block;
  size_t *size;
  double bytes;
  size_t before;
};
static struct live fill(size_t size) {
  struct live l = {pages(BLOCKS * sizeof(void *)), pages(BLOCKS * sizeof(size_t)), 0, 0};
  uint64_t state = 4;
  for (size_t i = 0; i < BLOCKS; ++i) {
    l.size[i] = size ? size : 16 + next_random(&state) % 497;
    l.bytes += (double)l.size[i];
    l.block[i] = NULL;
    USE(l.block);
  }
  memset(l.block, 1, BLOCKS * sizeof(void *)); /* touched before resident() is asked */
  l.before = resident();
  for (size_t i = 0; i < BLOCKS; ++i)
    memset(l.block[i] = give(l.size[i]), 1, l.size[i]);
  return l;
}

/* Per live byte. */
static double overhead(size_t size) {
  struct live l = fill(size);
  return (double)(resident() - l.before) / l.bytes;
}

/* Of the peak, a second later. */
static double left_of(double peak, size_t before) {
  nanosleep(&(struct timespec){1, 0}, NULL);
  double left = (double)resident() - (double)before;
  return left > 0 ? left / peak : 0;
}

/* When the first `percent` of the blocks were freed. */
static double remains(size_t percent) {
  struct live l = fill(48);
  double peak = (double)(resident() - l.before);
  for (size_t i = 0; i < BLOCKS / 100 * percent; ++i)
    take(l.block[i], l.size[i]);
  return left_of(peak, l.before);
}

/* The same when all were freed, in random order. */
static double remains_shuffled(size_t unused) {
  (void)unused;
  struct live l = fill(48);
  double peak = (double)(resident() - l.before);
  uint32_t *order = shuffled(BLOCKS);
  for (size_t i = 0; i < BLOCKS; ++i)
    take(l.block[order[i]], 48);
  release_pages(order, BLOCKS * sizeof *order);
  return left_of(peak, l.before);
}

const struct workload memory_workloads[] = {{"resident 24", overhead, 24},
                                            {"resident 48", overhead, 48},
                                            {"resident 100", overhead, 100},
                                            {"resident 16..512", overhead, 0},
                                            {"left of all freed", remains, 100},
                                            {"left of 9/10 freed", remains, 90},
                                            {"left of all, random order", remains_shuffled, 0},
                                            {NULL, NULL, 0}};
