/*===- rbtree.h - Red-black trees that are never changed --------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Insertion after Okasaki (Red-black trees in a functional setting, 1999): it makes
 * new nodes along its path. KEY is the type of keys.
 *
 *===------------------------------------------------------------------------===*/
#ifndef RBTREE_H
#define RBTREE_H

#include "bench.h"

enum { Red, Black };
typedef struct tree cairn_managed *tree; /* NULL is a leaf */
struct tree {
  tree left, right;
  KEY key;
  uint8_t colour;
  bool value;
};
CAIRN_TYPE(tree_type, struct tree, left, right);

static tree node(uint8_t colour, tree left, KEY key, bool value, tree right) {
  tree t = cairn_ref_new(&tree_type);
  t->left = left;
  t->right = right;
  t->key = key;
  t->colour = colour;
  t->value = value;
  made();
  return t;
}

static bool is_red(tree t) { return t && t->colour == Red; }

/* A black node whose left side may be red with a red child. */
static tree balance_left(tree l, KEY key, bool value, tree r) {
  if (!l)
    return NULL;
  tree x = l->left, y = l->right;
  if (is_red(x))
    return node(Red, node(Black, x->left, x->key, x->value, x->right), l->key, l->value,
                node(Black, y, key, value, r));
  if (is_red(y))
    return node(Red, node(Black, x, l->key, l->value, y->left), y->key, y->value,
                node(Black, y->right, key, value, r));
  return node(Black, node(Red, x, l->key, l->value, y), key, value, r);
}

static tree balance_right(tree l, KEY key, bool value, tree r) {
  if (!r)
    return NULL;
  tree x = r->left, y = r->right;
  if (is_red(x))
    return node(Red, node(Black, l, key, value, x->left), x->key, x->value,
                node(Black, x->right, r->key, r->value, y));
  if (is_red(y))
    return node(Red, node(Black, l, key, value, x), r->key, r->value,
                node(Black, y->left, y->key, y->value, y->right));
  return node(Black, l, key, value, node(Red, x, r->key, r->value, y));
}

static tree insert_below(tree t, KEY key, bool value) {
  if (!t)
    return node(Red, NULL, key, value, NULL);
  if (t->colour == Red) {
    if (key < t->key)
      return node(Red, insert_below(t->left, key, value), t->key, t->value, t->right);
    if (key > t->key)
      return node(Red, t->left, t->key, t->value, insert_below(t->right, key, value));
    return node(Red, t->left, key, value, t->right);
  }
  if (key < t->key) {
    if (is_red(t->left))
      return balance_left(insert_below(t->left, key, value), t->key, t->value, t->right);
    return node(Black, insert_below(t->left, key, value), t->key, t->value, t->right);
  }
  if (key > t->key) {
    if (is_red(t->right))
      return balance_right(t->left, t->key, t->value, insert_below(t->right, key, value));
    return node(Black, t->left, t->key, t->value, insert_below(t->right, key, value));
  }
  return node(Black, t->left, key, value, t->right);
}

static tree set_black(tree t) {
  return t ? node(Black, t->left, t->key, t->value, t->right) : NULL;
}

/* How many values are true. */
static int64_t count_true(tree t, int64_t before) {
  if (!t)
    return before;
  int64_t left = count_true(t->left, before);
  return count_true(t->right, t->value ? left + 1 : left);
}

#endif /* RBTREE_H */
