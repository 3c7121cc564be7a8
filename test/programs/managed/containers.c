/*===- containers.c - Managed strings, lists and dicts ----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A container counts what it is given, and what it returns is borrowed from it: a
 * reference that is kept longer gets a count of its own.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <string.h>

#include "live.h"

typedef void cairn_managed *object;
typedef struct point cairn_managed *point;
struct point {
  object name;
  int64_t x;
};
CAIRN_TYPE(point_type, struct point, name);

static point make(const char *name, int64_t x) {
  point p = cairn_ref_new(&point_type);
  p->name = cairn_ref_new_string(name, strlen(name));
  p->x = x;
  return p;
}
static void print(object string) {
  printf("%.*s", (int)cairn_ref_length(string), (const char *)cairn_ref_borrow(string));
}

__attribute__((noinline)) static void lists(void) {
  object list = cairn_ref_new_list(2, 8);
  for (int i = 0; i < 6; ++i) {
    char name[2] = {(char)('a' + i), 0};
    cairn_ref_list_append_ref(list, make(name, i));
  }
  at_most("a list and its elements, points and their names", 14);
  point third = cairn_ref_list_get_ref(list, 3);
  cairn_ref_list_set_ref(list, 3, NULL);
  cairn_ref_list_set_ref(list, 4, cairn_ref_list_get_ref(list, 5));
  at_most("one of them only kept by hand", 12);
  for (uint32_t i = 0; i < cairn_ref_list_length(list); ++i) {
    point p = cairn_ref_list_get_ref(list, i);
    if (p)
      print(p->name);
    else
      printf("-");
  }
  list = NULL;
  printf(" %" PRId64 "\n", third->x);
  at_most("and it alone", 2);
  object numbers = cairn_ref_new_list(0, 4);
  for (int i = 0; i < 100; ++i)
    cairn_ref_list_append(numbers, i * i);
  const int32_t *data = cairn_ref_list_data(numbers);
  int64_t total = 0;
  for (int i = 0; i < 100; ++i)
    total += data[i];
  printf("squares %" PRId64 "\n", total);
}

__attribute__((noinline)) static void dicts(void) {
  object dict = cairn_ref_new_dict(4);
  for (int i = 0; i < 20; ++i) {
    char key[8];
    int n = snprintf(key, sizeof key, "k%d", i % 8);
    cairn_ref_dict_set(dict, key, (size_t)n, make(key, i));
  }
  cairn_ref_dict_set_int(dict, "n", 1, 5);
  point kept = cairn_ref_dict_get(dict, "k3", 2);
  printf("deleted %d\n", cairn_ref_dict_delete(dict, "k3", 2));
  int64_t total = kept->x;
  for (int i = 0; i < 8; ++i) {
    char key[8];
    int n = snprintf(key, sizeof key, "k%d", i);
    point p = cairn_ref_dict_get(dict, key, (size_t)n);
    total = total * 3 + (p ? p->x : 1000);
  }
  printf("dict %" PRId64 " of %u, n %" PRId64 "\n", total, cairn_ref_dict_length(dict),
         cairn_ref_dict_get_int(dict, "n", 1));
  cairn_ref_dict_cleanup(dict);
  at_most("an empty dict and what was kept", 3);
  printf("kept ");
  print(kept->name);
  printf("\n");
}

int main(void) {
  lists();
  at_most("after lists", 0);
  dicts();
  at_most("the end", 0);
  return 0;
}
