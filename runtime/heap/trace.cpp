//===- trace.cpp - The calls that a thread is in -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/trace.h"

namespace cairn {

static bool tracesReady;

void startTraces() { __atomic_store_n(&tracesReady, true, __ATOMIC_RELAXED); }

size_t captureCalls(Thread *thread, const void **calls, size_t most, bool &noted, bool inCall) {
  constexpr size_t kOwn = 8; ///< Calls inside of the runtime, as optimised.
  if (!thread || thread->capturing)
    return 0;
  const void *all[kMostCalls + kOwn];
  size_t room = (most < kMostCalls ? most : kMostCalls) + kOwn;
  thread->capturing = true;
  size_t n = __atomic_load_n(&tracesReady, __ATOMIC_RELAXED) ? platform::captureStack(all, room)
                                                             : 0,
         from = 0, count = 0;
  thread->capturing = false;
  const void *returns = thread->note.returns;
  while (inCall && returns && from < n && all[from] != returns)
    ++from;
  if (inCall && returns && from < n)
    noted = true; // a call that has not returned
  else if (noted && returns)
    all[0] = returns, from = 0, n = 1;
  else
    from = 0;
  for (; from < n && count < most; ++from)
    calls[count++] = all[from];
  return count;
}

} // namespace cairn
