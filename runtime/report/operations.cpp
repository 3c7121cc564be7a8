//===- operations.cpp - Counts that a program executed, by function -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where the lowering was told to count operations, each function has a record of its own, and
// calls cairn_rt_count_operation before each operation. A record joins a list when it is first
// used. At exit the list is printed, the busiest function first. Records are the program's
// data: a library that has some is not unloaded before.
//
//===----------------------------------------------------------------------===//

#include "fast/fast.h"
#include "object/object.h"
#include "platform/text.h"

#include <stdlib.h>

namespace cairn {

namespace {

CountedFunction *list;

/// As of one moment; other threads may go on counting.
struct Row {
  uint64_t increfs, decrefs, lasts, allocations;
  uint64_t all() const { return increfs + decrefs + allocations; }
};

Row rowOf(CountedFunction *f) {
  auto read = [](uint64_t &n) { return __atomic_load_n(&n, __ATOMIC_RELAXED); };
  return {read(f->increfs), read(f->decrefs), read(f->lasts), read(f->allocations)};
}

void column(Text &out, uint64_t n) {
  unsigned digits = 1;
  for (uint64_t m = n; m >= 10; m /= 10)
    ++digits;
  for (; digits < 14; ++digits)
    out << " ";
  out << n;
}

void print(Text &out, const Row &row, const char *name) {
  column(out, row.increfs);
  column(out, row.decrefs);
  column(out, row.lasts);
  column(out, row.allocations);
  out << "  " << name << "\n";
}

void printAll() {
  Text out;
  out.streams = true;
  out << "       increfs       decrefs last releases   allocations  function\n";
  Row sum = {};
  for (CountedFunction *f = __atomic_load_n(&list, __ATOMIC_ACQUIRE); f; f = f->next) {
    Row row = rowOf(f);
    sum = {sum.increfs + row.increfs, sum.decrefs + row.decrefs, sum.lasts + row.lasts,
           sum.allocations + row.allocations};
  }
  print(out, sum, "(all)");
  // By selection: no memory is asked for, and there are few functions.
  for (;;) {
    CountedFunction *busiest = nullptr;
    for (CountedFunction *f = __atomic_load_n(&list, __ATOMIC_ACQUIRE); f; f = f->next)
      if (!f->printed && (!busiest || rowOf(f).all() > rowOf(busiest).all()))
        busiest = f;
    if (!busiest)
      break;
    busiest->printed = 1;
    print(out, rowOf(busiest), busiest->name);
  }
  out.flush();
}

void enlist(CountedFunction *f) {
  uint32_t no = 0;
  if (!__atomic_compare_exchange_n(&f->listed, &no, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return;
  CountedFunction *first = __atomic_load_n(&list, __ATOMIC_RELAXED);
  do
    f->next = first;
  while (!__atomic_compare_exchange_n(&list, &first, f, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
  if (!first)
    atexit(printAll);
}

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_API void cairn_rt_count_operation(CountedFunction *f, uint32_t kind, void *ref) {
  if (!__atomic_load_n(&f->listed, __ATOMIC_ACQUIRE))
    enlist(f);
  auto add = [](uint64_t &n) { __atomic_fetch_add(&n, 1, __ATOMIC_RELAXED); };
  if (kind == kCountAllocation)
    return add(f->allocations);
  if (!ref || fast::isImmediate(ref))
    return;
  if (kind == kCountIncref)
    return add(f->increfs);
  add(f->decrefs);
  const int32_t n = __atomic_load_n(fast::countOf(ref), __ATOMIC_RELAXED);
  if (n == 1 || n == -1)
    add(f->lasts);
}
