/*===- nqueens.c - All ways to put n queens on a board ----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Lists of lists that share their tails.
 *
 *===------------------------------------------------------------------------===*/
#include "bench.h"

typedef struct board cairn_managed *board; /* the columns of the queens so far */
struct board {
  board tail;
  int32_t queen;
};
typedef struct boards cairn_managed *boards;
struct boards {
  board head;
  boards tail;
};
CAIRN_TYPE(board_type, struct board, tail);
CAIRN_TYPE(boards_type, struct boards, head, tail);

static board place(int32_t queen, board tail) {
  board b = cairn_ref_new(&board_type);
  b->tail = tail;
  b->queen = queen;
  made();
  return b;
}
static boards cons(board head, boards tail) {
  boards b = cairn_ref_new(&boards_type);
  b->head = head;
  b->tail = tail;
  made();
  return b;
}

static bool is_safe(int32_t queen, board b) {
  for (int32_t distance = 1; b; b = b->tail, ++distance)
    if (queen == b->queen || queen == b->queen + distance || queen == b->queen - distance)
      return false;
  return true;
}

static boards extend_one(int32_t n, board b, boards found) {
  for (; n > 0; --n)
    if (is_safe(n, b))
      found = cons(place(n, b), found);
  return found;
}

static boards extend(int32_t n, boards all) {
  boards found = NULL;
  for (; all; all = all->tail)
    found = extend_one(n, all->head, found);
  return found;
}

static boards solve(int32_t n, int32_t queens) {
  return queens ? extend(n, solve(n, queens - 1)) : cons(NULL, NULL);
}

__attribute__((noinline)) static void run(int32_t n) {
  int64_t count = 0;
  for (boards all = solve(n, n); all; all = all->tail)
    ++count;
  printf("%" PRId64 "\n", count);
}

int main(int argc, char **argv) {
  run((int32_t)size_of_run(argc, argv, 13));
  return finish();
}
