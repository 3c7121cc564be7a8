//===- expression.h - Expressions in C++ ----------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include "counted.h"

#include <string_view>

enum kinds : uint8_t { Number, Variable, Sum, Product, Power, Logarithm };

struct expression : counted {
  kinds kind;
  explicit expression(kinds k) : kind(k) {}
  static void destroy(expression *e);
};
using any = ref<expression>;

struct number : expression {
  int64_t value;
  explicit number(int64_t n) : expression(Number), value(n) {}
};
struct variable : expression {
  const char *name;
  explicit variable(const char *n) : expression(Variable), name(n) {}
};
struct unary : expression {
  any of;
  explicit unary(any e) : expression(Logarithm), of(std::move(e)) {}
};
struct binary : expression {
  any left, right;
  binary(kinds k, any l, any r) : expression(k), left(std::move(l)), right(std::move(r)) {}
};

inline bool is_number(const expression &e) { return e.kind == Number; }
inline int64_t value(const expression &e) { return static_cast<const number &>(e).value; }
inline bool is(const expression &e, int64_t n) { return is_number(e) && value(e) == n; }
inline binary &as_binary(expression &e) { return static_cast<binary &>(e); }
inline const binary &as_binary(const expression &e) { return static_cast<const binary &>(e); }
inline const expression &inner(const expression &e) { return *static_cast<const unary &>(e).of; }

inline any make_number(int64_t n) { return any(new number(n)); }
inline any make(kinds kind, any left, any right) {
  return any(new binary(kind, std::move(left), std::move(right)));
}

inline void expression::destroy(expression *e) {
  for (;;) {
    expression *next;
    switch (e->kind) {
    case Number:
      delete static_cast<number *>(e);
      return;
    case Variable:
      delete static_cast<variable *>(e);
      return;
    case Logarithm:
      next = static_cast<unary *>(e)->of.leave();
      delete static_cast<unary *>(e);
      break;
    default: {
      any left = std::move(as_binary(*e).left);
      next = as_binary(*e).right.leave();
      delete &as_binary(*e);
    }
    }
    if (!next || --next->owners)
      return;
    e = next;
  }
}

/// Sets a number that has no other owner, or makes a new one.
inline any number_in(any e, int64_t n) {
  if (!e.alone())
    return make_number(n);
  static_cast<number &>(*e).value = n;
  return e;
}
inline any number_for(any x, any y, int64_t n) {
  return x.alone() ? number_in(std::move(x), n) : number_in(std::move(y), n);
}

/// Both sides, moved out if e has no other owner.
inline std::pair<any, any> take_apart(any e) {
  binary &b = as_binary(*e);
  if (e.alone())
    return {std::move(b.left), std::move(b.right)};
  return {b.left, b.right};
}

#endif // EXPRESSION_H
