/*===- avl.c - A map that keeps its old versions --------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

REFERENCE(node);
OBJECT(node) {
  node_ref left, right;
  int64_t key, value;
  int32_t height;
};
TYPE(node, left, right);

static int32_t height(IN(node) t) { return t ? t->height : 0; }

static node_ref make_node(node_ref left, int64_t key, int64_t value, node_ref right) {
  int32_t l = height(left), r = height(right);
  node_ref n = NEW(node);
  n->left = MOVE(left);
  n->right = MOVE(right);
  n->key = key;
  n->value = value;
  n->height = (l > r ? l : r) + 1;
  return n;
}

static node_ref balance(node_ref l, int64_t key, int64_t value, node_ref r) {
  if (height(l) > height(r) + 2) {
    if (height(l->left) >= height(l->right))
      return make_node(l->left, l->key, l->value, make_node(l->right, key, value, MOVE(r)));
    node_ref m = l->right;
    return make_node(make_node(l->left, l->key, l->value, m->left), m->key, m->value,
                     make_node(m->right, key, value, MOVE(r)));
  }
  if (height(r) > height(l) + 2) {
    if (height(r->right) >= height(r->left))
      return make_node(make_node(MOVE(l), key, value, r->left), r->key, r->value, r->right);
    node_ref m = r->left;
    return make_node(make_node(MOVE(l), key, value, m->left), m->key, m->value,
                     make_node(m->right, r->key, r->value, r->right));
  }
  return make_node(MOVE(l), key, value, MOVE(r));
}

static node_ref insert(IN(node) t, int64_t key, int64_t value) {
  if (!t)
    return make_node(NONE, key, value, NONE);
  if (key < t->key)
    return balance(insert(t->left, key, value), t->key, t->value, t->right);
  if (key > t->key)
    return balance(t->left, t->key, t->value, insert(t->right, key, value));
  return make_node(t->left, key, value, t->right);
}

static int64_t find(IN(node) map, int64_t key) {
  for (VIEW(node) t = PEEK(map); t; t = PEEK(key < t->key ? t->left : t->right))
    if (t->key == key)
      return t->value;
  return -1;
}

static int64_t sum(IN(node) t) { return t ? sum(t->left) + t->value + sum(t->right) : 0; }

static void run(int64_t n) {
  node_ref map = NONE, old = NONE;
  int64_t found = 0;
  for (int64_t i = 0; i < n; ++i) {
    map = insert(map, (int64_t)(random_number() % (uint64_t)n), i);
    if (i % 1024 == 0)
      old = map; /* a version that is kept */
    found += find(old, (int64_t)(random_number() % (uint64_t)n));
  }
  printf("%" PRId64 " %" PRId64 "\n", sum(map) + sum(old), found);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 400000));
  return finish();
}
