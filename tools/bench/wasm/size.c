/*===- size.c - A module that makes, retains and releases objects of one type -----===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * With STUB, the same functions without a heap: the difference is what it costs.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>

#define EXPORT(name) __attribute__((export_name(#name)))

struct node {
  struct node *next;
  int value;
};

#ifdef STUB
static struct node only;
#define cairn_alloc(type) (&only)
#define cairn_incref(object) ((void)(object))
#define cairn_decref(object) ((void)(object))
#else
CAIRN_TYPE(node_type, struct node, next);
#endif

EXPORT(cons) struct node *cons(int value, struct node *next) {
  struct node *node = cairn_alloc(&node_type);
  node->next = next;
  node->value = value;
  return node;
}
EXPORT(retain) void retain(struct node *node) { cairn_incref(node); }
EXPORT(release) void release(struct node *node) { cairn_decref(node); }
