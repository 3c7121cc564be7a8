/*===- types_c.c - The header and its macros in strict C11 ---------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/

#include <cairn.h>

#include "types_c.h"

struct leaf {
  int64_t a;
};
CAIRN_TYPE(leaf_type, struct leaf);

struct pair {
  int64_t a;
  void *first, *second;
};
CAIRN_TYPE(pair_type, struct pair, first, second);

struct wide {
  void *f[16];
};
CAIRN_TYPE(wide_type, struct wide, f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9],
           f[10], f[11], f[12], f[13], f[14], f[15]);

struct late {
  void *words[16], *child;
};
CAIRN_TYPE(late_type, struct late, child);

struct closed {
  void *child;
};
static int closed_count;
static void close_it(void *object) {
  (void)object;
  ++closed_count;
}
CAIRN_TYPE_FINAL(closed_type, struct closed, close_it, child);
CAIRN_TYPE_FINAL(closed_leaf_type, struct leaf, close_it);

cairn_type *cairn_test_c_type(int which) {
  cairn_type *types[] = {&leaf_type, &pair_type,   &wide_type,
                         &late_type, &closed_type, &closed_leaf_type};
  return types[which];
}

int cairn_test_c_closed(void) { return closed_count; }

int cairn_test_c_program(void) {
  struct pair *p = cairn_alloc(&pair_type);
  if (p->first || p->second)
    return 1;
  p->first = cairn_alloc(&leaf_type);
  p->second = cairn_alloc_array(&cairn_type_ref, 3);
  if (cairn_length(p->second) != 3)
    return 2;
  cairn_incref(p);
  if (cairn_is_unique(p) || cairn_refcount(p) != 2)
    return 3;
  cairn_decref(p);
  cairn_decref(p);
  return 0;
}
