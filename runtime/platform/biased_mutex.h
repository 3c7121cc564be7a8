//===- biased_mutex.h - A lock that is cheap for one thread -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mutex whose usual owner, the first thread that took it many times running, takes it without
// an atomic read-modify-write: such an instruction waits for all stores before it, and a
// program has just written to its blocks.
//
//   owner, fast   inside = true; look at `owner` again
//   others        M; owner = none; a barrier in every thread of the process; wait for
//                 inside = false
//
// The barrier is the system's (membarrier): after it, either the owner has seen that it is
// none, or the other thread sees it inside. Without that call nobody ever becomes owner.
//
// Invariant: who holds it has M, or is `owner` and inside; never both in two threads.
//
// Nobody else is ever made owner. An owner that the lock was taken from may have been stopped
// between its looks: it still says that it is inside, and then that it is not, and would say
// so of a new owner. In the child of a fork it never goes on: what it said is forgotten there,
// for a thread of the child may have its pointer.
//
// models/owner_lock.pml is a model of this.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_BIASED_MUTEX_H
#define CAIRN_PLATFORM_BIASED_MUTEX_H

#include "platform/platform.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CAIRN_PLAIN_MUTEX 1 // the sanitizer knows no barrier of the whole process
#endif
#endif

namespace cairn::platform {

#if defined(__wasm__) || defined(CAIRN_PLAIN_MUTEX)
using BiasedMutex = Mutex;
#else
class BiasedMutex {
public:
  void lock() {
    uintptr_t self = reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
    if (__builtin_expect(__atomic_load_n(&Owner, __ATOMIC_RELAXED) == self, 1)) {
      __atomic_store_n(&Inside, true, __ATOMIC_RELAXED);
      __atomic_signal_fence(__ATOMIC_SEQ_CST);
      if (__builtin_expect(__atomic_load_n(&Owner, __ATOMIC_ACQUIRE) == self, 1)) {
        Fast = true;
        return;
      }
      __atomic_store_n(&Inside, false, __ATOMIC_RELEASE);
    }
    lockSlow(self);
  }
  void unlock() {
    if (__builtin_expect(!Fast, 0)) {
      M.unlock();
      return;
    }
    Fast = false;
    __atomic_store_n(&Inside, false, __ATOMIC_RELEASE);
  }

  /// As lock(), and nobody is its owner afterwards: it is held as a plain lock is.
  void lockForFork();
  /// As unlock() after lockForFork(), in the child: the lock is as it was when it was made.
  void unlockInChild();

private:
  void takeFromOwner();
  /// Locks running that make the thread the owner; twice as many after each that had to be
  /// waited for, so that threads which take turns stay with M.
  static constexpr unsigned kFirst = 64, kMost = 1 << 14;
  void lockSlow(uintptr_t self);

  uintptr_t Owner = 0; ///< `Usual`, or none.
  bool Inside = false; ///< Written by `Usual` alone.
  bool Fast = false;   ///< The holder came in as the owner. Under the lock, as are:
  unsigned Running = 0, Needed = kFirst;
  uintptr_t Last = 0, Usual = 0; ///< Thread pointers.
  Mutex M;
};
#endif

/// Before the first lock, and in the child of a fork: asks the system for its barrier.
void prepareBarrier();

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_BIASED_MUTEX_H
