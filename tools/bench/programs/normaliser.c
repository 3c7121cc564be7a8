/*===- normaliser.c - Lambda terms, by closures that are read back --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

enum { VARIABLE, LAMBDA, APPLY };

REFERENCE(term); /* De Bruijn's: a variable is how many lambdas there are between */
OBJECT(term) {
  term_ref a, b;
  int64_t kind, index;
};
TYPE(term, a, b);

REFERENCE(value);
REFERENCE(bindings);
OBJECT(bindings) {
  bindings_ref up;
  value_ref value;
};
TYPE(bindings, up, value);

enum { CLOSURE, FREE, STUCK };
OBJECT(value) {
  term_ref body;
  bindings_ref scope;
  value_ref function, argument;
  int64_t kind, level;
};
TYPE(value, body, scope, function, argument);

static term_ref make_term(int64_t kind, int64_t index, term_ref a, term_ref b) {
  term_ref t = NEW(term);
  t->a = MOVE(a);
  t->b = MOVE(b);
  t->kind = kind;
  t->index = index;
  return t;
}
static term_ref variable(int64_t index) { return make_term(VARIABLE, index, NONE, NONE); }
static term_ref lambda(term_ref body) { return make_term(LAMBDA, 0, MOVE(body), NONE); }
static term_ref apply(term_ref a, term_ref b) { return make_term(APPLY, 0, MOVE(a), MOVE(b)); }

static value_ref make_value(int64_t kind, term_ref body, bindings_ref scope, value_ref function,
                            value_ref argument, int64_t level) {
  value_ref v = NEW(value);
  v->body = MOVE(body);
  v->scope = MOVE(scope);
  v->function = MOVE(function);
  v->argument = MOVE(argument);
  v->kind = kind;
  v->level = level;
  return v;
}

static bindings_ref bind(value_ref v, bindings_ref up) {
  bindings_ref s = NEW(bindings);
  s->up = MOVE(up);
  s->value = MOVE(v);
  return s;
}

static value_ref eval(IN(term) t, IN(bindings) scope) {
  if (t->kind == LAMBDA)
    return make_value(CLOSURE, t->a, scope, NONE, NONE, 0);
  if (t->kind == VARIABLE) {
    VIEW(bindings) s = PEEK(scope);
    for (int64_t i = t->index; i; --i)
      s = PEEK(s->up);
    return s->value;
  }
  value_ref function = eval(t->a, scope), argument = eval(t->b, scope);
  if (function->kind == CLOSURE)
    return eval(function->body, bind(MOVE(argument), function->scope));
  return make_value(STUCK, NONE, NONE, MOVE(function), MOVE(argument), 0);
}

static term_ref read_back(IN(value) v, int64_t level) {
  if (v->kind == CLOSURE) {
    value_ref fresh = make_value(FREE, NONE, NONE, NONE, NONE, level);
    return lambda(read_back(eval(v->body, bind(MOVE(fresh), v->scope)), level + 1));
  }
  if (v->kind == FREE)
    return variable(level - v->level - 1);
  return apply(read_back(v->function, level), read_back(v->argument, level));
}

static int64_t size(IN(term) t) { return t ? 1 + t->kind * 2 + size(t->a) + size(t->b) : 0; }

/* Church's numbers: a power is one number applied to another. */
static term_ref church(int64_t n) {
  term_ref t = variable(0);
  for (int64_t i = 0; i < n; ++i)
    t = apply(variable(1), MOVE(t));
  return lambda(lambda(MOVE(t)));
}

static void run(int64_t n) {
  int64_t total = 0;
  for (int64_t i = 1; i <= n; ++i) {
    term_ref t = apply(church(i % 12 + 1), church(2));
    total += size(read_back(eval(t, NONE), 0));
  }
  printf("%" PRId64 "\n", total);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 4000));
  return finish();
}
