/*===- arrays.c - Arrays of references and of structs with references -------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * An array's elements are fields of the array: a store counts the new reference and
 * releases the old one. The array's length is in its header.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>

#include "live.h"

typedef struct item cairn_managed *item;
struct item {
  int64_t key;
};
CAIRN_TYPE(item_type, struct item);
typedef item cairn_managed *items; /* an array of references */

struct entry {
  int64_t hash;
  item key;
  items values;
};
CAIRN_TYPE(entry_type, struct entry, key, values);
typedef struct entry cairn_managed *entries; /* an array of structs */

static item make(int64_t key) {
  item i = cairn_ref_new(&item_type);
  i->key = key;
  return i;
}

__attribute__((noinline)) static items range(int64_t from, size_t n) {
  items all = cairn_ref_new_array(&cairn_type_ref, n);
  for (size_t i = 0; i < n; ++i)
    all[i] = make(from + (int64_t)i);
  return all;
}

__attribute__((noinline)) static int64_t sum(items all) {
  int64_t total = 0;
  for (size_t i = 0; i < cairn_ref_length(all); ++i)
    total += all[i] ? all[i]->key : 0;
  return total;
}

/* An array that grows: the old one is dead when the new one is filled. */
__attribute__((noinline)) static items push(items all, size_t at, item last) {
  if (at == cairn_ref_length(all)) {
    items more = cairn_ref_new_array(&cairn_type_ref, at * 2);
    for (size_t i = 0; i < at; ++i)
      more[i] = all[i];
    all = more;
  }
  all[at] = last;
  return all;
}

__attribute__((noinline)) static void sort(items all) {
  for (size_t i = 1; i < cairn_ref_length(all); ++i)
    for (size_t j = i; j && all[j - 1]->key > all[j]->key; --j) {
      item t = all[j];
      all[j] = all[j - 1];
      all[j - 1] = t;
    }
}

__attribute__((noinline)) static void references(void) {
  items all = range(1, 10);
  at_most("ten and their array", 11);
  printf("sum %" PRId64 "\n", sum(all));
  for (int i = 0; i < 10; i += 3)
    all[i] = NULL;
  at_most("six and their array", 7);
  for (int i = 0; i < 10; ++i)
    all[i] = all[4];
  at_most("one, ten times", 2);
  printf("sum %" PRId64 "\n", sum(all));

  all = cairn_ref_new_array(&cairn_type_ref, 1);
  for (size_t i = 0; i < 100; ++i)
    all = push(all, i, make((int64_t)(i * 37 % 101)));
  at_most("a hundred that grew", 101);
  items exact = cairn_ref_new_array(&cairn_type_ref, 100);
  for (int i = 0; i < 100; ++i)
    exact[i] = all[i];
  all = NULL;
  sort(exact);
  int64_t total = 0;
  for (int i = 0; i < 100; ++i)
    total += exact[i]->key * i;
  printf("sorted %" PRId64 ", from %" PRId64 " to %" PRId64 "\n", total, exact[0]->key,
         exact[99]->key);
}

__attribute__((noinline)) static void structs(void) {
  entries table = cairn_ref_new_array(&entry_type, 16);
  for (int i = 0; i < 40; ++i) {
    struct entry cairn_managed *e = &table[i * 7 % 16];
    e->hash += i;
    e->key = make(i);
    if (i % 2)
      e->values = range(i, 3);
  }
  at_most("a table", 1 + 16 + 8 * 4);
  int64_t total = 0;
  for (int i = 0; i < 16; ++i)
    total = total * 3 + table[i].hash + table[i].key->key +
            (table[i].values ? sum(table[i].values) : 0);
  printf("table %" PRId64 "\n", total);
  struct entry copy = table[3];
  table = NULL;
  at_most("one entry of it", 5);
  printf("entry %" PRId64 " %" PRId64 "\n", copy.key->key, copy.values ? sum(copy.values) : 0);
}

int main(void) {
  references();
  at_most("after references", 0);
  structs();
  at_most("the end", 0);
  return 0;
}
