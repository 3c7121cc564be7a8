//===- rbtree.h - Red-black trees that are copied where they are shared ---===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef RBTREE_H
#define RBTREE_H

#include "counted.h"

enum colours : uint8_t { Red, Black };

template <class Key> struct node : counted {
  using tree = ref<node>;
  colours colour;
  bool value;
  tree left, right;
  Key key;

  node(colours c, Key k, bool v) : colour(c), value(v), key(k) {}
  // A copy is an object of its own.
  node(const node &o)
      : counted(), colour(o.colour), value(o.value), left(o.left), right(o.right), key(o.key) {}

  static bool is_red(const tree &t) { return t && t->colour == Red; }

  /// The node in t, which has no other owners afterwards.
  static node &own(tree &t) {
    if (__builtin_expect(!t.alone(), 0))
      t = tree(new node(*t));
    return *t;
  }

  static void destroy(node *n) {
    for (;;) {
      tree left = std::move(n->left);
      node *right = n->right.leave();
      delete n;
      if (!right || --right->owners)
        return;
      n = right;
    }
  }

  /// at is a black node whose left side may be red with a red child.
  static void balance_left(tree &at) {
    node &below = own(at->left);
    if (is_red(below.left)) {
      own(below.left).colour = Black;
      tree up = std::move(at->left);
      at->left = std::move(below.right);
      below.right = std::move(at);
      below.colour = Red;
      at = std::move(up);
    } else if (is_red(below.right)) {
      node &middle = own(below.right);
      tree up = std::move(below.right);
      below.right = std::move(middle.left);
      below.colour = Black;
      middle.left = std::move(at->left);
      at->left = std::move(middle.right);
      middle.right = std::move(at);
      middle.colour = Red;
      at = std::move(up);
    } else {
      below.colour = Red;
    }
  }

  static void balance_right(tree &at) {
    node &below = own(at->right);
    if (is_red(below.left)) {
      node &middle = own(below.left);
      tree up = std::move(below.left);
      below.left = std::move(middle.right);
      below.colour = Black;
      middle.right = std::move(at->right);
      at->right = std::move(middle.left);
      middle.left = std::move(at);
      middle.colour = Red;
      at = std::move(up);
    } else if (is_red(below.right)) {
      own(below.right).colour = Black;
      tree up = std::move(at->right);
      at->right = std::move(below.left);
      below.left = std::move(at);
      below.colour = Red;
      at = std::move(up);
    } else {
      below.colour = Red;
    }
  }

  static void insert_below(tree &t, Key key, bool value) {
    tree *at = &t;
    while (*at) {
      node &n = own(*at);
      if (key < n.key) {
        if (n.colour == Black && is_red(n.left)) {
          insert_below(n.left, key, value);
          balance_left(*at);
          return;
        }
        at = &n.left;
      } else if (key > n.key) {
        if (n.colour == Black && is_red(n.right)) {
          insert_below(n.right, key, value);
          balance_right(*at);
          return;
        }
        at = &n.right;
      } else {
        n.value = value;
        return;
      }
    }
    *at = tree(new node(Red, key, value));
  }

  static void set_black(tree &t) { own(t).colour = Black; }

  /// How many values are true.
  static int64_t count_true(const node *n, int64_t before) {
    for (; n; n = n->right.get())
      before = count_true(n->left.get(), before) + n->value;
    return before;
  }
};

#endif // RBTREE_H
