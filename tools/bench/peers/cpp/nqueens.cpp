//===- nqueens.cpp - All ways to put n queens on a board, in C++ ----------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "counted.h"

/// The columns of the queens so far.
struct board : counted {
  int32_t queen;
  ref<board> tail;

  board(int32_t q, ref<board> t) : queen(q), tail(std::move(t)) {}
  static void destroy(board *b) {
    for (;;) {
      board *tail = b->tail.leave();
      delete b;
      if (!tail || --tail->owners)
        return;
      b = tail;
    }
  }
};

struct boards : counted {
  ref<board> head;
  ref<boards> tail;

  boards(ref<board> h, ref<boards> t) : head(std::move(h)), tail(std::move(t)) {}
  static void destroy(boards *b) {
    for (;;) {
      boards *tail = b->tail.leave();
      delete b;
      if (!tail || --tail->owners)
        return;
      b = tail;
    }
  }
};

static bool is_safe(int32_t queen, const board *b) {
  for (int32_t distance = 1; b; b = b->tail.get(), ++distance)
    if (queen == b->queen || queen == b->queen + distance || queen == b->queen - distance)
      return false;
  return true;
}

static ref<boards> extend_one(int32_t n, const ref<board> &b, ref<boards> found) {
  for (; n > 0; --n)
    if (is_safe(n, b.get()))
      found = ref<boards>(new boards(ref<board>(new board(n, b)), std::move(found)));
  return found;
}

/// Each of the old boards goes when its longer ones are there.
static ref<boards> extend(int32_t n, ref<boards> all) {
  ref<boards> found;
  for (; all; all = ref<boards>(std::move(all->tail)))
    found = extend_one(n, all->head, std::move(found));
  return found;
}

static ref<boards> solve(int32_t n, int32_t queens) {
  return queens ? extend(n, solve(n, queens - 1))
                : ref<boards>(new boards(ref<board>(), ref<boards>()));
}

int main(int argc, char **argv) {
  int32_t n = int32_t(size_of_run(argc, argv, 13));
  int64_t count = 0;
  for (ref<boards> all = solve(n, n); all; all = ref<boards>(std::move(all->tail)))
    ++count;
  std::printf("%" PRId64 "\n", count);
}
