/*===- trees.c - Search trees whose versions share what did not change -------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Every version stays valid. An insertion copies the path to the new key where
 * somebody else sees it, and changes it in place where nobody does.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>

struct tree {
  struct tree *left, *right;
  uint32_t key, height;
};
CAIRN_TYPE(tree_type, struct tree, left, right);

static unsigned long copies;

static uint32_t height(const struct tree *tree) { return tree ? tree->height : 0; }

static void measure(struct tree *tree) {
  uint32_t l = height(tree->left), r = height(tree->right);
  tree->height = (l > r ? l : r) + 1;
}

/* Takes over the count of tree; the result has one owner. */
static struct tree *own(struct tree *tree) {
  if (cairn_is_unique(tree))
    return tree;
  struct tree *copy = cairn_alloc(&tree_type);
  cairn_incref(tree->left);
  cairn_incref(tree->right);
  *copy = *tree;
  cairn_decref(tree);
  ++copies;
  return copy;
}

/* Rotations of nodes that have one owner. */
static struct tree *rotate_right(struct tree *tree) {
  struct tree *top = own(tree->left);
  tree->left = top->right;
  top->right = tree;
  measure(tree);
  measure(top);
  return top;
}
static struct tree *rotate_left(struct tree *tree) {
  struct tree *top = own(tree->right);
  tree->right = top->left;
  top->left = tree;
  measure(tree);
  measure(top);
  return top;
}

static struct tree *balance(struct tree *tree) {
  if (height(tree->left) > height(tree->right) + 1) {
    if (height(tree->left->right) > height(tree->left->left))
      tree->left = rotate_left(own(tree->left));
    return rotate_right(tree);
  }
  if (height(tree->right) > height(tree->left) + 1) {
    if (height(tree->right->left) > height(tree->right->right))
      tree->right = rotate_right(own(tree->right));
    return rotate_left(tree);
  }
  measure(tree);
  return tree;
}

/* Takes over the count of tree. */
static struct tree *insert(struct tree *tree, uint32_t key) {
  if (!tree) {
    tree = cairn_alloc(&tree_type);
    tree->key = key;
    tree->height = 1;
    return tree;
  }
  if (key == tree->key)
    return tree;
  tree = own(tree);
  if (key < tree->key)
    tree->left = insert(tree->left, key);
  else
    tree->right = insert(tree->right, key);
  return balance(tree);
}

static uint64_t count(const struct tree *tree) {
  return tree ? 1 + count(tree->left) + count(tree->right) : 0;
}
static uint64_t checksum(const struct tree *tree, uint64_t sum) {
  if (!tree)
    return sum;
  sum = checksum(tree->left, sum);
  return checksum(tree->right, sum * 31 + tree->key);
}

int main(void) {
  struct tree *tree = NULL;
  uint32_t key = 1;
  for (int i = 0; i < 50000; ++i) {
    key = key * 1103515245 + 12345;
    tree = insert(tree, key >> 8);
  }
  printf("%" PRIu64 " keys, height %" PRIu32 ", checksum %016" PRIx64 ", copies %lu\n", count(tree),
         height(tree), checksum(tree, 0), copies);

  enum { VERSIONS = 20 };
  struct tree *versions[VERSIONS];
  for (int v = 0; v < VERSIONS; ++v) {
    cairn_incref(tree);
    versions[v] = tree;
    for (int i = 0; i < 10; ++i) {
      key = key * 1103515245 + 12345;
      tree = insert(tree, key >> 8);
    }
  }
  printf("%" PRIu64 " keys in the newest, %" PRIu64 " in the oldest, copies %s\n", count(tree),
         count(versions[0]), copies < 20 * 10 * 20 ? "few" : "many");
  cairn_decref(tree);
  for (int v = 0; v < VERSIONS; v += 2)
    cairn_decref(versions[v]);
  printf("checksum of the last version kept: %016" PRIx64 "\n",
         checksum(versions[VERSIONS - 1], 0));
  for (int v = 1; v < VERSIONS; v += 2)
    cairn_decref(versions[v]);

  /* A full tree of a thousand levels' worth of paths in a thousand nodes: each
   * node holds the one below twice. */
  struct tree *dag = NULL;
  for (int i = 0; i < 1000; ++i) {
    struct tree *above = cairn_alloc(&tree_type);
    cairn_incref(dag);
    above->left = above->right = dag;
    above->key = (uint32_t)i;
    dag = above;
  }
  printf("a node of the dag has count %" PRId64 "\n", cairn_refcount(dag->left));
  cairn_decref(dag);
  return 0;
}
