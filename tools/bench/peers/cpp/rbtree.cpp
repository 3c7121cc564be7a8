//===- rbtree.cpp - Insertions into one red-black tree, in C++ ------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "rbtree.h"

int main(int argc, char **argv) {
  using nodes = node<int32_t>;
  nodes::tree t;
  for (int32_t n = int32_t(size_of_run(argc, argv, 4200000)); n-- > 0;) {
    nodes::insert_below(t, n, n % 10 == 0);
    nodes::set_black(t);
  }
  std::printf("%" PRId64 "\n", nodes::count_true(t.get(), 0));
}
