//===- poison.cpp - What freed memory of a checked heap holds -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/poison.h"
#include "heap/redzone.h"

namespace cairn {

void fillMany(char *from, uint64_t bytes, uint64_t word) {
  char *to = from + bytes;
  auto byteAt = [&](const char *p) { return char(word >> reinterpret_cast<uintptr_t>(p) % 8 * 8); };
  for (; from < to && reinterpret_cast<uintptr_t>(from) % 8; ++from)
    *from = byteAt(from);
  for (; to - from >= 8; from += 8)
    __builtin_memcpy(from, &word, 8);
  for (; from < to; ++from)
    *from = byteAt(from);
}

uint64_t firstUnpoisonedOfMany(const char *from, uint64_t bytes, uint64_t word) {
  auto same = [&](const char *p) {
    return *p == char(word >> reinterpret_cast<uintptr_t>(p) % 8 * 8);
  };
  uint64_t i = 0;
  // Most are whole words.
  if (CAIRN_LIKELY(reinterpret_cast<uintptr_t>(from) % 8 == 0 && bytes % 8 == 0)) {
    uint64_t different = 0;
    for (; i < bytes; i += 8) {
      uint64_t have;
      __builtin_memcpy(&have, from + i, 8);
      different |= have ^ word;
    }
    if (CAIRN_LIKELY(!different))
      return bytes;
    i = 0;
  }
  while (i < bytes) {
    if (reinterpret_cast<uintptr_t>(from + i) % 8 == 0)
      for (; bytes - i >= 8; i += 8) {
        uint64_t have;
        __builtin_memcpy(&have, from + i, 8);
        if (CAIRN_UNLIKELY(have != word))
          break;
      }
    if (i < bytes && !same(from + i))
      return i;
    ++i;
  }
  return bytes;
}

Poison readPoison(uintptr_t address) {
  Poison found;
  // aarch64 ignores the top byte of an address, and may not report it.
  uint64_t top = address & PoisonWord::kTop;
  if (top != PoisonWord::kFreed && top != PoisonWord::kFresh && (top != 0 || address >> 47 == 0))
    return found;
  uint64_t word = address ^ PoisonWord::kMask;
  uint64_t offset = (word >> PoisonWord::kOffsetShift & PoisonWord::kOffsetMask) * 8;
  for (uint32_t i = 0, n = heapCount(); i < n; ++i) {
    Heap *heap = heapAt(i);
    if (!heap || !heap->checked ||
        (heap->index & PoisonWord::kHeapMask) !=
            (word >> PoisonWord::kHeapShift & PoisonWord::kHeapMask))
      continue;
    if (offset < heap->space.frontier() << kGranuleShift) {
      found.block = reinterpret_cast<const char *>(heap->base + offset);
      found.neverWritten = top == PoisonWord::kFresh;
      return found;
    }
  }
  return found;
}

} // namespace cairn
