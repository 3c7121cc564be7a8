//===- backing.h - Which free pages have memory -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two bits for each page of a region:
//
//   dirty   all of the page is free, and it may be backed: it was used since the system
//           last gave it
//   old     so it has been since the last sweep
//
// Invariant: a page that some used granule lies in has neither. The bits say nothing of
// runs, so a run that grows at one end does not make the rest of it young again.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_BACKING_H
#define CAIRN_HEAP_BACKING_H

#include <stddef.h>
#include <stdint.h>

namespace cairn {

class Backing {
public:
  /// Bytes of records for a region, and their set-up in zeroed memory.
  static size_t recordBytes(size_t region);
  void init(uintptr_t base, char *records);

  /// Pages [from, to) are free: something of each was used until now.
  void freed(uint64_t from, uint64_t to);
  /// Pages [from, to), all of them free, are used from now on; how many were dirty.
  uint64_t taken(uint64_t from, uint64_t to);
  uint64_t dirty() const { return Dirty; } ///< pages

  /// Gives dirty pages back to the system; bytes given. All of them, or at least
  /// `pages` of them, each time from where the last call stopped.
  size_t purge();
  size_t purgeSome(uint64_t pages);
  /// Gives back what is old, and calls the other dirty pages old. Stops after about
  /// 1 MiB: true if it is to be called again before the sweep is done.
  bool sweep();

private:
  struct Word {
    uint64_t dirty, old;
  };
  class Batch;

  uintptr_t Base;
  Word *Words;
  uint64_t Reach; ///< Words from here on are 0.
  uint64_t Dirty;
  uint64_t SweepAt, SomeAt; ///< Words that sweep() and purgeSome() go on from.
};

} // namespace cairn

#endif // CAIRN_HEAP_BACKING_H
