//===- support.cpp - What the unit tests share --------------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <cstdio>
#include <pthread.h>
#include <unistd.h>

namespace test {

Node *Misuse::node() { return static_cast<Node *>(cairn_heap_alloc(heap, &nodeType)); }

void onStack(size_t bytes, const std::function<void()> &f) {
  pthread_attr_t attr;
  ASSERT_EQ(pthread_attr_init(&attr), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attr, bytes), 0);
  pthread_t thread;
  auto run = [](void *arg) -> void * {
    (*static_cast<const std::function<void()> *>(arg))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attr, run, const_cast<void *>(static_cast<const void *>(&f))),
            0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attr);
}

namespace {
size_t fromStatm(int field) {
  FILE *f = fopen("/proc/self/statm", "r");
  unsigned long pages[2] = {};
  if (!f || fscanf(f, "%lu %lu", &pages[0], &pages[1]) != 2)
    ADD_FAILURE() << "/proc/self/statm cannot be read";
  if (f)
    fclose(f);
  return size_t(pages[field]) * size_t(sysconf(_SC_PAGESIZE));
}
} // namespace

size_t residentBytes() { return fromStatm(1); }
size_t mappedBytes() { return fromStatm(0); }

uint64_t requests() {
  uint64_t n = 0;
  for (int kind = CAIRN_FAULT_REGION; kind <= CAIRN_FAULT_METADATA; ++kind) {
    n += cairn_fault_count(cairn_fault(kind));
    cairn_fault_set(cairn_fault(kind), 0);
  }
  return n;
}

} // namespace test
