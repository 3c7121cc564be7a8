/*===- exact.c - How many objects are live at most, by exact counting -------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The programs of this folder with counts written by hand, under the conventions of a
 * module's boundary: parameters are borrowed, results are owned, and what a function
 * owns is released after its last use. It prints the peak of one program at one size;
 * compiled by any compiler, without Cairn.
 *
 *===------------------------------------------------------------------------===*/
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct object object;
struct object {
  int64_t count;
  object *left, *right; /* owned */
  int64_t value;
  uint8_t tag;
  bool flag;
};

static int64_t live, peak;

static object *keep(object *o) {
  if (o)
    ++o->count;
  return o;
}
static void drop(object *o) {
  while (o && --o->count == 0) {
    object *next = o->right;
    drop(o->left);
    free(o);
    --live;
    o = next;
  }
}
static object *make(uint8_t tag, object *left, int64_t value, bool flag, object *right) {
  object *o = malloc(sizeof *o);
  if (!o)
    abort();
  *o = (object){1, keep(left), keep(right), value, tag, flag};
  if (++live > peak)
    peak = live;
  return o;
}
/* Made of temporaries, which are dropped once the object has them. */
static object *made_of(uint8_t tag, object *left, int64_t value, bool flag, object *right) {
  object *o = make(tag, left, value, flag, right);
  drop(left);
  drop(right);
  return o;
}

/* Red-black trees. */

enum { Red, Black };
static bool is_red(const object *t) { return t && t->tag == Red; }

static object *three(object *a, object *b, int64_t value, bool flag, object *c, object *d,
                     const object *left, const object *right) {
  object *l = make(Black, a, left->value, left->flag, b);
  object *r = make(Black, c, right->value, right->flag, d);
  return made_of(Red, l, value, flag, r);
}
static object *balance_left(object *l, const object *t) {
  object *x = l->left, *y = l->right;
  if (is_red(x))
    return three(x->left, x->right, l->value, l->flag, y, t->right, x, t);
  if (is_red(y))
    return three(x, y->left, y->value, y->flag, y->right, t->right, l, t);
  object *red = make(Red, x, l->value, l->flag, y);
  object *all = make(Black, red, t->value, t->flag, t->right);
  drop(red);
  return all;
}
static object *balance_right(const object *t, object *r) {
  object *x = r->left, *y = r->right;
  if (is_red(x))
    return three(t->left, x->left, x->value, x->flag, x->right, y, t, r);
  if (is_red(y))
    return three(t->left, x, r->value, r->flag, y->left, y->right, t, y);
  object *red = make(Red, x, r->value, r->flag, y);
  object *all = make(Black, t->left, t->value, t->flag, red);
  drop(red);
  return all;
}
static object *insert_below(const object *t, int64_t key, bool flag) {
  if (!t)
    return make(Red, NULL, key, flag, NULL);
  object *below, *all;
  if (key < t->value) {
    below = insert_below(t->left, key, flag);
    all = t->tag == Black && is_red(t->left) ? balance_left(below, t)
                                             : make(t->tag, below, t->value, t->flag, t->right);
  } else if (key > t->value) {
    below = insert_below(t->right, key, flag);
    all = t->tag == Black && is_red(t->right) ? balance_right(t, below)
                                              : make(t->tag, t->left, t->value, t->flag, below);
  } else {
    return make(t->tag, t->left, key, flag, t->right);
  }
  drop(below);
  return all;
}
static void rbtree(int64_t n, bool keeps) {
  object *t = NULL, *kept = NULL;
  while (n > 0) {
    int64_t key = keeps ? n-- : --n;
    bool blacken = !keeps || is_red(t);
    object *more = insert_below(t, key, key % 10 == 0);
    drop(t);
    t = more;
    if (blacken) {
      t = make(Black, more->left, more->value, more->flag, more->right);
      drop(more);
    }
    if (keeps && key % 5 == 0) {
      object *longer = make(0, t, 0, false, kept);
      drop(kept);
      kept = longer;
    }
  }
  if (keeps)
    kept = made_of(0, t, 0, false, kept), t = NULL;
  drop(t);
  drop(kept);
}

/* Queens. */

static bool is_safe(int64_t queen, const object *b) {
  for (int64_t distance = 1; b; b = b->right, ++distance)
    if (queen == b->value || queen == b->value + distance || queen == b->value - distance)
      return false;
  return true;
}
static object *solve(int64_t n, int64_t queens) {
  if (!queens)
    return make(0, NULL, 0, false, NULL);
  object *all = solve(n, queens - 1), *found = NULL;
  for (const object *a = all; a; a = a->right)
    for (int64_t k = n; k > 0; --k)
      if (is_safe(k, a->left))
        found = made_of(0, make(0, NULL, k, false, a->left), 0, false, found);
  drop(all);
  return found;
}

/* Expressions. */

enum { Number, Variable, Sum, Product, Power, Logarithm };
static object *number(int64_t n) { return make(Number, NULL, n, false, NULL); }
static bool is_number(const object *e) { return e->tag == Number; }
static bool is(const object *e, int64_t n) { return is_number(e) && e->value == n; }

static int64_t power_of(int64_t base, int64_t n) {
  int64_t half = n < 2 ? 1 : power_of(base, n / 2);
  return n == 0 ? 1 : n == 1 ? base : half * half * (n % 2 == 0 ? 1 : base);
}
/* add and multiply: of numbers, with a number that does nothing, or one that is the result. */
static object *join(uint8_t tag, object *x, object *y) {
  const bool sum = tag == Sum;
  if (is_number(x) && is_number(y))
    return number(sum ? x->value + y->value : x->value * y->value);
  if (!sum && is(x, 0))
    return keep(x);
  if (!sum && is(y, 0))
    return keep(y);
  if (is(x, sum ? 0 : 1))
    return keep(y);
  if (is(y, sum ? 0 : 1))
    return keep(x);
  if (is_number(y))
    return join(tag, y, x);
  object *t, *all;
  if (is_number(x) && y->tag == tag && is_number(y->left)) {
    t = number(sum ? x->value + y->left->value : x->value * y->left->value);
    all = join(tag, t, y->right);
  } else if (y->tag == tag && is_number(y->left)) {
    t = join(tag, x, y->right);
    all = join(tag, y->left, t);
  } else if (x->tag == tag) {
    t = join(tag, x->right, y);
    all = join(tag, x->left, t);
  } else {
    return make(tag, x, 0, false, y);
  }
  drop(t);
  return all;
}
static object *join_made(uint8_t tag, object *x, object *y) {
  object *all = join(tag, x, y);
  drop(x);
  drop(y);
  return all;
}
static object *raise(object *x, object *y) {
  if (is_number(x) && is_number(y))
    return number(power_of(x->value, y->value));
  if (is(y, 0))
    return number(1);
  if (is(y, 1))
    return keep(x);
  if (is(x, 0))
    return number(0);
  return make(Power, x, 0, false, y);
}
static object *inverse(object *f) {
  object *minus = number(-1), *all = raise(f, minus);
  drop(minus);
  return all;
}
static object *derive(object *e) {
  object *f = e->left, *g = e->right, *t, *u, *v;
  switch (e->tag) {
  case Number:
    return number(0);
  case Variable:
    return number(1);
  case Sum:
    t = derive(f);
    return join_made(Sum, t, derive(g));
  case Product:
    t = derive(g);
    u = join(Product, f, t);
    drop(t);
    t = derive(f);
    v = join(Product, g, t);
    drop(t);
    return join_made(Sum, u, v);
  case Power:
    v = raise(f, g);
    t = derive(f);
    u = join(Product, g, t);
    drop(t);
    u = join_made(Product, u, inverse(f));
    t = is(f, 1) ? number(0) : make(Logarithm, f, 0, false, NULL);
    t = join_made(Product, t, derive(g));
    return join_made(Product, v, join_made(Sum, u, t));
  default:
    t = derive(f);
    return join_made(Product, t, inverse(f));
  }
}
static void deriv(int64_t n) {
  object *x = make(Variable, NULL, 0, false, NULL), *e = make(Power, x, 0, false, x);
  drop(x);
  while (n-- > 0) {
    object *more = derive(e);
    drop(e);
    e = more;
  }
  drop(e);
}

static object *tree(int64_t depth, int64_t n) {
  if (depth == 0)
    return n == 0 ? make(Variable, NULL, 0, false, NULL) : number(n);
  object *l = tree(depth - 1, n + 1);
  return made_of(Sum, l, 0, false, tree(depth - 1, n == 0 ? 0 : n - 1));
}
static object *append(object *chain, object *last) {
  if (chain->tag != Sum)
    return make(Sum, chain, 0, false, last);
  object *rest = append(chain->right, last), *all = make(Sum, chain->left, 0, false, rest);
  drop(rest);
  return all;
}
static object *reassociate(object *e) {
  if (e->tag != Sum)
    return keep(e);
  object *l = reassociate(e->left), *r = reassociate(e->right), *all = append(l, r);
  drop(l);
  drop(r);
  return all;
}
static object *fold(object *e) {
  if (e->tag != Sum)
    return keep(e);
  object *a = fold(e->left), *b = fold(e->right), *all = NULL;
  if (is_number(a) && is_number(b)) {
    all = number(a->value + b->value);
  } else if (is_number(a) && b->tag == Sum && (is_number(b->right) || is_number(b->left))) {
    object *n = is_number(b->right) ? b->right : b->left;
    object *other = n == b->right ? b->left : b->right;
    n = number(a->value + n->value);
    all = make(Sum, n, 0, false, other);
    drop(n);
  } else {
    all = make(Sum, a, 0, false, b);
  }
  drop(a);
  drop(b);
  return all;
}
static void cfold(int64_t depth) {
  object *e = tree(depth, 1), *chain = reassociate(e);
  drop(e);
  e = fold(chain);
  drop(chain);
  drop(e);
}

int main(int argc, char **argv) {
  if (argc != 3)
    return fprintf(stderr, "exact rbtree|rbtree-ck|nqueens|deriv|cfold SIZE\n"), 2;
  const char *name = argv[1];
  int64_t n = atoll(argv[2]);
  if (!strcmp(name, "rbtree") || !strcmp(name, "rbtree-ck"))
    rbtree(n, name[6] != 0);
  else if (!strcmp(name, "nqueens"))
    drop(solve(n, n));
  else if (!strcmp(name, "deriv"))
    deriv(n);
  else if (!strcmp(name, "cfold"))
    cfold(n);
  else
    return fprintf(stderr, "%s: no such program\n", name), 2;
  printf("peak %lld\n", (long long)peak);
  return live != 0;
}
