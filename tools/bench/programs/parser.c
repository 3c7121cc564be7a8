/*===- parser.c - Text to trees, folded and printed again -----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "forms.h"

REFERENCE(tree);
OBJECT(tree) {
  tree_ref left, right;
  int64_t value;
  int32_t sign; /* 0: a number, 'x', or + and * */
};
TYPE(tree, left, right);

static tree_ref leaf(int32_t sign, int64_t value) {
  tree_ref t = NEW(tree);
  t->left = t->right = NONE;
  t->sign = sign;
  t->value = value;
  return t;
}
static tree_ref node(int32_t sign, tree_ref left, tree_ref right) {
  tree_ref t = NEW(tree);
  t->left = MOVE(left);
  t->right = MOVE(right);
  t->sign = sign;
  t->value = 0;
  return t;
}

static tree_ref parse_sum(const char **at);
static tree_ref parse_atom(const char **at) {
  if (**at == '(') {
    ++*at;
    tree_ref t = parse_sum(at);
    ++*at;
    return t;
  }
  if (**at == 'x')
    return ++*at, leaf('x', 0);
  int64_t value = 0;
  for (; **at >= '0' && **at <= '9'; ++*at)
    value = value * 10 + (**at - '0');
  return leaf(0, value);
}
static tree_ref parse_product(const char **at) {
  tree_ref t = parse_atom(at);
  while (**at == '*') {
    ++*at;
    t = node('*', MOVE(t), parse_atom(at));
  }
  return t;
}
static tree_ref parse_sum(const char **at) {
  tree_ref t = parse_product(at);
  while (**at == '+') {
    ++*at;
    t = node('+', MOVE(t), parse_product(at));
  }
  return t;
}

static bool is(IN(tree) t, int64_t value) { return t->sign == 0 && t->value == value; }

static tree_ref fold(IN(tree) t) {
  if (t->sign == 0 || t->sign == 'x')
    return t;
  tree_ref l = fold(t->left), r = fold(t->right);
  if (t->sign == '*') {
    if (is(l, 0) || is(r, 1))
      return l;
    if (is(r, 0) || is(l, 1))
      return r;
  } else {
    if (is(l, 0))
      return r;
    if (is(r, 0))
      return l;
  }
  if (l->sign == 0 && r->sign == 0)
    return leaf(0, (t->sign == '*' ? l->value * r->value : l->value + r->value) % 1000);
  return node(t->sign, MOVE(l), MOVE(r));
}

static uint64_t hash(IN(tree) t, uint64_t so_far) {
  if (!t)
    return so_far;
  so_far = (so_far ^ (uint64_t)t->sign ^ (uint64_t)t->value << 8) * 0x100000001b3u;
  return hash(t->right, hash(t->left, so_far));
}

/* A random expression; the end of what was written. */
static char *write_text(char *to, int depth) {
  uint64_t n = random_number();
  if (!depth || n % 8 == 0) {
    *to = n / 8 % 3 ? (char)('0' + n / 32 % 10) : 'x';
    return to + 1;
  }
  *to++ = '(';
  to = write_text(to, depth - 1);
  *to++ = n / 8 % 2 ? '+' : '*';
  to = write_text(to, depth - 1);
  *to++ = ')';
  return to;
}

static void run(int64_t n) {
  char *text = (char *)malloc(1 << 16);
  uint64_t result = 0;
  for (int64_t i = 0; i < n; ++i) {
    *write_text(text, 10) = 0;
    const char *at = text;
    tree_ref t = parse_sum(&at);
    result = hash(fold(t), result);
  }
  printf("%" PRIu64 "\n", result);
  free(text);
}

int main(int argc, char **argv) {
  run(size_of_run(argc, argv, 16000));
  return finish();
}
