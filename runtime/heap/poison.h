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

/// Parts of the word.
struct PoisonWord {
  static constexpr unsigned kOffsetShift = 12, kHeapShift = 49, kTopShift = 56;
  static constexpr uint64_t kFreed = uint64_t(0xdd) << kTopShift,
                            kFresh = uint64_t(0xfd) << kTopShift,
                            kTop = uint64_t(0xff) << kTopShift, kMask = 0x00dddddddddddddd,
                            kLow = 0x1d8, kHeapMask = 0x7f,
                            kOffsetMask = (uint64_t(1) << (kHeapShift - kOffsetShift)) - 1,
                            kLowMask = (uint64_t(1) << kOffsetShift) - 1;
  /// All of it but for the distance, which is turned over in it.
  static uint64_t without(uint64_t top, uint32_t heapIndex) {
    uint64_t word = uint64_t(heapIndex & kHeapMask) << kHeapShift;
    return top | (((word ^ kMask) & ~kTop & ~kLowMask) | kLow);
  }
  static_assert(kOffsetShift > 3);
  static uint64_t of(uint64_t without, const Heap *heap, const void *block) {
    uint64_t distance = reinterpret_cast<uintptr_t>(block) - heap->base;
    return (distance << (kOffsetShift - 3) & kOffsetMask << kOffsetShift) ^ without;
  }
};
/// The word for the block that starts at `block`, when it was given out, and when it was freed.
inline uint64_t freshOf(const Heap *heap, const void *block) {
  return PoisonWord::of(heap->freshPoison, heap, block);
}
/// The one as the other.
inline uint64_t freedAs(uint64_t fresh) { return fresh ^ PoisonWord::kFresh ^ PoisonWord::kFreed; }
inline uint64_t poisonOf(const Heap *heap, const void *block) {
  return freedAs(freshOf(heap, block));
}

/// Few whole words, as most slots are: by two at a time, and the last two whether they were
/// among these or not.
constexpr uint64_t kFewBytes = 64;
inline bool areFewWords(const char *from, uint64_t bytes) {
  return CAIRN_LIKELY(((reinterpret_cast<uintptr_t>(from) | bytes) & 7) == 0 &&
                      bytes - 8 <= kFewBytes - 8);
}
typedef uint64_t TwoWords __attribute__((vector_size(16), aligned(8), may_alias));
inline TwoWords &wordsAt(char *p) { return *reinterpret_cast<TwoWords *>(p); }
inline TwoWords wordsAt(const char *p) { return *reinterpret_cast<const TwoWords *>(p); }
void fillMany(char *from, uint64_t bytes, uint64_t word);
uint64_t firstUnpoisonedOfMany(const char *from, uint64_t bytes, uint64_t word);
/// Fills few words, two at least.
CAIRN_FAST void fillFew(char *from, uint64_t bytes, uint64_t word) {
  TwoWords two = {word, word};
  char *last = from + bytes - 16;
  wordsAt(from) = two;
  if (bytes > 32) {
    wordsAt(from + 16) = two;
    wordsAt(last - 16) = two;
  }
  wordsAt(last) = two;
}
/// Fills [from, from + bytes) with it; the word lies at multiples of 8.
inline void fillPoison(char *from, uint64_t bytes, uint64_t word) {
  if (!areFewWords(from, bytes))
    fillMany(from, bytes, word);
  else if (bytes == 8)
    *reinterpret_cast<uint64_t *>(from) = word;
  else
    fillFew(from, bytes, word);
}
/// The same of what is known to be two whole words at least.
CAIRN_FAST void fillWords(char *from, uint64_t bytes, uint64_t word) {
  if (CAIRN_LIKELY(bytes <= kFewBytes))
    fillFew(from, bytes, word);
  else
    fillMany(from, bytes, word);
}
/// Whether few words, two at least, are as they were filled.
CAIRN_FAST bool areFilled(const char *from, uint64_t bytes, uint64_t word) {
  TwoWords two = {word, word};
  const char *last = from + bytes - 16;
  TwoWords different = (wordsAt(from) ^ two) | (wordsAt(last) ^ two);
  if (bytes > 32)
    different |= (wordsAt(from + 16) ^ two) | (wordsAt(last - 16) ^ two);
  return (different[0] | different[1]) == 0;
}
/// The distance from `from` to the first byte that is not as it was filled; `bytes` if all are.
inline uint64_t firstUnpoisoned(const char *from, uint64_t bytes, uint64_t word) {
  if (areFewWords(from, bytes) &&
      CAIRN_LIKELY(bytes == 8 ? *reinterpret_cast<const uint64_t *>(from) == word
                              : areFilled(from, bytes, word)))
    return bytes;
  return firstUnpoisonedOfMany(from, bytes, word);
}

/// What a word that a program used as an address says of where it was read.
struct Poison {
  const char *block = nullptr; ///< The first byte of that block; null if it is none.
  bool neverWritten = false;   ///< It was given out, and not written to; else it was freed.
};
/// Of an address up to some distance from such a word.
Poison readPoison(uintptr_t address);

} // namespace cairn

#endif // CAIRN_HEAP_POISON_H
