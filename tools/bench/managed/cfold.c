/*===- cfold.c - Constant folding of a large expression ---------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A tree of 2^n sums is made, its sums and products are reassociated, and constants
 * are folded; it has the same value before and afterwards.
 *
 *===------------------------------------------------------------------------===*/
#include "expression.h"

static expression make(int64_t depth, int64_t n) {
  if (depth == 0)
    return n == 0 ? variable("1") : number(n);
  return binary(Sum, make(depth - 1, n + 1), make(depth - 1, n == 0 ? 0 : n - 1));
}

/* Puts `last` at the end of a chain of sums. */
static expression append_sum(expression chain, expression last) {
  if (kind(chain) == Sum)
    return binary(Sum, left(chain), append_sum(right(chain), last));
  return binary(Sum, chain, last);
}

static expression append_product(expression chain, expression last) {
  if (kind(chain) == Product)
    return binary(Product, left(chain), append_product(right(chain), last));
  return binary(Product, chain, last);
}

static expression reassociate(expression e) {
  switch (kind(e)) {
  case Sum: {
    expression l = left(e), r = right(e);
    return append_sum(reassociate(l), reassociate(r));
  }
  case Product: {
    expression l = left(e), r = right(e);
    return append_product(reassociate(l), reassociate(r));
  }
  default:
    return e;
  }
}

static expression fold(expression e) {
  switch (kind(e)) {
  case Sum: {
    expression l = left(e), r = right(e);
    expression a = fold(l), b = fold(r);
    if (is_number(a)) {
      if (is_number(b))
        return number(value(a) + value(b));
      if (kind(b) == Sum) {
        if (is_number(right(b)))
          return binary(Sum, number(value(a) + value(right(b))), left(b));
        if (is_number(left(b)))
          return binary(Sum, number(value(a) + value(left(b))), right(b));
      }
    }
    return binary(Sum, a, b);
  }
  case Product: {
    expression l = left(e), r = right(e);
    expression a = fold(l), b = fold(r);
    if (is_number(a)) {
      if (is_number(b))
        return number(value(a) * value(b));
      if (kind(b) == Product) {
        if (is_number(right(b)))
          return binary(Product, number(value(a) * value(right(b))), left(b));
        if (is_number(left(b)))
          return binary(Product, number(value(a) * value(left(b))), right(b));
      }
    }
    return binary(Product, a, b);
  }
  default:
    return e;
  }
}

static int64_t evaluate(expression e) {
  switch (kind(e)) {
  case Number:
    return value(e);
  case Sum:
    return evaluate(left(e)) + evaluate(right(e));
  case Product:
    return evaluate(left(e)) * evaluate(right(e));
  default:
    return 0;
  }
}

__attribute__((noinline)) static void run(int64_t n) {
  expression e = make(n, 1);
  int64_t before = evaluate(e);
  int64_t after = evaluate(fold(reassociate(e)));
  printf("%" PRId64 "\n%" PRId64 "\n", before, after);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 20));
  return finish();
}
