//===- poison.h - What freed memory of a checked heap holds -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All of a block that was freed is filled with one word, over and over, by which a pointer that
// is read from it says which block that was:
//
//   [0xdd or 0xfd:8 | heap:7 | (block's first byte - region) / 8 : 37 | 0x1d8:12]
//
// `heap` and the distance are inverted against bits of 0xdd, so that most bytes read as that. An
// address that is up to 472 bytes below such a word, or 3,623 above, still says which it was.
//
// The word is no address that a program can have, so that using it ends in a fault. It begins with
// 0xdd. What was given out, and not written to, is filled in the same way, with words that begin
// with 0xfd.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_POISON_H
#define CAIRN_HEAP_POISON_H

#include "heap/heap.h"

namespace cairn {

/// The word for the block that starts at `block`, when it was freed, and when it was given out.
uint64_t poisonOf(const Heap *heap, const void *block);
uint64_t freshOf(const Heap *heap, const void *block);
/// Fills [from, from + bytes) with it; the word lies at multiples of 8.
void fillPoison(char *from, uint64_t bytes, uint64_t word);
/// The distance from `from` to the first byte that is not as it was filled; `bytes` if all are.
uint64_t firstUnpoisoned(const char *from, uint64_t bytes, uint64_t word);

/// What a word that a program used as an address says of where it was read.
struct Poison {
  const char *block = nullptr; ///< The first byte of that block; null if it is none.
  bool neverWritten = false;   ///< It was given out, and not written to; else it was freed.
};
/// Of an address up to some distance from such a word.
Poison readPoison(uintptr_t address);

} // namespace cairn

#endif // CAIRN_HEAP_POISON_H
