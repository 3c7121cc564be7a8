# many-loops.py - One C function with so many loops over managed lists, and a program around it.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import sys

HEAD = """#include <cairn/managed.h>
#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>
typedef struct list cairn_managed *list;
struct list { list tail; int64_t value; };
CAIRN_TYPE(list_type, struct list, tail);
static uint64_t state = 1;
static uint64_t next(void) { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 33; }
static list cons(int64_t value, list tail) {
  list l = cairn_ref_new(&list_type);
  l->value = value; l->tail = tail;
  return l;
}
static int64_t sum(list l) {
  int64_t s = 0;
  for (; l; l = l->tail) s = s * 3 + l->value;
  return s;
}
static list large(list a, list b) {
"""
LOOPS = [
    "  while (a && next() % 3) a = a->tail;",
    "  do { b = cons(N, b); if (next() % 4 == 0) continue; a = b; } while (next() % 2);",
    "  for (list x = b; x; x = x->tail) { if (x->value % 5 == N % 5) { a = cons(x->value, a); break; } }",
    "  while (b && next() % 2) { while (a && next() % 2) { a = a->tail; if (next() % 3 == 0) break; } b = b->tail; }",
    "  for (;;) { list t = a ? a->tail : b; if (!t || next() % 2) break; a = cons(t->value + N, t); }",
]
TAIL = """  return cons(sum(b), a);
}
static void run(void) {
  list a = NULL;
  for (int i = 0; i < 50; ++i) {
    a = large(a, i % 2 ? a : NULL);
    printf("%" PRId64 "\\n", sum(a));
  }
}
int main(void) {
  run();
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  printf("%" PRIu64 " left\\n", stats.live_objects);
}
"""
print(HEAD + "\n".join(LOOPS[n % len(LOOPS)].replace("N", str(n)) for n in range(int(sys.argv[1]))) + "\n" + TAIL)
