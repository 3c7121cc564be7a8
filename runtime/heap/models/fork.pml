/*===- fork.pml - fork in a process with threads ---------------------------===*\
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * heap/thread.cpp: beforeFork(), afterFork(), inChild(); platform.h: heldForFork(). Thread 0
 * forks. The others do, again and again, what takes several of the locks: an allocation on its
 * slow path, a destroyed heap, a free that wakes another cache's slab, and fflush(NULL) of a
 * stream whose reader allocates, which holds the C library's list of streams meanwhile.
 *
 * A lock guards two words that are equal unless its holder is in between. The child has thread
 * 0 alone, and what the others held at the fork stays held in it.
 *
 * Claims: nobody waits for ever in the parent; in the child every lock is free, or comes free
 * by its thread, and what the locks guard is whole; a handler of somebody else's that runs
 * between ours and the fork may allocate.
 *
 * RUN: -DTHREADS=2
 * RUN: -DTHREADS=3
 * LONG: -DTHREADS=3 -DROUNDS=4
 *
 * Known faults. The heap is locked before the list of streams; heaps before caches; nothing is:
 * FAULT: -DFAULT_HEAP_FIRST
 * FAULT: -DFAULT_ORDER
 * FAULT: -DFAULT_NO_LOCKS
 * What the fork holds is locked for its own thread too:
 * FAULT: -DFAULT_NO_HOLDER
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2 /* of each thread */
#endif
#define NOBODY 9

/* The locks, outermost first as a rule: heap.h. */
#define STREAMS 0 /* the C library's list of streams */
#define PROCESS 1
#define CACHE 2
#define HEAP 3
#define METADATA 4 /* stands for those of stacks, the table and statics as well */
#define LOCKS 5

byte lockedBy[LOCKS] = NOBODY;
byte first[LOCKS], second[LOCKS]; /* what each guards */
byte forkHolder = NOBODY;
bool inChild; /* from here on this is the child: the others are gone */

#define HELD_FOR_FORK(l) (forkHolder == me && l != STREAMS) /* Mutex::heldForFork() */
#define lock(l) atomic {                                                       \
    HELD_FOR_FORK(l) || lockedBy[l] == NOBODY ->                               \
    lockedBy[l] = (HELD_FOR_FORK(l) -> lockedBy[l] : me)                       \
  }
#define unlock(l) d_step {                                                     \
    assert(lockedBy[l] == me);                                                 \
    lockedBy[l] = (HELD_FOR_FORK(l) -> me : NOBODY)                            \
  }
/* A change of what is guarded, in two steps. */
inline change(l) {
  assert(first[l] == second[l]);
  first[l] = 1 - first[l];
  second[l] = 1 - second[l]
}

/* cache.cpp: allocateSlot(), takeUp(), makeSlab(); stack.cpp: growStack() */
inline allocate() {
  lock(CACHE);
  change(CACHE);
  lock(METADATA);
  change(METADATA);
  unlock(METADATA);
  lock(HEAP);
  change(HEAP);
  unlock(HEAP);
  unlock(CACHE)
}
/* heap.cpp: cairn_heap_destroy() and create(); thread.cpp: retire() */
inline endThread() {
  lock(PROCESS);
  change(PROCESS);
  lock(CACHE);
  change(CACHE);
  lock(HEAP);
  change(HEAP);
  unlock(HEAP);
  unlock(CACHE);
  unlock(PROCESS)
}
/* glibc: fflush(NULL) waits for a stream, whose reader waits for memory. The reader's wait is
   done here by the thread itself. */
inline flushAll() {
  lock(STREAMS);
  lock(HEAP);
  change(HEAP);
  unlock(HEAP);
  unlock(STREAMS)
}

inline work() {
  if
  :: allocate()
  :: endThread()
  :: flushAll()
  fi
}

inline lockAll() {
#ifdef FAULT_NO_LOCKS
  skip
#else
#ifdef FAULT_HEAP_FIRST
  lock(PROCESS);
  lock(CACHE);
  lock(HEAP);
  lock(METADATA);
  lock(STREAMS)
#else
  lock(STREAMS);
  lock(PROCESS);
#ifdef FAULT_ORDER
  lock(HEAP);
  lock(CACHE);
#else
  lock(CACHE);
  lock(HEAP);
#endif
  lock(METADATA)
#endif
#ifndef FAULT_NO_HOLDER
  ;
  forkHolder = me
#endif
#endif
}
inline unlockAll() {
#ifndef FAULT_NO_LOCKS
  forkHolder = NOBODY;
  unlock(METADATA);
  unlock(HEAP);
  unlock(CACHE);
  unlock(PROCESS);
  unlock(STREAMS)
#else
  skip
#endif
}

active [THREADS - 1] proctype thread() {
  byte me = _pid + 1, rounds;
  {
    do
    :: rounds < ROUNDS -> rounds++; work()
    :: break
    od
  } unless { inChild }
}

active proctype forking() {
  byte me = 0, i;
  lockAll();
  /* Handlers that others registered before ours run after it. */
  if
  :: true -> allocate()
  :: true
  fi;
  if
  :: inChild = true /* fork() returned 0: the C library resets the list of streams */
#ifndef FAULT_NO_LOCKS
     ;
     lockedBy[STREAMS] = me /* platform::resetStreams(), and unlocked below */
#else
     ;
     lockedBy[STREAMS] = NOBODY
#endif
  :: skip /* this is the parent */
  fi;
  unlockAll();
  work()
}
