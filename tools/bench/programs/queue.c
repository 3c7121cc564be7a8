/*===- queue.c - Events by their time, in a heap of pairs -----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

REFERENCE(event);
OBJECT(event) {
  event_ref child, next;
  int64_t time, what;
};
TYPE(event, child, next);

/* Changes the one that is later: it becomes the first child of the other. */
static event_ref meld(event_ref a, event_ref b) {
  if (!a)
    return b;
  if (!b)
    return a;
  if (b->time < a->time) {
    event_ref t = MOVE(a);
    a = MOVE(b);
    b = MOVE(t);
  }
  b->next = MOVE(a->child);
  a->child = MOVE(b);
  return a;
}

static event_ref meld_pairs(event_ref first) {
  if (!first)
    return NONE;
  event_ref second = MOVE(first->next);
  first->next = NONE;
  if (!second)
    return first;
  event_ref rest = MOVE(second->next);
  second->next = NONE;
  event_ref both = meld(MOVE(first), MOVE(second));
  return meld(MOVE(both), meld_pairs(MOVE(rest)));
}

static event_ref at(int64_t time, int64_t what) {
  event_ref e = NEW(event);
  e->child = e->next = NONE;
  e->time = time;
  e->what = what;
  return e;
}

static void run(int64_t n) {
  event_ref all = NONE;
  for (int64_t i = 0; i < 1000; ++i)
    all = meld(MOVE(all), at((int64_t)(random_number() % 1000), i));
  uint64_t result = 0;
  for (int64_t i = 0; i < n; ++i) { /* each event makes the next one */
    int64_t time = all->time;
    result = result * 31 + (uint64_t)(time ^ all->what);
    event_ref rest = MOVE(all->child);
    all->child = NONE;
    all = meld_pairs(MOVE(rest));
    all = meld(MOVE(all), at(time + 1 + (int64_t)(random_number() % 1000), i));
  }
  printf("%" PRIu64 "\n", result);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 3000000));
  return finish();
}
