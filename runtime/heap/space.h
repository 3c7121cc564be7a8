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
//   record(g)      of a run's first granule: length, use, slack; the links of a free run,
//                  in the list of its size (two levels: powers of two in eight steps)
//   starts[g]      a bit for each run's first granule; `summary` a bit a word
//   Backing        which pages of free runs have memory
//
// Records of granules that start a 64 KiB unit, as every slab does, have an array of
// their own: they would else touch a page of records for each two slabs.
//
// Invariant: no two free runs touch. A run is found in constant time, its right
// neighbour through its length and its left one through the bits.
//
// Granule 0 is never given out, so that an offset of 0 can mean "none".
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_SPACE_H
#define CAIRN_HEAP_SPACE_H

#include "cairn/abi.h"
#include "heap/backing.h"
#include "platform/platform.h"

namespace cairn {

constexpr unsigned kGranuleShift = 8;
constexpr size_t kGranule = size_t(1) << kGranuleShift;

/// What is known of a run.
struct Run {
  uint64_t length : 40; ///< granules
  uint64_t used : 1;
  uint64_t kind : 2; ///< large block: what it holds
  uint64_t slab : 1;
  uint64_t slack : 16; ///< large block: bytes of the run that were not asked for
};
static_assert(sizeof(Run) == 8);

class Space {
public:
  /// Bytes of records for a region, and their set-up in zeroed memory.
  static size_t recordBytes(size_t region);
  void init(uintptr_t base, size_t region, char *records);

  static constexpr uint64_t kNone = 0;

  /// A used run of `length` granules whose first is a multiple of `align` (a power
  /// of two); kNone if there is none. `zero` is set if it reads as zero.
  uint64_t take(uint64_t length, uint64_t align, bool *zero = nullptr);
  void give(uint64_t g);
  /// Grows or shrinks a used run in place; false if it cannot.
  bool resize(uint64_t g, uint64_t length);

  Run &run(uint64_t g) { return record(g).run; }
  const Run &run(uint64_t g) const { return record(g).run; }
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
  /// First granule that was never given out.
  uint64_t frontier() const { return Frontier; }

  /// Free memory that is backed: what purge() would give back.
  size_t dirtyBytes() const { return size_t(Pages.dirty() * platform::kPage); }
  /// Gives the pages of free runs back to the system; bytes given.
  size_t purge() { return Pages.purge(); }
  /// The same where nothing will do so later, once there are many.
  void purgeIfMuch();
  /// Gives back what was not used since the sweep before; true: call it again.
  bool sweep() { return Pages.sweep(); }

private:
  static constexpr unsigned kLevels = 32, kSteps = 8;
  static constexpr uint64_t kUnit = kSlabSize >> kGranuleShift;
  struct Record {
    Run run;
    uint32_t next, prev; ///< Of a free run; 0 ends the list.
  };
  Record &record(uint64_t g) const { return g % kUnit ? Records[g] : UnitRecords[g / kUnit]; }
  void insert(uint64_t g, uint64_t length);
  void remove(uint64_t g);
  void setStart(uint64_t g);
  void clearStart(uint64_t g);
  uint64_t find(uint64_t length, uint64_t align);
  void countUsed(uint64_t more, uint64_t clean);
  void countFreed(uint64_t less);
  uint64_t mostDirty() const;
  uint64_t dirtyGranules() const { return dirtyBytes() >> kGranuleShift; }
  bool takePages(uint64_t first, uint64_t end, uint64_t free, uint64_t freeEnd);
  void givePages(uint64_t first, uint64_t end, uint64_t free, uint64_t freeEnd);

  uintptr_t Base;
  uint64_t Granules;
  uint64_t Used;
  uint64_t UsedBytes;
  uint64_t Peak;
  Backing Pages;
  uint64_t Frontier;
  Record *Records;
  Record *UnitRecords;
  uint64_t *Starts;
  uint64_t *Summary;
  uint32_t Levels; ///< Bit i: some list of level i is not empty.
  uint8_t Steps[kLevels];
  uint32_t Heads[kLevels][kSteps];
};

} // namespace cairn

#endif // CAIRN_HEAP_SPACE_H
