//===- redzone.h - What lies behind a block of a checked heap -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   block  [n bytes][0xfd ...][stamp]        up to the end of its slot or run
//
//   stamp  [check:16 | form:2 | align:6 | n:40]   its last eight bytes
//
// The raw blocks that calls give in a checked heap are so laid out, and all large ones: what
// was asked for is known to the byte, and a write behind it is seen when the block is freed,
// when the heap is inspected and when the process ends.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_REDZONE_H
#define CAIRN_HEAP_REDZONE_H

#include <stddef.h>
#include <stdint.h>

namespace cairn {

constexpr size_t kStampBytes = 8;
constexpr unsigned char kRedZoneByte = 0xfd;

/// Stamp::code: of no operator new.
constexpr unsigned kPlainBlock = 0;
/// Of inlined code, or a run in the place of a slot: `size` is that of the class, which may be
/// more than what was asked for.
constexpr unsigned kUnknownSize = 63;
/// For a block of an operator new that was given this alignment, a power of two.
constexpr unsigned alignCode(size_t align) { return 1 + unsigned(__builtin_ctzll(align)); }
/// For one of `operator new` and of `operator new[]`, with an alignment's code or without.
constexpr unsigned kFromNew = 1u << 6, kFromNewArray = 2u << 6;
constexpr unsigned kAlignCode = kFromNew - 1, kFormCode = kFromNew | kFromNewArray;

struct Stamp {
  uint64_t size = 0; ///< Bytes that were asked for.
  unsigned code = kPlainBlock;
};

/// Lays out what is behind the block at p; `extent` bytes from p on are its own.
void stampBlock(char *p, uint64_t extent, Stamp stamp);
/// False if the stamp itself was written over.
bool readStamp(const char *p, uint64_t extent, Stamp &stamp);
/// The offset of the first byte between block and stamp, from `from` on, that was written over;
/// `extent` if none was.
uint64_t firstWritten(const char *p, uint64_t extent, const Stamp &stamp, uint64_t from = 0);

} // namespace cairn

#endif // CAIRN_HEAP_REDZONE_H
