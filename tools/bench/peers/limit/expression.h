/*===- expression.h - Expressions that are counted by hand ------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Two sizes of objects: `right` is there only in sums, products and powers.
 *
 *===------------------------------------------------------------------------===*/
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "counted.h"

#include <stddef.h>
#include <string.h>

enum { Number, Variable, Sum, Product, Power, Logarithm };
typedef struct expression expression;
struct expression {
  header head;
  union {
    int64_t value;
    const char *name;
    expression *left; /* a logarithm's, too */
  };
  expression *right;
};
#define SMALL offsetof(expression, right)

INLINE uint32_t kind(const expression *e) { return e->head.kind; }
INLINE bool is_number(const expression *e) { return kind(e) == Number; }
INLINE bool is(const expression *e, int64_t n) { return is_number(e) && e->value == n; }

INLINE expression *number(int64_t n) {
  expression *e = cairn_malloc(SMALL);
  e->head = (header){1, Number};
  e->value = n;
  return e;
}
INLINE expression *variable(const char *name) {
  expression *e = cairn_malloc(SMALL);
  e->head = (header){1, Variable};
  e->name = name;
  return e;
}
INLINE expression *logarithm(expression *of) {
  expression *e = cairn_malloc(SMALL);
  e->head = (header){1, Logarithm};
  e->left = of;
  return e;
}
INLINE expression *binary(uint32_t kind, expression *left, expression *right) {
  expression *e = cairn_malloc(sizeof *e);
  e->head = (header){1, kind};
  e->left = left;
  e->right = right;
  return e;
}

INLINE bool shared(const expression *e) { return has_other_owners(&e->head); }
INLINE expression *retain(expression *e) {
  ++e->head.count;
  return e;
}

APART void free_expression(expression *e);
INLINE void release(expression *e) {
  if (shared(e))
    --e->head.count;
  else
    free_expression(e);
}
INLINE void release_number(expression *e) {
  if (shared(e))
    --e->head.count;
  else
    cairn_free_sized(e, SMALL);
}

/* Of an expression whose last count is gone. */
APART void free_expression(expression *e) {
  for (;;) {
    expression *next;
    if (kind(e) <= Variable) {
      cairn_free_sized(e, SMALL);
      return;
    }
    if (kind(e) == Logarithm) {
      next = e->left;
      cairn_free_sized(e, SMALL);
    } else {
      expression *left = e->left;
      next = e->right;
      cairn_free_sized(e, sizeof *e);
      if (is_number(left))
        release_number(left);
      else
        release(left);
    }
    if (shared(next)) {
      --next->head.count;
      return;
    }
    e = next;
  }
}

/* A number in the place of two, in the memory of one of them if that has no other owner. */
INLINE expression *number_for(expression *x, expression *y, int64_t n) {
  if (!shared(x)) {
    release_number(y);
    x->value = n;
    return x;
  }
  --x->head.count;
  if (!shared(y)) {
    y->value = n;
    return y;
  }
  --y->head.count;
  return number(n);
}
/* Likewise of one. */
INLINE expression *number_in(expression *x, int64_t n) {
  if (!shared(x)) {
    x->value = n;
    return x;
  }
  --x->head.count;
  return number(n);
}

/* Both sides of a sum, a product or a power, which is released. */
INLINE void take_apart(expression *e, expression **left, expression **right) {
  *left = e->left;
  *right = e->right;
  if (shared(e)) {
    retain(*left);
    retain(*right);
    --e->head.count;
  } else {
    cairn_free_sized(e, sizeof *e);
  }
}

#endif /* EXPRESSION_H */
