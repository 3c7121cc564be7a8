/*===- interpreter.c - Expressions with variables and functions -----------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

enum { NUMBER, VARIABLE, ADD, SUBTRACT, LESS, IF, LET, CALL };

REFERENCE(expression);
OBJECT(expression) {
  expression_ref a, b, c;
  int64_t kind, value; /* a number; how far up the variable is */
};
TYPE(expression, a, b, c);

REFERENCE(scope);
OBJECT(scope) {
  scope_ref up;
  int64_t value;
};
TYPE(scope, up);

static expression_ref node(int64_t kind, int64_t value, expression_ref a, expression_ref b,
                           expression_ref c) {
  expression_ref e = NEW(expression);
  e->a = MOVE(a);
  e->b = MOVE(b);
  e->c = MOVE(c);
  e->kind = kind;
  e->value = value;
  return e;
}
static expression_ref number(int64_t value) { return node(NUMBER, value, NONE, NONE, NONE); }
static expression_ref variable(int64_t up) { return node(VARIABLE, up, NONE, NONE, NONE); }
static expression_ref binary(int64_t kind, expression_ref a, expression_ref b) {
  return node(kind, 0, MOVE(a), MOVE(b), NONE);
}

static scope_ref bind(int64_t value, scope_ref up) {
  scope_ref s = NEW(scope);
  s->up = MOVE(up);
  s->value = value;
  return s;
}

static int64_t lookup(IN(scope) all, int64_t up) {
  VIEW(scope) s = PEEK(all);
  for (; up; --up)
    s = PEEK(s->up);
  return s->value;
}

/* One function, of one argument. */
static int64_t eval(IN(expression) e, IN(scope) s, IN(expression) function) {
  switch (e->kind) {
  case NUMBER:
    return e->value;
  case VARIABLE:
    return lookup(s, e->value);
  case ADD:
    return eval(e->a, s, function) + eval(e->b, s, function);
  case SUBTRACT:
    return eval(e->a, s, function) - eval(e->b, s, function);
  case LESS:
    return eval(e->a, s, function) < eval(e->b, s, function);
  case IF:
    return eval(eval(e->a, s, function) ? e->b : e->c, s, function);
  case LET:
    return eval(e->b, bind(eval(e->a, s, function), s), function);
  default:
    return eval(function, bind(eval(e->a, s, function), NONE), function);
  }
}

static expression_ref call(int64_t less) {
  return node(CALL, 0, binary(SUBTRACT, variable(0), number(less)), NONE, NONE);
}

/* f(n) = n < 2 ? n : let a = f(n - 1) in a + f(n - 2) */
static void run(int64_t n) {
  expression_ref second = node(CALL, 0, binary(SUBTRACT, variable(1), number(2)), NONE, NONE);
  expression_ref sum = binary(ADD, variable(0), MOVE(second));
  expression_ref function = node(IF, 0, binary(LESS, variable(0), number(2)), variable(0),
                                 binary(LET, call(1), MOVE(sum)));
  expression_ref main = node(CALL, 0, number(n), NONE, NONE);
  printf("%" PRId64 "\n", eval(main, NONE, function));
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 33));
  return finish();
}
