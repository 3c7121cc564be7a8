/*===- support.c - What generated programs stand on ----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Compiled without the plugin in every build of a program. It takes memory from the
 * C library only.
 *
 *===------------------------------------------------------------------------===*/
#define _POSIX_C_SOURCE 200809L

#include "support.h"

#include <cairn.h>
#include <inttypes.h>
#if defined(__wasi__)
#include "nothreads.h"
#else
#include <pthread.h>
#include <sched.h>
#endif
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct message {
  struct message *next;
  void *p;
  uint64_t n;
} message;

typedef struct channel {
  pthread_mutex_t lock;
  pthread_cond_t filled;
  message *first, *last;
} channel;

static channel channels[diff_max_threads * diff_max_threads];
static diff_context contexts[diff_max_threads];
static _Atomic uint64_t final_sum, final_count;
static _Atomic uint64_t arrived, unshared;
static _Atomic bool fault_done;
static pthread_barrier_t ends;

typedef struct segment {
  const diff_program *program;
  uint64_t thread, from, to;
} segment;

bool diff_is_shared(const void *object) {
  // The count is two words before the payload, and negative if shared (cairn/abi.h).
  return atomic_load((const _Atomic int32_t *)object - 2) < 0;
}

void diff_send(uint64_t channel_, void *p, uint64_t n) {
  if (p && n == diff_object && !diff_is_shared(p))
    atomic_fetch_add(&unshared, 1);
  channel *c = &channels[channel_];
  message *m = malloc(sizeof *m);
  if (!m)
    abort();
  *m = (message){NULL, p, n};
  pthread_mutex_lock(&c->lock);
  if (c->last)
    c->last->next = m;
  else
    c->first = m;
  c->last = m;
  pthread_cond_signal(&c->filled);
  pthread_mutex_unlock(&c->lock);
}

void *diff_receive(uint64_t channel_, uint64_t *n) {
  channel *c = &channels[channel_];
  pthread_mutex_lock(&c->lock);
  while (!c->first)
    pthread_cond_wait(&c->filled, &c->lock);
  message *m = c->first;
  c->first = m->next;
  if (!c->first)
    c->last = NULL;
  pthread_mutex_unlock(&c->lock);
  void *p = m->p;
  *n = m->n;
  free(m);
  return p;
}

void diff_finalised(uint64_t value) {
  atomic_fetch_add(&final_sum, diff_mix(value, 0x5bd1e995));
  atomic_fetch_add(&final_count, 1);
}

uint64_t diff_finalisers(void) { return diff_mix(final_sum, final_count); }

uint64_t diff_live(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  return diff_mix(stats.live_objects, stats.live_blocks);
}

void diff_meet(uint64_t threads) {
  // Spinning lets them leave at the same time, which is what the meeting is for.
  uint64_t mine = atomic_fetch_add(&arrived, 1);
  uint64_t all = (mine / threads + 1) * threads;
  for (unsigned i = 0; atomic_load(&arrived) < all; ++i)
    if (i % 1000 == 999)
      sched_yield();
}

bool diff_fault(void) { return !atomic_exchange(&fault_done, true); }

static void run_round(const diff_program *program, uint64_t thread, uint64_t round, bool last) {
  diff_context *context = &contexts[thread];
  context->round = round;
  context->last = last;
  context->final = round + 1 == program->rounds;
  program->round[thread](context);
}

static void *run_worker(void *argument) {
  const segment *s = argument;
  for (uint64_t r = s->from; r < s->to; ++r)
    run_round(s->program, s->thread, r, r + 1 == s->to);
  // A thread that ends is in the heap: not while the main thread looks at it.
  pthread_barrier_wait(&ends);
  return NULL;
}

int diff_run(const diff_program *program) {
  for (unsigned i = 0; i < diff_max_threads * diff_max_threads; ++i) {
    pthread_mutex_init(&channels[i].lock, NULL);
    pthread_cond_init(&channels[i].filled, NULL);
  }
  pthread_barrier_init(&ends, NULL, (unsigned)program->workers + 1);
  for (uint64_t t = 0; t < diff_max_threads; ++t)
    contexts[t].acc = contexts[t].birth = contexts[t].thread = t;
  for (uint64_t from = 0; from < program->rounds; from += program->segment) {
    uint64_t to = from + program->segment;
    if (to > program->rounds)
      to = program->rounds;
    pthread_t threads[diff_max_threads];
    segment segments[diff_max_threads];
    for (uint64_t t = 1; t <= program->workers; ++t) {
      segments[t] = (segment){program, t, from, to};
      if (pthread_create(&threads[t], NULL, run_worker, &segments[t]))
        abort();
    }
    for (uint64_t r = from; r < to; ++r)
      run_round(program, 0, r, r + 1 == program->rounds);
    pthread_barrier_wait(&ends);
    for (uint64_t t = 1; t <= program->workers; ++t)
      pthread_join(threads[t], NULL);
  }
  uint64_t sum = diff_finalisers();
  for (uint64_t t = 0; t <= program->workers; ++t)
    sum = diff_mix(sum, contexts[t].acc);
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  bool sound = cairn_heap_check(cairn_heap_default());
  printf("checksum %016" PRIx64 " objects %" PRIu64 " blocks %" PRIu64 " heap %s", sum,
         stats.live_objects, stats.live_blocks, sound ? "sound" : "broken");
  if (unshared)
    printf(" sent %" PRIu64 " times what is not shared", (uint64_t)unshared);
  printf("\n");
  return 0;
}
