/*===- rewriter.c - Formulas to a normal form, by rules -------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

enum { FALSE_, TRUE_, VARIABLE, NOT, AND, OR };

REFERENCE(formula);
OBJECT(formula) {
  formula_ref a, b;
  int32_t kind, name;
};
TYPE(formula, a, b);

static formula_ref node(int32_t kind, int32_t name, formula_ref a, formula_ref b) {
  formula_ref f = NEW(formula);
  f->a = MOVE(a);
  f->b = MOVE(b);
  f->kind = kind;
  f->name = name;
  return f;
}

static formula_ref random_formula(int depth) {
  uint64_t n = random_number();
  if (!depth)
    return node(n % 16 ? VARIABLE : (int32_t)(n / 16 % 2), (int32_t)(n / 32 % 20), NONE, NONE);
  if (n % 4 == 0)
    return node(NOT, 0, random_formula(depth - 1), NONE);
  formula_ref a = random_formula(depth - 1);
  return node(n % 4 == 1 ? OR : AND, 0, MOVE(a), random_formula(depth - 1));
}

/* Negations go down to the variables. */
static formula_ref push(IN(formula) f, bool negate) {
  switch (f->kind) {
  case NOT:
    return push(f->a, !negate);
  case AND:
  case OR:
    return node((f->kind == AND) != negate ? AND : OR, 0, push(f->a, negate), push(f->b, negate));
  case VARIABLE:
    return negate ? node(NOT, 0, f, NONE) : f;
  default:
    return negate ? node(f->kind == TRUE_ ? FALSE_ : TRUE_, 0, NONE, NONE) : f;
  }
}

static bool same(IN(formula) a, IN(formula) b) {
  if (a == b)
    return true;
  if (!a || !b || a->kind != b->kind || a->name != b->name)
    return false;
  return same(a->a, b->a) && same(a->b, b->b);
}

static formula_ref simplify(IN(formula) f) {
  if (f->kind != AND && f->kind != OR)
    return f;
  formula_ref a = simplify(f->a), b = simplify(f->b);
  const int32_t neutral = f->kind == AND ? TRUE_ : FALSE_;
  if (a->kind == neutral || b->kind == TRUE_ + FALSE_ - neutral || same(a, b))
    return b;
  if (b->kind == neutral || a->kind == TRUE_ + FALSE_ - neutral)
    return a;
  return node(f->kind, 0, MOVE(a), MOVE(b));
}

/* (a or b) or c becomes a or (b or c), and the same of and. */
static formula_ref turn(IN(formula) f) {
  if (f->kind != AND && f->kind != OR)
    return f;
  if (f->a->kind == f->kind)
    return turn(node(f->kind, 0, f->a->a, node(f->kind, 0, f->a->b, f->b)));
  return node(f->kind, 0, turn(f->a), turn(f->b));
}

static uint64_t hash(IN(formula) f, uint64_t so_far) {
  if (!f)
    return so_far;
  so_far = (so_far ^ (uint64_t)(f->kind * 32 + f->name)) * 0x100000001b3u;
  return hash(f->b, hash(f->a, so_far));
}

static void run(int64_t n) {
  uint64_t result = 0;
  for (int64_t i = 0; i < n; ++i) {
    formula_ref f = push(random_formula(12), false);
    f = simplify(f);
    f = turn(f);
    result = hash(simplify(f), result);
  }
  printf("%" PRIu64 "\n", result);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 6000));
  return finish();
}
