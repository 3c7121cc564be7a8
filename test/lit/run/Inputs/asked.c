/*===- asked.c - Functions that only read, and read counts --------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <stdio.h>

__attribute__((noinline)) static long count_of(void *object) { return cairn_refcount(object); }
__attribute__((noinline, pure)) static bool is_mine(void *object) {
  return cairn_is_unique(object);
}

__attribute__((noinline)) static long between(void *object) {
  cairn_incref(object);
  long count = count_of(object);
  cairn_decref(object);
  return count;
}

__attribute__((noinline)) static bool mine_meanwhile(void *object, bool ask) {
  bool mine = false;
  cairn_incref(object);
  if (ask)
    mine = is_mine(object);
  cairn_decref(object);
  return mine;
}

int main(void) {
  void *object = cairn_alloc_bytes(24);
  printf("%ld %ld %d %d\n", count_of(object), between(object), mine_meanwhile(object, true),
         is_mine(object));
  cairn_decref(object);
  return 0;
}
