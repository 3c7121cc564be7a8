/*===- live.c - Many live blocks, replaced at random, and what that leaves ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "worker.h"

enum { STEPS = 1000000 };

/* Places and sizes are made before the clock starts, so that what is timed is the
 * allocator and not the numbers. */
static double replace_48(size_t live) {
  void **block = pages(live * sizeof *block);
  uint32_t *place = pages(STEPS * sizeof *place);
  uint64_t state = live;
  for (size_t i = 0; i < STEPS; ++i)
    place[i] = (uint32_t)(next_random(&state) % live);
  for (size_t i = 0; i < live; ++i)
    *(uint64_t *)(block[i] = give(48)) = i;
  double best = 0;
  /* The first round leaves the order that a fresh heap has. */
  for (int round = 0; round < 2; ++round) {
    double t = cpu_ns();
    for (size_t i = 0; i < STEPS; ++i) {
      void **at = &block[place[i]];
      take(*at, 48);
      *(uint64_t *)(*at = give(48)) = i;
    }
    best = (cpu_ns() - t) / STEPS;
  }
  for (size_t i = 0; i < live; ++i)
    take(block[i], 48);
  release_pages(block, live * sizeof *block);
  release_pages(place, STEPS * sizeof *place);
  return best;
}

struct sized {
  void *p;
  uint32_t size;
};
static double mixed(size_t live) {
  struct sized *block = pages(live * sizeof *block);
  uint32_t *place = pages(STEPS * sizeof *place), *size = pages(STEPS * sizeof *size);
  uint64_t state = 3;
  for (size_t i = 0; i < STEPS; ++i) {
    place[i] = (uint32_t)(next_random(&state) % live);
    size[i] = (uint32_t)(16 + next_random(&state) % 497);
  }
  for (size_t i = 0; i < live; ++i) {
    block[i].size = size[i];
    *(uint64_t *)(block[i].p = give(size[i])) = i;
  }
  double best = 0;
  for (int round = 0; round < 2; ++round) {
    double t = cpu_ns();
    for (size_t i = 0; i < STEPS; ++i) {
      struct sized *at = &block[place[i]];
      take(at->p, at->size);
      at->size = size[i];
      *(uint64_t *)(at->p = give(at->size)) = i;
    }
    best = (cpu_ns() - t) / STEPS;
  }
  for (size_t i = 0; i < live; ++i)
    take(block[i].p, block[i].size);
  release_pages(block, live * sizeof *block);
  release_pages(place, STEPS * sizeof *place);
  release_pages(size, STEPS * sizeof *size);
  return best;
}

/* Blocks of 4 KiB to 1 MiB, as many of each octave; the first and the last word of
 * each are written. */
static double large(size_t live) {
  enum { LARGE_STEPS = 100000 };
  struct sized *block = pages(live * sizeof *block);
  uint64_t state = 9;
  double t = 0;
  for (size_t i = 0; i < live + LARGE_STEPS; ++i) {
    if (i == live)
      t = cpu_ns();
    struct sized *at = &block[i < live ? i : next_random(&state) % live];
    uint64_t random = next_random(&state);
    if (at->p)
      take(at->p, at->size);
    at->size = (uint32_t)((4096u << random % 8) + (random >> 32) % (4096u << random % 8));
    at->p = give(at->size);
    *(uint64_t *)at->p = i;
    ((char *)at->p)[at->size - 1] = 1;
  }
  t = (cpu_ns() - t) / LARGE_STEPS;
  for (size_t i = 0; i < live; ++i)
    take(block[i].p, block[i].size);
  release_pages(block, live * sizeof *block);
  return t;
}

/* A list built, or walked, after a million blocks were freed in random order. */
enum { AGED = 1000000, BUILD = 0, WALK = 1 };
struct node {
  struct node *next;
  uint64_t value[5];
};
static double aged(size_t what) {
  void **block = pages(AGED * sizeof *block);
  uint32_t *order = shuffled(AGED);
  for (size_t i = 0; i < AGED; ++i)
    *(uint64_t *)(block[i] = give(sizeof(struct node))) = i;
  for (size_t i = 0; i < AGED; ++i)
    take(block[order[i]], sizeof(struct node));
  release_pages(block, AGED * sizeof *block);
  release_pages(order, AGED * sizeof *order);
  double t = cpu_ns(), built;
  struct node *head = NULL;
  for (size_t i = 0; i < AGED; ++i) {
    struct node *n = give(sizeof *n);
    n->value[0] = i;
    n->next = head;
    head = n;
  }
  built = cpu_ns() - t;
  uint64_t sum = 0;
  t = cpu_ns();
  for (struct node *n = head; n; n = n->next)
    sum += n->value[0];
  USE(sum);
  t = cpu_ns() - t;
  while (head) {
    struct node *next = head->next;
    take(head, sizeof *head);
    head = next;
  }
  return (what == BUILD ? built : t) / AGED;
}

const struct workload live_workloads[] = {{"mixed 16..512", mixed, 10000},
                                          {"replace 2k", replace_48, 2000},
                                          {"replace 10k", replace_48, 10000},
                                          {"replace 100k", replace_48, 100000},
                                          {"replace 1M", replace_48, 1000000},
                                          {"large 4K..1M", large, 128},
                                          {"aged list, build", aged, BUILD},
                                          {"aged list, walk", aged, WALK},
                                          {NULL, NULL, 0}};
