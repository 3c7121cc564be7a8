/*===- interior.c - Pointers into objects keep the object -------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The address of a field or element, and what is computed from it, keeps its object
 * alive as long as it is used in the function, also when two bases meet in one
 * variable.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

typedef struct grid cairn_managed *grid;
struct grid {
  grid next;
  int32_t rows[4][8];
  int64_t sum;
};
CAIRN_TYPE(grid_type, struct grid, next);

static grid make(int32_t seed, grid next) {
  grid g = cairn_ref_new(&grid_type);
  g->next = next;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 8; ++j)
      g->rows[i][j] = seed + i * 8 + j;
  return g;
}

__attribute__((noinline)) static int64_t sum(int32_t cairn_managed *from, int n) {
  int64_t total = 0;
  for (int32_t cairn_managed *p = from; p != from + n; ++p)
    total += *p;
  return total;
}
__attribute__((noinline)) static void set(int64_t cairn_managed *to, int64_t v) { *to = v; }

/* Nothing but a pointer into the object is used after the object's name goes. */
__attribute__((noinline)) static int64_t only_inside(int32_t seed) {
  grid g = make(seed, NULL);
  int32_t cairn_managed *p = &g->rows[1][2];
  g = make(1000, NULL); /* reuses the first one's memory, if that was released */
  int64_t n = sum(p, 5) + p[-1];
  return n * 10000 + g->rows[0][0];
}

/* One variable points into either of two objects. */
__attribute__((noinline)) static int64_t either(bool first) {
  grid a = make(10, NULL), b = make(20, NULL);
  int32_t cairn_managed *p = first ? &a->rows[0][1] : &b->rows[3][0];
  a = b = NULL;
  at_most("one of two is left", 1);
  grid c = make(5000, NULL);
  return sum(p, 3) + c->rows[0][0];
}

/* The pointer moves from object to object. */
__attribute__((noinline)) static int64_t walk(int n) {
  grid list = NULL;
  for (int i = 0; i < n; ++i)
    list = make(i, list);
  int64_t total = 0;
  int32_t cairn_managed *p = list->rows[0];
  for (int i = 0; list; ++i) {
    total = total * 3 + p[i % 32];
    list = list->next;
    if (list && i % 2)
      p = list->rows[0];
  }
  return total;
}

__attribute__((noinline)) static int64_t write_inside(void) {
  grid g = make(1, NULL);
  set(&g->sum, sum(g->rows[0], 32));
  int64_t cairn_managed *s = &g->sum;
  *s += 1;
  return g->sum;
}

/* The address of a field that holds a reference: a store through it counts. */
__attribute__((noinline)) static void append(grid list, grid last) {
  while (list->next)
    list = list->next;
  grid cairn_managed *end = &list->next;
  *end = last;
}

int main(void) {
  printf("inside %" PRId64 "\n", only_inside(7));
  printf("either %" PRId64 " %" PRId64 "\n", either(true), either(false));
  printf("walk %" PRId64 "\n", walk(12));
  printf("write %" PRId64 "\n", write_inside());
  grid g = make(0, NULL);
  for (int i = 1; i < 6; ++i)
    append(g, make(i, NULL));
  int64_t digits = 0;
  for (grid x = g; x; x = x->next)
    digits = digits * 10 + x->rows[0][0];
  printf("appended %" PRId64 "\n", digits);
  g = NULL;
  at_most("the end", 0);
  return 0;
}
