/*===- runtime.c - What runtime.test.mjs does to a heap --------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>

#define EXPORT(name) __attribute__((export_name(#name)))
__attribute__((import_module("test"), import_name("stop"))) void stop(void);

struct node {
  struct node *next;
  int value;
};
CAIRN_TYPE(node_type, struct node, next);

/* Its finaliser asks the host, which may throw. */
struct held {
  struct node *list;
};
static void final(void *object) {
  (void)object;
  stop();
}
CAIRN_TYPE_FINAL(held_type, struct held, final, list);

EXPORT(cons) struct node *cons(int value, struct node *next) {
  struct node *node = cairn_alloc(&node_type);
  node->next = next;
  node->value = value;
  return node;
}
EXPORT(list) struct node *list(int n) {
  struct node *at = NULL;
  while (n--)
    at = cons(n, at);
  return at;
}
EXPORT(hold) struct held *hold(struct node *list) {
  struct held *held = cairn_alloc(&held_type);
  held->list = list;
  return held;
}
EXPORT(drop) void drop(void *object) { cairn_decref(object); }
EXPORT(try_bytes) void *try_bytes(unsigned n) { return cairn_try_alloc_bytes(n); }
EXPORT(raw) void *raw(unsigned n) { return cairn_malloc(n); }
EXPORT(raw_free) void raw_free(void *p) { cairn_free(p); }
EXPORT(raw_free_sized) void raw_free_sized(void *p, unsigned n) { cairn_free_sized(p, n); }
EXPORT(resize) void *resize(void *p, unsigned n) { return cairn_realloc(p, n); }
EXPORT(aligned) void *aligned(unsigned align, unsigned n) { return cairn_aligned_alloc(align, n); }
EXPORT(check) int check(void) { return cairn_heap_check(NULL); }
EXPORT(live) unsigned live(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  return (unsigned)(stats.live_objects + stats.live_blocks);
}
EXPORT(used) unsigned used(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  return (unsigned)stats.used;
}
EXPORT(trim) void trim(void) { cairn_heap_trim(cairn_heap_default()); }

/* As many blocks of n bytes as there is room for, linked; then all of them freed. */
EXPORT(fill) unsigned fill(unsigned n) {
  unsigned count = 0;
  void **first = NULL, **p;
  while ((p = cairn_malloc(n))) {
    *p = first;
    first = p;
    ++count;
  }
  while ((p = first)) {
    first = *p;
    cairn_free(p);
  }
  return count;
}

/* Random sizes and lifetimes against what was written into each block. */
EXPORT(churn) int churn(unsigned seed, int rounds) {
  static struct {
    unsigned char *p;
    unsigned n;
  } blocks[300];
  for (int i = 0; i < rounds; ++i) {
    seed = seed * 1664525u + 1013904223u;
    unsigned k = (seed >> 8) % 300, kind = seed >> 29;
    if (blocks[k].p) {
      unsigned char wanted = (unsigned char)(k * 7 + blocks[k].n);
      for (unsigned j = 0; j < blocks[k].n; ++j)
        if (blocks[k].p[j] != wanted)
          return -1;
      if (kind == 0)
        cairn_free_sized(blocks[k].p, blocks[k].n);
      else if (kind > 1)
        cairn_free(blocks[k].p);
    }
    if (kind != 1 || !blocks[k].p) {
      seed = seed * 1664525u + 1013904223u;
      blocks[k].n = (seed >> 10) % ((seed >> 30) ? 300 : 20000);
      blocks[k].p = cairn_malloc(blocks[k].n);
    } else { /* grows or shrinks, and keeps what it holds */
      unsigned old = blocks[k].n;
      unsigned char wanted = (unsigned char)(k * 7 + old);
      blocks[k].n = (seed >> 10) % 20000;
      blocks[k].p = cairn_realloc(blocks[k].p, blocks[k].n);
      for (unsigned j = 0; blocks[k].p && j < old && j < blocks[k].n; ++j)
        if (blocks[k].p[j] != wanted)
          return -2;
    }
    if (!blocks[k].p)
      return -3;
    for (unsigned j = 0; j < blocks[k].n; ++j)
      blocks[k].p[j] = (unsigned char)(k * 7 + blocks[k].n);
  }
  for (unsigned k = 0; k < 300; ++k) {
    cairn_free(blocks[k].p);
    blocks[k].p = NULL;
  }
  return 0;
}
