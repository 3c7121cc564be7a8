# many-loops.py - One C function with so many loops over managed lists, and a program around it.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import sys

from lists_program import HEAD, numbered

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
print(f"{HEAD}static list large(list a, list b) {{\n{numbered(LOOPS, int(sys.argv[1]))}\n{TAIL}")
