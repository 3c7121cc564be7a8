/*===- expression.h - Expressions, with the constructor in the header's tag -===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * deriv.c and cfold.c work on them.
 *
 *===------------------------------------------------------------------------===*/
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "bench.h"

#include <string.h>

enum { Number, Variable, Sum, Product, Power, Logarithm };
typedef struct expression cairn_managed *expression; /* any of them */
struct expression {
  char any;
};
struct number {
  int64_t value;
};
struct variable {
  const char *name;
};
struct unary {
  expression of;
};
struct binary {
  expression left, right;
};
CAIRN_TYPE(number_type, struct number);
CAIRN_TYPE(variable_type, struct variable);
CAIRN_TYPE(unary_type, struct unary, of);
CAIRN_TYPE(binary_type, struct binary, left, right);

static inline uint8_t kind(expression e) { return cairn_ref_tag(e); }
static inline int64_t value(expression e) { return ((struct number cairn_managed *)e)->value; }
static inline const char *name(expression e) { return ((struct variable cairn_managed *)e)->name; }
static inline expression inner(expression e) { return ((struct unary cairn_managed *)e)->of; }
static inline expression left(expression e) { return ((struct binary cairn_managed *)e)->left; }
static inline expression right(expression e) { return ((struct binary cairn_managed *)e)->right; }
static inline bool is_number(expression e) { return kind(e) == Number; }
static inline bool is(expression e, int64_t n) { return is_number(e) && value(e) == n; }

static inline expression number(int64_t n) {
  struct number cairn_managed *e = cairn_ref_new_tagged(&number_type, Number);
  e->value = n;
  made();
  return (expression)e;
}
static inline expression variable(const char *of) {
  struct variable cairn_managed *e = cairn_ref_new_tagged(&variable_type, Variable);
  e->name = of;
  made();
  return (expression)e;
}
static inline expression binary(uint8_t tag, expression l, expression r) {
  struct binary cairn_managed *e = cairn_ref_new_tagged(&binary_type, tag);
  e->left = l;
  e->right = r;
  made();
  return (expression)e;
}
static inline expression logarithm(expression of) {
  struct unary cairn_managed *e = cairn_ref_new_tagged(&unary_type, Logarithm);
  e->of = of;
  made();
  return (expression)e;
}

#endif /* EXPRESSION_H */
