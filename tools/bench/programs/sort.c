/*===- sort.c - Lists that are sorted by merging --------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

REFERENCE(cell);
OBJECT(cell) {
  cell_ref next;
  int64_t value;
};
TYPE(cell, next);

static cell_ref cons(int64_t value, cell_ref next) {
  cell_ref c = NEW(cell);
  c->next = MOVE(next);
  c->value = value;
  return c;
}

static cell_ref merge(IN(cell) a, IN(cell) b) {
  if (!a)
    return b;
  if (!b)
    return a;
  return a->value <= b->value ? cons(a->value, merge(a->next, b))
                              : cons(b->value, merge(a, b->next));
}

/* Every second value. */
static cell_ref every_second(IN(cell) all) {
  if (!all)
    return NONE;
  if (!all->next)
    return cons(all->value, NONE);
  return cons(all->value, every_second(all->next->next));
}

static cell_ref sort(IN(cell) all) {
  if (!all || !all->next)
    return all;
  return merge(sort(every_second(all)), sort(every_second(all->next)));
}

static void run(int64_t n) {
  uint64_t result = 0;
  for (int64_t i = 0; i < 40; ++i) {
    cell_ref all = NONE;
    for (int64_t k = 0; k < n; ++k)
      all = cons((int64_t)(random_number() % 1000000), MOVE(all));
    all = sort(all);
    for (VIEW(cell) c = PEEK(all); c; c = PEEK(c->next))
      result = result * 31 + (uint64_t)c->value;
  }
  printf("%" PRIu64 "\n", result);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 20000));
  return finish();
}
