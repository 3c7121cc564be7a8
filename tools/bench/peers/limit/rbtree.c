/*===- rbtree.c - Insertions into one red-black tree, counted by hand -------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#define KEY int32_t
#include "rbtree.h"

int main(int argc, char **argv) {
  node *t = NULL;
  for (int32_t n = (int32_t)size_of_run(argc, argv, 4200000); n-- > 0;)
    t = set_black(insert_below(t, n, n % 10 == 0));
  printf("%" PRId64 "\n", count_true(t, 0));
  return finish();
}
