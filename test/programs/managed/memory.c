/*===- memory.c - Copies, arrays and results by value of references ----------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * References in memory that is no object: structures and arrays on the stack, globals,
 * thread-locals, parameters and results by value, memory that a caller gives, and copies of
 * all of them. Each part prints what it computed, which is what the same program computes
 * with plain pointers, and how many objects it left behind.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

typedef struct node cairn_managed *node;
struct node {
  node left, right;
  int64_t key;
};
CAIRN_TYPE(node_type, struct node, left, right);

struct two {
  node a, b;
};
struct mixed {
  int64_t n;
  node a;
  char text[12];
  node b;
};
struct three {
  node a, b, c;
};

/* A structure of 16 bytes is passed in registers; where these are integers, that is refused. */
#if defined(__x86_64__)
typedef struct two couple;
#else
typedef struct three couple;
#endif

static node make(int64_t key, node left, node right) {
  node n = cairn_ref_new(&node_type);
  n->left = left;
  n->right = right;
  n->key = key;
  return n;
}

static int64_t sum(node n) { return n ? n->key + sum(n->left) + sum(n->right) : 0; }

// Not inlined, so that its arguments' addresses escape.
__attribute__((noinline)) static void fill(struct two *t, int64_t key) {
  t->a = make(key, NULL, NULL);
  t->b = make(key + 1, t->a, NULL);
}

__attribute__((noinline)) static void swap(node *a, node *b) {
  node old = *a;
  *a = *b;
  *b = old;
}

static int64_t structures(void) {
  struct two t = {0}, u;
  fill(&t, 1);
  fill(&t, 10); // Releases what the first call stored.
  u = t;
  t.a = NULL;
  int64_t s = sum(u.a) + sum(u.b) + sum(t.b);
  struct mixed m = {.n = 3, .a = u.a, .text = "twelve"}, k;
  swap(&m.a, &m.b);
  k = m;
  return s + sum(k.b) + k.n + (int64_t)strlen(k.text) + (m.a == NULL);
}

static int64_t arrays(int n) {
  node few[4] = {make(1, NULL, NULL)}, many[40];
  struct mixed table[30];
  memset(many, 0, sizeof many);
  memset(table, 0, sizeof table);
  for (int i = 0; i < n; i++) {
    few[i % 4] = make(i, few[(i + 1) % 4], NULL);
    many[i % 40] = few[i % 4];
    table[i % 30] = (struct mixed){.n = i, .a = many[i % 40], .b = few[0]};
  }
  memmove(many + 1, many, 39 * sizeof *many);
  memmove(many, many + 1, 20 * sizeof *many);
  memcpy(few, many + 10, sizeof few);
  table[3] = table[4];
  table[n % 30] = table[(n + 1) % 30];
  memset(many + 5, 0, 30 * sizeof *many);
  uint64_t s = 0; /* wraps around */
  for (int i = 0; i < 40; i++)
    s = s * 3 + (uint64_t)(many[i] ? many[i]->key : 0);
  for (int i = 0; i < 30; i++)
    s = s * 5 + (uint64_t)(table[i].n + (table[i].a ? table[i].a->key : 0));
  return (int64_t)(s + (uint64_t)(few[0]->key + few[3]->key));
}

static node root;
static node table[100];
static struct mixed record;
static _Thread_local node mine;

static int64_t globals(int n) {
  for (int i = 0; i < n; i++) {
    table[i % 100] = make(i, root, NULL);
    root = table[(i * 7) % 100];
    mine = make(i, mine && mine->key % 3 ? mine : NULL, root);
  }
  record = (struct mixed){.n = n, .a = root, .b = mine};
  struct mixed local = record;
  int64_t s = sum(mine->left) + local.n + local.a->key + record.b->key;
  root = mine = NULL;
  memset(table, 0, sizeof table);
  record = (struct mixed){0};
  return s;
}

__attribute__((noinline)) static struct three three(node a, node b) {
  struct three t = {a, b, make(5, a, b)};
  if (sum(b) > 10)
    t.a = b;
  return t;
}

__attribute__((noinline)) static int64_t by_value(struct three t, couple u, struct mixed m) {
  t.a = t.c;
  u.b = make(9, u.a, t.b);
  m.a = m.b = u.b;
  return sum(t.a) + sum(u.b) + sum(m.a);
}

__attribute__((noinline)) static couple pair(couple t) {
  swap(&t.a, &t.b);
  return t;
}

static int64_t values(int n) {
  struct three t = {0};
  struct mixed m = {0};
  int64_t s = 0;
  for (int i = 0; i < n; i++) {
    t = three(make(i, t.c, NULL), make(i + 1, NULL, NULL));
    t.c = NULL;
    m.a = t.a;
    couple u = pair((couple){.a = t.a, .b = t.b});
    s += by_value(t, u, m) + sum(u.a) - sum(t.a) + sum(three(u.a, u.b).c);
  }
  return s;
}

__attribute__((noinline)) static bool find(node n, int64_t key, node *out) {
  for (; n; n = key < n->key ? n->left : n->right)
    if (n->key == key)
      return *out = n, true;
  return false;
}

static int64_t addresses(int n) {
  node tree = make(50, NULL, NULL);
  for (int i = 0; i < n; i++) {
    // The address of the reference that leads on.
    int64_t key = i * 37 % 101;
    node cairn_managed *at = key < 50 ? &tree->left : &tree->right;
    while (*at && (*at)->key != key)
      at = key < (*at)->key ? &(*at)->left : &(*at)->right;
    if (!*at)
      *at = make(key, NULL, NULL);
  }
  node found = NULL;
  int64_t s = sum(tree);
  for (int i = 0; i < n; i++)
    if (find(tree, i, &found))
      s += found->key * (found->left != NULL);
  node *heap = calloc(10, sizeof *heap);
  for (int i = 0; i < n; i++)
    swap(&heap[i % 10], &found);
  for (int i = 0; i < 10; i++)
    heap[i] = NULL;
  free(heap);
  return s;
}

// Copies between objects, and between them and variables.
static int64_t copies(int n) {
  node a = make(1, make(2, NULL, NULL), make(3, NULL, NULL)), b = make(4, NULL, a->left);
  struct node local = *a;
  int64_t s = 0;
  for (int i = 0; i < n; i++) {
    *b = local;
    local = *a;
    local.left = make(i, local.left, NULL);
    *a = local;
    if (i % 3 == 0)
      a->left = NULL;
    memset((void cairn_managed *)b, 0, sizeof(struct node)), b->key = i;
    s += sum(a) + sum(b);
  }
  return s;
}

int main(void) {
#define SHOW(...)                                                                                  \
  printf("%s: %" PRId64, #__VA_ARGS__, __VA_ARGS__), printf(", %d left\n", (int)live())
  SHOW(structures());
  SHOW(arrays(1000));
  SHOW(globals(1000));
  SHOW(values(100));
  SHOW(addresses(100));
  SHOW(copies(50));
  return 0;
}
