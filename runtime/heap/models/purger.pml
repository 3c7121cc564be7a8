/*===- purger.pml - The thread that gives memory back, and heaps that end --===*\
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * heap/purger.cpp: run(), eachHeap(), noteFreed(), startPurger(); heap/heap.cpp: makeHeap() and
 * cairn_heap_destroy(). Threads free into two heaps - the default one, which stays, and one
 * that a thread destroys and makes again at the same place - and the purger sweeps them.
 *
 * A heap's memory is clean, or dirty enough to be worth giving back. Space::sweep() cleans it
 * in two calls, each under the process's lock and the heap's.
 *
 * Claims: nobody touches a heap that is gone, the locks are always taken in one order and
 * nobody waits for ever, and when all is quiet no heap is dirty: a free was not missed.
 *
 * RUN: -DTHREADS=2 -DFREES=2
 * RUN: -DTHREADS=3 -DFREES=1
 * LONG: -DTHREADS=2 -DFREES=3
 * LONG: -DTHREADS=3 -DFREES=2
 *
 * Known faults. The purger does not look again after it said that it is blocked; it goes on with
 * a heap that it had before it let the locks go; a freeing thread wakes it without an exchange:
 * FAULT: -DFAULT_ONE_LOOK
 * FAULT: -DFAULT_KEEPS_HEAP
 * FAULT: -DFAULT_NO_EXCHANGE
 * A heap is destroyed without the process's lock:
 * FAULT: -DFAULT_UNLOCKED_DESTROY
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef FREES
#define FREES 3 /* of each thread */
#endif
#define NOBODY 9
#define PROCESS 2 /* after the two heaps' locks */

mtype = { NONE, BLOCKED, SWEEPING };

byte lockedBy[3] = NOBODY;
bool there[2];   /* heapAt(i) is not null */
bool mapped[2];  /* its memory and records are */
byte dirty[2];   /* 2: worth purging; 1: what one sweep leaves to the next; 0 */
bool inUse;      /* a thread of the program works in heap 1, which is not destroyed then */
mtype state = NONE;
byte posted;     /* Semaphore wake */
bool wanted;     /* purger.wanted */
byte done;

#define lock(l) atomic { lockedBy[l] == NOBODY -> lockedBy[l] = me }
#define unlock(l) lockedBy[l] = NOBODY
#define TOUCH(h) assert(mapped[h])

/* anyWorthPurging(): sets `any` */
inline anyWorthPurging() {
  any = false;
  i = 0;
  do
  :: i < 2 ->
     lock(PROCESS);
     if
     :: there[i] ->
        lock(i);
        TOUCH(i);
        any = any || dirty[i] == 2;
        unlock(i)
     :: else
     fi;
     unlock(PROCESS);
     i++
  :: else -> break
  od;
  i = 0
}

proctype purger() {
  byte me = 8, i;
  bool any, again;
  do
  :: /* eachHeap(sweep) */
     i = 0;
     do
     :: i < 2 ->
        again = true;
#ifdef FAULT_KEEPS_HEAP
        bool had = there[i];
#endif
        do
        :: again ->
           lock(PROCESS); /* it may be destroyed in between */
           if
#ifdef FAULT_KEEPS_HEAP
           :: had ->
#else
           :: there[i] ->
#endif
              lock(i);
              TOUCH(i);
              if /* Space::sweep() */
              :: dirty[i] == 2 -> dirty[i] = 1
              :: dirty[i] == 1 -> dirty[i] = 0; again = false
              :: dirty[i] == 0 -> again = false
              fi;
              unlock(i)
           :: else -> again = false
           fi;
           unlock(PROCESS)
        :: else -> break
        od;
        i++
     :: else -> break
     od;
     i = 0;
     anyWorthPurging();
     if
     :: !any ->
        state = BLOCKED;
#ifndef FAULT_ONE_LOOK
        anyWorthPurging();
#endif
        atomic {
          if
          :: any && state == BLOCKED -> state = SWEEPING; again = true
          :: else -> again = false
          fi
        }
        if
        :: !again ->
end:       atomic { posted > 0 -> posted-- } /* wake.wait() */
           assert(state == SWEEPING)
        :: again
        fi
     :: any /* platform::sleep(), and once more */
     fi
  od
}

/* Under the heap's lock. */
inline noteFreed(h) {
  TOUCH(h);
  dirty[h] = 2;
  seen = state;
  if
  :: seen == SWEEPING
  :: seen == BLOCKED ->
#ifdef FAULT_NO_EXCHANGE
     state = SWEEPING;
     posted++
#else
     atomic {
       if
       :: state == BLOCKED -> state = SWEEPING; posted++
       :: else
       fi
     }
#endif
     assert(posted <= 1)
  :: seen == NONE -> wanted = true
  fi
}

/* startPurgerIfWanted(), where nothing is locked */
inline startPurger() {
  if
  :: wanted ->
     wanted = false;
     atomic {
       if
       :: state == NONE -> state = SWEEPING; run purger()
       :: else
       fi
     }
  :: else
  fi
}

/* A thread of the program: thread 0 destroys heap 1, and makes another in its place. */
active [THREADS] proctype thread() {
  byte me = _pid, frees;
  mtype seen;
  atomic {
    if
    :: me == 0 -> there[0] = true; mapped[0] = true; there[1] = true; mapped[1] = true
    :: else -> mapped[1] /* begins when there are heaps */
    fi
  }
  do
  :: frees < FREES -> /* a free that leaves the default heap dirty */
     frees++;
     lock(0);
     noteFreed(0);
     unlock(0);
     startPurger()
  :: frees < FREES -> /* the same in the heap that may go: who frees there keeps it */
     frees++;
     if
     :: atomic { there[1] && !inUse -> inUse = true }
        lock(1);
        noteFreed(1);
        unlock(1);
        inUse = false;
        startPurger()
     :: true
     fi
  :: frees < FREES && me == 0 -> /* cairn_heap_destroy(): the program is done with it */
     frees++;
     atomic { !inUse -> inUse = true }
#ifndef FAULT_UNLOCKED_DESTROY
     lock(PROCESS);
#endif
     there[1] = false;
     mapped[1] = false; /* releaseHeap() */
     dirty[1] = 0;
#ifndef FAULT_UNLOCKED_DESTROY
     unlock(PROCESS);
#endif
     /* cairn_heap_create(), which takes the index that came free */
     lock(PROCESS);
     mapped[1] = true;
     there[1] = true;
     unlock(PROCESS);
     inUse = false
  :: frees == FREES -> break
  od;
  done++
}

/* When the threads are done and nothing else can go on, everything is clean. */
active proctype quiet() {
  atomic {
    timeout ->
    assert(done == THREADS);
    assert(state == NONE || (dirty[0] < 2 && dirty[1] < 2))
  }
}
