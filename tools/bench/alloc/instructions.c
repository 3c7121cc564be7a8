/*===- instructions.c - Work for callgrind to count ----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Under callgrind the workload "instructions" writes a profile for each row, once with
 * 10 batches of 1000 operations and once with 20, so that what is done once can be taken
 * off. The rows "loop…" are what the loops themselves need.
 *
 *===------------------------------------------------------------------------===*/
#include "worker.h"

#include <stdio.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>

enum { N = 1000, BATCHES = 10 };
static void *block[N];

#define NOINLINE __attribute__((noinline)) static
NOINLINE void loop(int n) {
  for (int i = 0; i < n; ++i)
    USE(block);
}
NOINLINE void pair(int n) {
  for (int i = 0; i < n; ++i) {
    void *p = give(48);
    USE(p);
    take(p, 48);
  }
}
NOINLINE void new_drop(int n) {
  for (int i = 0; i < n; ++i) {
    void *p = leaf_new();
    USE(p);
    leaf_drop(p);
  }
}
static void *object;
NOINLINE void retain_release(int n) {
  void *p = object;
  for (int i = 0; i < n; ++i) {
    USE(p);
    cell_retain(p);
    USE(p);
    leaf_drop(p);
  }
}

/* Batches: n blocks are taken, and given back the last one first. */
NOINLINE void store(int n) {
  for (int i = 0; i < n; ++i) {
    void *p = object;
    USE(p);
    block[i] = p;
  }
}
NOINLINE void load(int n) {
  while (n-- > 0) {
    void *p = block[n];
    USE(p);
  }
}
NOINLINE void give_all(int n) {
  for (int i = 0; i < n; ++i) {
    void *p = give(48);
    USE(p);
    block[i] = p;
  }
}
NOINLINE void take_all(int n) {
  while (n-- > 0) {
    void *p = block[n];
    USE(p);
    take(p, 48);
  }
}
NOINLINE void take_any_all(int n) {
  while (n-- > 0) {
    void *p = block[n];
    USE(p);
    take_any(p);
  }
}
NOINLINE void lifo(int n) {
  give_all(n);
  take_all(n);
}
NOINLINE void store_load(int n) {
  store(n);
  load(n);
}

static void nothing(int n) { (void)n; }

static const struct {
  const char *name;
  void (*before)(int), (*work)(int), (*after)(int);
} rows[] = {{"loop", nothing, loop, nothing},
            {"loop, batch", nothing, store_load, nothing},
            {"loop, store", nothing, store, nothing},
            {"loop, load", nothing, load, nothing},
            {"pair 48", nothing, pair, nothing},
            {"LIFO 1000", nothing, lifo, nothing},
            {"malloc 48", nothing, give_all, take_all},
            {"free", give_all, take_any_all, nothing},
            {"sized free", give_all, take_all, nothing},
            {"new+drop", nothing, new_drop, nothing},
            {"incref+decref", nothing, retain_release, nothing}};

static double count(size_t unused) {
  (void)unused;
  object = leaf_new();
  char name[64];
  for (size_t at = 0; at < sizeof rows / sizeof *rows; ++at)
    for (int times = 0; times <= 2; ++times) { /* 0 warms the heap up */
      int batches = times ? times * BATCHES : 1;
      CALLGRIND_ZERO_STATS;
      for (int i = 0; i < batches; ++i) {
        CALLGRIND_TOGGLE_COLLECT;
        rows[at].before(N);
        CALLGRIND_TOGGLE_COLLECT;
        rows[at].work(N);
        CALLGRIND_TOGGLE_COLLECT;
        rows[at].after(N);
        CALLGRIND_TOGGLE_COLLECT;
      }
      snprintf(name, sizeof name, "%s/%d", rows[at].name, times);
      CALLGRIND_DUMP_STATS_AT(name);
    }
  leaf_drop(object);
  return (double)N * BATCHES;
}

#else
static double count(size_t unused) { return (void)unused, 0; }
#endif

const struct workload instruction_workloads[] = {{"instructions", count, 0}, {NULL, NULL, 0}};
