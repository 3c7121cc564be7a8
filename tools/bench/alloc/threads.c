/*===- threads.c - Two threads: blocks handed over -----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "worker.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* As Larson and Krishnan's server: each thread replaces blocks of an array, ends,
 * and leaves the array to the next one. */
enum { SLOTS = 5000, HOPS = 20, REPLACED = 40000 };
struct share {
  struct {
    void *p;
    uint32_t size;
  } slot[SLOTS];
  uint64_t random;
};
static void *serve(void *arg) {
  struct share *s = arg;
  for (int i = 0; i < REPLACED; ++i) {
    uint64_t r = next_random(&s->random);
    unsigned at = (unsigned)(r % SLOTS);
    if (s->slot[at].p)
      take(s->slot[at].p, s->slot[at].size);
    s->slot[at].size = (uint32_t)(16 + (r >> 32) % 497);
    *(char *)(s->slot[at].p = give(s->slot[at].size)) = 1;
  }
  return NULL;
}
static double larson(size_t unused) {
  (void)unused;
  struct share *share[2] = {pages(sizeof **share), pages(sizeof **share)};
  share[0]->random = 1, share[1]->random = 2;
  double t = wall_ns();
  for (int hop = 0; hop < HOPS; ++hop) {
    pthread_t thread[2];
    for (int i = 0; i < 2; ++i)
      if (pthread_create(&thread[i], NULL, serve, share[(i + hop) % 2]))
        abort();
    for (int i = 0; i < 2; ++i)
      pthread_join(thread[i], NULL);
  }
  t = (wall_ns() - t) / ((double)HOPS * REPLACED);
  for (int i = 0; i < 2; ++i) {
    for (int at = 0; at < SLOTS; ++at)
      if (share[i]->slot[at].p)
        take(share[i]->slot[at].p, share[i]->slot[at].size);
    release_pages(share[i], sizeof **share);
  }
  return t;
}

/* One thread takes blocks, the other gives them back; in batches through a ring,
 * so that the queue itself costs little. */
enum { RING = 64, LOT = 64, LOTS = 30000 };
static void *ring[RING][LOT];
static _Atomic size_t filled, emptied;
static void *consume(void *size) {
  size_t n = *(size_t *)size;
  for (size_t i = 0; i < LOTS; ++i) {
    while (atomic_load_explicit(&filled, memory_order_acquire) <= i)
      sched_yield();
    for (int k = 0; k < LOT; ++k)
      take(ring[i % RING][k], n);
    atomic_store_explicit(&emptied, i + 1, memory_order_release);
  }
  return NULL;
}
static double hand_over(size_t n) {
  pthread_t other;
  atomic_store(&filled, 0);
  atomic_store(&emptied, 0);
  double t = wall_ns();
  if (pthread_create(&other, NULL, consume, &n))
    abort();
  for (size_t i = 0; i < LOTS; ++i) {
    while (i - atomic_load_explicit(&emptied, memory_order_acquire) >= RING)
      sched_yield();
    for (int k = 0; k < LOT; ++k)
      *(char *)(ring[i % RING][k] = give(n)) = 1;
    atomic_store_explicit(&filled, i + 1, memory_order_release);
  }
  pthread_join(other, NULL);
  return (wall_ns() - t) / ((double)LOTS * LOT);
}

const struct workload thread_workloads[] = {{"larson, 2 threads", larson, 0},
                                            {"producer/consumer 48", hand_over, 48},
                                            {"producer/consumer 256", hand_over, 256},
                                            {NULL, NULL, 0}};
