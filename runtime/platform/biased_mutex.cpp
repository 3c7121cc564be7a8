//===- biased_mutex.cpp - A lock that is cheap for one thread -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "platform/biased_mutex.h"

#if !defined(__wasm__)

#if defined(__linux__)
#include "platform/system_call.h"

#include <linux/membarrier.h>
#endif

namespace cairn::platform {

namespace {
bool ready;

bool membarrier(int command) {
#if defined(__linux__)
  return systemCall(SYS_membarrier, command) == 0;
#else
  (void)command;
  return false;
#endif
}
} // namespace

void prepareBarrier() {
#if defined(__linux__)
  __atomic_store_n(&ready, membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED), __ATOMIC_RELAXED);
#endif
}

#if !defined(CAIRN_PLAIN_MUTEX)
/// Under M: the owner, another thread, comes in by M from now on.
void BiasedMutex::takeFromOwner() {
  __atomic_store_n(&Owner, uintptr_t(0), __ATOMIC_RELAXED);
#if defined(__linux__)
  // It was granted once. If a sandbox refuses it now, what no processor holds back so
  // long has to do.
  if (!membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED)) {
    __atomic_store_n(&ready, false, __ATOMIC_RELAXED);
    sleep(10);
  }
#endif
  while (__atomic_load_n(&Inside, __ATOMIC_ACQUIRE))
    sleep(0);
}

void BiasedMutex::lockForFork() {
  M.lock();
  uintptr_t owner = __atomic_load_n(&Owner, __ATOMIC_RELAXED);
  if (owner == reinterpret_cast<uintptr_t>(__builtin_thread_pointer()))
    Owner = 0; // it is not inside
  else if (owner)
    takeFromOwner();
}

void BiasedMutex::unlockInChild() {
  Owner = Last = Usual = 0;
  Inside = false;
  Running = 0;
  Needed = kFirst;
  M.unlock();
}

void BiasedMutex::lockSlow(uintptr_t self) {
  M.lock();
  uintptr_t owner = __atomic_load_n(&Owner, __ATOMIC_RELAXED);
  if (owner && owner != self) {
    takeFromOwner();
    if (Needed < kMost)
      Needed *= 2;
  }
  if (Last != self) {
    Last = self;
    Running = 0;
  }
  if (++Running >= Needed && (!Usual || Usual == self) &&
      __atomic_load_n(&ready, __ATOMIC_RELAXED)) {
    Running = 0;
    Usual = self;
    __atomic_store_n(&Owner, self, __ATOMIC_RELAXED);
  }
}
#endif

} // namespace cairn::platform

#endif
