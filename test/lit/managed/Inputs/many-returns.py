# many-returns.py - C functions with so many early returns and cases, of managed lists.
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
"""
RETURNS = [
    "  b = cons(N, b); if (next() % 200 == 0) return a;",
    "  if (next() % 200 == 0) return b; if (next() % 9 == 0) a = b;",
    "  if (a && a->value == N) return a->tail; if (next() % 200 == 0) return 0;",
]
CASES = [
    "  case N: a = cons(N, a); break;",
    "  case N: if (a) a = a->tail; break;",
    "  case N: b = a; if (b && next() % 3) b = b->tail; continue;",
    "  case N: if (next() % 2) a = b; break;",
]
TAIL = """static void run(void) {
  list a = NULL, b = NULL;
  for (int i = 0; i < 300; ++i) {
    a = returns(a, b);
    b = cases(a, b);
    printf("%" PRId64 " %" PRId64 "\\n", sum(a), sum(b));
  }
}
int main(void) {
  run();
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  printf("%" PRIu64 " left\\n", stats.live_objects);
}
"""


def lines(of):
    return "\n".join(of[n % len(of)].replace("N", str(n)) for n in range(int(sys.argv[1])))


print(f"""{HEAD}static list returns(list a, list b) {{
{lines(RETURNS)}
  return b;
}}
static list cases(list a, list b) {{
  for (;;) switch (next() % {int(sys.argv[1]) + 20}) {{
{lines(CASES)}
  default: return a;
  }}
}}
{TAIL}""")
