/*===- values.c - Structs with references, by value -------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A struct with references is an argument, a result, a field of another struct and a
 * variable: in registers where it is small, in memory (sret and byval) where it is
 * not. Each copy of it counts what is in it.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

typedef struct text cairn_managed *text;
struct text {
  int64_t length;
};
CAIRN_TYPE(text_type, struct text);

static text make(int64_t length) {
  text t = cairn_ref_new(&text_type);
  t->length = length;
  return t;
}

struct small { /* in two registers */
  text t;
  int64_t n;
};
struct large { /* in memory */
  text a, b, c;
  int64_t n;
  struct small inner;
};

__attribute__((noinline)) static struct small small_of(int64_t n) {
  return (struct small){make(n), n};
}
__attribute__((noinline)) static struct large large_of(struct small s, int64_t n) {
  struct large l = {make(n), s.t, NULL, n, s};
  if (n % 2)
    l.c = l.a;
  return l;
}
__attribute__((noinline)) static int64_t weigh(struct large l) {
  int64_t n = l.a->length + l.b->length + l.n + l.inner.n;
  l.a = NULL; /* the caller's is not changed */
  l.b = make(1000);
  return n + (l.c ? l.c->length : 0) + l.b->length;
}
__attribute__((noinline)) static struct small pass(struct small s) { return s; }
__attribute__((noinline)) static struct small either(bool first, struct small a, struct small b) {
  return first ? a : b;
}
static struct large twice(struct large l) {
  struct large copy = l;
  copy.n *= 2;
  copy.a = make(copy.n);
  return copy;
}

__attribute__((noinline)) static void run(void) {
  struct small s = small_of(5);
  struct small same = pass(pass(s));
  printf("small %" PRId64 " %d\n", same.t->length + same.n, same.t == s.t);
  at_most("one object", 1);
  struct large l = large_of(s, 7);
  at_most("two objects", 2);
  printf("large %" PRId64 " %" PRId64 "\n", weigh(l), weigh(l));
  at_most("still two", 2);
  struct large more[2] = {twice(l), twice(twice(l))};
  at_most("two more, and a temporary's", 5);
  printf("twice %" PRId64 " %" PRId64 "\n", weigh(more[0]), weigh(more[1]));
  int64_t total = 0;
  for (int i = 0; i < 100; ++i) {
    struct small t = either(i % 3 == 0, small_of(i), s);
    total += t.t->length;
  }
  printf("either %" PRId64 "\n", total);
}

int main(void) {
  run();
  at_most("the end", 0);
  return 0;
}
