/*===- globals.c - References in globals, statics and thread-locals ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A global that holds a reference is a slot for as long as the program runs: what is
 * assigned to it is counted, and is released when something else, null for instance,
 * is assigned. A thread-local is one for each thread.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <string.h>

#include "live.h"

typedef struct cell cairn_managed *cell;
struct cell {
  cell next;
  int64_t value;
};
CAIRN_TYPE(cell_type, struct cell, next);

cell exported;
static cell hidden, table[4];
static struct {
  int64_t n;
  cell last;
} state;
static _Thread_local cell own;

__attribute__((noinline)) static cell push(cell to, int64_t value) {
  cell c = cairn_ref_new(&cell_type);
  c->next = to;
  c->value = value;
  return c;
}

/* The global may be changed while its old value is still in use. */
__attribute__((noinline)) static int64_t replace(int64_t value) {
  cell before = exported;
  exported = push(NULL, value);
  return before ? before->value : -1;
}

__attribute__((noinline)) static cell remembered(int64_t value) {
  static cell kept;
  cell before = kept;
  kept = value ? push(NULL, value) : NULL;
  return before;
}

__attribute__((noinline)) static void clear(void) {
  exported = hidden = NULL;
  memset(table, 0, sizeof table);
  state.last = NULL;
  own = NULL;
  remembered(0);
}

int main(void) {
  for (int i = 0; i < 10; ++i)
    hidden = push(hidden, i);
  at_most("ten in a list", 10);
  printf("replaced %" PRId64 "\n", replace(3));
  printf("replaced %" PRId64 "\n", replace(4));
  printf("replaced %" PRId64 "\n", replace(5));
  at_most("one of them is kept", 11);
  for (int i = 0; i < 12; ++i)
    table[i % 4] = push(table[(i + 1) % 4], i);
  int64_t total = 0;
  for (int i = 0; i < 4; ++i)
    for (cell c = table[i]; c; c = c->next)
      total = total * 3 + c->value;
  printf("table %" PRId64 "\n", total);
  state.last = table[2];
  state.n = state.last->value;
  for (int i = 0; i < 5; ++i) {
    own = push(own, i * state.n);
    cell r = remembered(i + 1);
    total += r ? r->value : 0;
  }
  printf("own %" PRId64 ", total %" PRId64 "\n", own->value, total);
  clear();
  at_most("the end", 0);
  return 0;
}
