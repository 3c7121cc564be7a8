/*===- one-taker.c - One cell and two that could take it --------------------===
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
CAIRN_TYPE(node_type, struct node, f, g);

__attribute__((noinline)) static node mk(node f, node g, long k) {
  node n = cairn_ref_new(&node_type);
  n->f = f;
  n->g = g;
  n->k = k;
  return n;
}
/* The cell of v goes to mk here, and to the object that is made below the branch. */
__attribute__((noinline)) static long f(node a, long c) {
  node v = mk(a, NULL, c);
  node w = mk(v->f, v->f, 82);
  long r = w->k;
  if (c & 1) {
    node n = cairn_ref_new(&node_type);
    n->f = w;
    n->k = 7;
    r += n->k + n->f->k * 2;
    node m = mk(n, w, r);
    r += m->f->k;
  }
  return r;
}
int main(void) {
  for (long i = 0; i < 4; i++) {
    long r = f(mk(NULL, NULL, i), i);
    cairn_stats st;
    cairn_stats_get(NULL, &st);
    printf("%ld, %d left\n", r, (int)st.live_objects);
  }
  return 0;
}
