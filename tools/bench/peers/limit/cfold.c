/*===- cfold.c - Constant folding of a large expression, counted by hand ----===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A sum or product that is taken apart gives its memory to the one that replaces it.
 *
 *===------------------------------------------------------------------------===*/
#include "expression.h"

INLINE bool is_joined(uint32_t kind) { return kind == Sum || kind == Product; }

APART expression *make(int64_t depth, int64_t n) {
  if (depth == 0)
    return n == 0 ? variable("1") : number(n);
  expression *left = make(depth - 1, n + 1);
  return binary(Sum, left, make(depth - 1, n == 0 ? 0 : n - 1));
}

/* Puts `last` at the end of a chain of one kind. `cell`, if any, is memory for a new link. */
INLINE expression *append(uint32_t of, expression *chain, expression *last, expression *cell) {
  expression *result, **place = &result;
  while (kind(chain) == of) {
    expression *link = chain;
    if (UNLIKELY(shared(chain))) {
      link = binary(of, retain(chain->left), NULL);
      retain(chain->right);
      --chain->head.count;
    }
    *place = link;
    place = &link->right;
    chain = chain->right;
  }
  if (cell) {
    cell->head = (header){1, of};
    cell->left = chain;
    cell->right = last;
    *place = cell;
  } else {
    *place = binary(of, chain, last);
  }
  return result;
}

APART expression *reassociate(expression *e) {
  uint32_t of = kind(e);
  if (!is_joined(of))
    return e;
  expression *left = e->left, *right = e->right;
  if (UNLIKELY(shared(e))) {
    retain(left);
    retain(right);
    --e->head.count;
    e = NULL;
  }
  left = reassociate(left);
  return append(of, left, reassociate(right), e);
}

COLD expression *copy(expression *e) {
  --e->head.count;
  return binary(kind(e), retain(e->left), retain(e->right));
}

/* e has no other owners; its left side is folded, and `right` is to be its right side. */
APART expression *fold_joined(expression *e, expression *right) {
  uint32_t of = kind(e);
  bool sum = of == Sum;
  expression *left = e->left;
  if (is_number(left)) {
    if (is_number(right)) {
      cairn_free_sized(e, sizeof *e);
      return number_for(left, right, sum ? left->value + right->value : left->value * right->value);
    }
    if (kind(right) == of) {
      expression *n = right->right, *other = right->left;
      if (!is_number(n)) {
        n = right->left;
        other = right->right;
      }
      if (is_number(n)) {
        int64_t both = sum ? left->value + n->value : left->value * n->value;
        if (shared(right)) {
          retain(other);
          --right->head.count;
        } else {
          release_number(n);
          cairn_free_sized(right, sizeof *right);
        }
        e->left = number_in(left, both);
        e->right = other;
        return e;
      }
    }
  }
  e->right = right;
  return e;
}

APART expression *fold(expression *e) {
  if (!is_joined(kind(e)))
    return e;
  if (UNLIKELY(shared(e)))
    e = copy(e);
  e->left = fold(e->left);
  return fold_joined(e, fold(e->right));
}

APART int64_t evaluate(const expression *e) {
  int64_t before = 0;
  for (;;)
    switch (kind(e)) {
    case Number:
      return before + e->value;
    case Sum:
      before += evaluate(e->left);
      e = e->right;
      break;
    case Product: {
      int64_t left = evaluate(e->left);
      return before + left * evaluate(e->right);
    }
    default:
      return before;
    }
}

/* The same, and releases e. */
APART int64_t take_value(expression *e) {
  int64_t before = 0;
  for (;;) {
    expression *left, *right;
    if (is_number(e)) {
      before += e->value;
      release_number(e);
      return before;
    }
    if (!is_joined(kind(e))) {
      release(e);
      return before;
    }
    bool sum = kind(e) == Sum;
    take_apart(e, &left, &right);
    int64_t first = take_value(left);
    if (!sum)
      return before + first * take_value(right);
    before += first;
    e = right;
  }
}

int main(int argc, char **argv) {
  expression *e = make(size_of_run(argc, argv, 20), 1);
  int64_t before = evaluate(e);
  printf("%" PRId64 "\n%" PRId64 "\n", before, take_value(fold(reassociate(e))));
  return finish();
}
