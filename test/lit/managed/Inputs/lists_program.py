# lists_program.py - What generated programs on managed lists share.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

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


def numbered(texts, count):
    """So many lines, the texts in turn, each with its number in the place of N."""
    return "\n".join(texts[n % len(texts)].replace("N", str(n)) for n in range(count))
