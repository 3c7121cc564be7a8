/*===- live.h - How many objects are live, in the programs of this folder ----===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A program says where it looks, and how many objects counting by hand would leave there.
 * Fewer are as good: an optimiser may have removed an object.
 *
 *===------------------------------------------------------------------------===*/
#ifndef LIVE_H
#define LIVE_H

#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>

static inline uint64_t live(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  return stats.live_objects;
}

/* Prints `what`, and the number of live objects only if there are more than `most`. */
static inline void at_most(const char *what, uint64_t most) {
  uint64_t now = live();
  if (now > most)
    printf("%s: %" PRIu64 " objects are live, %" PRIu64 " by exact counting\n", what, now, most);
  else
    printf("%s: as exact counting\n", what);
}

/* The most objects that any call of note() saw. */
static uint64_t noted;
static inline void note(void) {
  uint64_t now = live();
  if (now > noted)
    noted = now;
}
static inline void noted_at_most(const char *what, uint64_t most) {
  if (noted > most)
    printf("%s: up to %" PRIu64 " objects were live, %" PRIu64 " by exact counting\n", what, noted,
           most);
  else
    printf("%s: as exact counting\n", what);
  noted = 0;
}

#endif /* LIVE_H */
