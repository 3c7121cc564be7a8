/*===- loops.c - What the WebAssembly figures time ------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * One source for both allocators: with PEER it is compiled without the plugin, and
 * linked with wasi-libc's own malloc.
 *
 *===------------------------------------------------------------------------===*/
#include <stddef.h>

#ifdef PEER
void *malloc(size_t n);
void free(void *p);
#else
#include <cairn.h>
#define malloc cairn_malloc
#define free cairn_free
#endif
#define KEEP(p) __asm__ volatile("" : "+r"(p)) /* the pair must not go */

struct node {
  struct node *next;
  int value;
};

__attribute__((export_name("pairs"))) void pairs(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    void *p = malloc(16);
    KEEP(p);
    free(p);
  }
}

/* Build a list of n nodes, and free it. */
__attribute__((export_name("raw_lists"))) void raw_lists(int rounds, int n) {
  for (int i = 0; i < rounds; ++i) {
    struct node *list = NULL;
    for (int k = 0; k < n; ++k) {
      struct node *node = malloc(sizeof *node);
      node->next = list;
      node->value = k;
      list = node;
    }
    KEEP(list);
    while (list) {
      struct node *next = list->next;
      free(list);
      list = next;
    }
  }
}

#ifdef PEER
__attribute__((export_name("js_new"))) void *js_new(void) { return malloc(16); }
__attribute__((export_name("js_drop"))) void js_drop(void *p) { free(p); }
#else
CAIRN_TYPE(node_type, struct node, next);

/* The same list of counted objects: the last release drops all of them. */
__attribute__((export_name("lists"))) void lists(int rounds, int n) {
  for (int i = 0; i < rounds; ++i) {
    struct node *list = NULL;
    for (int k = 0; k < n; ++k) {
      struct node *node = cairn_alloc(&node_type);
      node->next = list;
      node->value = k;
      list = node;
    }
    KEEP(list);
    cairn_decref(list);
  }
}

__attribute__((export_name("js_new"))) void *js_new(void) { return cairn_alloc(&node_type); }
__attribute__((export_name("js_drop"))) void js_drop(void *p) { cairn_decref(p); }
__attribute__((export_name("node_type"))) const cairn_type *type_of_node(void) {
  return &node_type;
}
#endif
