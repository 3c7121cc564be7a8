//===- cfold.cpp - Constant folding of a large expression, in C++ ---------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expression.h"

static bool is_joined(const expression &e) { return e.kind == Sum || e.kind == Product; }

/// The sum or product in e, which has no other owners afterwards.
static binary &own(any &e) {
  if (__builtin_expect(!e.alone(), 0)) {
    const binary &b = as_binary(*e);
    e = make(b.kind, b.left, b.right);
  }
  return as_binary(*e);
}

static any make(int64_t depth, int64_t n) {
  if (depth == 0)
    return n == 0 ? any(new variable("1")) : make_number(n);
  any left = make(depth - 1, n + 1);
  return make(Sum, std::move(left), make(depth - 1, n == 0 ? 0 : n - 1));
}

static void reassociate(any &e) {
  if (!is_joined(*e))
    return;
  binary &link = own(e);
  reassociate(link.left);
  reassociate(link.right);
  // The left side is a chain of this kind, perhaps empty, and the link becomes its last one.
  if (link.left->kind != link.kind)
    return;
  any last = std::move(e);
  e = std::move(link.left);
  any *end = &e;
  while ((*end)->kind == link.kind)
    end = &own(*end).right;
  link.left = std::move(*end);
  *end = std::move(last);
}

static int64_t joined(kinds kind, int64_t x, int64_t y) { return kind == Sum ? x + y : x * y; }

static void fold(any &e) {
  if (!is_joined(*e))
    return;
  binary &b = own(e);
  fold(b.left);
  fold(b.right);
  if (!is_number(*b.left))
    return;
  int64_t n = value(*b.left);
  if (is_number(*b.right)) {
    n = joined(b.kind, n, value(*b.right));
    e = number_for(std::move(b.left), std::move(b.right), n);
  } else if (b.right->kind == b.kind) {
    const binary &below = as_binary(*b.right);
    bool last = is_number(*below.right);
    if (!last && !is_number(*below.left))
      return;
    n = joined(b.kind, n, value(*(last ? below.right : below.left)));
    b.left = number_in(std::move(b.left), n);
    auto [left, right] = take_apart(std::move(b.right));
    b.right = std::move(last ? left : right);
  }
}

static int64_t evaluate(const expression &e) {
  switch (e.kind) {
  case Number:
    return value(e);
  case Sum:
    return evaluate(*as_binary(e).left) + evaluate(*as_binary(e).right);
  case Product:
    return evaluate(*as_binary(e).left) * evaluate(*as_binary(e).right);
  default:
    return 0;
  }
}

int main(int argc, char **argv) {
  any e = make(size_of_run(argc, argv, 20), 1);
  int64_t before = evaluate(*e);
  reassociate(e);
  fold(e);
  std::printf("%" PRId64 "\n%" PRId64 "\n", before, evaluate(*e));
}
