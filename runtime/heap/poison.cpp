//===- poison.cpp - What freed memory of a checked heap holds -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/poison.h"
#include "heap/redzone.h"

namespace cairn {

namespace {
constexpr unsigned kOffsetShift = 12, kHeapShift = 49, kTopShift = 56;
constexpr uint64_t kFreed = uint64_t(0xdd) << kTopShift, kFresh = uint64_t(0xfd) << kTopShift;
constexpr uint64_t kTop = uint64_t(0xff) << kTopShift, kMask = 0x00dddddddddddddd, kLow = 0x1d8;
constexpr uint64_t kHeapMask = 0x7f, kOffsetMask = (uint64_t(1) << (kHeapShift - kOffsetShift)) - 1;
constexpr uint64_t kLowMask = (uint64_t(1) << kOffsetShift) - 1;

uint64_t wordOf(uint64_t top, const Heap *heap, const void *block) {
  uint64_t offset = (reinterpret_cast<uintptr_t>(block) - heap->base) / 8;
  uint64_t word = (heap->index & kHeapMask) << kHeapShift | (offset & kOffsetMask) << kOffsetShift;
  return top | (((word ^ kMask) & ~kTop & ~kLowMask) | kLow);
}
} // namespace

uint64_t poisonOf(const Heap *heap, const void *block) { return wordOf(kFreed, heap, block); }
uint64_t freshOf(const Heap *heap, const void *block) { return wordOf(kFresh, heap, block); }

void fillPoison(char *from, uint64_t bytes, uint64_t word) {
  char *to = from + bytes;
  auto byteAt = [&](const char *p) { return char(word >> reinterpret_cast<uintptr_t>(p) % 8 * 8); };
  for (; from < to && reinterpret_cast<uintptr_t>(from) % 8; ++from)
    *from = byteAt(from);
  for (; to - from >= 8; from += 8)
    __builtin_memcpy(from, &word, 8);
  for (; from < to; ++from)
    *from = byteAt(from);
}

uint64_t firstUnpoisoned(const char *from, uint64_t bytes, uint64_t word) {
  auto same = [&](const char *p) {
    return *p == char(word >> reinterpret_cast<uintptr_t>(p) % 8 * 8);
  };
  uint64_t i = 0;
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
  uint64_t top = address & kTop;
  if (top != kFreed && top != kFresh && (top != 0 || address >> 47 == 0))
    return found;
  uint64_t word = address ^ kMask;
  uint64_t offset = (word >> kOffsetShift & kOffsetMask) * 8;
  for (uint32_t i = 0, n = heapCount(); i < n; ++i) {
    Heap *heap = heapAt(i);
    if (!heap || !heap->checked || (heap->index & kHeapMask) != (word >> kHeapShift & kHeapMask))
      continue;
    if (offset < heap->space.frontier() << kGranuleShift) {
      found.block = reinterpret_cast<const char *>(heap->base + offset);
      found.neverWritten = top == kFresh;
      return found;
    }
  }
  return found;
}

} // namespace cairn
