/*===- lists.c - Lists made, mapped, reversed and dropped ------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "timed.h"

struct cell {
  struct cell *next;
  uint64_t value;
};
CAIRN_TYPE(cell_type, struct cell, next);

/* Takes the tail's count. */
static struct cell *cons(uint64_t value, struct cell *next) {
  struct cell *cell = cairn_alloc(&cell_type);
  cell->value = value;
  cell->next = next;
  return cell;
}

static struct cell *squares(const struct cell *list) {
  struct cell *made = NULL;
  for (; list; list = list->next)
    made = cons(list->value * list->value, made);
  return made;
}

static uint64_t work(void) {
  uint64_t sum = 0;
  for (unsigned round = 0; round < 40000; ++round) {
    struct cell *list = NULL;
    for (uint64_t i = 0; i < 1000; ++i)
      list = cons(i ^ round, list);
    struct cell *mapped = squares(list);
    cairn_decref(list);
    for (const struct cell *cell = mapped; cell; cell = cell->next)
      sum = sum * 3 + cell->value;
    cairn_decref(mapped);
  }
  return sum;
}
