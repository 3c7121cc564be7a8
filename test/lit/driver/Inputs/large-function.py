# large-function.py - A C program of random statements about objects and blocks.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""large-function.py SEED STATEMENTS EACH: in functions of EACH statements, which are called in turn.
The program does the same for every EACH."""
import random
import sys
from string import Template

HEAD = """#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
struct cell { struct cell *next; int64_t value; };
struct pair { struct cell *a, *b; int64_t value; };
CAIRN_TYPE(cell_type, struct cell, next);
CAIRN_TYPE(pair_type, struct pair, a, b);
static const cairn_type leaf_type = {24, 8, 0, 0, 0, NULL, NULL, "leaf"};
static struct cell *s[8];
static struct pair *p[4];
static int64_t *l[4], *r[4], sum;
static cairn_heap *heap;
static void note(int64_t n) { sum = (int64_t)((uint64_t)sum * 31 + (uint64_t)n); }
"""
# $A and $B are numbers of slots, which are never null, and $N is a number.
STATEMENTS = [
    "{ struct cell *n = cairn_alloc(&cell_type); n->next = s[$A]; n->value = $N; s[$A] = n; }",
    "{ cairn_decref(s[$A]); s[$A] = cairn_alloc(&cell_type); s[$A]->next = NULL; s[$A]->value = $N; }",
    "{ cairn_incref(s[$B]); cairn_decref(s[$A]); s[$A] = s[$B]; note(s[$A]->value); }",
    "{ struct cell *n = s[$A]->next; if (n) { cairn_incref(n); cairn_decref(s[$A]); s[$A] = n; } note(s[$A]->value); }",
    "{ if (cairn_is_unique(s[$A])) s[$A]->value += $N; else note($N); }",
    "{ cairn_set_tag(s[$A], (uint8_t)$N); note(cairn_tag(s[$B])); }",
    "{ struct cell *n = cairn_alloc_tagged(&cell_type, (uint8_t)($N % 250)); n->next = NULL; n->value = $N;"
    " cairn_decref(s[$A]); s[$A] = n; }",
    "{ struct pair *n = cairn_heap_alloc(heap, &pair_type); cairn_incref(s[$A]); cairn_incref(s[$B]);"
    " n->a = s[$A]; n->b = s[$B]; n->value = $N; cairn_decref(p[$A & 3]); p[$A & 3] = n; }",
    "{ note(p[$A & 3]->a->value); cairn_incref(p[$B & 3]); cairn_decref(p[$A & 3]); p[$A & 3] = p[$B & 3]; }",
    "{ cairn_decref(l[$A & 3]); l[$A & 3] = cairn_alloc(&leaf_type); l[$A & 3][0] = $N; }",
    "{ int64_t *t = cairn_alloc_bytes($N % 1500); cairn_incref(t); cairn_decref(t); cairn_decref(t); }",
    "{ int64_t *t = cairn_try_alloc_bytes(8 + $N % 60); if (t) { t[0] = $N; note(t[0]); cairn_decref(t); } }",
    "{ cairn_free(r[$A & 3]); r[$A & 3] = cairn_malloc(8 + $N % 900); r[$A & 3][0] = $N; }",
    "{ int64_t *t = cairn_malloc(40); t[0] = $N; note(t[0] + r[$B & 3][0]); cairn_free_sized(t, 40); }",
    "{ size_t n = 8 + (size_t)(sum & 255); int64_t *t = cairn_malloc(n); t[0] = $N; note(t[0]); cairn_free_sized(t, n); }",
    "for (int i = 0; i < $N % 4; ++i) { struct cell *n = cairn_alloc(&cell_type); n->next = s[$A]; n->value = i;"
    " s[$A] = n; for (int j = 0; j < 2; ++j) { cairn_incref(s[$B]); note(s[$B]->value); cairn_decref(s[$B]); } }",
    "while (s[$A]->next && s[$A]->value % 3) { struct cell *n = s[$A]->next; cairn_incref(n); cairn_decref(s[$A]); s[$A] = n; }",
]
TAIL = """int main(void) {
  heap = cairn_heap_create(NULL);
  for (int i = 0; i < 8; ++i) { s[i] = cairn_alloc(&cell_type); s[i]->next = NULL; s[i]->value = i; }
  for (int i = 0; i < 4; ++i) {
    p[i] = cairn_heap_alloc(heap, &pair_type);
    cairn_incref(s[0]); cairn_incref(s[i]);
    p[i]->a = s[0]; p[i]->b = s[i];
    l[i] = cairn_alloc(&leaf_type); r[i] = cairn_malloc(8); l[i][0] = r[i][0] = i;
  }
  for (int i = 0; i < 20; ++i) { all(); printf("%" PRId64 "\\n", sum); }
  for (int i = 0; i < 4; ++i) { cairn_decref(p[i]); cairn_decref(l[i]); cairn_free(r[i]); }
  for (int i = 0; i < 8; ++i) cairn_decref(s[i]);
  cairn_stats stats, of;
  cairn_stats_get(NULL, &stats);
  cairn_stats_get(heap, &of);
  printf("%" PRIu64 " objects and %" PRIu64 " blocks left\\n", stats.live_objects + of.live_objects,
         stats.live_blocks);
}
"""
draw = random.Random(int(sys.argv[1]))
count, each = int(sys.argv[2]), int(sys.argv[3])
print(HEAD)
for first in range(0, count, each):
    print(f"__attribute__((noinline)) static void f{first}(void) {{")
    for _ in range(first, min(first + each, count)):
        a, b = draw.sample(range(8), 2)
        print("  " + Template(draw.choice(STATEMENTS)).substitute(A=a, B=b, N=draw.randrange(1000)))
    print("}")
print("static void all(void) {\n" + "".join(f"  f{first}();\n" for first in range(0, count, each)) + "}")
print(TAIL, end="")
