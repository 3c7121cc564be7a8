/*===- threads.c - References that several threads have ---------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * An object is shared before another thread can see it; what is stored into it later
 * is shared by the store. A load from a field that others overwrite happens under a
 * lock, and what was loaded outlives the lock.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <pthread.h>

#include "live.h"

enum { threads = 4, rounds = 2000 };

typedef struct version cairn_managed *version;
struct version {
  version before;
  int64_t numbers[4];
};
CAIRN_TYPE(version_type, struct version, before);
typedef struct board cairn_managed *board;
struct board {
  version now;
};
CAIRN_TYPE(board_type, struct board, now);

static board global;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t sums[threads];

__attribute__((noinline)) static version make(int64_t n, version before) {
  version v = cairn_ref_new(&version_type);
  for (int i = 0; i < 4; ++i)
    v->numbers[i] = n + i;
  v->before = before;
  return v;
}

/* Whoever reads a version finds its numbers in a row, though another may be current by then. */
__attribute__((noinline)) static int64_t look(void) {
  pthread_mutex_lock(&lock);
  version v = global->now;
  pthread_mutex_unlock(&lock);
  int64_t wrong = 0;
  for (int i = 1; i < 4; ++i)
    wrong += v->numbers[i] != v->numbers[0] + i;
  if (v->before)
    wrong += v->before->numbers[0] >= v->numbers[0];
  return wrong;
}

/* A new version, with the last one behind it; the one before that goes. */
__attribute__((noinline)) static void publish(void) {
  pthread_mutex_lock(&lock);
  version old = global->now;
  if (old->before)
    old = make(old->numbers[0], NULL);
  global->now = make(old->numbers[0] + 1, old); /* the store shares it */
  pthread_mutex_unlock(&lock);
}

static void *work(void *argument) {
  int64_t *wrong = argument;
  for (int i = 0; i < rounds; ++i) {
    if (i % 4 == 0)
      publish();
    *wrong += look();
  }
  return NULL;
}

/* A list of the thread's own, which no other sees, goes through its hands meanwhile. */
static void *alone(void *argument) {
  int64_t *sum = argument;
  version list = NULL;
  for (int i = 0; i < rounds; ++i) {
    list = make(i, i % 16 ? list : NULL);
    *sum += list->before ? list->before->numbers[3] : 0;
  }
  return NULL;
}

int main(void) {
  board b = cairn_ref_new(&board_type);
  b->now = make(0, NULL);
  cairn_ref_share(b);
  global = b;
  b = NULL;
  pthread_t ids[threads + 1];
  int64_t sum = 0;
  for (int t = 0; t < threads; ++t)
    if (pthread_create(&ids[t], NULL, work, &sums[t]))
      return 1;
  if (pthread_create(&ids[threads], NULL, alone, &sum))
    return 1;
  for (int t = 0; t <= threads; ++t)
    pthread_join(ids[t], NULL);
  int64_t wrong = 0;
  for (int t = 0; t < threads; ++t)
    wrong += sums[t];
  printf("wrong %" PRId64 ", version %" PRId64 ", alone %" PRId64 "\n", wrong,
         global->now->numbers[0], sum);
  at_most("the board and two versions", 3);
  global = NULL;
  at_most("the end", 0);
  return 0;
}
