/*===- rounds.c - Loops whose rounds use the memory of the one before ----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Each loop takes a list apart and makes objects of the same size, more of them or fewer.
 * The list is the only one of its kind, or shared as a whole or from its middle on. What
 * is live is looked at in the loops as well: memory that waits is none of it.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

#define APART static __attribute__((noinline))

typedef struct cell cairn_managed *list;
struct cell {
  list head, tail;
};
CAIRN_TYPE(cell_type, struct cell, head, tail);
typedef struct leaf cairn_managed *leaf;
struct leaf {
  leaf next;
  int32_t number;
};
CAIRN_TYPE(leaf_type, struct leaf, next);

static list cons(list head, list tail) {
  list made = cairn_ref_new(&cell_type);
  made->head = head;
  made->tail = tail;
  return made;
}

APART list numbers(int n) {
  list made = NULL;
  for (int i = 0; i < n; ++i) {
    list head = NULL;
    for (int bits = i; bits; bits /= 2)
      head = cons(NULL, head);
    made = cons(head, made);
  }
  return made;
}

APART int64_t hash(list l) { return l ? (1 + 3 * hash(l->head) + 5 * hash(l->tail)) % 1000003 : 0; }

/* What is taken has other references, or is the last one. */
static list given;
static int keep;
APART list take(void) {
  list l = given;
  if (!keep)
    given = NULL;
  return l;
}

/* No more and no fewer. */
APART list turned(void) {
  list l = take(), made = NULL;
  for (; l; l = l->tail)
    made = cons(l->head, made);
  return made;
}

/* None, one or several for each. */
APART list several(void) {
  list l = take(), made = NULL;
  int round = 0;
  for (; l; l = l->tail, ++round)
    for (int i = round % 4; i; --i)
      made = cons(l->head, made);
  return made;
}

/* One whose other field is null. */
APART list alone(void) {
  list l = take(), made = NULL;
  for (; l; l = l->tail) {
    list next = cairn_ref_new(&cell_type);
    next->tail = made;
    made = next;
  }
  return made;
}

/* Of another type in the same memory, whose numbers are read while the list is walked. */
APART int64_t other(void) {
  list l = take();
  leaf made = NULL;
  int64_t sum = 0;
  for (; l; l = l->tail) {
    leaf next = cairn_ref_new(&leaf_type);
    next->number = (int32_t)(l->head ? 1 + sum % 1000 : 7);
    next->next = made;
    sum += made ? made->number : 1;
    made = next;
  }
  for (; made; made = made->next)
    sum = (sum * 3 + made->number) % 1000003;
  return sum;
}

static list from_middle(list l, int n) {
  while (n--)
    l = l->tail;
  return l;
}

#define EACH(what, f)                                                                              \
  do {                                                                                             \
    list kept = numbers(40);                                                                       \
    list middle = from_middle(numbers(40), 17);                                                    \
    given = kept, keep = 1;                                                                        \
    int64_t before = hash(kept), after = hash(middle), shared = f;                                 \
    keep = 0, given = numbers(40);                                                                 \
    middle = from_middle(given, 17);                                                               \
    int64_t partly = f;                                                                            \
    given = numbers(40);                                                                           \
    int64_t last = f;                                                                              \
    printf("%s: %s, %" PRId64 " %" PRId64 " %" PRId64 "\n", what,                                  \
           hash(kept) == before && hash(middle) == after ? "kept" : "CHANGED", shared, partly,     \
           last);                                                                                  \
  } while (0)

int main(void) {
  EACH("turned", hash(turned()));
  EACH("several", hash(several()));
  EACH("alone", hash(alone()));
  EACH("other", other());
  at_most("between", 0);
  list l = numbers(40);
  uint64_t all = live();
  list made = NULL;
  for (; l; l = l->tail) { /* somebody looks in each round */
    made = cons(l->head, made);
    note();
  }
  printf("seen: %" PRId64 ", %s\n", hash(made), noted <= all + 1 ? "as exact counting" : "MORE");
  made = NULL;
  at_most("end", 0);
  return 0;
}
