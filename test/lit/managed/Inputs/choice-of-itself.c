/*===- choice-of-itself.c - Choices between references that are equal -------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdio.h>
typedef struct node cairn_managed *node;
struct node {
  node f, g, h;
  long k;
};
CAIRN_TYPE(node_type, struct node, f, g, h);
static node G0;
__attribute__((noinline)) static node mk(node f, node g, long k) {
  node n = cairn_ref_new(&node_type);
  n->f = f;
  n->g = g;
  n->k = k;
  return n;
}
static node fn0(node a, node b, long c) {
  node v0 = a, v1 = b, v2 = mk(a, b, c), t, u;
  long s = 0;
  if (!v0)
    v0 = v2;
  if (!v1)
    v1 = v0;
  t = v1->f;
  u = v1->f;
  v1->h = t;
  v1->f = v1;
  if (u)
    s += u->k;
  if (v0 == v1) {
    G0 = s & 4 ? v0 : NULL;
  } else {
    v2->g = v0 == v1 ? v1 : NULL;
  }
  return v0;
}
int main(void) {
  for (long i = 0; i < 12; i++) {
    node a = mk(mk(0, 0, i + 1), mk(mk(0, 0, 4), 0, 2), i), b = mk(i & 1 ? a : 0, mk(0, 0, 9), 5);
    a = fn0(a, b, i);
    node v2 = mk(a, b, i);
    a = v2->f;
    printf("%ld\n", a->k);
  }
  return 0;
}
