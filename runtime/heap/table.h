//===- table.h - The slab records, by address -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `cairn_rt_table` has a record for every 64 KiB that a process can address: 128 GiB, of
// which a process needs little. Each chunk of 256 MiB of addresses has 256 KiB of it, and
// is in one of three states:
//
//   writable    where a heap's blocks lie, up to where the heap has grown
//   readable    around the program, its libraries, its stack and its heaps: the inlined
//               free of a pointer that is no block's reads a record of zeros there
//   untouched   everywhere else: not readable. The called forms look before they read; an
//               inlined free of an address in the middle of nowhere ends in SIGSEGV.
//
// The third state is what keeps the table out of core dumps and of mlockall, which makes a
// page table entry for each page that can be read: for the whole table 262 MB, and 33 s.
//
// Under a limit on address space nothing is reserved for the untouched part.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_TABLE_H
#define CAIRN_HEAP_TABLE_H

#include "cairn/abi.h"
#include "platform/platform.h"

namespace cairn {

/// What the numbered places far from everything else are for (platform::likelyUnused).
constexpr unsigned kTablePlace = 0, kDefaultPlace = 1, kLargePlace = 2;

constexpr unsigned kChunkShift = 28;
constexpr size_t kChunk = size_t(1) << kChunkShift;
constexpr size_t kChunks = size_t(1) << (platform::kAddressBits - kChunkShift);
extern uint64_t readableChunks[kChunks / 64]; ///< A bit each.

/// Where the default heap's blocks lie: most addresses that are asked for.
struct Usual {
  uintptr_t from;
  size_t bytes;
};
extern Usual usual;

/// Whether the record of p's 64 KiB can be read at all.
inline bool addressHasRecord(const void *p) {
  uintptr_t at = reinterpret_cast<uintptr_t>(p);
  if (__builtin_expect(at - usual.from < __atomic_load_n(&usual.bytes, __ATOMIC_RELAXED), 1))
    return true;
  uintptr_t chunk = at >> kChunkShift;
  return chunk < kChunks &&
         __atomic_load_n(&readableChunks[chunk / 64], __ATOMIC_RELAXED) >> (chunk % 64) & 1;
}

/// Once, under the process's lock; false if the system has no place for it.
bool reserveTable();
/// Records of addresses [from, to) can be written from now on; false if the system
/// refuses. Under any lock.
bool makeRecordsWritable(uintptr_t from, uintptr_t to);
/// As far as it can be had: they can be read.
void makeRecordsReadable(uintptr_t from, uintptr_t to);
/// Gives the address space of what is untouched back to the system, and of what is readable
/// but for what lies near the process's mappings; bytes given.
size_t trimTable();

void lockTable();
void unlockTable();

} // namespace cairn

#endif // CAIRN_HEAP_TABLE_H
