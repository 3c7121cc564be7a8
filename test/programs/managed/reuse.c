/*===- reuse.c - Objects that are made in the memory of others ----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Each function here takes an object apart and makes another of its size. It is
 * called with the only reference of an object, whose memory may be used again, and
 * with an object that others keep, which must stay as it is.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

#define APART static __attribute__((noinline))

typedef struct node cairn_managed *node;
struct node {
  node left, right;
  int64_t key;
};
CAIRN_TYPE(node_type, struct node, left, right);

/* A node's memory as C sees it. */
struct plain {
  void *left, *right;
  int64_t key;
};

APART node make(node left, node right, int64_t key) {
  node n = cairn_ref_new(&node_type);
  n->left = left;
  n->right = right;
  n->key = key;
  return n;
}

APART node list(int length) {
  node made = NULL;
  for (int i = 0; i < length; ++i)
    made = make(make(NULL, NULL, i), made, i * 3 + 1);
  return made;
}

APART int64_t sum(node n) {
  int64_t total = 0;
  for (; n; n = n->right)
    total = (total * 7 + n->key + (n->left ? n->left->key : 0)) % 1000003;
  return total;
}

APART int64_t hash(node n) {
  return n ? (n->key + 3 * hash(n->left) + 5 * hash(n->right)) % 1000003 : 0;
}

#define BOTH(what, f, object, ...)                                                                 \
  do {                                                                                             \
    node kept = object;                                                                            \
    int64_t before = hash(kept);                                                                   \
    int64_t shared = hash(f(kept, ##__VA_ARGS__));                                                 \
    printf("%s: kept %s, shared %" PRId64 ", unshared %" PRId64 "\n", what,                        \
           hash(kept) == before ? "whole" : "CHANGED", shared, hash(f(object, ##__VA_ARGS__)));    \
  } while (0)

/* Recursions. */

APART node map(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->key = key + 1;
  made->right = map(n->right);
  return made;
}

APART node filter(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  if (key % 2)
    return filter(n->right);
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->key = key;
  made->right = filter(n->right);
  return made;
}

APART node append(node n, node rest) {
  if (!n)
    return rest;
  int64_t key = n->key;
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->key = key;
  made->right = append(n->right, rest);
  return made;
}

APART node odd(node n);
APART node even(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->key = key + 1;
  made->right = odd(n->right);
  return made;
}
APART node odd(node n) {
  if (!n)
    return NULL;
  int64_t key = n->key;
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->key = key - 1;
  made->right = even(n->right);
  return made;
}

APART node insert(node t, int64_t key) {
  if (!t)
    return make(NULL, NULL, key);
  int64_t its = t->key;
  if (its == key)
    return t;
  node made = cairn_ref_new(&node_type);
  made->key = its;
  if (key < its) {
    made->left = insert(t->left, key);
    made->right = t->right;
  } else {
    made->left = t->left;
    made->right = insert(t->right, key);
  }
  return made;
}

APART node mirror(node t) {
  if (!t)
    return NULL;
  int64_t key = t->key;
  node made = cairn_ref_new(&node_type);
  made->left = mirror(t->right);
  made->right = mirror(t->left);
  made->key = key;
  return made;
}

APART node tree(int size) {
  node t = NULL;
  for (int i = 0; i < size; ++i)
    t = insert(t, (i * 7919) % 1000);
  return t;
}

APART node rotate(node n) {
  int64_t key = n->key;
  node l = n->left;
  if (!l)
    return n;
  int64_t left = l->key;
  node middle = l->right;
  node top = cairn_ref_new(&node_type);
  node low = cairn_ref_new(&node_type);
  low->key = key;
  low->left = middle;
  low->right = n->right;
  top->key = left;
  top->left = l->left;
  top->right = low;
  return top;
}

/* One object, two objects or none are made; one field goes to two places. */

APART node split(node n) {
  int64_t key = n->key;
  node a = cairn_ref_new(&node_type);
  node b = cairn_ref_new(&node_type);
  a->key = key;
  b->key = key + 1;
  a->left = n->left;
  a->right = b;
  b->left = n->right;
  return a;
}

APART node choose(node n, int which) {
  int64_t key = n->key;
  node made;
  switch (which) {
  case 0:
    made = cairn_ref_new(&node_type);
    made->left = n->left;
    made->right = NULL;
    made->key = key;
    break;
  case 1:
    return n;
  case 2:
    made = cairn_ref_new(&node_type);
    made->left = n->right;
    made->right = n->left;
    made->key = key;
    break;
  default:
    return NULL;
  }
  made->key += which;
  return made;
}

APART node twice(node n) {
  int64_t key = n->key;
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->right = n->left;
  made->key = key;
  return made;
}

APART node grandchild(node n) {
  node l = n->left;
  node ll = l ? l->left : NULL;
  node made = cairn_ref_new(&node_type);
  made->left = ll;
  made->right = n->right;
  made->key = n->key;
  return made;
}

/* Another name of the object changes it before it is read. */

static node other;

APART void raise(void) { other->key += 1000; }
APART node replace(void) {
  node made = make(make(NULL, NULL, 10), make(NULL, NULL, 11), 12);
  other->left = made;
  return made;
}

APART node after_number(node n) {
  int64_t before = n->key;
  raise();
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->right = n->right;
  made->key = n->key * 2 + before;
  return made;
}

APART node after_field(node n) {
  int64_t key = n->key;
  node right = replace();
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->right = right;
  made->key = key;
  return made;
}

APART node after_tag(node n) {
  int64_t key = n->key;
  cairn_ref_set_tag(other, 9);
  node made = cairn_ref_new(&node_type);
  made->left = n->left;
  made->right = n->right;
  made->key = key + cairn_ref_tag(n);
  return made;
}

APART node before_field(node n) {
  node left = n->left;
  node right = replace();
  node made = cairn_ref_new(&node_type);
  made->left = left;
  made->right = right;
  made->key = n->key;
  return made;
}

#define WHILE_KNOWN(f)                                                                             \
  do {                                                                                             \
    node n = make(make(NULL, NULL, 1), NULL, 2);                                                   \
    other = n;                                                                                     \
    printf(#f ": %" PRId64, hash(f(n)));                                                           \
    printf(", and then %" PRId64 "\n", hash(other));                                               \
    other = NULL;                                                                                  \
  } while (0)

/* What a new object holds before it is written, and who writes it. */

#define NEW(n)                                                                                     \
  int64_t key = n->key;                                                                            \
  if (key == -1)                                                                                   \
    return NULL;                                                                                   \
  node made = cairn_ref_new(&node_type)

APART node read_first(node n) {
  NEW(n);
  node first = made->left;
  made->left = n->left;
  made->right = first;
  made->key = key + (first == NULL);
  return made;
}

APART node borrowed(node n) {
  NEW(n);
  struct plain *p = cairn_ref_borrow(made);
  p->key = 7;
  made->left = n->left;
  made->right = n->right;
  made->key = n->key;
  return made;
}

APART node somewhere(node n, int i) {
  NEW(n);
  (&made->key)[i] = 7;
  made->left = n->left;
  made->right = n->right;
  made->key = n->key;
  return made;
}

APART node tagged(node n) {
  int64_t key = n->key + cairn_ref_tag(n);
  node made = cairn_ref_new_tagged(&node_type, (uint8_t)(key * 3));
  made->left = n->left;
  made->right = n->right;
  made->key = key;
  return made;
}

/* Types of one size whose fields lie elsewhere. */

typedef struct front cairn_managed *front;
struct front {
  front next;
  int64_t a, b;
};
CAIRN_TYPE(front_type, struct front, next);
typedef struct back cairn_managed *back;
struct back {
  int64_t a;
  back next;
  front old;
};
CAIRN_TYPE(back_type, struct back, next, old);

APART back to_back(front f) {
  if (!f)
    return NULL;
  int64_t a = f->a + f->b;
  back made = cairn_ref_new_tagged(&back_type, (uint8_t)(2 + (a & 7)));
  made->a = a;
  made->old = f->next;
  made->next = to_back(f->next);
  return made;
}

APART front to_front(back b) {
  if (!b)
    return NULL;
  int64_t a = b->a;
  front made = cairn_ref_new(&front_type);
  made->a = a;
  made->b = cairn_ref_tag(b);
  made->next = to_front(b->next);
  return made;
}

APART int64_t sum_fronts(front f) {
  int64_t total = 0;
  for (; f; f = f->next)
    total = (total * 7 + f->a + 11 * f->b + cairn_ref_tag(f)) % 1000003;
  return total;
}

static void shapes(void) {
  front kept = NULL;
  for (int i = 0; i < 10; ++i) {
    front made = cairn_ref_new_tagged(&front_type, 1);
    made->next = kept;
    made->a = i;
    made->b = i * i;
    kept = made;
  }
  int64_t before = sum_fronts(kept);
  back other_shape = to_back(kept);
  printf("shapes: %" PRId64 " %" PRId64, before, sum_fronts(to_front(other_shape)));
  printf(" %s", sum_fronts(kept) == before ? "whole" : "CHANGED");
  kept = NULL;
  printf(" %" PRId64 "\n", sum_fronts(to_front(to_back(to_front(other_shape)))));
}

/* A list with one field, whose rest is shared from some node on. */
static void shared_rest(void) {
  node rest = list(5);
  node mine = append(list(4), rest);
  mine = map(map(mine));
  printf("shared rest: %" PRId64 " %" PRId64 "\n", sum(mine), sum(rest));
}

static void other_heap(void) {
  cairn_heap *heap = cairn_heap_create(NULL);
  node n = cairn_ref_heap_new(heap, &node_type);
  n->left = make(NULL, NULL, 8);
  n->right = NULL;
  n->key = 5;
  n = map(map(n));
  printf("another heap: %" PRId64 "\n", hash(n));
  n = NULL;
  cairn_heap_destroy(heap);
}

int main(void) {
  BOTH("map", map, list(20));
  BOTH("filter", filter, list(20));
  BOTH("append", append, list(9), list(7));
  BOTH("even and odd", even, list(20));
  BOTH("insert", insert, tree(100), 12);
  BOTH("mirror", mirror, tree(100));
  BOTH("rotate", rotate, tree(30));
  BOTH("split", split, list(4));
  for (int i = 0; i < 4; ++i)
    BOTH("choose", choose, list(4), i);
  BOTH("twice", twice, list(3));
  BOTH("grandchild", grandchild, tree(60));
  WHILE_KNOWN(after_number);
  WHILE_KNOWN(after_field);
  WHILE_KNOWN(after_tag);
  WHILE_KNOWN(before_field);
  BOTH("read first", read_first, list(3));
  BOTH("borrowed", borrowed, list(3));
  BOTH("somewhere", somewhere, list(3), 0);
  BOTH("tagged", tagged, tagged(list(3)));
  shapes();
  shared_rest();
  other_heap();
  at_most("the end", 0);
  return 0;
}
