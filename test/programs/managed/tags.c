/*===- tags.c - Variants by the header's tag --------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A value is one of several types, and the tag says which; no union of a reference and
 * an integer is needed. Objects of one variant are read through that variant's type.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <ctype.h>

#include "live.h"

enum { Number, Pair, Negated, Nothing };
typedef struct value cairn_managed *value; /* any of them */
struct value {
  char any;
};
struct number {
  int64_t n;
};
struct pair {
  value first, second;
  char op;
};
struct negated {
  value of;
};
CAIRN_TYPE(number_type, struct number);
CAIRN_TYPE(pair_type, struct pair, first, second);
CAIRN_TYPE(negated_type, struct negated, of);

#define AS(type, v) ((struct type cairn_managed *)(v))

static value number(int64_t n) {
  value v = (value)cairn_ref_new_tagged(&number_type, Number);
  AS(number, v)->n = n;
  return v;
}
static value pair(char op, value first, value second) {
  struct pair cairn_managed *p = cairn_ref_new_tagged(&pair_type, Pair);
  p->first = first;
  p->second = second;
  p->op = op;
  return (value)p;
}
static value negated(value of) {
  struct negated cairn_managed *n = cairn_ref_new(&negated_type);
  cairn_ref_set_tag(n, Negated);
  n->of = of;
  return (value)n;
}

/* A parser of sums and products: recursive, with the text in a pointer of its own. */
static value parse_sum(const char **at);
static value parse_factor(const char **at) {
  if (**at == '-') {
    ++*at;
    return negated(parse_factor(at));
  }
  if (**at == '(') {
    ++*at;
    value v = parse_sum(at);
    ++*at;
    return v;
  }
  int64_t n = 0;
  while (isdigit((unsigned char)**at))
    n = n * 10 + (*(*at)++ - '0');
  return number(n);
}
static value parse_product(const char **at) {
  value v = parse_factor(at);
  while (**at == '*') {
    ++*at;
    v = pair('*', v, parse_factor(at));
  }
  return v;
}
static value parse_sum(const char **at) {
  value v = parse_product(at);
  while (**at == '+') {
    ++*at;
    v = pair('+', v, parse_product(at));
  }
  return v;
}

__attribute__((noinline)) static int64_t evaluate(value v) {
  switch (cairn_ref_tag(v)) {
  case Number:
    return AS(number, v)->n;
  case Negated:
    return -evaluate(AS(negated, v)->of);
  default: {
    int64_t a = evaluate(AS(pair, v)->first), b = evaluate(AS(pair, v)->second);
    return AS(pair, v)->op == '+' ? a + b : a * b;
  }
  }
}

/* Moves negations down to the numbers; a tree in, a tree out. */
__attribute__((noinline)) static value push_down(value v, bool negative) {
  switch (cairn_ref_tag(v)) {
  case Number:
    return negative ? number(-AS(number, v)->n) : v;
  case Negated:
    return push_down(AS(negated, v)->of, !negative);
  default: {
    struct pair cairn_managed *p = AS(pair, v);
    bool both = negative && p->op == '+';
    return pair(p->op, push_down(p->first, negative), push_down(p->second, both));
  }
  }
}

__attribute__((noinline)) static void run(const char *text) {
  const char *at = text;
  value v = parse_sum(&at);
  value w = push_down(v, false);
  printf("%s = %" PRId64 " = %" PRId64 "\n", text, evaluate(v), evaluate(w));
  v = NULL;
  note();
  printf("again %" PRId64 "\n", evaluate(w));
}

int main(void) {
  run("1+2*3");
  run("-(4+5)*-(6+-7)+8");
  run("--(1+-(2+3*(4+5)))*2");
  noted_at_most("one tree of the two", 11);
  at_most("the end", 0);
  return 0;
}
