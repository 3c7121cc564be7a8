/*===- lists.c - Managed lists: built, walked and consumed by loops ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A node is released as soon as no later use of it can be reached, so that a loop
 * which builds a list and consumes it keeps a constant number of nodes, and a walk
 * releases what it leaves behind.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

typedef struct node cairn_managed *list;
struct node {
  list next;
  int64_t value;
};
CAIRN_TYPE(node_type, struct node, next);

static list cons(int64_t value, list next) {
  list node = cairn_ref_new(&node_type);
  node->next = next;
  node->value = value;
  return node;
}

static list count_up(int64_t n) {
  list xs = NULL;
  while (n-- > 0)
    xs = cons(n, xs);
  return xs;
}

static int64_t sum(list xs) {
  int64_t total = 0;
  for (; xs; xs = xs->next)
    total += xs->value;
  return total;
}

static list reverse(list xs) {
  list done = NULL;
  for (; xs; xs = xs->next)
    done = cons(xs->value, done);
  return done;
}

static list map_square(list xs) {
  if (!xs)
    return NULL;
  return cons(xs->value * xs->value % 1000003, map_square(xs->next));
}

/* Takes the first half of a list off, one node after the other. */
__attribute__((noinline)) static void walk(int64_t n) {
  list xs = count_up(n);
  note();
  for (int64_t i = 0; i < n / 2; ++i)
    xs = xs->next;
  at_most("half of a list is left behind", (uint64_t)(n - n / 2));
  printf("sum of the rest %" PRId64 "\n", sum(xs));
  noted_at_most("the whole list", (uint64_t)n);
}

/* A queue that one loop fills and empties: never more than five nodes. */
__attribute__((noinline)) static void queue(int64_t n) {
  list first = NULL, last = NULL;
  int64_t total = 0;
  for (int64_t i = 0; i < n; ++i) {
    list node = cons(i, NULL);
    if (last)
      last->next = node;
    else
      first = node;
    last = node;
    if (i >= 4) {
      total += first->value;
      first = first->next;
    }
    if (i % 64 == 0)
      note();
  }
  printf("queue %" PRId64 "\n", total);
  noted_at_most("a queue", 5);
}

/* Each round's list is dead before the next is made. */
__attribute__((noinline)) static void rounds(void) {
  int64_t total = 0;
  for (int i = 0; i < 50; ++i) {
    list xs = count_up(20);
    total += sum(xs);
    note();
  }
  printf("rounds %" PRId64 "\n", total);
  noted_at_most("one list a round", 20);
}

__attribute__((noinline)) static void share_tail(void) {
  list tail = count_up(10);
  list left = cons(-1, tail), right = cons(-2, tail);
  printf("left %" PRId64 ", right %" PRId64 "\n", sum(left), sum(right));
  left = NULL;
  at_most("one head is gone", 11);
  right = map_square(right);
  at_most("both are gone", 11);
  printf("squares %" PRId64 "\n", sum(right));
}

int main(void) {
  walk(1000);
  queue(10000);
  rounds();
  share_tail();
  list xs = reverse(count_up(200000));
  printf("a long list: first %" PRId64 ", sum %" PRId64 "\n", xs->value, sum(xs));
  xs = NULL;
  at_most("the end", 0);
  return 0;
}
