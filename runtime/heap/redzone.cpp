//===- redzone.cpp - What lies behind a block of a checked heap -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/redzone.h"
#include "heap/assert.h"

namespace cairn {

namespace {
constexpr unsigned kSizeBits = 40, kCheckShift = 48;
/// A small number written over a part of a stamp is not what was there.
constexpr uint64_t kMask = 0xfdfdfdfdfdfdfdfd;

uint64_t checkOf(const char *p, uint64_t word) {
  return ((reinterpret_cast<uintptr_t>(p) ^ word) * 0x9e3779b97f4a7c15u) >> kCheckShift;
}
} // namespace

void stampBlock(char *p, uint64_t extent, Stamp stamp) {
  char *end = p + extent - kStampBytes;
  __builtin_memset(p + stamp.size, kRedZoneByte, size_t(end - p) - stamp.size);
  uint64_t word = uint64_t(stamp.code) << kSizeBits | stamp.size;
  word |= checkOf(p, word) << kCheckShift;
  word ^= kMask;
  __builtin_memcpy(end, &word, sizeof(word));
  [[maybe_unused]] Stamp back;
  CAIRN_ASSERT("stamp", p,
               readStamp(p, extent, back) && back.size == stamp.size && back.code == stamp.code,
               extent, stamp.size, back.size, stamp.code, back.code);
}

bool readStamp(const char *p, uint64_t extent, Stamp &stamp) {
  uint64_t word;
  __builtin_memcpy(&word, p + extent - kStampBytes, sizeof(word));
  word ^= kMask;
  uint64_t known = word & ((uint64_t(1) << kCheckShift) - 1);
  stamp.size = known & ((uint64_t(1) << kSizeBits) - 1);
  stamp.code = unsigned(known >> kSizeBits);
  return word >> kCheckShift == checkOf(p, known) && stamp.size <= extent - kStampBytes;
}

uint64_t firstWritten(const char *p, uint64_t extent, const Stamp &stamp, uint64_t from) {
  for (uint64_t i = stamp.size > from ? stamp.size : from; i < extent - kStampBytes; ++i)
    if (static_cast<unsigned char>(p[i]) != kRedZoneByte)
      return i;
  return extent;
}

} // namespace cairn
