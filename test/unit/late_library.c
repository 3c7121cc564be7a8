/*===- late_library.c - A library with Cairn in it -----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/

#include <cairn.h>

struct node {
  void *next;
  int64_t value;
};
CAIRN_TYPE(node_type, struct node, next);

/** A list of n nodes made and dropped, and n blocks; 0 if all is well. */
int cairn_late_work(int n);
int cairn_late_work(int n) {
  struct node *head = NULL;
  for (int i = 0; i < n; ++i) {
    struct node *one = cairn_alloc(&node_type);
    one->next = head;
    one->value = i;
    head = one;
  }
  cairn_decref(head);
  void *blocks[100];
  for (int i = 0; i < 100; ++i)
    if (!(blocks[i] = cairn_malloc((size_t)i * 40)))
      return 1;
  for (int i = 0; i < 100; ++i)
    cairn_free(blocks[i]);
  return cairn_heap_default() ? 0 : 2;
}

/** Leaves an object alive in the calling thread's cache. */
void *cairn_late_leave(void);
void *cairn_late_leave(void) { return cairn_alloc(&node_type); }
