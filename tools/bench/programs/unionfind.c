/*===- unionfind.c - Sets whose members share what is known of them -------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

REFERENCE(set);
OBJECT(set) {
  set_ref parent; /* none: it stands for its set */
  int64_t size, sum;
};
TYPE(set, parent);

enum { MOST = 1 << 16 };
static set_ref member[MOST];

/* Halves the way as it goes. */
static set_ref find(IN(set) from) {
  set_ref s = from;
  while (s->parent) {
    if (s->parent->parent)
      s->parent = s->parent->parent;
    s = s->parent;
  }
  return s;
}

static void unite(IN(set) x, IN(set) y) {
  set_ref a = find(x), b = find(y);
  if (a == b) {
    a->sum += 1;
    return;
  }
  if (a->size < b->size) {
    set_ref t = MOVE(a);
    a = MOVE(b);
    b = MOVE(t);
  }
  a->size += b->size;
  a->sum += b->sum;
  b->parent = MOVE(a);
}

static void run(int64_t rounds) {
  int64_t result = 0;
  for (int64_t r = 0; r < rounds; ++r) {
    for (int64_t i = 0; i < MOST; ++i) {
      set_ref s = NEW(set);
      s->parent = NONE;
      s->size = 1;
      s->sum = i;
      member[i] = MOVE(s);
    }
    for (int64_t i = 0; i < MOST; ++i)
      unite(member[random_number() % MOST], member[random_number() % MOST]);
    for (int64_t i = 0; i < MOST; i += 7)
      result += find(member[i])->sum % 1000;
  }
  for (int64_t i = 0; i < MOST; ++i)
    member[i] = NONE;
  printf("%" PRId64 "\n", result);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 80));
  return finish();
}
