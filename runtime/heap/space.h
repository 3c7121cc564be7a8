//===- space.h - A heap's region, in runs of granules -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The region is a row of runs, each free or used; a used run is a slab or a large
// block. Everything known of a run is kept here, outside the region:
//
//   Node           length, use, slack; its neighbours; the links of a free run, in the
//                  list of its size (two levels: powers of two in eight steps)
//   tag(g)         the node of the run that starts at g
//   starts[g]      a bit for each run's first granule; `summary` a bit a word
//   Backing        which pages of free runs have memory
//
// Region and records become usable from their starts, as the runs reach further (extent.h):
// up to granule `Ready`. The last run begins there or before, and only a free one goes on.
//
// Nodes lie close together, whatever the runs' places, so that the lists and neighbours
// of a few hundred runs stay in the nearest cache; tags are looked up by address alone.
// Those of granules that start a 64 KiB unit, as every slab does, have an array of their
// own: they would else touch a page of tags for each four slabs.
//
// Invariant: no two free runs touch. A run is found in constant time.
//
// Granule 0 is never given out, so that an offset of 0 can mean "none"; its node is 0.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_SPACE_H
#define CAIRN_HEAP_SPACE_H

#include "cairn/abi.h"
#include "heap/backing.h"
#include "heap/extent.h"
#include "platform/platform.h"

namespace cairn {

constexpr unsigned kGranuleShift = 8;
constexpr size_t kGranule = size_t(1) << kGranuleShift;
constexpr uint64_t kFirstGranule = 1; ///< Granule 0 is never given out.

/// What is known of a run.
struct Run {
  uint64_t length : 40; ///< granules
  uint64_t used : 1;
  uint64_t kind : 2; ///< large block: what it holds
  uint64_t slab : 1;
  uint64_t slack : 16;  ///< large block: bytes of the run that were not asked for
  uint64_t sealed : 1;  ///< large block of a checked heap: its pages may not be touched (sealed.h)
  uint64_t sampled : 1; ///< large block: the heap profile has seen it (profile.h)
};
static_assert(sizeof(Run) == 8);

struct Inside;

class Space {
public:
  /// How the address space of region and records is had (heap/extent.h).
  struct Hold {
    bool held = true, usable = true;
    /// Called before the space uses its first `bytes` bytes, for what others keep of them:
    /// false if they cannot. Not for the bytes that are usable from the start.
    bool (*reach)(Space &space, size_t bytes) = nullptr;
    /// Called when only the first `bytes` bytes stay usable, for the same.
    void (*cut)(Space &space, size_t bytes) = nullptr;
  };
  /// A part of the address space is worth a call that gives it up.
  static constexpr size_t kWorthTrimming = size_t(4) << 20;
  /// Bytes of records for a region, and their set-up; all of it is zero, or not usable yet.
  /// False if the system refuses the first of it.
  static size_t recordBytes(size_t region);
  bool init(uintptr_t base, size_t region, char *records, const Hold &hold);

  static constexpr uint64_t kNone = 0;

  /// A used run of `length` granules whose first is a multiple of `align` (a power
  /// of two); kNone if there is none. `zero` is set if it reads as zero.
  uint64_t take(uint64_t length, uint64_t align, bool *zero = nullptr);
  void give(uint64_t g);
  /// Grows or shrinks a used run in place; false if it cannot.
  bool resize(uint64_t g, uint64_t length);

  /// Of the run that starts at g.
  Run &run(uint64_t g) { return Nodes[tag(g)].run; }
  const Run &run(uint64_t g) const { return Nodes[tag(g)].run; }
  bool starts(uint64_t g) const { return Starts[g / 64] >> (g % 64) & 1; }
  /// First granule of the run that granule g lies in.
  uint64_t runOf(uint64_t g) const;

  uint64_t granules() const { return Granules; }
  uint64_t used() const { return Used; }
  uint64_t peak() const { return Peak; }
  /// used(), in bytes, where it can be watched.
  const uint64_t *usedBytes() const { return &UsedBytes; }
  uintptr_t addressOf(uint64_t g) const { return Base + (g << kGranuleShift); }
  uint64_t granuleOf(const void *p) const {
    return (reinterpret_cast<uintptr_t>(p) - Base) >> kGranuleShift;
  }
  /// First granule that was never given out. Any thread may ask, under no lock; others may be
  /// given out meanwhile.
  uint64_t frontier() const { return __atomic_load_n(&Frontier, __ATOMIC_RELAXED); }

  /// Free memory that is backed: what purge() would give back.
  size_t dirtyBytes() const { return size_t(Pages.dirty() * platform::kPage); }
  /// Gives the pages of free runs back to the system; bytes given.
  size_t purge() { return Pages.purge(); }
  /// Makes all of the region usable, for who looks at it as a whole, from now on.
  bool reachAll() { return KeepsAll = reach(Granules); }
  /// If the region ends in a free run, nothing past what is backed of it is usable any more,
  /// where that is worth the calls: what is not used is not locked, dumped or counted as data. Not
  /// after reachAll().
  void trim();
  /// Gives what is reserved for more to the system; bytes given.
  size_t unhold();
  /// Bytes of the region that are the heap's: reserved or usable.
  size_t mapped() const { return Memory.mapped(); }
  /// Gives the region and the records back.
  void release();
  /// The same where nothing will do so later, once there are many.
  void purgeIfMuch();
  /// Gives back what was not used since the sweep before; true: call it again.
  bool sweep();

private:
  friend struct Inside; ///< The validators of a debug build (heap/inside.h).
  static constexpr unsigned kLevels = 32, kSteps = 8;
  static constexpr uint32_t kNodesAdded = 2; ///< by one call
  static constexpr uint64_t kUnit = kSlabSize >> kGranuleShift;
  struct alignas(32) Node {
    Run run;
    uint32_t first;       ///< granule
    uint32_t left, right; ///< Neighbours in the region; 0 on the right: none.
    uint32_t next, prev;  ///< Of a free run, in its list; 0 ends the list.
  };
  /// Granules up to `end`, and the records of one more, are usable from now on.
  bool reach(uint64_t end);
  /// There are nodes for what one call adds.
  bool reachNodes();
  /// Both are so already.
  bool usable(uint64_t end) const { return end <= Ready && NodesMade <= NodesReady; }
  template <typename F> void eachExtent(F f);
  uint32_t makeUsable(uint32_t n, uint64_t last, uint64_t length, uint64_t align);
  uint32_t &tag(uint64_t g) const { return g % kUnit ? Tags[g] : UnitTags[g / kUnit]; }
  /// A node for a run from `first` on, to the right of n; in no list.
  uint32_t addNode(uint32_t n, uint64_t first, uint64_t length);
  void dropNode(uint32_t n); ///< The run to its left reaches over it.
  void moveNode(uint32_t n, uint64_t first, uint64_t length);
  void list(uint32_t n);
  void unlist(uint32_t n);
  void setStart(uint64_t g);
  void clearStart(uint64_t g);
  uint32_t find(uint64_t length, uint64_t align);
  void countUsed(uint64_t more, uint64_t clean);
  void countFreed(uint64_t less);
  uint64_t mostDirty() const;
  uint64_t dirtyGranules() const { return dirtyBytes() >> kGranuleShift; }
  bool takePages(uint64_t first, uint64_t end, uint64_t free, uint64_t freeEnd, bool clear);
  void givePages(uint64_t first, uint64_t end, uint64_t free, uint64_t freeEnd);

  uintptr_t Base;
  uint64_t Granules;
  uint64_t Used;
  uint64_t UsedBytes;
  uint64_t Peak;
  Backing Pages;
  uint64_t Frontier;
  uint64_t Ready; ///< Granules of the region that are usable; all records reach past them.
  bool KeepsAll;  ///< They stay so.
  bool (*Also)(Space &space, size_t bytes);
  void (*AlsoCut)(Space &space, size_t bytes);
  Extent Memory, NodeRoom, TagRoom, UnitTagRoom, StartRoom, SummaryRoom, PageRoom;
  Node *Nodes;
  uint32_t NodesMade, NodesReady; ///< At most so many made, the next call finds nodes.
  uint32_t Spare;                 ///< Nodes of no run, linked by `next`; 0 ends the list.
  uint32_t *Tags, *UnitTags;
  uint64_t *Starts;
  uint64_t *Summary;
  uint32_t Levels; ///< Bit i: some list of level i is not empty.
  uint8_t Steps[kLevels];
  uint32_t Heads[kLevels][kSteps];
};

} // namespace cairn

#endif // CAIRN_HEAP_SPACE_H
