/*===- must-tail.c - A tail call that must stay one -------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdio.h>
typedef struct node cairn_managed *node;
struct node {
  node a, b;
  long k;
};
CAIRN_TYPE(node_type, struct node, a, b);
__attribute__((noinline)) static node mk(node a, node b, long k) {
  node n = cairn_ref_new(&node_type);
  n->a = a;
  n->b = b;
  n->k = k;
  return n;
}
__attribute__((noinline)) void w(long k) {}
__attribute__((noinline)) node g(node t, node u) { return t ? t : u; }
__attribute__((noinline)) static node f(node t, node u) {
  if (t->k > 5)
    __attribute__((musttail)) return g(t, u);
  long k = t->k;
  node v = t->b;
  w(k);
  node n = cairn_ref_new(&node_type);
  n->a = v;
  n->b = t->a;
  n->k = t->k + 1;
  return n;
}
int main(void) {
  long s = 0;
  for (int i = 0; i < 10; i++) {
    node t = mk(mk(0, 0, i), 0, i);
    node r = f(t, mk(0, 0, 99));
    s = s * 3 + r->k;
  }
  cairn_stats st;
  cairn_stats_get(NULL, &st);
  printf("%ld %d\n", s, (int)st.live_objects);
}
