//===- deriv.cpp - Symbolic derivatives, in C++ ---------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expression.h"

static const any zero = make_number(0), one = make_number(1), minus_one = make_number(-1);

static int64_t power_of(int64_t base, int64_t n) {
  if (n == 0)
    return 1;
  if (n == 1)
    return base;
  int64_t half = power_of(base, n / 2);
  return half * half * (n % 2 == 0 ? 1 : base);
}

static any add(any x, any y) {
  for (;;) {
    if (is_number(*x) && is_number(*y)) {
      int64_t sum = value(*x) + value(*y);
      return number_for(std::move(x), std::move(y), sum);
    }
    if (is(*x, 0))
      return y;
    if (is(*y, 0))
      return x;
    if (is_number(*y)) {
      std::swap(x, y);
    } else if (y->kind == Sum && is_number(*as_binary(*y).left)) {
      auto [left, rest] = take_apart(std::move(y));
      if (is_number(*x)) {
        int64_t sum = value(*x) + value(*left);
        x = number_in(std::move(x), sum);
        y = std::move(rest);
      } else {
        y = add(std::move(x), std::move(rest));
        x = std::move(left);
      }
    } else if (x->kind == Sum) {
      auto [left, rest] = take_apart(std::move(x));
      y = add(std::move(rest), std::move(y));
      x = std::move(left);
    } else {
      return make(Sum, std::move(x), std::move(y));
    }
  }
}

static any multiply(any x, any y) {
  for (;;) {
    if (is_number(*x) && is_number(*y)) {
      int64_t product = value(*x) * value(*y);
      return number_for(std::move(x), std::move(y), product);
    }
    if (is(*x, 0))
      return x;
    if (is(*y, 0))
      return y;
    if (is(*x, 1))
      return y;
    if (is(*y, 1))
      return x;
    if (is_number(*y)) {
      std::swap(x, y);
    } else if (y->kind == Product && is_number(*as_binary(*y).left)) {
      auto [left, rest] = take_apart(std::move(y));
      if (is_number(*x)) {
        int64_t product = value(*x) * value(*left);
        x = number_in(std::move(x), product);
        y = std::move(rest);
      } else {
        y = multiply(std::move(x), std::move(rest));
        x = std::move(left);
      }
    } else if (x->kind == Product) {
      auto [left, rest] = take_apart(std::move(x));
      y = multiply(std::move(rest), std::move(y));
      x = std::move(left);
    } else {
      return make(Product, std::move(x), std::move(y));
    }
  }
}

static any raise(any x, any y) {
  if (is_number(*x) && is_number(*y)) {
    int64_t power = power_of(value(*x), value(*y));
    return number_for(std::move(x), std::move(y), power);
  }
  if (is(*y, 0))
    return one;
  if (is(*y, 1))
    return x;
  if (is(*x, 0))
    return x;
  return make(Power, std::move(x), std::move(y));
}

static any log_of(any x) { return is(*x, 1) ? zero : any(new unary(std::move(x))); }

static any derive(std::string_view by, const expression &e) {
  switch (e.kind) {
  case Number:
    return zero;
  case Variable:
    return by == static_cast<const variable &>(e).name ? one : zero;
  case Sum:
    return add(derive(by, *as_binary(e).left), derive(by, *as_binary(e).right));
  case Product: {
    const any &f = as_binary(e).left, &g = as_binary(e).right;
    return add(multiply(f, derive(by, *g)), multiply(g, derive(by, *f)));
  }
  case Power: {
    const any &f = as_binary(e).left, &g = as_binary(e).right;
    return multiply(raise(f, g), add(multiply(multiply(g, derive(by, *f)), raise(f, minus_one)),
                                     multiply(log_of(f), derive(by, *g))));
  }
  default: {
    const any &f = static_cast<const unary &>(e).of;
    return multiply(derive(by, *f), raise(f, minus_one));
  }
  }
}

static int64_t leaves(const expression &e) {
  switch (e.kind) {
  case Number:
  case Variable:
    return 1;
  case Logarithm:
    return leaves(inner(e));
  default:
    return leaves(*as_binary(e).left) + leaves(*as_binary(e).right);
  }
}

int main(int argc, char **argv) {
  int64_t n = size_of_run(argc, argv, 10);
  any x(new variable("x")), e = raise(x, x);
  for (int64_t i = 0; i < n; ++i) {
    e = derive("x", *e);
    std::printf("%" PRId64 " count: %" PRId64 "\n", i + 1, leaves(*e));
  }
  std::printf("done\n");
}
