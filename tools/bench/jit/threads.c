/*===- threads.c - Two threads that count on one shared table --------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "timed.h"

#include <pthread.h>

enum { WORKERS = 2, ENTRIES = 256 };

struct entry {
  uint64_t value;
};
CAIRN_TYPE(entry_type, struct entry);
struct pair {
  struct entry *entry;
  struct pair *next;
};
CAIRN_TYPE(pair_type, struct pair, entry, next);

static struct entry *table[ENTRIES];

/* Lists of shared entries, and of entries of its own. */
static void *worker(void *result) {
  uint64_t sum = 0;
  for (unsigned round = 0; round < 100000; ++round) {
    struct pair *list = NULL;
    for (unsigned i = 0; i < 300; ++i) {
      struct pair *pair = cairn_alloc(&pair_type);
      /* A few shared ones: with more, the two processors' contention is what is timed. */
      if (i % 50 == 0) {
        pair->entry = table[(round + i) % ENTRIES];
        cairn_incref(pair->entry);
      } else {
        pair->entry = cairn_alloc(&entry_type);
        pair->entry->value = i + round;
      }
      pair->next = list;
      list = pair;
    }
    for (const struct pair *pair = list; pair; pair = pair->next)
      sum = sum * 5 + pair->entry->value;
    cairn_decref(list);
  }
  *(uint64_t *)result = sum;
  return NULL;
}

static uint64_t work(void) {
  for (unsigned i = 0; i < ENTRIES; ++i) {
    table[i] = cairn_alloc(&entry_type);
    table[i]->value = i * i;
    cairn_share(table[i]);
  }
  pthread_t threads[WORKERS];
  uint64_t results[WORKERS] = {0}, sum = 0;
  for (unsigned i = 0; i < WORKERS; ++i)
    if (pthread_create(&threads[i], NULL, worker, &results[i]))
      return 0;
  for (unsigned i = 0; i < WORKERS; ++i) {
    pthread_join(threads[i], NULL);
    sum += results[i];
  }
  for (unsigned i = 0; i < ENTRIES; ++i)
    cairn_decref(table[i]);
  return sum;
}
