/*===- treap.c - A set with splits and unions -----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

REFERENCE(node);
OBJECT(node) {
  node_ref left, right;
  uint64_t priority;
  int64_t key;
};
TYPE(node, left, right);

struct two {
  node_ref less, more;
};

static node_ref with(IN(node) t, node_ref left, node_ref right) {
  node_ref n = NEW(node);
  n->left = MOVE(left);
  n->right = MOVE(right);
  n->priority = t->priority;
  n->key = t->key;
  return n;
}

static struct two split(IN(node) t, int64_t key) {
  struct two parts = {NONE, NONE};
  if (!t)
    return parts;
  if (t->key < key) {
    parts = split(t->right, key);
    parts.less = with(t, t->left, MOVE(parts.less));
  } else {
    parts = split(t->left, key);
    parts.more = with(t, MOVE(parts.more), t->right);
  }
  return parts;
}

static node_ref join(IN(node) a, IN(node) b) {
  if (!a)
    return b;
  if (!b)
    return a;
  return a->priority > b->priority ? with(a, a->left, join(a->right, b))
                                   : with(b, join(a, b->left), b->right);
}

static node_ref unite(IN(node) a, IN(node) b) {
  if (!a)
    return b;
  if (!b)
    return a;
  if (a->priority < b->priority)
    return unite(b, a);
  struct two parts = split(b, a->key);
  return with(a, unite(a->left, parts.less), unite(a->right, parts.more));
}

static node_ref one(int64_t key) {
  node_ref n = NEW(node);
  n->left = n->right = NONE;
  n->priority = random_number();
  n->key = key;
  return n;
}

static int64_t sum(IN(node) t) { return t ? sum(t->left) * 3 + t->key + sum(t->right) : 0; }

static node_ref some(int64_t n) {
  node_ref set = NONE;
  for (int64_t i = 0; i < n; ++i)
    set = unite(set, one((int64_t)(random_number() % 1000000)));
  return set;
}

static void run(int64_t n) {
  node_ref all = NONE;
  int64_t result = 0;
  for (int64_t i = 0; i < 20; ++i) {
    all = unite(all, some(n));
    struct two parts = split(all, (int64_t)(random_number() % 1000000));
    all = join(parts.less, parts.more);
    result ^= sum(all);
  }
  printf("%" PRId64 "\n", result);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 20000));
  return finish();
}
