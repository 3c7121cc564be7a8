/*===- rbtree.c - Insertions into one red-black tree ------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Only the last tree is kept.
 *
 *===------------------------------------------------------------------------===*/
#define KEY int32_t
#include "rbtree.h"

__attribute__((noinline)) static void run(int32_t n) {
  tree t = NULL;
  while (n-- > 0)
    t = set_black(insert_below(t, n, n % 10 == 0));
  printf("%" PRId64 "\n", count_true(t, 0));
}

int main(int argc, char **argv) {
  run((int32_t)size_of_run(argc, argv, 4200000));
  return finish();
}
