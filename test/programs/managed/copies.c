/*===- copies.c - Whole structs with references, copied and cleared ----------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A struct assignment through a managed pointer is a memcpy in the IR. Its references are
 * counted all the same: the new ones are retained and the old ones released, between
 * objects, to and from the stack, and from an object to itself.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <string.h>

#include "live.h"

typedef struct leaf cairn_managed *leaf;
struct leaf {
  int64_t value;
};
CAIRN_TYPE(leaf_type, struct leaf);

struct record {
  int64_t a;
  leaf x;
  int64_t b[3];
  leaf y, z;
};
CAIRN_TYPE(record_type, struct record, x, y, z);
typedef struct record cairn_managed *record;
typedef struct record cairn_managed *records; /* an array */

static leaf make(int64_t value) {
  leaf l = cairn_ref_new(&leaf_type);
  l->value = value;
  return l;
}
__attribute__((noinline)) static record fill(int64_t n) {
  record r = cairn_ref_new(&record_type);
  r->a = n;
  r->x = make(n + 1);
  r->b[1] = n + 2;
  r->y = make(n + 3);
  return r;
}
__attribute__((noinline)) static int64_t weigh(record r) {
  return r->a + r->b[1] + (r->x ? r->x->value : 0) * 3 + (r->y ? r->y->value : 0) * 5 +
         (r->z ? r->z->value : 0) * 7;
}
/* Whole arrays of structs through a struct on the stack, forwards and backwards. */
__attribute__((noinline)) static void rotate(records all) {
  struct record last = all[cairn_ref_length(all) - 1];
  for (size_t i = cairn_ref_length(all) - 1; i; --i)
    all[i] = all[i - 1];
  all[0] = last;
}

/* A copy onto itself, which the compiler does not know to be one. */
__attribute__((noinline)) static void assign(record to, record from) { *to = *from; }

__attribute__((noinline)) static void single(void) {
  record a = fill(10), b = fill(20);
  at_most("two records", 6);
  *a = *b;
  at_most("a copied record", 4);
  printf("%" PRId64 " %" PRId64 "\n", weigh(a), weigh(b));
  struct record plain = *a; /* onto the stack */
  memset(&plain.b, 0, sizeof plain.b);
  plain.z = make(7);
  *b = plain; /* and back */
  plain.x = NULL;
  at_most("three leaves", 5);
  printf("%" PRId64 " %" PRId64 "\n", weigh(a), weigh(b));
}

__attribute__((noinline)) static void many(void) {
  records all = cairn_ref_new_array(&record_type, 5);
  for (int i = 0; i < 5; ++i) {
    record one = fill(i * 10);
    struct record cairn_managed *to = &all[i];
    *to = *one;
    if (i % 2)
      to->z = to->x;
  }
  at_most("five records", 11);
  for (int i = 0; i < 7; ++i)
    rotate(all);
  int64_t total = 0;
  for (int i = 0; i < 5; ++i) {
    record one = cairn_ref_new(&record_type);
    *one = all[i];
    assign(one, one);
    total = total * 7 + weigh(one);
  }
  printf("rotated %" PRId64 "\n", total);
  struct record empty = {0};
  all[1] = empty;
  all[3] = empty;
  at_most("three of five", 7);
}

int main(void) {
  single();
  at_most("after records", 0);
  many();
  at_most("the end", 0);
  return 0;
}
