//===- purger.h - The thread that gives memory back -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Freed memory stays backed for the program's next phase. A thread of the process, made
// when a heap first has more of it than is worth keeping, sweeps the heaps once in a
// delay: what was free at two sweeps running goes back. It blocks while no heap has that
// much. In a sweep it holds the process's lock and a heap's, for 1 MiB at a time, and no
// cache's.
//
// Without it (the delay is 0, the system refuses the thread again and again, or the process runs
// under a filter of its system calls, which may end a process that makes one), a free that leaves
// too much gives everything back itself.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_PURGER_H
#define CAIRN_HEAP_PURGER_H

#include "heap/heap.h"

namespace cairn {

/// Under the heap's lock: memory came free in it.
void noteFreed(Heap *heap);
/// Under the heap's lock: memory was taken from it.
inline void noteTaken(Heap *heap);

/// Where nothing is locked, in a free or an allocation: makes the thread if it is wanted.
inline void startPurgerInFree();
inline void startPurgerIfWanted();

/// The process's malloc: the thread is not made in a free, as the C library frees under
/// the locks that it makes threads under. Instead it is made early, when a heap has
/// grown so large that it is likely to be wanted.
void startPurgerEarly();

/// The environment's wish, once; 0 is no thread.
void readPurgeDelay();
void setPurgeDelay(unsigned milliseconds); ///< For tests.

/// The child of a fork has no thread.
void forgetPurger();

struct Purger {
  bool wanted;      ///< To be made where nothing is locked.
  bool notInFrees;  ///< startPurgerEarly()
  uint64_t earlyAt; ///< Used granules at which the thread is wanted.
};
extern Purger purger;
void startPurger();

inline void noteTaken(Heap *heap) {
  if (CAIRN_UNLIKELY(heap->space.used() >= __atomic_load_n(&purger.earlyAt, __ATOMIC_RELAXED)))
    __atomic_store_n(&purger.wanted, true, __ATOMIC_RELAXED);
}
inline void startPurgerIfWanted() {
  if (CAIRN_UNLIKELY(__atomic_load_n(&purger.wanted, __ATOMIC_RELAXED)))
    startPurger();
}
inline void startPurgerInFree() {
  if (CAIRN_UNLIKELY(__atomic_load_n(&purger.wanted, __ATOMIC_RELAXED)) &&
      !__atomic_load_n(&purger.notInFrees, __ATOMIC_RELAXED))
    startPurger();
}

} // namespace cairn

#endif // CAIRN_HEAP_PURGER_H
