//===- trace.cpp - The calls that a thread is in -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/trace.h"

namespace cairn {

namespace {
uint32_t capturing; ///< Threads that look at their stacks.
bool held;

/// While it lives, a fork waits; false: one is going on.
struct Capture {
  Capture() {
    __atomic_add_fetch(&capturing, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&held, __ATOMIC_SEQ_CST)) {
      __atomic_sub_fetch(&capturing, 1, __ATOMIC_SEQ_CST);
      may = false;
    }
  }
  ~Capture() {
    if (may)
      __atomic_sub_fetch(&capturing, 1, __ATOMIC_SEQ_CST);
  }
  bool may = true;
};
} // namespace

void holdCaptures() {
  __atomic_store_n(&held, true, __ATOMIC_SEQ_CST);
  // A handler of a signal may fork while its thread is in the middle of it, so not for ever.
  for (int i = 0; i < 500 && __atomic_load_n(&capturing, __ATOMIC_SEQ_CST); ++i)
    platform::sleep(1);
}

void letCaptures(bool child) {
  if (child)
    __atomic_store_n(&capturing, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&held, false, __ATOMIC_SEQ_CST);
}

size_t captureCalls(Thread *thread, const void **calls, size_t most, bool &noted,
                    const void *faulted) {
  constexpr size_t kOwn = 12; ///< Calls inside of the runtime.
  if (thread ? thread->capturing : !faulted)
    return 0;
  const void *all[kMostCalls + kOwn];
  if (thread)
    thread->capturing = true;
  const void *first = faulted ? faulted : thread->note.returns;
  const size_t wanted = most < kMostCalls ? most : kMostCalls;
  size_t n = 0;
  if (Capture capture; capture.may)
    n = platform::captureStack(all, wanted + kOwn, first, wanted);
  if (thread)
    thread->capturing = false;
  size_t from = 0, count = 0;
  while (first && from < n && all[from] != first)
    ++from;
  if (first && from < n)
    noted |= !faulted; // a call that has not returned
  else if (noted && first)
    all[0] = first, from = 0, n = 1;
  else
    from = 0;
  for (; from < n && count < most; ++from)
    calls[count++] = all[from];
  return count;
}

} // namespace cairn
