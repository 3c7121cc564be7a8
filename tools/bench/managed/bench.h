/*===- bench.h - What the benchmarks of managed references share ------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * With -DPEAK each new object is followed by a look at how many are live, and the most
 * is printed at the end. That is for small sizes: a look takes microseconds.
 *
 *===------------------------------------------------------------------------===*/
#ifndef BENCH_H
#define BENCH_H

#include <cairn/managed.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef PEAK
static uint64_t peak;
static inline void made(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  if (stats.live_objects > peak)
    peak = stats.live_objects;
}
#else
static inline void made(void) {}
#endif

/* The size that the command line says, or the full one. */
static inline int64_t size_of_run(int argc, char **argv, int64_t full) {
  return argc > 1 ? atoll(argv[1]) : full;
}

/* Says if something is left. The result is main's. */
static inline int finish(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
#ifdef PEAK
  printf("peak %" PRIu64 "\n", peak);
#endif
  if (!stats.live_objects)
    return 0;
  printf("%" PRIu64 " objects are left\n", stats.live_objects);
  return 1;
}

#endif /* BENCH_H */
