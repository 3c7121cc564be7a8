/*===- deriv.c - Symbolic derivatives, counted by hand ----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The numbers 0, 1 and -1, where the program's text has them, are static: their counts
 * are so large that they are never freed or changed.
 *
 *===------------------------------------------------------------------------===*/
#include "expression.h"

static expression zero = {.head = {1 << 30, Number}, .value = 0};
static expression one = {.head = {1 << 30, Number}, .value = 1};
static expression minus_one = {.head = {1 << 30, Number}, .value = -1};

static int64_t power_of(int64_t base, int64_t n) {
  if (n == 0)
    return 1;
  if (n == 1)
    return base;
  int64_t half = power_of(base, n / 2);
  return half * half * (n % 2 == 0 ? 1 : base);
}

APART expression *add(expression *x, expression *y) {
  for (;;) {
    expression *m, *rest;
    if (is_number(x)) {
      if (is_number(y))
        return number_for(x, y, x->value + y->value);
      if (x->value == 0) {
        release_number(x);
        return y;
      }
      if (kind(y) != Sum || !is_number(y->left))
        return binary(Sum, x, y);
      take_apart(y, &m, &rest);
      int64_t both = x->value + m->value;
      release_number(m);
      x = number_in(x, both);
      y = rest;
    } else if (is_number(y)) {
      if (y->value == 0) {
        release_number(y);
        return x;
      }
      m = x;
      x = y;
      y = m;
    } else if (kind(y) == Sum && is_number(y->left)) {
      take_apart(y, &m, &rest);
      y = add(x, rest);
      x = m;
    } else if (kind(x) == Sum) {
      take_apart(x, &m, &rest);
      y = add(rest, y);
      x = m;
    } else {
      return binary(Sum, x, y);
    }
  }
}

APART expression *multiply(expression *x, expression *y) {
  for (;;) {
    expression *m, *rest;
    if (is_number(x)) {
      if (is_number(y))
        return number_for(x, y, x->value * y->value);
      if (x->value == 0) {
        release(y);
        return x;
      }
      if (x->value == 1) {
        release_number(x);
        return y;
      }
      if (kind(y) != Product || !is_number(y->left))
        return binary(Product, x, y);
      take_apart(y, &m, &rest);
      int64_t both = x->value * m->value;
      release_number(m);
      x = number_in(x, both);
      y = rest;
    } else if (is_number(y)) {
      if (y->value == 0) {
        release(x);
        return y;
      }
      if (y->value == 1) {
        release_number(y);
        return x;
      }
      m = x;
      x = y;
      y = m;
    } else if (kind(y) == Product && is_number(y->left)) {
      take_apart(y, &m, &rest);
      y = multiply(x, rest);
      x = m;
    } else if (kind(x) == Product) {
      take_apart(x, &m, &rest);
      y = multiply(rest, y);
      x = m;
    } else {
      return binary(Product, x, y);
    }
  }
}

APART expression *raise(expression *x, expression *y) {
  if (is_number(y)) {
    if (is_number(x))
      return number_for(x, y, power_of(x->value, y->value));
    if (y->value == 0) {
      release(x);
      release_number(y);
      return retain(&one);
    }
    if (y->value == 1) {
      release_number(y);
      return x;
    }
  }
  if (is(x, 0)) {
    release(y);
    return x;
  }
  return binary(Power, x, y);
}

static expression *log_of(expression *x) {
  if (!is(x, 1))
    return logarithm(x);
  release_number(x);
  return retain(&zero);
}

static expression *inverse(expression *x) { return raise(x, retain(&minus_one)); }

/* e is borrowed. */
APART expression *derive(const char *by, const expression *e) {
  switch (kind(e)) {
  case Number:
    return retain(&zero);
  case Variable:
    return retain(by == e->name || strcmp(by, e->name) == 0 ? &one : &zero);
  case Sum: {
    expression *f = derive(by, e->left);
    return add(f, derive(by, e->right));
  }
  case Product: {
    expression *f = e->left, *g = e->right;
    expression *left = multiply(retain(f), derive(by, g));
    return add(left, multiply(retain(g), derive(by, f)));
  }
  case Power: {
    expression *f = e->left, *g = e->right;
    expression *power = raise(retain(f), retain(g));
    expression *left = multiply(retain(g), derive(by, f));
    left = multiply(left, inverse(retain(f)));
    expression *right = log_of(retain(f));
    right = multiply(right, derive(by, g));
    return multiply(power, add(left, right));
  }
  default: {
    expression *f = derive(by, e->left);
    return multiply(f, inverse(retain(e->left)));
  }
  }
}

APART int64_t leaves(const expression *e) {
  int64_t before = 0;
  for (;;)
    switch (kind(e)) {
    case Number:
    case Variable:
      return before + 1;
    case Logarithm:
      e = e->left;
      break;
    default:
      before += leaves(e->left);
      e = e->right;
    }
}

int main(int argc, char **argv) {
  int64_t n = size_of_run(argc, argv, 10);
  expression *x = variable("x"), *e = raise(retain(x), x);
  for (int64_t i = 0; i < n; ++i) {
    expression *next = derive("x", e);
    release(e);
    e = next;
    printf("%" PRId64 " count: %" PRId64 "\n", i + 1, leaves(e));
  }
  release(e);
  printf("done\n");
  return finish();
}
