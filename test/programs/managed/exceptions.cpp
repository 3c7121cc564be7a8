/*===- exceptions.cpp - Exceptions through frames that have references ------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * References that are alive when a call throws are released on the way out, caught or
 * not, in frames with handlers and clean-ups and in frames without any. C++ uses
 * managed pointers as C does.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdexcept>
#include <string>

#include "live.h"

namespace {

struct cell;
typedef cell cairn_managed *node;
struct cell {
  node next;
  int64_t value;
};
CAIRN_TYPE(cell_type, cell, next);

node make(int64_t value, node next) {
  node n = static_cast<node>(cairn_ref_new(&cell_type));
  n->value = value;
  n->next = next;
  return n;
}

__attribute__((noinline)) int64_t check(node n, int64_t limit) {
  if (n->value > limit)
    throw std::out_of_range("over " + std::to_string(limit));
  return n->value;
}

// No handler and no clean-up of its own: the references alone need one.
__attribute__((noinline)) int64_t through(node n, int64_t limit) {
  node a = make(n->value + 1, n), b = make(n->value + 2, a);
  int64_t sum = check(a, limit);
  a = nullptr;
  sum += check(b, limit);
  return sum + b->next->value;
}

// With clean-ups of C++'s.
struct Scope {
  int &depth;
  explicit Scope(int &d) : depth(d) { ++depth; }
  ~Scope() { --depth; }
};
int depth, deepest;
__attribute__((noinline)) int64_t recursive(int n, node list, int64_t limit) {
  Scope scope(depth);
  if (depth > deepest)
    deepest = depth;
  node more = make(n, list);
  if (n == 0)
    return through(more, limit);
  int64_t sum = recursive(n - 1, more, limit);
  return sum + more->value;
}

// Caught here; what the handler makes and what lived before it go on.
__attribute__((noinline)) int64_t caught(int64_t limit) {
  node kept = make(5, nullptr);
  node seen = nullptr;
  int64_t sum = 0;
  for (int64_t i = 0; i < 10; ++i) {
    node temporary = make(i, kept);
    try {
      seen = make(i, seen);
      sum += through(temporary, limit);
      kept = temporary;
    } catch (const std::out_of_range &e) {
      sum = sum * 3 + e.what()[5];
      seen = seen->next;
      if (i == 8)
        return sum + seen->value;
    }
  }
  for (; kept; kept = kept->next)
    sum += kept->value;
  return sum + (seen ? seen->value : 0);
}

// Thrown on, from a handler and as another exception.
__attribute__((noinline)) void rethrows(int how, node n) {
  node mine = make(how, n);
  try {
    check(mine, -1);
  } catch (...) {
    node in_handler = make(how * 2, mine);
    if (how == 1)
      throw;
    if (how == 2)
      throw in_handler->value + mine->value;
  }
  check(mine, -1);
}

// A slot on the stack is emptied on the way out as well.
__attribute__((noinline)) void fill(node *slots, int n) {
  for (int i = 0; i < n; ++i)
    slots[i] = make(i, i ? slots[i - 1] : nullptr);
  check(slots[n - 1], 2);
}
__attribute__((noinline)) int64_t slots(int n) {
  node all[6] = {};
  fill(all, n);
  return all[n - 1]->value;
}

// Functions that call each other in turn become jumps, with handlers in them.
node odd(int64_t n) noexcept;
__attribute__((noinline)) node even(int64_t n) noexcept {
  if (!n)
    return nullptr;
  int64_t value = n;
  try {
    if (n % 3 == 0)
      throw n;
  } catch (int64_t caught) {
    value = -caught;
  }
  node made = make(value, nullptr);
  made->next = odd(n - 1);
  return made;
}
__attribute__((noinline)) node odd(int64_t n) noexcept {
  if (!n)
    return nullptr;
  node made = make(2 * n, nullptr);
  made->next = even(n - 1);
  return made;
}

} // namespace

int main() {
  for (int64_t limit : {3, 7, 100})
    printf("caught %" PRId64 "\n", caught(limit));
  at_most("after caught", 0);
  for (int64_t limit : {0, 1, 2, 3}) {
    try {
      printf("recursive %" PRId64 "\n", recursive(10, nullptr, limit));
    } catch (const std::exception &e) {
      printf("recursive: %s\n", e.what());
    }
  }
  printf("deepest %d, depth %d\n", deepest, depth);
  at_most("after recursive", 0);
  for (int how : {0, 1, 2}) {
    try {
      rethrows(how, make(how, nullptr));
    } catch (int64_t value) {
      printf("rethrows %" PRId64 "\n", value);
    } catch (const std::exception &e) {
      printf("rethrows: %s\n", e.what());
    }
  }
  for (int n : {2, 6}) {
    try {
      printf("slots %" PRId64 "\n", slots(n));
    } catch (const std::exception &e) {
      printf("slots: %s\n", e.what());
    }
  }
  int64_t sum = 0;
  for (node n = even(20); n; n = n->next)
    sum = 3 * sum + n->value;
  printf("in turn %" PRId64 "\n", sum);
  at_most("the end", 0);
  return 0;
}
