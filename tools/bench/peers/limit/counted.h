/*===- counted.h - Objects whose counts are written by hand -----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The programs of this folder do what those of ../../managed do, with counts, borrowed
 * parameters and reuse of memory written by hand. They are the limit that the passes for
 * managed references are measured against, so they run on the same heap: an object is
 * one of its raw blocks. A function takes over one count of what it gets, unless the
 * parameter is const: then it is borrowed.
 *
 *===------------------------------------------------------------------------===*/
#ifndef COUNTED_H
#define COUNTED_H

#include <cairn.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))
#define COLD static __attribute__((noinline, cold))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* The first word of each object, which is stored as one. */
typedef struct {
  int32_t count;
  uint32_t kind;
} header;

INLINE bool has_other_owners(const header *of) { return of->count > 1; }

/* The size that the command line says, or the full one. */
static inline int64_t size_of_run(int argc, char **argv, int64_t full) {
  return argc > 1 ? atoll(argv[1]) : full;
}

/* Says if something is left. The result is main's. */
static inline int finish(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  if (!stats.live_blocks)
    return 0;
  printf("%" PRIu64 " objects are left\n", stats.live_blocks);
  return 1;
}

#endif /* COUNTED_H */
