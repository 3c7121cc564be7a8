/*===- deep.c - Recursions of any length in a small stack -----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * deep [elements]: adds up, counts, maps, filters and appends lists, shared ones and
 * others, and inserts into trees that are lists. Written as recursions, which LLVM,
 * cairn-accumulate and cairn-tail make loops of, so that the stack may be small
 * (test/lit/managed/deep.test). Some of them are functions that call each other in turn.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define APART static __attribute__((noinline))
typedef struct node cairn_managed *list;
struct node {
  list next;
  int64_t value;
};
CAIRN_TYPE(node_type, struct node, next);
typedef struct tree cairn_managed *tree;
struct tree {
  tree left, right;
  int64_t key;
};
CAIRN_TYPE(tree_type, struct tree, left, right);

APART list up(int64_t n) {
  list l = NULL;
  while (n) {
    list m = cairn_ref_new(&node_type);
    m->next = l;
    m->value = n--;
    l = m;
  }
  return l;
}

APART list map(list l) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v + 1;
  m->next = map(l->next);
  return m;
}

APART list filter(list l) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  if (v % 3 == 0)
    return filter(l->next);
  list m = cairn_ref_new(&node_type);
  m->value = v;
  m->next = filter(l->next);
  return m;
}

APART list append(list l, list r) {
  if (!l)
    return r;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v;
  m->next = append(l->next, r);
  return m;
}

APART tree insert(tree t, int64_t k) {
  if (!t) {
    tree n = cairn_ref_new(&tree_type);
    n->key = k;
    return n;
  }
  int64_t its = t->key;
  tree n = cairn_ref_new(&tree_type);
  n->key = its;
  if (k < its) {
    n->right = t->right;
    n->left = insert(t->left, k);
  } else {
    n->left = t->left;
    n->right = insert(t->right, k);
  }
  return n;
}

/* What follows goes into an object that is in the one that is returned. */
APART list twice(list l) {
  if (!l)
    return NULL;
  list second = cairn_ref_new(&node_type);
  second->value = -l->value;
  second->next = twice(l->next);
  list first = cairn_ref_new(&node_type);
  first->value = l->value + 1;
  first->next = second;
  return first;
}

/* The object is made behind both ways. */
APART list capped(list l) {
  int64_t v = l->value;
  list rest = NULL;
  if (v % 1000000 && l->next)
    rest = capped(l->next);
  list m = cairn_ref_new(&node_type);
  m->value = v;
  m->next = rest;
  return m;
}

/* Of two calls, the last is the loop. */
APART tree both(tree t) {
  if (!t)
    return NULL;
  int64_t its = t->key;
  tree left = both(t->left), right = both(t->right);
  tree n = cairn_ref_new(&tree_type);
  n->left = left;
  n->key = its + 1;
  n->right = right;
  return n;
}

/* Two functions in turn; the second leaves some out. */
APART list odd(list l);
APART list even(list l) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v;
  m->next = odd(l->next);
  return m;
}
APART list odd(list l) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  if (v % 8 == 0)
    return even(l->next);
  list m = cairn_ref_new(&node_type);
  m->value = -v;
  m->next = even(l->next);
  return m;
}

/* Three, one of which has a round of its own. */
APART list third(list l, int64_t a, int64_t b, double c);
APART list second(list l, int64_t a, int64_t b) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v + a;
  m->next = v % 2 ? second(l->next, b, a) : third(l->next, a, b, 0.5);
  return m;
}
APART list start(list l, int64_t a) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v + a;
  m->next = second(l->next, a, -a);
  return m;
}
APART list third(list l, int64_t a, int64_t b, double c) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v + a - 2 * b + (int64_t)(c * 4);
  m->next = start(l->next, a);
  return m;
}

/* One has more arguments than there are registers: the two stay a recursion. */
APART list wide(list l, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f);
APART list narrow(list l, int64_t a) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v - a;
  m->next = wide(l->next, a, a + 1, a + 2, a + 3, a + 4, a + 5);
  return m;
}
APART list wide(list l, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) {
  if (!l)
    return NULL;
  int64_t v = l->value;
  list m = cairn_ref_new(&node_type);
  m->value = v + a - b + c - d + e - f;
  m->next = narrow(l->next, -a);
  return m;
}

APART int64_t sum(list l) {
  int64_t s = 0;
  for (; l; l = l->next)
    s += l->value;
  return s;
}
/* What is read behind the call is read before it. */
APART int64_t total(list l) { return l ? total(l->next) + l->value : 0; }
APART uint64_t product(list l) { return l ? product(l->next) * (uint64_t)(l->value | 1) : 1; }
APART int64_t length(list l) { return l ? 1 + length(l->next) : 0; }

/* The longer side is the loop. */
APART int64_t keys(tree t) { return t ? keys(t->left) + keys(t->right) + t->key : 0; }

/* Two lists at once: each gets a place for what follows. */
struct two {
  list yes, no;
};

APART struct two part(list l) {
  if (!l)
    return (struct two){NULL, NULL};
  int64_t v = l->value;
  struct two rest = part(l->next);
  list m = cairn_ref_new(&node_type);
  m->value = v;
  if (v % 3 == 0) {
    m->next = rest.yes;
    return (struct two){m, rest.no};
  }
  m->next = rest.no;
  return (struct two){rest.yes, m};
}

APART struct two deal(list l) {
  if (!l)
    return (struct two){NULL, NULL};
  list m = cairn_ref_new(&node_type);
  m->value = l->value;
  struct two rest = deal(l->next);
  m->next = rest.no;
  return (struct two){m, rest.yes};
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 100000;
  list l = up(n);
  printf("%" PRId64 " %" PRId64 " %" PRId64 " %d ", total(l), total(up(n)), length(l),
         product(l) == product(up(n)));
  printf("%" PRId64 " ", sum(map(map(l))));
  list k = up(n / 2);
  printf("%" PRId64 " %" PRId64 " ", sum(filter(map(up(n)))), sum(append(k, filter(l))));
  l = NULL;
  printf("%" PRId64 " ", sum(append(up(n), up(n))));
  k = NULL;
  tree t = NULL;
  tree spine = NULL;
  for (int64_t i = n; i > 0; --i) {
    tree m = cairn_ref_new(&tree_type);
    m->key = i;
    m->right = spine;
    spine = m;
  }
  t = insert(spine, n + 5);
  t = insert(t, n + 6);
  int64_t d = 0;
  tree w = t;
  while (w) {
    d++;
    w = w->right;
  }
  printf("%" PRId64 " %" PRId64 "\n", d, keys(t));

  /* What two owners share, and what only the function has. */
  k = up(n);
  printf("%" PRId64 " %" PRId64 " %" PRId64 " ", sum(twice(k)), sum(twice(up(n))), sum(k));
  printf("%" PRId64 " %" PRId64 " ", sum(capped(k)), sum(capped(up(n))));
  printf("%" PRId64 " %" PRId64 " %" PRId64 " ", sum(even(k)), sum(even(up(n))), sum(k));
  printf("%" PRId64 " %" PRId64 " ", sum(start(k, 3)), sum(start(up(n), 3)));
  printf("%" PRId64 " ", sum(narrow(up(200), 7)));
  w = t;
  printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", keys(both(t)), keys(w), sum(k));
  t = NULL;
  printf("%" PRId64 "\n", keys(both(w)));
  struct two shared = part(k), own = part(up(n)), turns = deal(k), taken = deal(up(n));
  printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " ", sum(shared.yes), sum(shared.no),
         sum(own.yes), sum(own.no));
  printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", sum(turns.yes),
         sum(turns.no), sum(taken.yes), sum(taken.no), sum(k));
  return 0;
}
