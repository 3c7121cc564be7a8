/*===- audit.h - Counts every object again, between rounds ---------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Included by support.c. Between rounds nothing but the global slots and the fields of
 * objects holds a reference, so that each object's count is the number of those; and what a
 * shared object refers to is shared.
 *
 *===------------------------------------------------------------------------===*/
#ifndef AUDIT_H
#define AUDIT_H

#include <cairn/abi_version.h>

typedef struct counted {
  void *p;
  int64_t count, found;
  uint32_t meta;
  bool shared, in_shared;
} counted;
static counted *table;
static size_t table_size, table_used;

static size_t place(const void *p) {
  size_t at = (uintptr_t)p / 8 * 0x9e3779b97f4a7c15u >> 20 & (table_size - 1);
  while (table[at].p && table[at].p != p)
    at = (at + 1) & (table_size - 1);
  return at;
}
static bool enter(const cairn_block *block, void *context) {
  (void)context;
  if (!block->object)
    return true;
  if (table_used * 2 >= table_size) {
    counted *old = table;
    size_t n = table_size;
    table_size = n ? n * 2 : 1024;
    table = calloc(table_size, sizeof *table);
    for (size_t i = 0; i < n; ++i)
      if (old[i].p)
        table[place(old[i].p)] = old[i];
    free(old);
  }
  bool shared = *((const int32_t *)block->p - 2) < 0;
  table[place(block->p)] = (counted){block->p, block->count, 0, block->meta, shared, false};
  ++table_used;
  return true;
}
static void refer(const void *to, bool shared) {
  if (!to)
    return;
  counted *c = &table[place(to)];
  if (!c->p) {
    printf("a reference to %s\n", "an object that is not there");
    exit(1);
  }
  ++c->found;
  c->in_shared |= shared;
}
static void audit(void) {
  table_used = 0;
  if (table)
    memset(table, 0, table_size * sizeof *table);
  else
    table = calloc(table_size = 1024, sizeof *table);
  cairn_heap_walk(cairn_heap_default(), enter, NULL);
  for (int g = 0; g < n_globals; ++g)
    for (int i = 0; i < globals[g].n; ++i)
      refer(globals[g].slots[i], false);
  for (size_t i = 0; i < table_size; ++i) {
    const counted *c = &table[i];
    if (!c->p)
      continue;
    void **words = c->p;
    const uint8_t tag = cairn_tag(c->p);
    if (c->meta >> 29 & 1) {
      for (size_t w = 0; w < cairn_length(c->p); ++w)
        refer(words[w], c->shared);
    } else if (c->meta >> 30 & 1) {
      const cairn_type *type = mg_types[tag - 1];
      for (int f = 0; f < type->field_count; ++f)
        refer(words[type->fields[f] / sizeof(void *)], c->shared);
    } else {
      for (int w = 0; w < 16; ++w)
        if (c->meta >> w & 1)
          refer(words[w], c->shared);
    }
  }
  for (size_t i = 0; i < table_size; ++i) {
    const counted *c = &table[i];
    if (c->p && (c->count != c->found || (c->in_shared && !c->shared))) {
      printf("an object with count %" PRId64 ", in %" PRId64 " fields and slots%s\n", c->count,
             c->found, c->in_shared && !c->shared ? ", not shared, in a shared object" : "");
      exit(1);
    }
  }
}

#endif /* AUDIT_H */
