/*===- heaps.c - Objects that are made on heaps of the program's ----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A new object lies on the heap that its allocation names, also if an object of another heap
 * dies just before: only memory of that heap may be used again.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

#define APART static __attribute__((noinline))

typedef struct cell cairn_managed *cell;
struct cell {
  cell next;
  int64_t value;
};
CAIRN_TYPE(cell_type, struct cell, next);

enum { length = 1000 };

APART cell make(cairn_heap *heap, int64_t value, cell next) {
  cell c = cairn_ref_heap_new(heap, &cell_type);
  c->value = value;
  c->next = next;
  return c;
}

APART cell numbers(cairn_heap *heap) {
  cell made = NULL;
  for (int i = 0; i < length; ++i)
    made = make(heap, i, made);
  return made;
}

/* By recursion, which takes each object apart. */
APART cell twice(cairn_heap *heap, cell c) {
  if (!c)
    return NULL;
  int64_t value = c->value;
  cell made = cairn_ref_heap_new(heap, &cell_type);
  made->value = 2 * value;
  made->next = twice(heap, c->next);
  return made;
}

/* By a loop, which makes each object in the round after the one in which the last one died. */
APART cell reversed(cairn_heap *heap, cell c) {
  cell made = NULL;
  while (c) {
    int64_t value = c->value;
    cell next = c->next;
    cell n = cairn_ref_heap_new(heap, &cell_type);
    n->value = value;
    n->next = made;
    made = n;
    c = next;
  }
  return made;
}

/* On one heap and the other in turn. */
APART cell in_turn(cairn_heap *heap, cairn_heap *other, cell c) {
  if (!c)
    return NULL;
  int64_t value = c->value;
  cell made = cairn_ref_heap_new(heap, &cell_type);
  made->value = value + 1;
  made->next = in_turn(other, heap, c->next);
  return made;
}

APART int64_t sum(cell c) {
  int64_t total = 0;
  for (; c; c = c->next)
    total = (total * 7 + c->value) % 1000003;
  return total;
}

APART uint64_t on(cairn_heap *heap) {
  cairn_stats stats;
  cairn_stats_get(heap, &stats);
  return stats.live_objects;
}

static cairn_heap *a, *b;

/* The list is the only thing that is there. */
#define SHOW(what, list)                                                                           \
  do {                                                                                             \
    cell its = (list);                                                                             \
    int64_t total = sum(its);                                                                      \
    uint64_t there = on(a), elsewhere = on(b);                                                     \
    printf("%s: %" PRId64 ", on one heap %" PRIu64 ", on the other %" PRIu64 "%s\n", what, total,  \
           there, elsewhere, its ? "" : ", none");                                                 \
  } while (0)

/* The same of an object that has another owner as well. */
#define KEPT(what, f, list)                                                                        \
  do {                                                                                             \
    cell kept = (list);                                                                            \
    int64_t before = sum(kept);                                                                    \
    int64_t total = sum(f);                                                                        \
    printf("%s: %" PRId64 ", %s\n", what, total, sum(kept) == before ? "whole" : "CHANGED");       \
  } while (0)

int main(void) {
  cairn_heap_options options = {1 << 24, "a", 0};
  a = cairn_heap_create(&options);
  options.name = "b";
  b = cairn_heap_create(&options);
  if (!a || !b)
    return 1;
  uint64_t start = live();
  SHOW("one heap", twice(a, numbers(a)));
  SHOW("to the other", twice(b, numbers(a)));
  SHOW("from the default heap", twice(a, numbers(NULL)));
  SHOW("reversed", reversed(a, numbers(a)));
  SHOW("reversed to the other", reversed(b, numbers(a)));
  SHOW("reversed from the default heap", reversed(b, numbers(NULL)));
  SHOW("in turn", in_turn(a, b, numbers(a)));
  SHOW("there and back", in_turn(b, a, in_turn(a, b, numbers(b))));
  KEPT("kept", twice(a, kept), numbers(a));
  KEPT("kept on the other", twice(b, kept), numbers(a));
  KEPT("kept and reversed", reversed(a, kept), numbers(a));
  KEPT("kept and reversed on the other", reversed(b, kept), numbers(a));
  {
    int64_t total = sum(twice(NULL, numbers(a)));
    printf("to the default heap: %" PRId64 "\n", total);
  }
  printf("left: %" PRIu64 ", %" PRIu64 ", %" PRIu64 "\n", on(a), on(b), live() - start);
  printf("%s\n", cairn_heap_check(a) && cairn_heap_check(b) ? "sound" : "NOT SOUND");
  cairn_heap_destroy(a);
  cairn_heap_destroy(b);
  return 0;
}
