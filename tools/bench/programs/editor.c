/*===- editor.c - A text with a cursor, changed in place ------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

REFERENCE(letter);
OBJECT(letter) {
  letter_ref next;
  int32_t value;
};
TYPE(letter, next);

/* What is before the cursor, backwards, and what is behind it. */
struct text {
  letter_ref before, behind;
};

static letter_ref put(int32_t value, letter_ref next) {
  letter_ref l = NEW(letter);
  l->next = MOVE(next);
  l->value = value;
  return l;
}

static struct text left(struct text t) {
  if (t.before) {
    t.behind = put(t.before->value, MOVE(t.behind));
    t.before = t.before->next;
  }
  return t;
}
static struct text right(struct text t) {
  if (t.behind) {
    t.before = put(t.behind->value, MOVE(t.before));
    t.behind = t.behind->next;
  }
  return t;
}

/* Writes in capitals what is behind the cursor, up to the end of the line. */
static letter_ref capitals(IN(letter) l) {
  if (!l || l->value == '\n')
    return l;
  return put(l->value >= 'a' ? l->value - 32 : l->value, capitals(l->next));
}

static struct text step(struct text t, uint64_t n) {
  switch (n % 8) {
  case 0:
    for (uint64_t i = n / 8 % 64; i; --i)
      t = left(MOVE(t));
    return t;
  case 1:
    for (uint64_t i = n / 8 % 64; i; --i)
      t = right(MOVE(t));
    return t;
  case 2:
    if (t.before)
      t.before = t.before->next;
    return t;
  case 3:
    t.behind = capitals(t.behind);
    return t;
  default:
    t.before = put(n / 8 % 40 ? (int32_t)('a' + n / 512 % 26) : '\n', MOVE(t.before));
    return t;
  }
}

static void run(int64_t n) {
  uint64_t result = 0;
  for (int64_t round = 0; round < 50; ++round) {
    struct text t = {NONE, NONE};
    for (int64_t i = 0; i < n; ++i)
      t = step(MOVE(t), random_number() >> 5);
    for (VIEW(letter) l = PEEK(t.before); l; l = PEEK(l->next))
      result = result * 31 + (uint64_t)l->value;
    for (VIEW(letter) l = PEEK(t.behind); l; l = PEEK(l->next))
      result = result * 37 + (uint64_t)l->value;
  }
  printf("%" PRIu64 "\n", result);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 100000));
  return finish();
}
