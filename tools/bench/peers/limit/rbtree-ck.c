/*===- rbtree-ck.c - Insertions, every fifth tree is kept, counted by hand --===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#define KEY int64_t
#include "rbtree.h"

typedef struct list list;
struct list {
  header head;
  node *tree;
  list *tail;
};

static list *cons(node *tree, list *tail) {
  list *l = cairn_malloc(sizeof *l);
  l->head = (header){1, 0};
  l->tree = tree;
  l->tail = tail;
  return l;
}

/* Nobody else has a part of the list. */
static void release_list(list *l) {
  while (l) {
    list *tail = l->tail;
    release(l->tree);
    cairn_free_sized(l, sizeof *l);
    l = tail;
  }
}

static node *insert(node *t, int64_t key, bool value) {
  return is_red(t) ? set_black(insert_below(t, key, value)) : insert_below(t, key, value);
}

int main(int argc, char **argv) {
  node *t = NULL;
  list *kept = NULL;
  for (int64_t n = size_of_run(argc, argv, 4200000); n > 0; --n) {
    t = insert(t, n, n % 10 == 0);
    if (n % 5 == 0)
      kept = cons(retain(t), kept);
  }
  release_list(kept);
  printf("%" PRId64 "\n", count_true(t, 0));
  return finish();
}
