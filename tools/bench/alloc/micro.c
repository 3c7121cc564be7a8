/*===- micro.c - Blocks of one size, in the orders that they come and go --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "worker.h"

enum { PAIRS = 8000000, BATCH = 1000, BATCHES = 3000 };

#define PAIR(NAME, SIZE)                                                                           \
  static double NAME(size_t unused) {                                                              \
    (void)unused;                                                                                  \
    double t = cpu_ns();                                                                           \
    for (int i = 0; i < PAIRS; ++i) {                                                              \
      void *p = give(SIZE);                                                                        \
      USE(p);                                                                                      \
      take(p, SIZE);                                                                               \
    }                                                                                              \
    return (cpu_ns() - t) / PAIRS;                                                                 \
  }
PAIR(pair_16, 16)
PAIR(pair_48, 48)
PAIR(pair_128, 128)
PAIR(pair_512, 512)
PAIR(pair_2048, 2048)

static double pair_any(size_t unused) {
  (void)unused;
  static uint16_t sizes[4096];
  uint64_t state = 5;
  for (int i = 0; i < 4096; ++i)
    sizes[i] = (uint16_t)(16 + next_random(&state) % 497);
  double t = cpu_ns();
  for (int i = 0; i < PAIRS / 2; ++i) {
    size_t n = sizes[i % 4096];
    void *p = give(n);
    USE(p);
    take(p, n);
  }
  return (cpu_ns() - t) / (PAIRS / 2);
}

enum { LIFO, FIFO, RANDOM };
static double batch(size_t order) {
  static void *block[BATCH];
  uint32_t *at = shuffled(BATCH);
  double t = cpu_ns();
  for (int round = 0; round < BATCHES; ++round) {
    for (int i = 0; i < BATCH; ++i) {
      block[i] = give(48);
      *(int *)block[i] = i;
    }
    if (order == LIFO)
      for (int i = BATCH; i-- > 0;)
        take(block[i], 48);
    else if (order == FIFO)
      for (int i = 0; i < BATCH; ++i)
        take(block[i], 48);
    else
      for (int i = 0; i < BATCH; ++i)
        take(block[at[i]], 48);
  }
  t = (cpu_ns() - t) / ((double)BATCHES * BATCH);
  release_pages(at, BATCH * sizeof *at);
  return t;
}

struct node {
  struct node *next;
  uint64_t value[2];
};
static double list(size_t nodes) {
  double t = cpu_ns();
  int rounds = (int)(2000000 / nodes);
  for (int round = 0; round < rounds; ++round) {
    struct node *head = NULL;
    for (size_t i = 0; i < nodes; ++i) {
      struct node *n = give(sizeof *n);
      n->value[0] = i;
      n->next = head;
      head = n;
    }
    while (head) {
      struct node *next = head->next;
      take(head, sizeof *head);
      head = next;
    }
  }
  return (cpu_ns() - t) / ((double)rounds * (double)nodes);
}

struct tree {
  struct tree *left, *right;
  uint64_t value;
};
static struct tree *grow(size_t depth) {
  struct tree *t = give(sizeof *t);
  t->value = depth;
  t->left = depth ? grow(depth - 1) : NULL;
  t->right = depth ? grow(depth - 1) : NULL;
  return t;
}
static void fell(struct tree *t) {
  if (t->left) {
    fell(t->left);
    fell(t->right);
  }
  take(t, sizeof *t);
}
static double tree(size_t depth) {
  double t = cpu_ns();
  struct tree *root = grow(depth);
  USE(root);
  fell(root);
  return (cpu_ns() - t) / (double)(((size_t)2 << depth) - 1);
}

const struct workload micro_workloads[] = {
    {"pair 16", pair_16, 0},     {"pair 48", pair_48, 0},     {"pair 128", pair_128, 0},
    {"pair 512", pair_512, 0},   {"pair 2048", pair_2048, 0}, {"pair 16..512", pair_any, 0},
    {"LIFO 1000", batch, LIFO},  {"FIFO 1000", batch, FIFO},  {"random 1000", batch, RANDOM},
    {"list 100k", list, 100000}, {"tree 20", tree, 20},       {NULL, NULL, 0}};
