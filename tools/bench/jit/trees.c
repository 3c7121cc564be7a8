/*===- trees.c - A tree that shares what it does not change ----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "timed.h"

struct node {
  struct node *left, *right;
  uint64_t key;
};
CAIRN_TYPE(node_type, struct node, left, right);

static struct node *join(struct node *left, uint64_t key, struct node *right) {
  struct node *node = cairn_alloc(&node_type);
  node->left = left;
  node->right = right;
  node->key = key;
  return node;
}
static struct node *retained(struct node *node) {
  if (node)
    cairn_incref(node);
  return node;
}

/* A new tree with the key; the old one stays. */
static struct node *with(struct node *tree, uint64_t key) {
  if (!tree)
    return join(NULL, key, NULL);
  if (key == tree->key)
    return retained(tree);
  if (key < tree->key)
    return join(with(tree->left, key), tree->key, retained(tree->right));
  return join(retained(tree->left), tree->key, with(tree->right, key));
}

static uint64_t depths(const struct node *tree, uint64_t depth) {
  return tree ? depth + depths(tree->left, depth + 1) + depths(tree->right, depth + 1) : 0;
}

static uint64_t work(void) {
  uint64_t sum = 0, random = 1;
  for (unsigned round = 0; round < 700; ++round) {
    struct node *tree = NULL;
    for (unsigned i = 0; i < 4000; ++i) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      struct node *next = with(tree, random >> 40);
      cairn_decref(tree);
      tree = next;
    }
    sum += depths(tree, 1);
    cairn_decref(tree);
  }
  return sum;
}
