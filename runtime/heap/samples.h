//===- samples.h - The blocks that the heap profile has seen -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   site     blocks of one size that were made by the same calls at the same rate: how many were
//            seen, and how many of these were freed. It stays as long as the process.
//   record   one live block that was seen, by its address: which site it is of
//   frame    a word of a site: the address that a call returns to, or the number of a name
//            (kIsName), for what no program file has the name of: a line of Python, JIT code
//
// Records and new sites are made under one lock, which is inside of every other. Sites and names
// do not change once their number is known, but for their counts, and are read without a lock.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_SAMPLES_H
#define CAIRN_HEAP_SAMPLES_H

#include "heap/trace.h"

namespace cairn {

/// The most frames of a site.
constexpr size_t kMostFrames = 128;
constexpr uintptr_t kIsName = uintptr_t(1) << 63;

struct ProfileSite {
  uint64_t hash;
  uint64_t size, rate; ///< Bytes of each block; what its blocks were sampled at.
  uint64_t made, gone; ///< Blocks that were seen, and of these those that were freed.
  const uintptr_t *frames;
  uint32_t count; ///< Of frames.
  uint32_t next;  ///< In its bucket.
};

/// Both texts are ended with a 0 and stay.
struct FrameName {
  const char *function, *file;
  uint32_t line, next;
};

/// A block was seen that `calls` made.
void noteSample(const void *block, uint64_t size, uint64_t rate, const uintptr_t *frames,
                size_t count);
/// A block that may have been seen is about to be freed. Under any lock.
void endSample(const void *block);
/// The same of all blocks in [from, to).
void endSamples(uintptr_t from, uintptr_t to);

/// The frame for such a place; 0 if there is no memory for its name.
uintptr_t nameFrame(const char *function, const char *file, uint32_t line);

uint32_t profileSites(); ///< Their numbers begin with 1, and end with this.
const ProfileSite &profileSite(uint32_t number);
const FrameName &frameName(uintptr_t frame);
/// Blocks that were seen and could not be remembered.
uint64_t lostSamples();

/// Around fork.
void lockSamples();
void unlockSamples();

} // namespace cairn

#endif // CAIRN_HEAP_SAMPLES_H
