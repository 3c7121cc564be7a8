//===- rbtree-ck.cpp - Insertions, every fifth tree is kept, in C++ -------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "rbtree.h"

using nodes = node<int64_t>;

struct list : counted {
  nodes::tree head;
  ref<list> tail;

  list(nodes::tree h, ref<list> t) : head(std::move(h)), tail(std::move(t)) {}
  static void destroy(list *l) {
    while (l) {
      list *tail = l->tail.leave();
      delete l;
      if (!tail || --tail->owners)
        return;
      l = tail;
    }
  }
};

int main(int argc, char **argv) {
  nodes::tree t;
  ref<list> kept;
  for (int64_t n = size_of_run(argc, argv, 4200000); n > 0; --n) {
    bool red = nodes::is_red(t);
    nodes::insert_below(t, n, n % 10 == 0);
    if (red)
      nodes::set_black(t);
    if (n % 5 == 0)
      kept = ref<list>(new list(t, std::move(kept)));
  }
  kept = ref<list>(new list(std::move(t), std::move(kept)));
  std::printf("%" PRId64 "\n", nodes::count_true(kept->head.get(), 0));
}
