//===- unwinding.cpp - Exceptions that pass frames with references ----------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===------------------------------------------------------------------------===//
//
// What a frame holds in registers and in slots is released when an exception passes it,
// whether the frame has a handler, a handler that does not fit, a destructor or nothing.
//
//===------------------------------------------------------------------------===//
#include <cairn/managed.h>

#include "live.h"

struct cell;
typedef cell cairn_managed *node;
struct cell {
  node left, right;
  int64_t key;
};
CAIRN_TYPE(node_type, cell, left, right);

struct two {
  node a, b;
  int64_t n;
};

static node make(int64_t key, node left, node right) {
  node n = static_cast<node>(cairn_ref_new(&node_type));
  n->left = left;
  n->right = right;
  n->key = key;
  return n;
}

struct Guard {
  int64_t *count;
  ~Guard() { ++*count; }
};

[[gnu::noinline]] static int64_t may_throw(node n, int64_t limit) {
  if (n->key >= limit)
    throw n->key;
  return n->key;
}

[[gnu::noinline]] static void fill(two &t, int64_t key, int64_t limit) {
  t.a = make(key, nullptr, nullptr);
  may_throw(t.a, limit);
  t.b = make(key + 1, t.a, nullptr);
  may_throw(t.b, limit);
}

// Neither handler nor destructor: the frame is only passed.
[[gnu::noinline]] static int64_t bare(int64_t key, int64_t limit) {
  node n = make(key, nullptr, nullptr), m = make(key + 1, n, n);
  int64_t s = may_throw(n, limit);
  s += may_throw(m, limit);
  return s + m->left->key;
}

[[gnu::noinline]] static int64_t slots(int64_t key, int64_t limit) {
  two t = {}, u = {};
  fill(t, key, limit);
  u = t;
  fill(u, key + 1, limit);
  return t.b->key + u.b->key;
}

[[gnu::noinline]] static int64_t guarded(int64_t key, int64_t limit, int64_t *count) {
  Guard g{count};
  node n = make(key, nullptr, nullptr);
  return may_throw(n, limit) + may_throw(make(key + 1, n, nullptr), limit);
}

// A handler that does not fit: the frame is passed as well.
[[gnu::noinline]] static int64_t other(int64_t key, int64_t limit) {
  node n = make(key, nullptr, nullptr);
  try {
    return may_throw(n, limit) + may_throw(make(key + 1, n, nullptr), limit);
  } catch (const char *) {
    return n->key;
  }
}

[[gnu::noinline]] static int64_t handled(int64_t key, int64_t limit) {
  node n = make(key, nullptr, nullptr), last = nullptr;
  try {
    for (int64_t i = 0;; ++i) {
      last = make(key + i, last, n);
      may_throw(last, limit);
    }
  } catch (int64_t k) {
    return k + last->key + n->key;
  }
}

[[gnu::noinline]] static two pair(int64_t key, int64_t limit) {
  two t = {make(key, nullptr, nullptr), nullptr, 0};
  fill(t, key + 1, limit);
  return t;
}

struct three {
  node a, b, c;
};

[[gnu::noinline]] static three triple(int64_t key, int64_t limit) {
  three t = {make(key, nullptr, nullptr), nullptr, nullptr};
  t.b = make(key + 1, t.a, nullptr);
  may_throw(t.b, limit);
  t.c = make(key + 2, t.b, t.a);
  may_throw(t.c, limit);
  return t;
}

[[gnu::noinline]] static int64_t results(int64_t key, int64_t limit) {
  two t = pair(key, limit);
  three u = triple(key + 1, limit);
  t = pair(key + 2, limit);
  return t.a->key + u.c->key;
}

template <typename F> static void show(const char *name, F f) {
  int64_t sum = 0, thrown = 0;
  for (int64_t limit = 0; limit < 8; ++limit)
    try {
      sum += f(limit);
    } catch (int64_t k) {
      thrown = thrown * 10 + k + 1;
    }
  printf("%s: %" PRId64 ", thrown %" PRId64 ", %d left\n", name, sum, thrown, (int)live());
}

int main() {
  int64_t count = 0;
  show("bare", [](int64_t limit) { return bare(1, limit); });
  show("slots", [](int64_t limit) { return slots(1, limit); });
  show("guarded", [&](int64_t limit) { return guarded(1, limit, &count); });
  show("other", [](int64_t limit) { return other(1, limit); });
  show("handled", [](int64_t limit) { return handled(1, limit); });
  show("results", [](int64_t limit) { return results(1, limit); });
  printf("%" PRId64 " guards\n", count);
}
