/*===- finaliser-numbers.c - A finaliser that writes a number ---------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdio.h>
typedef struct node cairn_managed *node;
struct node {
  node f, g;
  long k;
};
CAIRN_TYPE(T0, struct node, f, g);
struct w {
  node held;
};
typedef struct w cairn_managed *w;
static void fin(void *p);
CAIRN_TYPE_FINAL(W, struct w, fin, held);
struct pn {
  void *f, *g;
  long k;
};
static void fin(void *p) {
  struct pn *n = *(struct pn **)p;
  if (n)
    n->k += 100;
}
__attribute__((noinline)) static long sum(node t, long d) {
  if (!t)
    return 0;
  w x = cairn_ref_new(&W);
  x->held = t->f;
  long l = t->k;
  x = NULL;
  long r = sum(t->f, d + 1);
  return (l + r) + t->k;
}
__attribute__((noinline)) static long sum2(node t, node root) {
  if (!t) {
    w x = cairn_ref_new(&W);
    x->held = root;
    x = NULL;
    return 0;
  }
  long l = t->k;
  long r = sum2(t->f, root);
  return (l + r) + t->k;
}
int main(void) {
  node l = 0;
  for (int i = 0; i < 10; i++) {
    node n = cairn_ref_new(&T0);
    n->f = l;
    n->k = i;
    l = n;
  }
  printf("%ld\n", sum(l, 0));
  printf("%ld\n", sum2(l, l));
}
