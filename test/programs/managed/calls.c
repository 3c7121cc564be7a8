/*===- calls.c - Function pointers, variadic functions, recursion, jumps ----===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * An indirect call has the default convention: it borrows its arguments, and its
 * result is owned. Recursion is as deep as without counts, and every way out of a loop
 * or a switch releases what it leaves.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdarg.h>

#include "live.h"

typedef struct node cairn_managed *node;
struct node {
  node left, right;
  int64_t value;
};
CAIRN_TYPE(node_type, struct node, left, right);

static node make(node left, int64_t value, node right) {
  node n = cairn_ref_new(&node_type);
  n->left = left;
  n->right = right;
  n->value = value;
  return n;
}

/* Function pointers: some give back what they got, some make a new one, some null. */
static node same(node n) { return n; }
static node mirror(node n) { return n ? make(mirror(n->right), n->value, mirror(n->left)) : NULL; }
static node left(node n) { return n ? n->left : NULL; }
static node none(node n) { return (void)n, (node)NULL; }
typedef node (*change)(node);
static change const changes[] = {same, mirror, left, none};

__attribute__((noinline)) static node apply(change f, node n) { return f(n); }
__attribute__((noinline)) static int64_t each(node n, int64_t (*f)(node, void *), void *context) {
  return n ? each(n->left, f, context) + f(n, context) + each(n->right, f, context) : 0;
}
static int64_t scaled(node n, void *context) { return n->value * *(int64_t *)context; }

__attribute__((noinline)) static node build(int64_t from, int64_t to) {
  if (from == to)
    return NULL;
  int64_t middle = (from + to) / 2;
  node l = build(from, middle), r = build(middle + 1, to);
  return make(l, middle, r);
}

/* References among the variable arguments are borrowed as others are. */
__attribute__((noinline)) static int64_t total(int n, ...) {
  va_list list;
  va_start(list, n);
  int64_t sum = 0;
  node before = NULL;
  for (int i = 0; i < n; ++i) {
    node x = va_arg(list, node);
    sum = sum * 10 + (x ? x->value : 0) + (x == before);
    before = x;
  }
  va_end(list);
  return sum;
}

/* As many frames as nodes; the last of them looks at what the first one made. */
__attribute__((noinline)) static int64_t deep(int64_t n, node list) {
  node more = make(list, n, NULL);
  if (n == 0) {
    int64_t sum = 0;
    for (node x = more; x; x = x->left)
      sum += x->value;
    return sum;
  }
  int64_t sum = deep(n - 1, more);
  return sum + (more->value & 1);
}

/* A call in tail position, with an argument that is dead afterwards. */
static int64_t odd(int64_t n, node x);
static int64_t even(int64_t n, node x) { return n ? odd(n - 1, make(x->left, n, NULL)) : x->value; }
__attribute__((noinline)) static int64_t odd(int64_t n, node x) {
  return n ? even(n - 1, x) : -x->value;
}

__attribute__((noinline)) static int64_t jumps(int n) {
  node kept = NULL, other = NULL;
  int64_t sum = 0;
  int i = 0;
again:
  if (i == n)
    goto out;
  node x = make(kept, i, NULL);
  switch (i++ % 5) {
  case 0:
    kept = x;
    goto again;
  case 1:
    other = x;
    /* fall through */
  case 2:
    if (!other)
      break;
    sum += other->value;
    x = other;
    break;
  case 3:
    for (node y = x; y; y = y->left) {
      if (y->value % 7 == 6)
        goto again;
      if (y->value % 3 == 1)
        break;
      sum += y->value;
    }
    break;
  default:
    if (i % 10 == 0)
      kept = kept ? kept->left : NULL;
    else if (other && other->value > 40)
      return sum - x->value;
  }
  sum += x->value;
  goto again;
out:
  return sum;
}

int main(void) {
  node n = build(0, 31);
  int64_t factor = 3;
  for (int i = 0; i < 8; ++i) {
    node m = apply(changes[i % 4], apply(changes[i / 2], n));
    printf("change %d: %" PRId64 " %" PRId64 "\n", i, m ? m->value : -1, each(m, scaled, &factor));
  }
  at_most("one tree", 31);
  printf("variadic %" PRId64 "\n", total(5, n, n->left, NULL, n->right, n->right));
  n = NULL;
  printf("deep %" PRId64 "\n", deep(5000, NULL));
  printf("even %" PRId64 " %" PRId64 "\n", even(101, make(NULL, 9, NULL)),
         odd(7, make(NULL, 8, NULL)));
  for (int i = 0; i < 100; i += 11)
    printf("jumps %d: %" PRId64 "\n", i, jumps(i));
  at_most("the end", 0);
  return 0;
}
