/*===- lists.c - Long lists: made, reversed in place, mapped, dropped --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A list of a million nodes is dropped by its last count. Reversal and map reuse a
 * node that has one owner, and make another when it has more.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>

struct node {
  struct node *next;
  int64_t value;
};
CAIRN_TYPE(node_type, struct node, next);

static unsigned long fresh;

/* Takes over the count of next. */
static struct node *cons(int64_t value, struct node *next) {
  struct node *node = cairn_alloc(&node_type);
  node->next = next;
  node->value = value;
  ++fresh;
  return node;
}

static struct node *count_up(int64_t n) {
  struct node *list = NULL;
  while (n-- > 0)
    list = cons(n, list);
  return list;
}

static int64_t sum(const struct node *list) {
  int64_t total = 0;
  for (; list; list = list->next)
    total += list->value;
  return total;
}

/* The rest of a list, owned, when the list's own count is given up. */
static struct node *rest_of(struct node *list) {
  struct node *rest = list->next;
  cairn_incref(rest);
  cairn_decref(list);
  return rest;
}

/* Takes over the count of list. */
static struct node *reverse(struct node *list) {
  struct node *done = NULL;
  while (list) {
    if (cairn_is_unique(list)) {
      struct node *rest = list->next;
      list->next = done;
      done = list;
      list = rest;
    } else {
      done = cons(list->value, done);
      list = rest_of(list);
    }
  }
  return done;
}

/* Takes over the count of list. */
static struct node *map_square(struct node *list) {
  struct node *reversed = NULL;
  while (list) {
    reversed = cons(list->value * list->value % 1000003, reversed);
    list = rest_of(list);
  }
  return reverse(reversed);
}

int main(void) {
  struct node *list = count_up(1000000);
  printf("sum %" PRId64 ", made %lu\n", sum(list), fresh);

  list = reverse(list);
  printf("reversed: first %" PRId64 ", made %lu\n", list->value, fresh);

  cairn_incref(list);
  struct node *other = reverse(list);
  printf("reversed while shared: first %" PRId64 " and %" PRId64 ", made %lu\n", list->value,
         other->value, fresh);
  cairn_decref(other);

  /* Two heads with one tail. */
  cairn_incref(list);
  struct node *left = cons(-1, list);
  struct node *right = cons(-2, list);
  printf("count of the shared tail: %" PRId64 "\n", cairn_refcount(list));
  cairn_decref(left);
  printf("sum %" PRId64 ", count %" PRId64 "\n", sum(right), cairn_refcount(list));

  right = map_square(right);
  printf("squares %" PRId64 ", made %lu\n", sum(right), fresh);
  cairn_decref(right);
  return 0;
}
