//===- guard.h - Blocks that live alone -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With CAIRN_GUARD=N, or after cairn_heap_guard, about one in N slots that a slow path gives is
// not one of a slab in hand. It is the only slot of a unit of 64 KiB, its *guarded unit*:
//
//   [page that cannot be touched][page with the slot][14 pages that cannot be touched]
//
// The slot lies at the page's end and at its start by turns, as far as its alignment allows. What
// is left of the page is filled, and looked at when the block is freed. When it is, the page cannot
// be touched either, until all units that the heap may have are made and the unit is the longest
// dead one. A fault in a unit is explained (fault.cpp): what the block is, who made it and who
// freed it, with the calls that each was in.
//
// To all else a unit is a slab of one slot: the slot's number is 0, `fresh` is 1 while the block
// lives and 0 while it is dead, so that nobody who knows slabs reads what cannot be read. No thread
// is its owner, and its stack is one without room: an inlined free leaves for the cold path, as it
// does for another thread's block. One free does not look: that of what the same function
// allocated. It puts the slot onto the stack of its bin. There the slot is one like others: the
// block's next life is not reported, but the memory can be used, and when the stack is drained
// or a free does look, the block goes back to its unit. `Shared::cache` is the cache on whose
// stack it can lie: that of the thread which took it from the unit.
//
// Units, and the queue of a heap's dead ones, change under the heap's lock. Records are the
// process's, found by number, and are read without a lock: a fault cannot wait for one.
//
// Not in checked heaps, which find more; in small heaps, whose units have several slabs; and in
// exposed ones, of which all can be read.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_GUARD_H
#define CAIRN_HEAP_GUARD_H

#include "heap/trace.h"

namespace cairn {

/// Units of a heap, at most: so many, and no more than one in so many of its 64 KiB.
constexpr uint32_t kMostGuarded = 256, kGuardedShare = 32;
/// Units of the process: each splits a mapping twice, of which the system allows 65,530.
constexpr uint32_t kAllGuarded = 4096;
/// What CAIRN_GUARD=on stands for.
constexpr uint32_t kUsualGuardRate = 2000;

/// Calls, from the one that made or freed a block, outwards.
/// The first may be the runtime's own.
struct Trace {
  static constexpr uint8_t kMost = 10;
  const void *returns[kMost]; ///< Addresses after the calls.
  uint8_t count;
};

struct GuardedBlock {
  Heap *heap; ///< Null: nobody's number.
  Slab *slab;
  uint32_t next; ///< Of a dead one, in its heap's queue.
  Origin origin; ///< `made` is 0 where nothing was noted.
  Trace made, gone;
  bool wasArray;            ///< Of a dead one, as the next.
  alignas(8) char head[64]; ///< What its slot began with.
};

extern uint32_t guardRate; ///< Of heaps that are made from now on.
/// The environment's wish, once.
void readGuardRate();
/// Guards about one in `every` slots of slow paths from now on; 0: none. False if the heap cannot.
bool guardHeap(Heap *heap, uint32_t every);
/// As with 0, and nothing in the region is out of reach any more.
void endGuards(Heap *heap);
/// The heap goes away, with its units. Under processLock.
void forgetGuarded(Heap *heap);

/// Counts a slow allocation: whether it is to be a guarded one. By the cache's thread.
bool countSlow(Cache *cache);
CAIRN_FAST bool guardIsDue(Cache *cache) {
  return CAIRN_UNLIKELY(__atomic_load_n(&cache->heap->guards.every, __ATOMIC_RELAXED) != 0) &&
         countSlow(cache);
}
/// A guarded slot of this bin as its link address; null where none is to be had. Under no lock.
void *takeGuarded(Cache *cache, unsigned bin);
/// Frees the unit's block, which is `p`: a raw block, the reference of an object, or a link.
/// Reports if it is dead, or if what lies around it was written to. Under no lock.
void freeGuarded(Slab *slab, void *p);
/// The same of a block that was found on a stack. Under the cache's lock.
void freeStacked(Slab *slab);
/// Whether the unit's block is known not to be the one that was taken from the unit, as its slot
/// was on a stack since: the record says nothing of how it was made. What a stack had on it stays
/// there until something else is put in its place.
bool isLaterLife(const Slab *slab);
/// Whether a raw block lies on the stack that it can lie on.
bool isStacked(const Slab *slab, const void *p);
/// Gives the units of dead blocks back to the region; true if there was one. Under no lock.
bool releaseGuarded(Heap *heap);
/// Looks at what lies around live blocks; reports the first that was written to.
bool inspectGuarded(Heap *heap);

/// The calls that the calling thread is in, from the program's of the runtime on, or, of a handler,
/// from where the thread got its fault. Under no lock.
Trace captureNow(const void *faulted = nullptr);
/// The records: those of dead blocks keep what these held.
void eachGuardRecord(const OwnMemory &each);
/// The record of the unit that p lies in; null if it lies in none. Under any lock.
const GuardedBlock *guardedAt(const void *p);

} // namespace cairn

#endif // CAIRN_HEAP_GUARD_H
