/*===- heap.c - The heap's first figures, beside a peer in the same run --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Prints a table of ratios. The peer is whatever malloc the process has: the
 * program starts itself again with Debian's tcmalloc preloaded if that is there.
 * Rounds of Cairn and of the peer alternate; figures are medians.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 15, PAIRS = 10 * 1000 * 1000, QUEUE = 10000 };

static double cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}
static double median(double *x) {
  qsort(x, ROUNDS, sizeof *x, ascending);
  return x[ROUNDS / 2];
}

/* Keeps a block from being optimised away. */
#define USE(p) __asm__ volatile("" : : "r"(p) : "memory")

static double cairn_pairs(void) {
  double t = cpu_ns();
  for (int i = 0; i < PAIRS; ++i) {
    void *p = cairn_malloc(48);
    USE(p);
    cairn_free_sized(p, 48);
  }
  return (cpu_ns() - t) / PAIRS;
}

static double peer_pairs(void) {
  double t = cpu_ns();
  for (int i = 0; i < PAIRS; ++i) {
    void *p = malloc(48);
    USE(p);
    free(p);
  }
  return (cpu_ns() - t) / PAIRS;
}

struct cell {
  long a, b, c, d, e;
};
CAIRN_TYPE(cell_type, struct cell);

static double object_pairs(void) {
  double t = cpu_ns();
  for (int i = 0; i < PAIRS; ++i) {
    void *p = cairn_alloc(&cell_type);
    USE(p);
    cairn_decref(p);
  }
  return (cpu_ns() - t) / PAIRS;
}

/* The limit: a list of blocks of one size in the thread, and nothing else. */
static _Thread_local void *limit_list;
static double limit_pairs(void) {
  static char block[64];
  limit_list = block;
  double t = cpu_ns();
  for (int i = 0; i < PAIRS; ++i) {
    void *p = limit_list;
    if (!p)
      abort();
    limit_list = *(void **)p;
    USE(p);
    *(void **)p = limit_list;
    limit_list = p;
  }
  return (cpu_ns() - t) / PAIRS;
}

static void *pairs_thread(void *out) {
  *(double *)out = cairn_pairs();
  return NULL;
}
static double two_threads(void) {
  pthread_t a, b;
  double x = 0, y = 0;
  if (pthread_create(&a, NULL, pairs_thread, &x) || pthread_create(&b, NULL, pairs_thread, &y))
    abort();
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  return (x + y) / 2;
}
static double one_thread(void) {
  pthread_t a;
  double x = 0;
  if (pthread_create(&a, NULL, pairs_thread, &x))
    abort();
  pthread_join(a, NULL);
  return x;
}

/* Blocks handed from one thread to another, QUEUE of them on the way at most. */
static void *queue[QUEUE];
static _Atomic long filled, taken;
static void *consumer(void *count) {
  long n = *(long *)count;
  for (long i = 0; i < n;) {
    long ready = atomic_load_explicit(&filled, memory_order_acquire);
    if (i == ready)
      sched_yield();
    for (; i < ready; ++i) {
      cairn_free(queue[i % QUEUE]);
      atomic_store_explicit(&taken, i + 1, memory_order_release);
    }
  }
  return NULL;
}
static void hand_over(long n) {
  cairn_heap_trim(NULL);
  cairn_stats before, after;
  cairn_stats_get(NULL, &before);
  pthread_t thread;
  if (pthread_create(&thread, NULL, consumer, &n))
    abort();
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  size_t peak = 0;
  for (long i = 0; i < n; ++i) {
    while (i - atomic_load_explicit(&taken, memory_order_acquire) >= QUEUE)
      sched_yield();
    queue[i % QUEUE] = cairn_malloc(48);
    atomic_store_explicit(&filled, i + 1, memory_order_release);
  }
  pthread_join(thread, NULL);
  clock_gettime(CLOCK_MONOTONIC, &end);
  cairn_stats_get(NULL, &after);
  peak = after.peak - before.used;
  double s = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
  double live = QUEUE * 48.0;
  printf("%ld blocks of 48 B handed over    %8.1f ns each, peak %.0f KiB; limit 2 x live + 1 MiB = "
         "%.0f KiB\n",
         n, s * 1e9 / (double)n, (double)peak / 1024, (2 * live + 1048576) / 1024);
}

static void row(const char *name, double value, const char *of, double base, double limit) {
  printf("%-34s %8.2f ns  %6.2f of %s", name, value, value / base, of);
  if (limit > 0)
    printf("  (at most %.2f)", limit);
  printf("\n");
  fflush(stdout);
}

int main(int argc, char **argv) {
  static const char peer[] = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4";
  if (!getenv("LD_PRELOAD") && access(peer, R_OK) == 0) {
    setenv("LD_PRELOAD", peer, 1);
    execv("/proc/self/exe", argv);
  }
  long handed = argc > 1 ? atol(argv[1]) : 100 * 1000 * 1000;
  const char *name = getenv("LD_PRELOAD") ? "tcmalloc" : "the system's malloc";

  if (handed > 0)
    hand_over(handed); /* first: its peak is the heap's */

  double cairn[ROUNDS], other[ROUNDS], object[ROUNDS], limit[ROUNDS], one[ROUNDS], two[ROUNDS];
  for (int i = 0; i < ROUNDS; ++i) {
    cairn[i] = cairn_pairs();
    other[i] = peer_pairs();
    object[i] = object_pairs();
    limit[i] = limit_pairs();
    one[i] = one_thread();
    two[i] = two_threads();
  }
  double pair = median(cairn);
  row("malloc(48) + free, inlined", pair, name, median(other), 0.40);
  row("", pair, "a bare list", median(limit), 0);
  row("object of 40 B: new + drop", median(object), "the pair", pair, 0);
  row("pairs in each of two threads", median(two), "one thread", median(one), 1.05);
  return 0;
}
