/*===- slabs.pml - Remote frees, adoption and release of one slab ----------===*\
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * What heap/free.cpp, cache.cpp and reclaim.cpp do with one unit of a region: it is free,
 * or a slab that some thread makes, fills, hands on and gives back. Any thread may free any
 * live slot at any time, allocate, end (and begin anew under the same pointer), rest, and
 * reclaim. Each access of a word that others write is a step of its own; what is written
 * only under a lock that others take, or read only by its writer, may share one.
 *
 * The slots of a slab are alike, so they are counted: `live` in the program's hands, `away`
 * on their way back, `mine` (local) and `remote` in the slab's two lists.
 *
 * Claims, all of them assertions:
 *   a slab is in one list at most, and is taken only from the list that it is in
 *   a slab goes back to the region when each of its slots is free, and only then
 *   only its owner touches the local list and the credit outside the cache's lock
 *   nobody reads a plain field of the record while the next owner writes it
 *   at rest, no orphan and no full slab is wholly free
 *
 * Two threads do all operations, step by step. Of three, the first makes, ends and adopts slabs, the
 * second only frees or adopts as well, and the third frees; each change of several words is one step there.
 *
 * RUN: -DTHREADS=2
 * RUN: -DTHREADS=3 -DSLOTS=1 -DDO0=3 -DDO1=0
 * LONG: -DTHREADS=2 -DSLOTS=3 -DWAKE=2
 * LONG: -DTHREADS=3 -DDO0=3 -DDO1=1
 *
 * Known faults. Nothing of a slab's record that is not atomic may be read once its slot is back:
 * FAULT: -DFAULT_LATE_READ
 * cairn_rt_credit() reads the slab's bin, whoever has the slab:
 * FAULT: -DFAULT_CREDIT_READ
 * A slab that leaves its list names its cache until it is released, when nobody has the lock:
 * FAULT: -DFAULT_LATE_LET_GO
 * orphan() does not look whether the slab is free by now; keeps the owner; takes no lock:
 * FAULT: -DFAULT_ONE_LOOK
 * FAULT: -DFAULT_KEEPS_OWNER
 * FAULT: -DFAULT_UNLOCKED_ORPHAN
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef WAKE
#define WAKE 1 /* wakeAt() */
#endif
#define IN_HAND 20 /* kInHand: frees in hand never reach the cold path */
#define NOBODY 9
#define HEAP THREADS /* the index of the heap's lock */

mtype = { IDLE, HAND, FULL, READY, ORPHAN };    /* SlabState */
mtype = { NO_LIST, FULL_LIST, READY_LIST, ORPHANS };

byte lockedBy[THREADS + 1] = NOBODY; /* the caches' locks, and the heap's */
bool taken;                          /* Space: the unit is in use */
/* Slab */
byte owner = NOBODY;
short credit;
bool written; /* makeSlab is writing the plain fields: slots, bin, base */
/* Shared. The word `remote` is (remote, state): it is changed in one step. */
byte remote;
mtype state = IDLE;
byte cache = NOBODY;
short armed, freeAtArm;
mtype listed = NO_LIST; /* the list that it is linked into, and whose */
byte listedBy = NOBODY;
byte hand = NOBODY; /* the cache in whose hand it is */
byte live, away, mine;
byte busy; /* threads inside an operation: "at rest" is none */

/* Steps that are apart for two threads, and one for three: there it is the order of whole
   changes that is tried. */
#if THREADS > 2
#define ONE atomic
#else
#define ONE
#endif

#define free_(l) lockedBy[l] == NOBODY
#define take(l) lockedBy[l] = me
#define lock(l) atomic { free_(l) -> take(l) }
#define unlock(l) lockedBy[l] = NOBODY
/* A read of a field of the record that is not atomic. */
#define PLAIN_READ assert(!written)

inline push(list, by) {
  d_step {
    assert(listed == NO_LIST && hand == NOBODY);
    listed = list;
    listedBy = by
  }
}
inline unlink(list, by) {
  d_step {
    assert(listed == list && listedBy == by);
    listed = NO_LIST;
    listedBy = NOBODY
  }
}
/* state.h: freeNow(). While in hand the credit says nothing: the worst it can say is "all". */
inline freeNow(result) {
  ONE {
  readArmed = armed;
  readBefore = freeAtArm;
  readCredit = credit;
  d_step {
    result = readBefore + readArmed - readCredit + remote;
    if
    :: readCredit == IN_HAND -> result = SLOTS
    :: else
    fi;
    readArmed = 0;
    readBefore = 0;
    readCredit = 0
  }
  }
}
/* state.h: arm() */
inline arm(free_, credit_) {
  ONE {
    freeAtArm = free_;
    armed = credit_;
    credit = credit_
  }
}
/* state.h: armForEmpty() */
inline armForEmpty(free_) {
  d_step {
    toArm = SLOTS - free_ - remote;
    if
    :: free_ + remote < SLOTS
    :: else -> toArm = 1
    fi
  }
  arm(free_, toArm);
  toArm = 0
}
/* state.h: setState(), a compare-and-exchange that keeps the count */
#define setState(s) state = s
/* state.h: letGo(), under the lock of the slab's cache, or of the heap for an orphan */
inline letGo() {
  setState(IDLE);
#ifndef FAULT_LATE_LET_GO
  cache = NOBODY
#endif
}

/* reclaim.cpp: releaseSlab(); `holds`: the caller has the heap's lock already */
inline releaseSlab() {
  assert(state == IDLE && listed == NO_LIST && hand == NOBODY);
  assert(live == 0 && away == 0 && mine + remote == SLOTS);
  ONE {
    owner = NOBODY;
    d_step {
      remote = 0;
      state = IDLE
    }
  }
#ifdef FAULT_LATE_LET_GO
  cache = NOBODY;
#endif
  lock(HEAP);
  d_step {
    assert(taken); /* Space::give() */
    taken = false;
    mine = 0
  }
  unlock(HEAP)
}

/* free.cpp: creditSpent(), under the cache's lock. Sets `gone`. */
inline creditSpent() {
  if /* unlist, and ready */
  :: state == FULL ->
     unlink(FULL_LIST, me);
     setState(READY);
     push(READY_LIST, me)
  :: else
  fi;
  free = freeAtArm + armed - credit; /* localFree() by the owner */
  if
  :: free + remote < SLOTS -> armForEmpty(free)
  :: else ->
     if
     :: arm(free, 1) /* the last ready slab of its class stays */
     :: unlink(READY_LIST, me);
        letGo();
        gone = true
     fi
  fi;
  free = 0
}

/* free.cpp: cairn_rt_credit() */
inline spent() {
  lock(me);
  ours = (cache == me);
#ifdef FAULT_CREDIT_READ
  PLAIN_READ; /* slab->bin, whoever has the slab */
#endif
  if
  :: ours ->
     PLAIN_READ;
     creditSpent()
  :: else
  fi;
  ours = false;
  unlock(me);
  if
  :: gone -> releaseSlab()
  :: else
  fi;
  gone = false
}

/* free.cpp: notify() */
inline notify() {
  again = true;
  do
  :: again ->
     seen = cache;
     if
     :: seen == NOBODY ->
        lock(HEAP);
        if
        :: cache != NOBODY -> skip /* adopted meanwhile: look again */
        :: else ->
           again = false;
           if
           :: state == ORPHAN ->
              PLAIN_READ;
              freeNow(free);
              if
              :: free >= SLOTS ->
                 unlink(ORPHANS, HEAP);
                 letGo();
                 gone = true
              :: else
              fi
           :: else
           fi
        fi;
        unlock(HEAP)
     :: else ->
        lock(seen);
        if
        :: cache != seen -> skip /* changed hands meanwhile */
        :: else ->
           again = false;
           if
           :: state == FULL || state == READY ->
              PLAIN_READ;
              freeNow(free);
              if
              :: free >= SLOTS ->
                 d_step {
                   assert(listedBy == seen && (listed == FULL_LIST) == (state == FULL));
                   listed = NO_LIST;
                   listedBy = NOBODY
                 }
                 letGo();
                 gone = true
              :: free < SLOTS && state == FULL && remote >= WAKE ->
                 unlink(FULL_LIST, seen);
                 setState(READY); /* the credit is the owner's: it stays */
                 push(READY_LIST, seen)
              :: else
              fi
           :: else
           fi
        fi;
        unlock(seen)
     fi;
     seen = NOBODY;
     free = 0
  :: else -> break
  od;
  if
  :: gone -> releaseSlab()
  :: else
  fi;
  gone = false
}

/* fast.h: push(); free.cpp: freeRemote() */
inline freeSlot() {
  if
  :: owner == me -> /* the slot is live, so the slab has its owner until it is back */
     d_step {
       assert(cache == me && taken);
       mine++;
       away--
     }
     atomic { /* spend() */
       if
       :: credit == IN_HAND
       :: else -> credit--
       fi;
       zero = (credit == 0)
     }
     if
     :: zero -> spent()
     :: else
     fi;
     zero = false
  :: else ->
     PLAIN_READ; /* slab->slots, before the slot is in the list */
     d_step {    /* the compare-and-exchange that succeeds */
       assert(taken && state != IDLE);
       remote++;
       away--;
       now = state;
       zero = (state == FULL && remote == WAKE)
     }
#ifdef FAULT_LATE_READ
     PLAIN_READ; /* slab->shared or slab->slots, after it: the slab may be another's */
#endif
     if
     :: !zero && now != HAND ->
        freeNow(free);
        zero = (free >= SLOTS);
        free = 0
     :: else
     fi;
     if
     :: zero -> notify()
     :: else
     fi;
     d_step {
       zero = false;
       now = IDLE
     }
  fi
}

/* cache.cpp: makeSlab() */
inline makeSlab() {
  lock(HEAP);
  atomic { /* Space::take() */
    if
    :: !taken -> taken = true; got = true
    :: else
    fi
  }
  unlock(HEAP);
  if
  :: got ->
     credit = IN_HAND;
     written = true;
     d_step {
       assert(live == 0 && away == 0 && mine == 0);
       mine = SLOTS;
       written = false
     }
     ONE {
       cache = me;
       armed = 0;
       freeAtArm = 0;
       d_step {
         remote = 0;
         state = HAND
       }
       owner = me;
       d_step {
         assert(listed == NO_LIST && hand == NOBODY);
         hand = me;
         got = false
       }
     }
  :: else
  fi
}

/* cache.cpp: leaveHand(): the slab in hand is used up */
inline leaveHand() {
  arm(0, WAKE);
  atomic {
    if
    :: remote >= WAKE -> credit = IN_HAND
    :: else ->
       state = FULL;
       hand = NOBODY;
       zero = true
    fi
  }
  if
  :: zero -> push(FULL_LIST, me)
  :: else
  fi;
  zero = false
}

/* cache.cpp: takeUp() */
inline takeUp() {
  if
  :: listed == READY_LIST && listedBy == me ->
     ONE {
       unlink(READY_LIST, me);
       setState(HAND);
       free = freeAtArm + armed - credit; /* as new, sorted, or as it is */
       assert(free == mine);
       free = 0;
       credit = IN_HAND;
       hand = me
     }
  :: listed == ORPHANS -> /* a look without a lock, then one under it */
     lock(HEAP);
     if
     :: listed == ORPHANS ->
        assert(cache == NOBODY && state == ORPHAN);
        ONE {
          unlink(ORPHANS, HEAP);
          cache = me;
          credit = IN_HAND;
          setState(HAND);
          owner = me;
          hand = me
        }
     :: else
     fi;
     unlock(HEAP)
  :: !(listed == READY_LIST && listedBy == me) && listed != ORPHANS -> makeSlab()
  fi
}

/* cache.cpp: takeSlot(), under the cache's lock: one round of its loop, as the program may
   ask again */
inline allocate() {
  if
  :: hand == me -> skip
  :: else -> takeUp()
  fi;
  ONE {
    if
    :: hand == me && mine == 0 ->
       d_step { /* collect() */
         if
         :: remote > 0 ->
            mine = remote;
            remote = 0
         :: else
         fi
       }
       if
       :: mine == 0 -> leaveHand()
       :: else
       fi
    :: hand == me && mine > 0 ->
       d_step {
         assert(cache == me && owner == me);
         mine--;
         live++
       }
    :: else
    fi
  }
}

/* reclaim.cpp: orphan(), for one slab of the cache; free: what is in the local list */
inline orphan() {
#ifndef FAULT_KEEPS_OWNER
  owner = NOBODY;
#endif
  arm(free, 0);
#ifndef FAULT_UNLOCKED_ORPHAN
  lock(HEAP);
#endif
  ONE {
    cache = NOBODY;
    setState(ORPHAN)
  }
#ifndef FAULT_ONE_LOOK
  freeNow(free);
#endif
  if
  :: free >= SLOTS ->
     letGo();
     gone = true
  :: else -> push(ORPHANS, HEAP)
  fi;
#ifndef FAULT_UNLOCKED_ORPHAN
  unlock(HEAP);
#endif
  free = 0;
  if
  :: gone -> releaseSlab()
  :: else
  fi;
  gone = false
}

/* reclaim.cpp: orphanAll(); the thread that begins after it has the same pointer */
inline end() {
  if
  :: hand == me ->
     hand = NOBODY;
     free = mine;
     orphan()
  :: listedBy == me ->
     atomic {
       if
       :: listed == READY_LIST -> unlink(READY_LIST, me)
       :: else -> unlink(FULL_LIST, me)
       fi
     }
     free = freeAtArm + armed - credit;
     orphan()
  :: else
  fi
}

/* reclaim.cpp: rest() and layDown() */
inline rest() {
  if
  :: hand == me && mine + remote < SLOTS ->
     hand = NOBODY;
     armForEmpty(mine);
     setState(READY);
     freeNow(free);
     if
     :: free < SLOTS -> push(READY_LIST, me)
     :: else ->
        letGo();
        releaseSlab()
     fi;
     free = 0
  :: else
  fi
}

/* reclaim.cpp: reclaim(), for the cache c */
inline reclaim(c) {
  if
  :: listedBy == c ->
     freeNow(free);
     if
     :: free >= SLOTS ->
        d_step {
          assert(cache == c && (state == FULL || state == READY));
          listed = NO_LIST;
          listedBy = NOBODY
        }
        letGo();
        releaseSlab()
     :: else
     fi;
     free = 0
  :: c == me && hand == me && mine + remote >= SLOTS -> /* countFree() */
     hand = NOBODY;
     letGo();
     releaseSlab()
  :: else
  fi
}

/* What threads 0, 1 and 2 do besides freeing: bits of the operations 0 to 4 in thread(). */
#ifndef DO0
#define DO0 31
#endif
#ifndef DO1
#define DO1 31
#endif
#define DO2 0
#define MAY(op) ((me == 0 && (DO0 >> op & 1)) || (me == 1 && (DO1 >> op & 1)) || \
                 (me == 2 && (DO2 >> op & 1)))

/* An operation's first step, and its last: the lock that it began by is free. */
#define begin() busy++
inline leave(l) {
  d_step {
    if
    :: l != NOBODY -> lockedBy[l] = NOBODY
    :: else
    fi;
    again = false;
    busy--;
    /* Who frees the last slot of an orphan, or wakes a full slab, has told. */
    assert(busy > 0 || !(taken && mine + remote == SLOTS && (state == ORPHAN || state == FULL)));
    assert(busy > 0 || !taken || listed != NO_LIST || hand != NOBODY)
  }
}

active [THREADS] proctype thread() {
  byte me = _pid, other = (_pid + 1) % THREADS, seen = NOBODY;
  short free, readArmed, readBefore, readCredit, toArm;
  bool ours, gone, again, zero, got;
  mtype now = IDLE;

  do
  :: atomic { live > 0 -> begin(); live--; away++ } freeSlot(); leave(NOBODY)
  :: atomic { MAY(0) && free_(me) -> begin(); take(me) } allocate(); leave(me)
  :: atomic { MAY(1) && free_(me) -> begin(); take(me) } end(); leave(me)
  :: atomic { MAY(2) && free_(me) -> begin(); take(me) } rest(); leave(me)
  :: atomic { MAY(3) && free_(other) -> begin(); take(other) } reclaim(other); leave(other)
  :: atomic { MAY(4) && free_(me) -> begin(); take(me) } reclaim(me); leave(me)
  od
}
