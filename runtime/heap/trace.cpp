//===- trace.cpp - The calls that a thread is in -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/trace.h"

namespace cairn {

size_t captureCalls(Thread *thread, const void **calls, size_t most, bool &noted,
                    const void *faulted) {
  constexpr size_t kOwn = 12; ///< Calls inside of the runtime.
  if (thread ? thread->capturing : !faulted)
    return 0;
  const void *all[kMostCalls + kOwn];
  if (thread)
    thread->capturing = true;
  size_t n = platform::captureStack(all, (most < kMostCalls ? most : kMostCalls) + kOwn);
  if (thread)
    thread->capturing = false;
  const void *first = faulted ? faulted : thread->note.returns;
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
