/*===- apart.c - Objects are taken apart --------------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Functions that own an object, go on with some of its fields and let it go: as the last
 * reference, where nothing needs a count, and as one of several. Each prints the same for both.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

typedef struct tree cairn_managed *tree;
struct tree {
  tree left, right;
  int64_t key;
};
CAIRN_TYPE(tree_type, struct tree, left, right);
struct leaf { /* as large as a tree, with a number where that has a reference */
  tree other;
  int64_t number, key;
};
CAIRN_TYPE(leaf_type, struct leaf, other);

enum { Tree, Leaf };
#define AS_LEAF(t) ((struct leaf cairn_managed *)(t))

static tree node(tree left, int64_t key, tree right) {
  tree t = cairn_ref_new_tagged(&tree_type, Tree);
  t->left = left;
  t->right = right;
  t->key = key;
  return t;
}
static tree leaf(int64_t key, tree other) {
  struct leaf cairn_managed *l = cairn_ref_new_tagged(&leaf_type, Leaf);
  l->other = other;
  l->number = 2 * key;
  l->key = key;
  return (tree)l;
}
static tree build(int64_t from, int64_t to) {
  if (from > to)
    return NULL;
  int64_t middle = (from + to) / 2;
  if (from == to)
    return leaf(from, from % 3 ? NULL : leaf(-from, NULL));
  return node(build(from, middle - 1), middle, build(middle + 1, to));
}
static int64_t sum(tree t) {
  if (!t)
    return 0;
  if (cairn_ref_tag(t) == Leaf)
    return AS_LEAF(t)->number + sum(AS_LEAF(t)->other);
  return sum(t->left) + 3 * t->key + 5 * sum(t->right);
}

#define OWNED __attribute__((noinline)) cairn_owned(1) static

/* One field of two. */
OWNED tree left_of(tree t) {
  tree left = t->left;
  int64_t key = t->key;
  t = NULL;
  return key ? left : NULL;
}
/* Both, in another order. */
OWNED tree mirrored(tree t) {
  if (!t)
    return NULL;
  if (cairn_ref_tag(t) == Leaf)
    return t;
  tree left = t->left, right = t->right;
  int64_t key = t->key;
  t = NULL;
  left = mirrored(left);
  return node(mirrored(right), key, left);
}
/* One on each arm of a branch, and what was read on both is looked at on one. */
OWNED tree towards(tree t, int64_t key) {
  while (t && cairn_ref_tag(t) == Tree) {
    tree left = t->left;
    if (left && key < t->key && cairn_ref_tag(left) == Tree) {
      t = left;
    } else if (key < t->key) {
      return left;
    } else {
      tree right = t->right;
      t = right;
    }
  }
  return t;
}
/* The shape is known by the tag alone. */
OWNED tree other_of(tree t) {
  if (cairn_ref_tag(t) != Leaf)
    return NULL;
  tree other = AS_LEAF(t)->other;
  t = NULL;
  return other;
}
/* The field twice, and the object. */
OWNED tree twice(tree t) {
  tree left = t->left;
  t = NULL;
  return node(left, 1, left);
}

/* `make` again for each: alone, then with another reference to what is taken apart. */
#define BOTH(name, call, make)                                                                     \
  do {                                                                                             \
    tree x = make;                                                                                 \
    tree alone = call;                                                                             \
    x = make;                                                                                      \
    tree kept = x;                                                                                 \
    tree shared = call;                                                                            \
    printf("%s: %" PRId64 " %" PRId64 ", kept %" PRId64 "\n", name, sum(alone), sum(shared),       \
           sum(kept));                                                                             \
  } while (0);                                                                                     \
  at_most(name, 0)

int main(void) {
  BOTH("left", left_of(x), build(1, 100));
  BOTH("mirrored", mirrored(x), build(1, 100));
  for (int64_t key = 0; key < 120; key += 17) {
    BOTH("towards", towards(x, key), build(1, 100));
  }
  BOTH("other", other_of(x), leaf(7, build(1, 20)));
  BOTH("no leaf", other_of(x), build(1, 20));
  BOTH("twice", twice(x), build(1, 50));
  /* Deep, and each cell is the last reference of the next. */
  tree t = NULL;
  for (int64_t i = 0; i != 100000; ++i)
    t = node(t, i, NULL);
  at_most("deep", 100000);
  int64_t steps = 0;
  for (; t; ++steps)
    t = left_of(t);
  printf("%" PRId64 " steps\n", steps);
  at_most("the end", 0);
  return 0;
}
