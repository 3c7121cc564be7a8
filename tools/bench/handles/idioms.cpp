//===- idioms.cpp - Ways in which people use cairn::ref ---------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   idioms NAME handles|borrows ROUNDS
//
// Each idiom is there with handles, as it is written first, and with raw pointers wherever the
// caller keeps the object alive anyway, as somebody writes it who counts the counts. Both do
// the same. ../handles.py prints how many counts each executes.
//
//===----------------------------------------------------------------------===//
#include <cairn.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

struct node {
  node(long value, cairn::ref<node> left, cairn::ref<node> right)
      : left(std::move(left)), right(std::move(right)), value(value) {}
  cairn::ref<node> left, right;
  long value;
};
CAIRN_TYPE(node_type, node, left, right);
using handle = cairn::ref<node>;

struct holder {
  handle kept;
  handle get() const { return kept; }
  const handle &look() const { return kept; }
  void set(handle other) { kept = std::move(other); }
};

static handle tree(int depth) {
  return depth ? cairn::make<node>(node_type, depth, tree(depth - 1), tree(depth - 1)) : handle();
}
static handle list(int length) {
  handle all;
  for (int i = 0; i < length; ++i)
    all = cairn::make<node>(node_type, i, all, nullptr);
  return all;
}

static handle a, b;
static holder box;
static std::vector<handle> many;

// An argument by value, of a function that only reads.
static long read_value(handle p) { return p->value; }
static long read_pointer(const node *p) { return p->value; }
__attribute__((noinline)) static long by_value_handles(long) { return read_value(a); }
__attribute__((noinline)) static long by_value_borrows(long) { return read_pointer(a.get()); }

// The same, of a function that is not inlined.
__attribute__((noinline)) static long far_value(handle p) { return p->value; }
__attribute__((noinline)) static long far_pointer(const node *p) { return p->value; }
static long call_handles(long) { return far_value(a); }
static long call_borrows(long) { return far_pointer(a.get()); }

// An argument by reference.
__attribute__((noinline)) static long far_reference(const handle &p) { return p->value; }
static long by_reference_handles(long) { return far_reference(a); }
static long by_reference_borrows(long) { return far_pointer(a.get()); }

// A walk with a handle.
__attribute__((noinline)) static long walk_handles(long) {
  long sum = 0;
  for (handle p = a; p; p = p->left)
    sum += p->value;
  return sum;
}
__attribute__((noinline)) static long walk_borrows(long) {
  long sum = 0;
  for (const node *p = a.get(); p; p = p->left.get())
    sum += p->value;
  return sum;
}

// A second name.
__attribute__((noinline)) static long alias_handles(long n) {
  handle p = a, q = p;
  return q->value + n;
}
__attribute__((noinline)) static long alias_borrows(long n) { return a->value + n; }

// A getter that returns a copy.
__attribute__((noinline)) static long getter_handles(long) { return box.get()->value; }
__attribute__((noinline)) static long getter_borrows(long) { return box.look()->value; }

// One of two.
__attribute__((noinline)) static long choice_handles(long n) {
  handle p = n & 1 ? a : b;
  return p->value;
}
__attribute__((noinline)) static long choice_borrows(long n) {
  const node *p = n & 1 ? a.get() : b.get();
  return p->value;
}

// A swap by copies.
__attribute__((noinline)) static long exchange_handles(long) {
  handle t = a;
  a = b;
  b = t;
  return a->value;
}
__attribute__((noinline)) static long exchange_borrows(long) {
  a.swap(b);
  return a->value;
}

// A loop over a container, by value.
__attribute__((noinline)) static long range_handles(long) {
  long sum = 0;
  for (auto p : many)
    sum += p->value;
  return sum;
}
__attribute__((noinline)) static long range_borrows(long) {
  long sum = 0;
  for (const auto &p : many)
    sum += p->value;
  return sum;
}

// A recursion by value.
static long sum_handle(handle p) {
  return p ? sum_handle(p->left) + sum_handle(p->right) + p->value : 0;
}
static long sum_pointer(const node *p) {
  return p ? sum_pointer(p->left.get()) + sum_pointer(p->right.get()) + p->value : 0;
}
__attribute__((noinline)) static long recursion_handles(long) { return sum_handle(b); }
__attribute__((noinline)) static long recursion_borrows(long) { return sum_pointer(b.get()); }

// A lambda that captures by value, and is called at once.
template <typename F> static long call(F f) { return f(); }
__attribute__((noinline)) static long capture_handles(long n) {
  handle p = a;
  return call([p, n] { return p->value + n; });
}
__attribute__((noinline)) static long capture_borrows(long n) {
  const node *p = a.get();
  return call([p, n] { return p->value + n; });
}

// A setter whose argument is stored.
__attribute__((noinline)) static long setter_handles(long n) {
  handle p = n & 1 ? a : b;
  box.set(p);
  return n;
}
__attribute__((noinline)) static long setter_borrows(long n) {
  box.set(n & 1 ? a : b);
  return n;
}

static const struct {
  const char *name;
  long (*handles)(long), (*borrows)(long);
} kIdioms[] = {
#define IDIOM(NAME)                                                                                \
  { #NAME, NAME##_handles, NAME##_borrows }
    IDIOM(by_value), IDIOM(call),      IDIOM(by_reference), IDIOM(walk),
    IDIOM(alias),    IDIOM(getter),    IDIOM(choice),       IDIOM(exchange),
    IDIOM(range),    IDIOM(recursion), IDIOM(capture),      IDIOM(setter),
#undef IDIOM
};

int main(int argc, char **argv) {
  if (argc < 4) {
    for (const auto &each : kIdioms)
      std::puts(each.name);
    return 0;
  }
  a = list(10);
  b = tree(4);
  box.set(a);
  many.assign(10, a);
  long sum = 0;
  for (const auto &each : kIdioms)
    if (!std::strcmp(each.name, argv[1]))
      for (long n = 0; n < std::atol(argv[3]); ++n)
        sum += (argv[2][0] == 'h' ? each.handles : each.borrows)(n);
  std::printf("%ld\n", sum);
  many.clear();
  a = b = box.kept = nullptr;
  return 0;
}
