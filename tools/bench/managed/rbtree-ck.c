/*===- rbtree-ck.c - Insertions, and every fifth tree is kept ---------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Most nodes are in several trees.
 *
 *===------------------------------------------------------------------------===*/
#define KEY int64_t
#include "rbtree.h"

typedef struct list cairn_managed *list;
struct list {
  tree head;
  list tail;
};
CAIRN_TYPE(list_type, struct list, head, tail);

static list cons(tree head, list tail) {
  list l = cairn_ref_new(&list_type);
  l->head = head;
  l->tail = tail;
  made();
  return l;
}

static tree insert(tree t, int64_t key, bool value) {
  return is_red(t) ? set_black(insert_below(t, key, value)) : insert_below(t, key, value);
}

__attribute__((noinline)) static void run(int64_t n) {
  tree t = NULL;
  list kept = NULL;
  for (; n > 0; --n) {
    t = insert(t, n, n % 10 == 0);
    if (n % 5 == 0)
      kept = cons(t, kept);
  }
  kept = cons(t, kept);
  printf("%" PRId64 "\n", count_true(kept->head, 0));
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 4200000));
  return finish();
}
