/*===- share.pml - Sharing an object, and its last release -----------------===*\
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * object/share.cpp (cairn_rt_share, cairn_rt_share_into), drop.cpp (cairn_rt_incref,
 * cairn_rt_decref, releaseField) and fast.h (incref, decref, isUnique), over three objects:
 * a parent whose one field holds a child, and another child that is stored there instead. One
 * thread makes all three, shares the parent and hands it to the others. Each thread counts its
 * reference up and down, may ask whether it is the only one, reads the field's child and
 * counts that, and gives its reference back. Thread 0 replaces the field before it does, in a
 * lock of the program's, which readers of the field take as well.
 *
 * A count is plain (above 0) or shared (below 0), as in cairn/abi.h; each load, store and
 * atomic addition of a count is a step.
 *
 * Claims: no object is used or dropped after its end, each ends once, and in the end all three
 * have ended.
 *
 * RUN: -DTHREADS=2
 * RUN: -DTHREADS=3
 *
 * Known faults. A missing cairn_share(); one that comes after the object was handed over; one
 * that comes after the store into a shared object's field:
 * FAULT: -DFAULT_NO_SHARE
 * FAULT: -DFAULT_SHARE_LATE
 * FAULT: -DFAULT_STORE_FIRST
 * A shared object is released by a load and a store; isUnique() asks for any shared count:
 * FAULT: -DFAULT_SHARED_BY_STORE
 * FAULT: -DFAULT_UNIQUE_PLAIN
 */
#ifndef THREADS
#define THREADS 2
#endif
#define NO_OBJECT 9
#define PARENT 0
#define FIRST 1
#define SECOND 2

short count[3];
bool live[3];
byte field = NO_OBJECT; /* of the parent */
bool given;             /* the parent was handed to the others */
bool locked;            /* the program's lock around the field */
byte ended, done;

#define USE(o) assert(live[o])

/* fast.h: incref(); drop.cpp: cairn_rt_incref() */
inline incref(o) {
  USE(o);
  n = count[o];
  if
  :: n > 0 -> USE(o); count[o] = n + 1
  :: n < 0 -> atomic { USE(o); count[o]-- } /* a fetch-and-subtract */
  :: n == 0 -> assert(false)                /* "retained, but its count is 0" */
  fi;
  n = 0
}

/* fast.h: decref(), release(); drop.cpp: cairn_rt_decref(), releaseField(). `last` is set when
   the object is to end. */
inline decref(o) {
  USE(o);
  n = count[o];
  if
  :: n > 1 -> USE(o); count[o] = n - 1
  :: n == 1 -> USE(o); count[o] = 0; last = true
#ifdef FAULT_SHARED_BY_STORE
  :: n < 0 -> USE(o); count[o] = n + 1; last = (n == -1)
#else
  :: n < 0 -> atomic { USE(o); count[o]++; last = (count[o] == 0) } /* releaseShared() */
#endif
  :: n == 0 -> assert(false) /* "released, but its count is 0" */
  fi;
  n = 0
}

/* free.cpp and others: the memory goes back */
inline finish(o) {
  d_step {
    assert(live[o]);
    live[o] = false;
    ended++
  }
}

/* drop.cpp: dropOne(): the fields, then the memory */
inline release(o) {
  decref(o);
  if
  :: last ->
     last = false;
     if
     :: o == PARENT ->
        USE(o);
        child = field;
        if
        :: child != NO_OBJECT ->
           decref(child);
           if
           :: last -> last = false; finish(child)
           :: else
           fi
        :: else
        fi;
        child = NO_OBJECT
     :: else
     fi;
     finish(o)
  :: else
  fi
}

/* share.cpp: publishAll() of one object: a count that is shared is so with all below it */
inline share(o) {
  USE(o);
  n = count[o];
  if
  :: n > 0 -> USE(o); count[o] = -n
  :: else
  fi;
  n = 0
}

inline shareAll() {
  share(PARENT);
  if
  :: field != NO_OBJECT -> child = field; share(child); child = NO_OBJECT
  :: else
  fi
}

/* Thread 0's: the new child replaces the old one. The reference that made it goes into the
   field. */
inline replace() {
  atomic { !locked -> locked = true }
#ifndef FAULT_STORE_FIRST
  if /* cairn_rt_share_into() */
  :: count[PARENT] < 0 -> share(SECOND)
  :: else
  fi;
#endif
  old = field;
  field = SECOND;
  locked = false;
#ifdef FAULT_STORE_FIRST
  share(SECOND);
#endif
  release(old);
  old = NO_OBJECT
}

/* Reads the field, and keeps what it read across the lock. */
inline readChild() {
  atomic { !locked -> locked = true }
  mine = field;
  incref(mine);
  locked = false;
  USE(mine);
  release(mine);
  mine = NO_OBJECT
}

/* fast.h: isUnique(); drop.cpp: cairn_rt_is_unique(). Who is the only one may write. */
inline writeIfUnique() {
  USE(PARENT);
  n = count[PARENT];
  if
#ifdef FAULT_UNIQUE_PLAIN
  :: n == 1 || n < 0 -> assert(n == 1 || holders == 1)
#else
  :: n == 1 || n == -1 -> assert(holders == 1)
#endif
  :: else
  fi;
  n = 0
}
byte holders = 1; /* references to the parent */

inline live_round() {
  do
  :: atomic { rounds > 0 -> rounds--; } readChild()
  :: atomic { rounds > 0 -> rounds--; holders++ } incref(PARENT); atomic { holders--; } release(PARENT)
  :: atomic { rounds > 0 -> rounds--; } writeIfUnique()
  :: break
  od;
  rounds = 0
}

active proctype maker() {
  short n;
  byte child = NO_OBJECT, old = NO_OBJECT, mine = NO_OBJECT, rounds = 1;
  bool last;
  d_step {
    live[PARENT] = true;
    live[FIRST] = true;
    live[SECOND] = true;
    count[PARENT] = 1;
    count[FIRST] = 1; /* the field's */
    count[SECOND] = 1;
    field = FIRST
  }
#if !defined(FAULT_NO_SHARE) && !defined(FAULT_SHARE_LATE)
  shareAll();
#endif
  /* A reference for each of the others. */
  byte k = 1;
  do
  :: k < THREADS -> atomic { k++; holders++ } incref(PARENT)
  :: else -> break
  od;
  given = true;
#ifdef FAULT_SHARE_LATE
  shareAll();
#endif
  live_round();
  replace();
  atomic { holders--; } release(PARENT);
  done++
}

active [THREADS - 1] proctype other() {
  short n;
  byte child = NO_OBJECT, mine = NO_OBJECT, rounds = 1;
  bool last;
  given;
  live_round();
  atomic { holders--; } release(PARENT);
  done++
}

active proctype atEnd() {
  done == THREADS -> assert(ended == 3)
}
