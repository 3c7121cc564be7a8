/*===- frames.c - Recursions that keep in a cell what waits -----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Functions that call themselves twice on an object that they take apart, and do more
 * behind that. Each is called with the only reference of a tree, and with a tree that
 * others keep, as a whole or in part.
 *
 * frames DEPTH: folds a chain of that length, and prints a sum.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdlib.h>

#include "both.h"
#include "live.h"

#define APART static __attribute__((noinline))

typedef struct node cairn_managed *node;
struct node {
  node left, right;
  int64_t key;
};
CAIRN_TYPE(node_type, struct node, left, right);

static node make(node left, node right, int64_t key) {
  node n = cairn_ref_new(&node_type);
  n->left = left;
  n->right = right;
  n->key = key;
  return n;
}

APART node tree(int depth, int64_t key) {
  return depth ? make(tree(depth - 1, 2 * key), tree(depth - 1, 2 * key + 1), key) : NULL;
}

APART int64_t hash(node n) {
  return n ? (n->key + 3 * hash(n->left) + 5 * hash(n->right)) % 1000003 : 0;
}

APART int64_t key_of(node n) { return n ? n->key : 1; }

/* Both results are needed behind the second call, and the object is made again or not. */
APART node fold(node n) {
  if (!n)
    return NULL;
  node left = n->left, right = n->right;
  int64_t key = n->key;
  node a = fold(left), b = fold(right);
  if (key_of(a) % 3 == 0)
    return make(a, make(b, NULL, key), key + 1);
  if (key_of(b) % 5 == 0)
    return b;
  return make(a, b, key + key_of(a));
}

/* Two functions that call each other. */
static node odd(node n);
APART node even(node n) {
  if (!n)
    return NULL;
  node left = n->left, right = n->right;
  int64_t key = n->key;
  node a = odd(right), b = odd(left);
  return make(b, a, key + key_of(a) - key_of(b));
}
APART node odd(node n) {
  if (!n)
    return NULL;
  node left = n->left, right = n->right;
  int64_t key = n->key;
  node a = even(left), b = even(right);
  return make(b, a, key * 2 + key_of(b) - key_of(a));
}

/* What a field held is used again behind both calls. */
APART node twice(node n) {
  if (!n)
    return NULL;
  node left = n->left, right = n->right;
  int64_t key = n->key;
  node a = twice(left), b = twice(right);
  return make(left ? make(a, left, 1) : b, a, key + key_of(b));
}

/* A sum that starts again at some nodes. */
static node summed(int depth) {
  if (!depth)
    return NULL;
  const int from = depth % 3 == 1;
  node n = cairn_ref_new_tagged(&node_type, (uint8_t)from);
  n->left = from ? NULL : summed(depth - 1);
  n->right = summed(depth - 1);
  return n;
}
APART int64_t since(node n) {
  int64_t sum = 0;
  for (;;) {
    if (!n)
      return sum + 1;
    if (cairn_ref_tag(n) == 1) {
      sum = 0;
      n = n->right;
      continue;
    }
    sum += since(n->left);
    n = n->right;
  }
}
static node wanted;
APART node next(void) {
  node n = wanted;
  wanted = NULL;
  return n;
}
static void sums(void) {
  wanted = summed(8);
  int64_t alone = since(next());
  wanted = make(summed(2), summed(8), 0);
  node kept = wanted->right;
  int64_t partly = since(next());
  printf("since: %" PRId64 " %" PRId64 " %" PRId64 "\n", alone, partly, since(kept));
}

int main(int argc, char **argv) {
  if (argc > 1) {
    node chain = NULL;
    for (int64_t n = atoll(argv[1]); n; --n)
      chain = make(NULL, chain, n * 15 + 1);
    int64_t sum = 0;
    for (node n = fold(chain); n; n = n->right)
      sum = (sum * 7 + n->key) % 1000003;
    printf("%" PRId64 "\n", sum);
    return 0;
  }
  BOTH("fold", fold);
  BOTH("even", even);
  BOTH("twice", twice);
  sums();
  at_most("end", 0);
  return 0;
}
