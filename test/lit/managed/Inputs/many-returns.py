# many-returns.py - C functions with so many early returns and cases, of managed lists.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import sys

from lists_program import HEAD, numbered

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
COUNT = int(sys.argv[1])

print(f"""{HEAD}static list returns(list a, list b) {{
{numbered(RETURNS, COUNT)}
  return b;
}}
static list cases(list a, list b) {{
  for (;;) switch (next() % {COUNT + 20}) {{
{numbered(CASES, COUNT)}
  default: return a;
  }}
}}
{TAIL}""")
