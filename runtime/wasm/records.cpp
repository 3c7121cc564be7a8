//===- records.cpp - Memory for the runtime's own records -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/space.h"

namespace cairn {

namespace {

constexpr size_t kRecords = 4096; ///< Memory for records is taken in such pieces.

char *metadataAt;
size_t metadataLeft;

} // namespace

void *metadata(size_t bytes) {
  bytes = (bytes + 15) & ~size_t(15);
  if (faulted(CAIRN_FAULT_METADATA))
    return nullptr;
  if (bytes > metadataLeft) {
    size_t whole = bytes > kRecords ? bytes : kRecords;
    char *p = static_cast<char *>(platform::reserve(whole, alignof(uint64_t)));
    if (!p)
      return nullptr;
    metadataAt = p;
    metadataLeft = whole;
  }
  char *p = metadataAt;
  metadataAt += bytes;
  metadataLeft -= bytes;
  return p;
}

namespace platform {

void *reserve(size_t bytes, size_t) {
  void *p = allocateLarge(defaultHeap(), Kind(kRecord), bytes, kGranule);
  return p ? __builtin_memset(p, 0, bytes) : nullptr;
}

void release(void *p, size_t) {
  auto *chunk = reinterpret_cast<Chunk *>(static_cast<char *>(p) - kHeader);
  freeLarge(blockOf(defaultHeap(), chunk));
}

} // namespace platform

} // namespace cairn
