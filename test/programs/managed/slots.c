/*===- slots.c - References in arrays and structs on the stack --------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Locals whose address goes somewhere, arrays and structs on the stack are slots: they
 * start as null, count what is in them, and are released when their function ends, by
 * whichever return it does.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <string.h>

#include "live.h"

typedef struct box cairn_managed *box;
struct box {
  int64_t value;
};
CAIRN_TYPE(box_type, struct box);

static box make(int64_t value) {
  box b = cairn_ref_new(&box_type);
  b->value = value;
  return b;
}

struct pair {
  box first, second;
  int64_t n;
};

/* Through a pointer, the slot may be anybody's. */
__attribute__((noinline)) static void put(box *slot, int64_t value) { *slot = make(value); }
__attribute__((noinline)) static void swap(box *a, box *b) {
  box t = *a;
  *a = *b;
  *b = t;
}
__attribute__((noinline)) static int64_t take(box *slot) {
  box b = *slot;
  *slot = NULL;
  return b ? b->value : -1;
}

__attribute__((noinline)) static int64_t array(int n) {
  box boxes[8] = {NULL};
  for (int i = 0; i < n; ++i)
    put(&boxes[i % 8], i);
  at_most("an array of eight slots", 8);
  swap(&boxes[0], &boxes[7]);
  int64_t total = boxes[0]->value * 1000 + boxes[7]->value;
  if (n > 100)
    return total; /* with all of them */
  for (int i = 0; i < 8; i += 2)
    total += take(&boxes[i]);
  at_most("four of them taken", 4);
  return total;
}

__attribute__((noinline)) static void fill(struct pair *p, int64_t n) {
  p->first = make(n);
  p->second = n % 2 ? p->first : make(n + 1);
  p->n = n;
}

__attribute__((noinline)) static int64_t structs(void) {
  struct pair a, b[3];
  memset(b, 0, sizeof b);
  a.first = a.second = NULL;
  fill(&a, 10);
  for (int i = 0; i < 3; ++i)
    fill(&b[i], 20 + i);
  at_most("pairs", 2 + 2 + 1 + 2);
  b[1] = a;
  at_most("a pair copied over another", 2 + 2 + 2);
  a = b[2];
  b[0] = b[2];
  at_most("pairs that are the same", 4);
  return a.first->value + b[0].second->value + b[1].first->value + b[1].n;
}

/* A slot in a loop's body is a new one each time. */
__attribute__((noinline)) static int64_t body(int n) {
  int64_t total = 0;
  for (int i = 0; i < n; ++i) {
    box b = NULL;
    if (i % 3)
      put(&b, i);
    total += take(&b);
    put(&b, i);
  }
  return total;
}

/* A slot in a slot's struct, in a nested scope, and one that shadows it. */
__attribute__((noinline)) static int64_t nested(int n) {
  struct {
    struct pair pairs[2];
    box one;
  } all = {{{NULL, NULL, 0}, {NULL, NULL, 0}}, NULL};
  put(&all.one, n);
  {
    struct pair all = {NULL, NULL, 1};
    put(&all.first, n + 1);
    n += (int)all.first->value;
  }
  fill(&all.pairs[1], n);
  swap(&all.one, &all.pairs[1].first);
  return all.one->value * 1000 + all.pairs[1].first->value + (all.pairs[0].first ? 1 : 0);
}

int main(void) {
  printf("array %" PRId64 "\n", array(20));
  printf("array %" PRId64 "\n", array(200));
  at_most("after arrays", 0);
  printf("structs %" PRId64 "\n", structs());
  at_most("after structs", 0);
  printf("body %" PRId64 "\n", body(100));
  printf("nested %" PRId64 "\n", nested(3));
  at_most("the end", 0);
  return 0;
}
