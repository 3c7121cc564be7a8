/*===- moves.c - References that move out of fields, and choices --------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A reference is taken out of a field, a global or a list of fields, and something else is put
 * there: the count moves with it. Finalisers look at the memory in which it was while others are
 * released, and find what the program put there.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

typedef struct node cairn_managed *node;
struct node {
  node child, next;
  int64_t key;
};
CAIRN_TYPE(node_type, struct node, child, next);

static node watched; /* what finalisers look at */
static int64_t seen;
struct witness {
  node holds;
};
static void gone(void *object) {
  (void)object;
  if (watched)
    seen = seen * 10 + (watched->child ? watched->child->key : 0);
}
CAIRN_TYPE_FINAL(witness_type, struct witness, gone, holds);

static node make(int64_t key) {
  node n = cairn_ref_new(&node_type);
  n->key = key;
  return n;
}

/* The later one becomes the first child of the other. */
__attribute__((noinline)) static node meld(node a, node b) {
  if (!a)
    return b;
  if (!b)
    return a;
  if (b->key < a->key) {
    node t = a;
    a = b;
    b = t;
  }
  b->next = a->child;
  a->child = b;
  return a;
}
static node meld_pairs(node first) {
  if (!first)
    return NULL;
  node second = first->next;
  first->next = NULL;
  if (!second)
    return first;
  node rest = second->next;
  second->next = NULL;
  return meld(meld(first, second), meld_pairs(rest));
}

__attribute__((noinline)) static void mirror(node n) {
  if (!n)
    return;
  node child = n->child;
  n->child = n->next;
  n->next = child;
  mirror(n->child);
  mirror(n->next);
}

/* Reverses a list by taking each rest out of its cell. */
__attribute__((noinline)) static node reversed(node list) {
  node done = NULL;
  while (list) {
    node rest = list->next;
    list->next = done;
    done = list;
    list = rest;
  }
  return done;
}

static node left, right;
__attribute__((noinline)) static void exchange(void) {
  node t = left;
  left = right;
  right = t;
}

/* What b's field held is released between the load of a's field and the store over it. */
__attribute__((noinline)) static void link(node a, node b, node c) {
  node first = a->child;
  b->next = first;
  a->child = c;
}

__attribute__((noinline)) static void heap(int n) {
  node all = NULL;
  for (int i = 0; i < n; ++i)
    all = meld(all, make((i * 7919) % 1000));
  int64_t sum = 0;
  while (all) {
    sum = sum * 31 % 1000003 + all->key;
    node rest = all->child;
    all->child = NULL;
    all = meld_pairs(rest);
    note();
  }
  printf("heap %" PRId64 "\n", sum);
}

__attribute__((noinline)) static void lists(void) {
  node list = NULL;
  for (int i = 0; i < 9; ++i) {
    node n = make(i);
    n->next = list;
    list = n;
  }
  node kept = list->next->next; /* shared: the list is not this function's alone */
  list = reversed(list);
  for (node n = list; n; n = n->next)
    printf("%" PRId64, n->key);
  printf(" %" PRId64 "\n", kept->key);
}

__attribute__((noinline)) static void tree(void) {
  node root = make(1);
  root->child = make(2);
  root->next = make(3);
  root->child->next = root->next; /* twice in the tree */
  mirror(root);
  printf("mirrored %" PRId64 " %" PRId64 " %" PRId64 "\n", root->child->key, root->next->key,
         root->next->child ? root->next->child->key : 0);
}

__attribute__((noinline)) static void globals(void) {
  left = make(1);
  right = make(2);
  exchange();
  printf("exchanged %" PRId64 " %" PRId64 "\n", left->key, right->key);
  left = right;
  exchange();
  right = NULL;
  printf("kept %" PRId64 "\n", left->key);
  left = NULL;
}

__attribute__((noinline)) static void finalisers(void) {
  node a = make(1), b = make(2), c = make(3);
  a->child = make(4);
  struct witness cairn_managed *w = cairn_ref_new(&witness_type);
  b->next = (node)w; /* released when the field is stored over */
  w = NULL;
  watched = a;
  link(a, b, c);
  watched = NULL;
  printf("linked %" PRId64 " %" PRId64 ", %s\n", a->child->key, b->next->key,
         seen == 3 || seen == 4 ? "seen" : "not seen");
}

/* What the field held goes to two variables where n dies: the field may hold the other by then. */
__attribute__((noinline)) static node holder(node child) {
  node n = make(100);
  n->child = child;
  return n;
}
__attribute__((noinline)) static int64_t overwritten(node other, int64_t rounds) {
  node a = NULL, b = NULL;
  for (int64_t i = 0, sum = 0;; ++i) {
    node n = holder(make(i));
    node was = n->child;
    if (i != 7)
      n->child = other;
    switch (i % 4) {
    case 0:
      a = was;
      b = was;
      continue;
    case 1:
      b = was;
      continue;
    case 2:
      a = was;
      continue;
    default:
      break;
    }
    sum += a->key * 10 + b->key + n->child->key;
    if (i >= rounds)
      return sum;
  }
}

int main(void) {
  heap(1000);
  lists();
  tree();
  globals();
  finalisers();
  printf("overwritten %" PRId64 "\n", overwritten(make(2), 50));
  noted_at_most("the heap", 1000);
  at_most("the end", 0);
  return 0;
}
