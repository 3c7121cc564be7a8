/*===- package.c - What the tests of @cairn/wasm load ----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <cairn/containers.h>

#define EXPORT(name) __attribute__((export_name(name)))

typedef struct Node {
  struct Node *next;
  int32_t value;
} Node;

static const uint32_t fields[] = {0};
static const cairn_type node_type = {
    .size = sizeof(Node), .align = 4, .field_count = 1, .fields = fields};

EXPORT("cons") Node *cons(int32_t value, Node *next) {
  Node *node = cairn_alloc(&node_type);
  node->value = value;
  node->next = next;
  return node;
}

EXPORT("sum") int32_t sum(const Node *node) {
  int32_t total = 0;
  for (; node; node = node->next)
    total += node->value;
  return total;
}

/* A frame on the C stack, in which the runtime fails. */
EXPORT("drop_deep") void drop_deep(void *p) {
  volatile char frame[4096];
  frame[0] = 1;
  cairn_decref(p);
  frame[1] = frame[0];
}

EXPORT("total") double total(const double *values, uint32_t n) {
  double all = 0;
  for (uint32_t i = 0; i < n; ++i)
    all += values[i];
  return all;
}

EXPORT("print_stats") void print_stats(void) { cairn_stats_print(0, false); }
