//===- backing.h - Which free pages have memory -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two bits for each page of a region:
//
//   dirty   all of the page is free, and the system may have memory behind it: it was used since
//           the system last gave it
//   old     the page is dirty, and was so at the last sweep
//
// Invariant: a page that some used granule lies in has neither. The bits say nothing of
// runs, so a run that grows at one end does not make the rest of it young again.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_BACKING_H
#define CAIRN_HEAP_BACKING_H

#include "heap/assert.h"
#include <stddef.h>
#include <stdint.h>

namespace cairn {

struct Inside;

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
  /// One past the last dirty page, if that is over `least`; else `least`.
  uint64_t dirtyEnd(uint64_t least) const;
  /// Notes that pages from `from` on have no memory any more.
  void forget(uint64_t from);

  /// Gives dirty pages back to the system; bytes given. All of them, or at least
  /// `pages` of them, each time from where the last call stopped.
  size_t purge();
  size_t purgeSome(uint64_t pages);
  /// Called once in a delay: gives back what is old, and calls the other dirty pages old;
  /// or, where what went back before was soon wanted again, waits for some more calls
  /// first. Stops after about 1 MiB: true if it is to be called again before it is done.
  bool sweep();

private:
  friend struct Inside; ///< The validators of a debug build (heap/inside.h).
  struct Word {
    uint64_t dirty, old;
  };
  class Batch;
  template <typename F> static void eachWord(uint64_t from, uint64_t to, F f);

  uintptr_t Base;
  Word *Words;
  uint64_t Reach; ///< Words from here on are 0.
  uint64_t Dirty;
  uint64_t SweepAt, SomeAt; ///< Words that sweep() and purgeSome() go on from.
  // What sweep() has counted since it last changed `Patience`:
  uint64_t Given;    ///< pages
  uint64_t Missed;   ///< Pages that were taken and had no memory.
  unsigned Patience; ///< Delays from one sweep to the next, as a power of two.
  unsigned Waited;   ///< Delays since the last one.
};

/// Calls f(word, mask, pages) for the words that pages [from, to) lie in.
template <typename F> void Backing::eachWord(uint64_t from, uint64_t to, F f) {
  while (from < to) {
    uint64_t word = from / 64, end = (word + 1) * 64;
    uint64_t mask = ~uint64_t(0) << (from % 64);
    if (end > to)
      mask &= ~uint64_t(0) >> (end - to);
    f(word, mask, (end < to ? end : to) - from);
    from = end;
  }
}

__attribute__((always_inline)) inline void Backing::freed(uint64_t from, uint64_t to) {
  if (from >= to)
    return;
  eachWord(from, to, [&](uint64_t word, uint64_t mask, uint64_t) {
    CAIRN_ASSERT("dirty pages", this, !(Words[word].dirty & mask), word, Words[word].dirty, mask);
    Words[word].dirty |= mask;
  });
  Dirty += to - from;
  if ((to - 1) / 64 >= Reach)
    Reach = (to - 1) / 64 + 1;
}

__attribute__((always_inline)) inline uint64_t Backing::taken(uint64_t from, uint64_t to) {
  uint64_t n = 0;
  if (to > Reach * 64)
    to = Reach * 64;
  eachWord(from, to, [&](uint64_t word, uint64_t mask, uint64_t pages) {
    Word &w = Words[word];
    uint64_t dirty = w.dirty & mask;
    if (!dirty)
      return;
    // Most often it is all of them, and this processor may not count bits at once.
    n += dirty == mask ? pages : unsigned(__builtin_popcountll(dirty));
    w.dirty &= ~mask;
    w.old &= ~mask;
  });
  Dirty -= n;
  Missed += from < to ? to - from - n : 0;
  return n;
}

} // namespace cairn

#endif // CAIRN_HEAP_BACKING_H
