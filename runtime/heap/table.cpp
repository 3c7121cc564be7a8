//===- table.cpp - The slab records, by address -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/table.h"
#include "heap/heap.h"
#include "heap/validate.h"

extern "C" {
CAIRN_API char *cairn_rt_table;
}

namespace cairn {

constinit uint64_t readableChunks[kChunks / 64] = {};
constinit Usual usual = {0, 0};

namespace {

constexpr size_t bytesFor(size_t addresses) { return addresses >> kSlabShift << kSlabRecordShift; }
constexpr size_t kTableBytes = bytesFor(size_t(1) << platform::kAddressBits);
constexpr size_t kChunkBytes = bytesFor(kChunk);
/// Records are made writable in steps.
constexpr size_t kStep = size_t(16) << 10;
/// Records are readable for so many bytes of addresses around each place that foreign pointers
/// are likely to come from; less after trimTable().
constexpr size_t kAround = size_t(16) << 30, kAroundTrimmed = kChunk;

platform::Mutex tableLock; // innermost
bool held;                 ///< The part that was never readable is reserved.
/// Chunks with records that can be written: never given back.
uint64_t writableChunks[kChunks / 64];

bool bit(const uint64_t *bits, size_t i) { return bits[i / 64] >> (i % 64) & 1; }
void setBit(uint64_t *bits, size_t i, bool value) {
  uint64_t mask = uint64_t(1) << (i % 64), old = bits[i / 64];
  __atomic_store_n(&bits[i / 64], value ? old | mask : old & ~mask, __ATOMIC_RELAXED);
}

/// A range of chunks of the address space, by number: [from, to).
struct Chunks {
  size_t from, to;
};
Chunks chunksOf(uintptr_t from, uintptr_t to) {
  Chunks c = {from >> kChunkShift, (to + kChunk - 1) >> kChunkShift};
  return {c.from, c.to < kChunks ? c.to : kChunks};
}

/// Calls f(first, end) with each longest row of chunks in `c` whose bits have this value.
template <typename F> void eachRow(Chunks c, const uint64_t *bits, bool value, F f) {
  for (size_t i = c.from; i < c.to;) {
    if (bit(bits, i) != value) {
      // A whole word of the other value is skipped at once: most are.
      i = i % 64 == 0 && bits[i / 64] == (value ? 0 : ~uint64_t(0)) ? i + 64 : i + 1;
      continue;
    }
    size_t end = i + 1;
    while (end < c.to && bit(bits, end) == value)
      ++end;
    f(i, end);
    i = end;
  }
}

bool read(Chunks c) {
  bool all = true;
  eachRow(c, readableChunks, false, [&](size_t first, size_t end) {
    char *at = cairn_rt_table + first * kChunkBytes;
    size_t bytes = (end - first) * kChunkBytes;
    if (!(held ? platform::allow(at, bytes, platform::Access::Read)
               : platform::mapAt(at, bytes, platform::Access::Read))) {
      all = false;
      return;
    }
    for (size_t i = first; i < end; ++i)
      setBit(readableChunks, i, true);
  });
  return all;
}

/// Calls f(from, to) with the addresses that foreign pointers are most likely to have: the program
/// with the system's heap behind it, the libraries with what is mapped before them, the stack, and
/// another runtime's heap. `around` is how much may come to be mapped beside each of them.
template <typename F> void eachPlace(size_t around, F f) {
  int onStack;
  auto place = [&](uintptr_t at, size_t below, size_t above) {
    f(at > below ? at - below : 0, at + above);
  };
  place(0, 0, kChunk);
  place(platform::programAddress(), 0, around);
  place(platform::libraryAddress(), around, kChunk);
  place(reinterpret_cast<uintptr_t>(&onStack), 0, kChunk);
  // Where another copy of the runtime in this process, such as libcairn-malloc, has its heap.
  place(reinterpret_cast<uintptr_t>(platform::likelyUnused(kDefaultPlace)), 0, around);
}

/// As far as the process may map at all, where its address space is limited.
size_t aroundNow() {
  size_t limit = platform::addressSpaceLimit();
  return limit && limit < kAround ? (limit + kChunk - 1) & ~(kChunk - 1) : kAround;
}

} // namespace

void lockTable() { tableLock.lock(); }
void unlockTable() { tableLock.unlock(); }

bool reserveTable() {
  if (cairn_rt_table)
    return true;
  held = !platform::addressSpaceLimit();
  void *table = nullptr;
  if (held)
    table = platform::reserveUntouchable(kTableBytes, platform::kPage,
                                         platform::likelyUnused(kTablePlace));
  if (!table) {
    held = false;
    table = platform::unusedAddress(kTableBytes, kTablePlace);
  }
  cairn_rt_table = static_cast<char *>(table);
  if (table && held && platform::isSanitized()) // a sanitizer's blocks may lie anywhere
    makeRecordsReadable(0, uintptr_t(1) << platform::kAddressBits);
  else if (table)
    eachPlace(aroundNow(), makeRecordsReadable);
  return table;
}

void makeRecordsReadable(uintptr_t from, uintptr_t to) {
  platform::Guard guard(tableLock);
  read(chunksOf(from, to));
}

bool makeRecordsWritable(uintptr_t from, uintptr_t to) {
  platform::Guard guard(tableLock);
  Chunks c = chunksOf(from, to);
  if (!read(c))
    return false;
  for (size_t i = c.from; i < c.to; ++i)
    setBit(writableChunks, i, true);
  size_t first = bytesFor(from) & ~(kStep - 1), last = (bytesFor(to - 1) | (kStep - 1)) + 1;
  return platform::allow(cairn_rt_table + first, last - first, platform::Access::Write);
}

size_t trimTable() {
  if (!cairn_rt_table)
    return 0;
  platform::Guard guard(tableLock);
  static uint64_t keep[kChunks / 64]; // too much for some stacks
  __builtin_memcpy(keep, writableChunks, sizeof keep);
  // The limit that the caller is about to set is not known here, so only the nearest chunks stay.
  eachPlace(kAroundTrimmed, [&](uintptr_t from, uintptr_t to) {
    Chunks c = chunksOf(from, to);
    for (size_t i = c.from; i < c.to; ++i)
      if (bit(readableChunks, i))
        setBit(keep, i, true);
  });
  size_t bytes = 0;
  // Chunks that were never readable have a mapping only if the table is held.
  eachRow({0, kChunks}, keep, false, [&](size_t first, size_t end) {
    auto give = [&](size_t from, size_t to) {
      for (size_t i = from; i < to; ++i)
        setBit(readableChunks, i, false);
      platform::release(cairn_rt_table + from * kChunkBytes, (to - from) * kChunkBytes);
      bytes += (to - from) * kChunkBytes;
    };
    if (held)
      give(first, end);
    else
      eachRow({first, end}, readableChunks, true, give);
  });
  held = false;
  return bytes;
}

#if CAIRN_DEBUG
void validateTable() {
  platform::Guard guard(tableLock);
  for (size_t word = 0; word < kChunks / 64; ++word) {
    CAIRN_ASSERT("windows of the table", &readableChunks[word],
                 !(writableChunks[word] & ~readableChunks[word]), word, writableChunks[word],
                 readableChunks[word]);
  }
}
#endif

} // namespace cairn
