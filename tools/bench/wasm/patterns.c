/*===- patterns.c - What a program does with malloc, by pattern ------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * One source for both allocators. `PROGRAM PATTERN NUMBER...` runs a pattern once;
 * elapsed() gives its nanoseconds then, without what only prepares it.
 *
 *===------------------------------------------------------------------------===*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t state = 0x9e3779b97f4a7c15u;
static unsigned below(unsigned n) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)((state >> 20) % n);
}

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double began, took;
__attribute__((export_name("elapsed"))) double elapsed(void) { return took; }

enum { Most = 200000 };
static void *blocks[Most];
static unsigned sizes[Most];

/* Random sizes from `low` below `high`, half of `slots` live on average. */
static void mix(unsigned low, unsigned high, unsigned slots, unsigned operations) {
  while (operations--) {
    unsigned i = below(slots);
    if (blocks[i]) {
      free(blocks[i]);
      blocks[i] = NULL;
    } else {
      char *p = blocks[i] = malloc(low + below(high - low));
      p[0] = 1;
    }
  }
}

/* Arrays that all grow step by step, with `small` blocks of 40 bytes between two steps. */
static void grow(unsigned arrays, unsigned add, unsigned percent, unsigned limit, unsigned small) {
  void **kept = NULL;
  for (size_t n = 64; n < limit; n = n * percent / 100 + add)
    for (unsigned i = 0; i < arrays; ++i) {
      char *p = blocks[i] = realloc(blocks[i], n);
      p[n - 1] = 1;
      for (unsigned k = 0; k < small; ++k) {
        void **q = malloc(40);
        *q = kept;
        kept = q;
      }
    }
}

/* Random blocks take random sizes. */
static void resize(unsigned low, unsigned high, unsigned slots, unsigned operations) {
  while (operations--) {
    unsigned i = below(slots);
    char *p = blocks[i] = realloc(blocks[i], low + below(high - low));
    p[0] = 1;
  }
}

/* First in, first out. */
static void queue(unsigned low, unsigned high, unsigned slots, unsigned operations) {
  for (unsigned k = 0; k < operations; ++k) {
    unsigned i = k % slots;
    free(blocks[i]);
    char *p = blocks[i] = malloc(low + below(high - low));
    p[0] = 1;
  }
}

/* Last in, first out: as many as there are slots, then none. */
static void stack(unsigned low, unsigned high, unsigned slots, unsigned rounds) {
  while (rounds--) {
    for (unsigned i = 0; i < slots; ++i) {
      char *p = blocks[i] = malloc(low + below(high - low));
      p[0] = 1;
    }
    for (unsigned i = slots; i--;)
      free(blocks[i]);
  }
}

/* Each phase has sizes of its own, and leaves a tenth of its blocks behind. */
static void phases(unsigned phase_count, unsigned slots) {
  unsigned kept = 0;
  for (unsigned phase = 0, size = 24; phase < phase_count; ++phase, size = size * 3 / 2) {
    unsigned n = slots * 24 / size + 10;
    for (unsigned i = 0; i < n; ++i)
      blocks[kept + i] = malloc(size + below(size / 4 + 1));
    for (unsigned i = 0; i < n; ++i) {
      void *p = blocks[kept + i];
      if (i % 10)
        free(p);
      else
        blocks[kept + i / 10] = p;
    }
    kept += (n + 9) / 10;
  }
}

struct node {
  struct node *next;
  int value;
};

/* A list that is built after `slots` nodes were freed in random order, and freed. */
static void aged(unsigned slots, unsigned rounds) {
  for (unsigned i = 0; i < slots; ++i)
    blocks[i] = malloc(sizeof(struct node));
  for (unsigned i = slots; i > 1; --i) {
    unsigned k = below(i);
    void *p = blocks[k];
    blocks[k] = blocks[i - 1];
    blocks[i - 1] = p;
  }
  for (unsigned i = 0; i < slots; ++i)
    free(blocks[i]);
  began = nanoseconds();
  while (rounds--) {
    struct node *list = NULL;
    for (unsigned i = 0; i < slots; ++i) {
      struct node *node = malloc(sizeof *node);
      node->next = list;
      node->value = (int)i;
      list = node;
    }
    while (list) {
      struct node *next = list->next;
      free(list);
      list = next;
    }
  }
}

/* Texts that are put together: many small, few large, some resized. */
static void text(unsigned slots, unsigned operations) {
  while (operations--) {
    unsigned i = below(slots), kind = below(16);
    if (kind == 0) {
      sizes[i] += below(3000);
      blocks[i] = realloc(blocks[i], sizes[i] + 1);
    } else {
      free(blocks[i]);
      sizes[i] = kind < 12 ? below(64) : kind < 15 ? below(1000) : below(20000);
      blocks[i] = calloc(1, sizes[i] + 1);
    }
    ((char *)blocks[i])[sizes[i]] = 0;
  }
}

int main(int count, char **arguments) {
  unsigned a[5] = {0};
  for (int i = 2; i < count && i < 7; ++i)
    a[i - 2] = (unsigned)atoi(arguments[i]);
  const char *name = count > 1 ? arguments[1] : "";
  began = nanoseconds();
  if (!strcmp(name, "mix"))
    mix(a[0], a[1], a[2], a[3]);
  else if (!strcmp(name, "grow"))
    grow(a[0], a[1], a[2], a[3], a[4]);
  else if (!strcmp(name, "resize"))
    resize(a[0], a[1], a[2], a[3]);
  else if (!strcmp(name, "queue"))
    queue(a[0], a[1], a[2], a[3]);
  else if (!strcmp(name, "stack"))
    stack(a[0], a[1], a[2], a[3]);
  else if (!strcmp(name, "phases"))
    phases(a[0], a[1]);
  else if (!strcmp(name, "aged"))
    aged(a[0], a[1]);
  else if (!strcmp(name, "text"))
    text(a[0], a[1]);
  else
    return 1;
  took = nanoseconds() - began;
  return 0;
}
