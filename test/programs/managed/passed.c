/*===- passed.c - Objects that give their memory to what another function makes -===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Functions that take an object apart and call another one, which makes the next; and
 * functions that call each other in a cycle, some of which make nothing. Each is called
 * with the only reference of a structure, and with structures that others keep, as a
 * whole or in part.
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

static node make(uint8_t tag, node left, node right, int64_t key) {
  node n = cairn_ref_new_tagged(&node_type, tag);
  n->left = left;
  n->right = right;
  n->key = key;
  return n;
}

enum { Leaf, Plus, Times };

APART node tree(int depth, int64_t key) {
  return depth ? make(key % 3 ? Plus : Times, tree(depth - 1, 2 * key),
                      tree(depth - 1, 2 * key + 1), key)
               : make(Leaf, NULL, NULL, key);
}

APART int64_t hash(node n) {
  return n ? (n->key + 3 * hash(n->left) + 5 * hash(n->right) + cairn_ref_tag(n)) % 1000003 : 0;
}

/* The memory of what is taken apart comes to the end of a recursion in another function. */
APART node append(node chain, node last, uint8_t tag) {
  if (chain && cairn_ref_tag(chain) == tag)
    return make(tag, chain->left, append(chain->right, last, tag), chain->key);
  return make(tag, chain, last, 1);
}
APART node flatten(node n) {
  if (!n || cairn_ref_tag(n) == Leaf)
    return n;
  uint8_t tag = cairn_ref_tag(n);
  node left = n->left, right = n->right;
  node a = flatten(left), b = flatten(right);
  return append(a, b, tag);
}

/* Two functions on the way, and objects on all ways: one on some, two on others. */
APART node two(node n, int64_t key) {
  if (key % 2)
    return make(Plus, n, make(Leaf, NULL, NULL, key), key);
  return make(Times, n, NULL, key);
}
APART node one(node n, int64_t key) { return key % 3 ? two(n, key + 1) : make(Leaf, n, n, key); }
APART node passed(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node left = passed(n->left);
  return one(left, key);
}

/* A callee that makes nothing on some way is given nothing. */
APART node maybe(node n, int64_t key) { return key % 2 ? make(Plus, n, NULL, key) : n; }
APART node perhaps(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node right = n->right;
  return maybe(perhaps(right), key);
}

/* Functions that call each other: all make objects, or one makes none. */
static node odd(node n);
APART node even(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node left = n->left;
  return make(Plus, left, odd(n->right), key + 1);
}
APART node odd(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node right = n->right;
  return make(Times, even(n->left), right, key * 2);
}
static node every(node n);
APART node skip(node n) { return n ? every(n->right) : NULL; }
APART node every(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node left = n->left;
  return make(Plus, left, skip(n->right), key + 1);
}

/* An evaluator whose two functions pass the memory to each other. */
static node apply(node n);
APART node eval(node n) {
  if (!n || cairn_ref_tag(n) == Leaf)
    return n;
  if (cairn_ref_tag(n) == Times)
    return apply(n);
  node left = n->left, right = n->right;
  int64_t key = n->key;
  node a = eval(left), b = eval(right);
  return make(Times, a, b, key + 1);
}
APART node apply(node n) {
  node left = n->left, right = n->right;
  int64_t key = n->key;
  node b = eval(right), a = eval(left);
  return make(Plus, b, a, key - 1);
}

/* Sums of what is read behind a recursion. */
APART int64_t sum(node n) { return n ? sum(n->left) + sum(n->right) + n->key : 0; }
APART uint64_t product(node n) { return n ? product(n->right) * (uint64_t)(n->key | 1) : 1; }
APART int64_t length(node n) { return n ? length(n->right) + 1 : 0; }

/* What is read behind the call is what the call has made of it. */
APART int64_t marked(node n) {
  if (!n)
    return 0;
  n->key += 5;
  node up = n->right;
  if (up)
    up->left = NULL;
  int64_t sum = marked(up);
  return sum + n->key + (n->left ? 1 : 0);
}

int main(void) {
  BOTH("flatten", flatten);
  BOTH("passed", passed);
  BOTH("perhaps", perhaps);
  BOTH("even", even);
  BOTH("every", every);
  BOTH("eval", eval);
  node n = tree(6, 1);
  printf("sums: %" PRId64 " %" PRIu64 " %" PRId64 "\n", sum(n), product(n), length(n));
  printf("last: %" PRId64 " %" PRIu64 " %" PRId64 "\n", sum(tree(5, 1)), product(tree(5, 1)),
         length(tree(5, 1)));
  printf("marked: %" PRId64 " %" PRId64 "\n", marked(n), marked(tree(4, 1)));
  n = NULL;
  at_most("end", 0);
  return 0;
}
