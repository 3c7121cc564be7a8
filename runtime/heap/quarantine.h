//===- quarantine.h - Freed blocks of a checked heap that wait -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_QUARANTINE_H
#define CAIRN_HEAP_QUARANTINE_H

#include "heap/checked.h"

namespace cairn {

/// Slots that wait, at most; the heap says of how many bytes together.
constexpr unsigned kHeldBack = 1u << 16;
/// Large blocks that wait: so many, of so many bytes together, none over a part of that.
constexpr unsigned kLargeHeldBack = 256;
constexpr uint64_t kLargeBytesHeldBack = uint64_t(4) << 20, kLargestHeldBack = uint64_t(1) << 20;

/// Two queues, as rings. That of slots uses no more than it may ever need, a power of two: it is
/// walked through all the time, and what it takes of a cache the program has not.
struct Quarantine {
  void *links[kHeldBack];
  unsigned slots; ///< Of `links`, in use.
  unsigned first, count;
  uint64_t bytes, most;
  uint64_t runs[kLargeHeldBack]; ///< Their first granules.
  unsigned firstRun, runCount;
  uint64_t runBytes;
  WriteAfterFree found;    ///< In a slot; under the central cache's lock.
  WriteAfterFree foundRun; ///< In a run; under the heap's.
  /// Runs that are sealed (sealed.h), of blocks of no bytes and of those that wait: under the
  /// heap's lock, as the next.
  unsigned sealedEmpty, sealedHeld;
  bool open; ///< Nothing is sealed any more.
};

} // namespace cairn

#endif // CAIRN_HEAP_QUARANTINE_H
