/*===- deriv.c - Symbolic derivatives ---------------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The expression is x^x, derived n times, and simplified as it is built.
 *
 *===------------------------------------------------------------------------===*/
#include "expression.h"

static int64_t power_of(int64_t base, int64_t n) {
  if (n == 0)
    return 1;
  if (n == 1)
    return base;
  int64_t half = power_of(base, n / 2);
  return half * half * (n % 2 == 0 ? 1 : base);
}

static expression add(expression x, expression y) {
  if (is_number(x) && is_number(y))
    return number(value(x) + value(y));
  if (is(x, 0))
    return y;
  if (is(y, 0))
    return x;
  if (is_number(y))
    return add(y, x);
  if (is_number(x) && kind(y) == Sum && is_number(left(y)))
    return add(number(value(x) + value(left(y))), right(y));
  if (kind(y) == Sum && is_number(left(y)))
    return add(left(y), add(x, right(y)));
  if (kind(x) == Sum)
    return add(left(x), add(right(x), y));
  return binary(Sum, x, y);
}

static expression multiply(expression x, expression y) {
  if (is_number(x) && is_number(y))
    return number(value(x) * value(y));
  if (is(x, 0))
    return x;
  if (is(y, 0))
    return y;
  if (is(x, 1))
    return y;
  if (is(y, 1))
    return x;
  if (is_number(y))
    return multiply(y, x);
  if (is_number(x) && kind(y) == Product && is_number(left(y)))
    return multiply(number(value(x) * value(left(y))), right(y));
  if (kind(y) == Product && is_number(left(y)))
    return multiply(left(y), multiply(x, right(y)));
  if (kind(x) == Product)
    return multiply(left(x), multiply(right(x), y));
  return binary(Product, x, y);
}

static expression raise(expression x, expression y) {
  if (is_number(x) && is_number(y))
    return number(power_of(value(x), value(y)));
  if (is(y, 0))
    return number(1);
  if (is(y, 1))
    return x;
  if (is(x, 0))
    return number(0);
  return binary(Power, x, y);
}

static expression log_of(expression x) { return is(x, 1) ? number(0) : logarithm(x); }

static expression derive(const char *by, expression e) {
  switch (kind(e)) {
  case Number:
    return number(0);
  case Variable:
    return number(strcmp(by, name(e)) == 0);
  case Sum: {
    expression f = left(e), g = right(e);
    return add(derive(by, f), derive(by, g));
  }
  case Product: {
    expression f = left(e), g = right(e);
    return add(multiply(f, derive(by, g)), multiply(g, derive(by, f)));
  }
  case Power: {
    expression f = left(e), g = right(e);
    return multiply(raise(f, g), add(multiply(multiply(g, derive(by, f)), raise(f, number(-1))),
                                     multiply(log_of(f), derive(by, g))));
  }
  default: {
    expression f = inner(e);
    return multiply(derive(by, f), raise(f, number(-1)));
  }
  }
}

static int64_t leaves(expression e) {
  switch (kind(e)) {
  case Number:
  case Variable:
    return 1;
  case Logarithm:
    return leaves(inner(e));
  default:
    return leaves(left(e)) + leaves(right(e));
  }
}

__attribute__((noinline)) static void run(int64_t n) {
  expression x = variable("x"), e = raise(x, x);
  for (int64_t i = 0; i < n; ++i) {
    e = derive("x", e);
    printf("%" PRId64 " count: %" PRId64 "\n", i + 1, leaves(e));
  }
  printf("done\n");
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 10));
  return finish();
}
