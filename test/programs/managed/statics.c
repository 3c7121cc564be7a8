/*===- statics.c - Static objects among counted ones ------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A static object costs no allocation and no count. It may be wherever a reference
 * may: in fields, variables, globals and containers, shared and not.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <cairn/static.h>

#include "live.h"

enum { Leaf, Node };
typedef struct tree cairn_managed *tree;
struct tree {
  tree left, right;
  int64_t key;
};
CAIRN_TYPE(tree_type, struct tree, left, right);
static CAIRN_STATIC_OBJECT(leaf, tree_type, Leaf, {NULL, NULL, 0});
static CAIRN_STATIC_STRING(greeting, "hello");

static tree node(tree left, int64_t key, tree right) {
  tree t = cairn_ref_new_tagged(&tree_type, Node);
  t->left = left;
  t->right = right;
  t->key = key;
  return t;
}

__attribute__((noinline)) static tree insert(tree t, int64_t key) {
  if (cairn_ref_tag(t) == Leaf)
    return node(t, key, t);
  if (key < t->key)
    return node(insert(t->left, key), t->key, t->right);
  if (key > t->key)
    return node(t->left, t->key, insert(t->right, key));
  return t;
}
__attribute__((noinline)) static int64_t sum(tree t) {
  return cairn_ref_tag(t) == Leaf ? 0 : sum(t->left) + t->key + sum(t->right);
}

static tree kept;

__attribute__((noinline)) static void run(void) {
  tree t = CAIRN_STATIC_REF(leaf);
  for (int64_t i = 0; i < 100; ++i)
    t = insert(t, i * 37 % 101);
  printf("sum %" PRId64 "\n", sum(t));
  at_most("a hundred nodes, and no leaf", 100);
  kept = t->right;
  t = NULL;
  cairn_ref_share(kept);
  kept = insert(kept, -1);
  printf("kept %" PRId64 "\n", sum(kept));
  kept = CAIRN_STATIC_REF(leaf);
  at_most("a leaf", 0);
  void cairn_managed *list = cairn_ref_new_list(2, 8);
  for (int i = 0; i < 3; ++i) {
    cairn_ref_list_append_ref(list,
                              i == 1 ? (void cairn_managed *)CAIRN_STATIC_REF(greeting) : kept);
    printf("%d ", (int)cairn_ref_length(cairn_ref_list_get_ref(list, (uint32_t)i)));
  }
  printf("\n");
}

int main(void) {
  run();
  kept = NULL;
  at_most("the end", 0);
  return 0;
}
