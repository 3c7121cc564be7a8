/*===- nqueens.c - All ways to put n queens on a board, counted by hand -----===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "counted.h"

typedef struct board board; /* the columns of the queens so far */
struct board {
  header head;
  board *tail;
  int32_t queen;
};
/* A list of boards has one owner, who takes it apart. */
typedef struct boards boards;
struct boards {
  header head;
  board *first;
  boards *tail;
};

INLINE board *place(int32_t queen, board *tail) {
  board *b = cairn_malloc(sizeof *b);
  b->head = (header){1, 0};
  b->tail = tail;
  b->queen = queen;
  return b;
}
INLINE boards *cons(board *first, boards *tail) {
  boards *b = cairn_malloc(sizeof *b);
  b->head = (header){1, 0};
  b->first = first;
  b->tail = tail;
  return b;
}

INLINE board *retain(board *b) {
  if (b)
    ++b->head.count;
  return b;
}
INLINE void release(board *b) {
  while (b) {
    if (has_other_owners(&b->head)) {
      --b->head.count;
      return;
    }
    board *tail = b->tail;
    cairn_free_sized(b, sizeof *b);
    b = tail;
  }
}

static bool is_safe(int32_t queen, const board *b) {
  for (int32_t distance = 1; b; b = b->tail, ++distance)
    if (queen == b->queen || queen == b->queen + distance || queen == b->queen - distance)
      return false;
  return true;
}

APART boards *extend_one(int32_t n, board *b, boards *found) {
  for (; n > 0; --n)
    if (is_safe(n, b))
      found = cons(place(n, retain(b)), found);
  release(b);
  return found;
}

static boards *extend(int32_t n, boards *all) {
  boards *found = NULL;
  while (all) {
    board *first = all->first;
    boards *tail = all->tail;
    cairn_free_sized(all, sizeof *all);
    found = extend_one(n, first, found);
    all = tail;
  }
  return found;
}

static boards *solve(int32_t n, int32_t queens) {
  return queens ? extend(n, solve(n, queens - 1)) : cons(NULL, NULL);
}

int main(int argc, char **argv) {
  int32_t n = (int32_t)size_of_run(argc, argv, 13);
  int64_t count = 0;
  for (boards *all = solve(n, n), *tail; all; all = tail) {
    tail = all->tail;
    release(all->first);
    cairn_free_sized(all, sizeof *all);
    ++count;
  }
  printf("%" PRId64 "\n", count);
  return finish();
}
