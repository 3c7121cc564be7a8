/*===- counts.c - Counted objects ---------------------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

enum { STEPS = 8000000 };

static double new_drop(size_t unused) {
  (void)unused;
  double t = cpu_ns();
  for (int i = 0; i < STEPS; ++i) {
    void *p = leaf_new();
    USE(p);
    leaf_drop(p);
  }
  return (cpu_ns() - t) / STEPS;
}

/* The last count is given back where the compiler does not know the type. */
__attribute__((noinline)) static void drop_any(void *p) { cell_drop(p); }
static double new_drop_any(size_t unused) {
  (void)unused;
  double t = cpu_ns();
  for (int i = 0; i < STEPS; ++i) {
    void *p = cell_new();
    USE(p);
    drop_any(p);
  }
  return (cpu_ns() - t) / STEPS;
}

/* A list of counted cells, whose head's drop drops all. */
static double counted_list(size_t nodes) {
  double t = cpu_ns();
  int rounds = (int)(2000000 / nodes);
  for (int round = 0; round < rounds; ++round) {
    struct cell *head = NULL;
    for (size_t i = 0; i < nodes; ++i) {
      struct cell *c = cell_new();
      c->value[0] = i;
      c->next = head;
      head = c;
    }
    cell_drop(head);
  }
  return (cpu_ns() - t) / ((double)rounds * (double)nodes);
}

static atomic_bool stop;
static void *idle(void *unused) {
  while (!atomic_load_explicit(&stop, memory_order_relaxed))
    pthread_testcancel(), nanosleep(&(struct timespec){0, 1000000}, NULL);
  return unused;
}
/* One retain and one release while a second thread is alive. */
static double retain_release(size_t shared) {
  pthread_t other;
  atomic_store(&stop, false);
  if (pthread_create(&other, NULL, idle, NULL))
    return -1;
  void *p = leaf_new();
  if (shared)
    cell_share(p);
  double t = cpu_ns();
  for (int i = 0; i < STEPS; ++i) {
    USE(p);
    cell_retain(p);
    USE(p);
    leaf_drop(p);
  }
  t = (cpu_ns() - t) / STEPS;
  leaf_drop(p);
  atomic_store(&stop, true);
  pthread_join(other, NULL);
  return t;
}

/* Both threads at once, on one shared object; for each of them. */
enum { EACH_STEPS = 2000000 };
static atomic_int ready;
static void *retain_release_loop(void *p) {
  atomic_fetch_add(&ready, 1);
  while (atomic_load(&ready) != 2)
    ;
  for (int i = 0; i < EACH_STEPS; ++i) {
    USE(p);
    cell_retain(p);
    USE(p);
    leaf_drop(p);
  }
  return NULL;
}
static double both_threads(size_t unused) {
  (void)unused;
  pthread_t other;
  atomic_store(&ready, 0);
  void *p = leaf_new();
  cell_share(p);
  double t = wall_ns();
  if (pthread_create(&other, NULL, retain_release_loop, p))
    return -1;
  retain_release_loop(p);
  pthread_join(other, NULL);
  t = (wall_ns() - t) / EACH_STEPS;
  leaf_drop(p);
  return t;
}

const struct workload count_workloads[] = {{"new+drop", new_drop, 0},
                                           {"new+drop, any type", new_drop_any, 0},
                                           {"counted list 100k", counted_list, 100000},
                                           {"incref+decref", retain_release, 0},
                                           {"incref+decref, shared", retain_release, 1},
                                           {"shared, both threads", both_threads, 0},
                                           {NULL, NULL, 0}};
