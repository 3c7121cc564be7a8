/*===- owner_lock.pml - The lock that is cheap for one thread --------------===*\
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * platform/biased_mutex.h and .cpp: lock(), unlock(), lockSlow(), takeFromOwner(), and, with
 * FORK, lockForFork() and what the child of a fork finds.
 *
 * The way in rests on a store, Inside, that its processor may keep back while it reads Owner.
 * So stores of Inside go through a buffer, as on x86 (TSO): the thread's own steps go on, and
 * memory changes when the buffer is written out, at any time, and by the system's barrier.
 * M is a plain mutex, whose instructions write the buffer out too.
 *
 * Claims: one holder at a time; who came by M does not find Fast; nobody waits for ever (Spin's
 * invalid end states).
 *
 * RUN: -DTHREADS=2
 * RUN: -DTHREADS=3
 * RUN: -DFORK
 * LONG: -DTHREADS=3 -DROUNDS=6
 *
 * Known faults. Any thread may become owner, so that there can be two:
 * FAULT: -DFAULT_TWO_OWNERS
 * FAULT: -DTHREADS=3 -DFAULT_TWO_OWNERS
 * Who takes the lock from its owner has no barrier; the owner does not look again:
 * FAULT: -DFAULT_NO_BARRIER
 * FAULT: -DFAULT_NO_SECOND_LOOK
 * The child of a fork keeps what a thread that is gone said of itself:
 * FAULT: -DFORK -DFAULT_CHILD_KEEPS
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef NEEDED
#define NEEDED 2 /* kFirst: locks running that make an owner */
#endif
#ifndef ROUNDS
#define ROUNDS 4 /* of each thread */
#endif
#define NONE 9

byte Owner = NONE, Usual = NONE, Last = NONE;
bool Inside, Fast;
byte Running;
byte M = NONE;
byte holders;
#ifdef FORK
bool forked; /* threads but 0 are gone, and thread 3 - a new one - has thread 1's pointer */
#endif

/* The store buffer of the one store that matters: at most two are on their way. */
typedef Buffer { byte n; bool first, second }
Buffer buffer[THREADS];

inline store(value) {
  atomic {
    if
    :: buffer[me].n == 2 -> Inside = buffer[me].first; buffer[me].first = buffer[me].second
    :: else -> buffer[me].n++
    fi;
    if
    :: buffer[me].n == 1 -> buffer[me].first = value
    :: else -> buffer[me].second = value
    fi
  }
}
inline writeOut(t) {
  d_step {
    if
    :: buffer[t].n == 2 -> Inside = buffer[t].second
    :: buffer[t].n == 1 -> Inside = buffer[t].first
    :: else
    fi;
    buffer[t].n = 0;
    buffer[t].first = false;
    buffer[t].second = false
  }
}

/* A processor writes its oldest store out when it likes. */
#define OLDEST(t) d_step {                                                     \
    buffer[t].n > 0 ->                                                         \
    Inside = buffer[t].first;                                                  \
    buffer[t].first = buffer[t].second;                                        \
    buffer[t].second = false;                                                  \
    buffer[t].n--                                                              \
  }
active proctype memory() {
end:
  do
  :: OLDEST(0)
  :: OLDEST(1)
#if THREADS > 2
  :: OLDEST(2)
#endif
  od
}

inline lockM() { atomic { M == NONE -> M = me; writeOut(me) } }
inline unlockM() { atomic { writeOut(me); M = NONE } }

/* membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED), and the wait */
inline takeFromOwner() {
  Owner = NONE;
#ifndef FAULT_NO_BARRIER
  d_step {
    for (i : 0 .. THREADS - 1) {
      writeOut(i)
    }
    i = 0
  }
#endif
  Inside == false
}

inline lockSlow() {
  lockM();
  if
  :: Owner != NONE && Owner != self -> takeFromOwner()
  :: else
  fi;
  d_step {
    if
    :: Last != self -> Last = self; Running = 0
    :: else
    fi;
    Running++;
    become = Running >= NEEDED;
#ifndef FAULT_TWO_OWNERS
    become = become && (Usual == NONE || Usual == self);
#endif
    if
    :: become -> Running = 0; Usual = self
    :: Running > NEEDED -> Running = NEEDED
    :: else
    fi
  }
  if
  :: become -> Owner = self
  :: else
  fi;
  become = false
}

inline lock() {
  if
  :: Owner == self ->
     store(true);
#ifndef FAULT_NO_SECOND_LOOK
     if
     :: Owner == self ->
        d_step { in = true; Fast = true }
     :: else -> store(false)
     fi
#else
     in = true;
     Fast = true
#endif
  :: else
  fi;
  if
  :: !in -> lockSlow()
  :: else
  fi
}

inline unlock() {
  if
  :: Fast ->
     assert(in);
     in = false;
     Fast = false;
     store(false)
  :: else ->
     assert(!in);
     unlockM()
  fi
}

inline held() {
  d_step { holders++; assert(holders == 1) }
  holders--
}

#ifndef FORK
active [THREADS] proctype thread() {
  byte me = _pid - 1, self = _pid - 1, rounds, i;
  bool in, become;
  do
  :: rounds < ROUNDS ->
     lock();
     held();
     unlock();
     rounds++
  :: else -> break
  od
}
#else

/* The thread that becomes owner. It stops for ever, anywhere, when the process forks: it is
   not in the child. */
proctype other(byte me; byte self) {
  byte rounds, i;
  bool in, become;
  {
    do
    :: rounds < ROUNDS ->
       lock();
       held();
       unlock();
       rounds++
    :: else -> break
    od
  } unless { forked }
}

/* A thread that the child makes. The C library gives it the stack, and so the pointer, of
   one that is gone. */
proctype child(byte me; byte self) {
  byte rounds, i;
  bool in, become;
  do
  :: rounds < ROUNDS ->
     lock();
     held();
     unlock();
     rounds++
  :: else -> break
  od
}

active proctype forking() {
  byte me = 0, self = 0, i;
  bool in, become;
  run other(1, 1);
  lockM(); /* lockForFork() */
  if
  :: Owner != NONE -> takeFromOwner()
  :: else
  fi;
  atomic { /* fork: what is in no memory yet is written out before the thread is gone, or not */
    d_step { holders++; assert(holders == 1); holders-- }
    if
    :: writeOut(1)
    :: buffer[1].n = 0
    fi;
    forked = true
  }
  /* inChild(): nobody else holds M */
#ifndef FAULT_CHILD_KEEPS
  d_step { Inside = false; Usual = NONE; Last = NONE; Running = 0 } /* unlockInChild() */
#endif
  unlockM();
  run child(1, 1);
  lock();
  held();
  unlock()
}
#endif
