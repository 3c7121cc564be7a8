//===- space.h - Chunks: what blocks over 2,048 bytes are made of -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What of a heap is no slab is chunks, one behind the other, at multiples of 64 bytes:
//
//   live   [size | flags][asked][0][check]  bytes ...
//   free   [size | flags][next][prev][0]    ...  [size]
//
// A block's bytes start 16 behind its chunk, or 64 in a chunk that is kFar (blocks that
// are aligned to more than 16). Free neighbours are always one chunk. `check` is the
// complement of the chunk's address, so that a free of the block needs no search.
//
// Free chunks are in bins by size: steps of 64 bytes to 2 KiB, then 16 to each power of 2.
// A request takes the first of its own bin if that one fits, else any of the next bin that
// has some. The free chunk at the end of the heap is in no bin:
// it serves what no other does, and grows with memory.
//
// cairn_rt_starts has, for a page in which chunks start, where the first does (in units of
// 64 bytes), which is how an address inside a block is looked up; for a slab, or the first
// page of another heap, 1 if a free chunk ends where it starts.
//
// Invariant: the flag kBeforeFree, of a chunk or in cairn_rt_starts, is set if and only if
// what lies before is a free chunk; then the word before has that one's size.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_WASM_SPACE_H
#define CAIRN_WASM_SPACE_H

#include "wasm/heap.h"

/// By address >> kPageShift, for all of memory, as cairn_rt_marks.
extern "C" uint8_t cairn_rt_starts[];
extern "C" uint8_t cairn_rt_libc_marks[]; ///< The C library's heap's.

namespace cairn {

constexpr uint32_t kUnit = 64; ///< Chunks are multiples of it.
constexpr uint32_t kHeader = 16;
enum ChunkFlag : uint32_t {
  kUsed = 1,
  kBeforeFree = 2,
  kKindShift = 2, ///< Two bits: a Kind, or kRecord.
  kFar = 16,
  kLibc = 32 ///< A block of the C library's heap.
};
/// The runtime's own memory, in the place of a Kind.
constexpr unsigned kRecord = kKinds;

struct Chunk {
  uint32_t word;
  union {
    uint32_t asked; ///< Live: bytes.
    Chunk *next;    ///< Free: in its bin.
  };
  Chunk *prev;
  uint32_t check;

  uint32_t size() const { return word & ~(kUnit - 1); }
  bool used() const { return word & kUsed; }
  unsigned kind() const { return word >> kKindShift & 3; }
  char *bytes() { return reinterpret_cast<char *>(this) + (word & kFar ? kUnit : kHeader); }
  uint32_t room() const { return size() - (word & kFar ? kUnit : kHeader); }
  Chunk *after() { return reinterpret_cast<Chunk *>(reinterpret_cast<char *>(this) + size()); }
};

constexpr unsigned kLinearBins = 32; ///< By size / 64, below 2 KiB.
constexpr unsigned kStepBits = 4;    ///< Bins of each power of 2 above: 2^4.
constexpr unsigned kChunkBins = kLinearBins + (26 - 5) * (1u << kStepBits);

/// A heap's free chunks.
struct Space {
  Chunk *top; ///< The free chunk that ends where the heap does: in no bin.
  uint32_t words;
  uint32_t bits[(kChunkBins + 31) / 32];
  Chunk *bins[kChunkBins];
};

/// From now on what lies behind the program's data, and is no slab yet, is chunks: before
/// the first one, and before a slab of a heap but the default one.
void startChunks();
/// The heap whose chunks this one's blocks are.
inline Heap *landOf(Heap *heap) { return heap->borrows ? defaultHeap() : heap; }
/// The live raw block of the default heap or the C library's that starts at p, without a
/// search; null if there is none, and for one that is kFar.
inline Chunk *rawAt(const void *p) {
  uintptr_t at = reinterpret_cast<uintptr_t>(p) - kHeader;
  if (at % kUnit || at >> kPageShift >= cairn_rt_mark_count ||
      cairn_rt_marks[at >> kPageShift] != kChunkPage)
    return nullptr;
  auto *chunk = reinterpret_cast<Chunk *>(at);
  return chunk->check == ~uint32_t(at) && chunk->kind() == kRaw ? chunk : nullptr;
}
/// The chunk that p lies in, if p is in the land of chunks.
Chunk *chunkAt(Heap *land, const void *p);
/// Whether a chunk, and not a slab, the end, or other memory, starts at this border.
bool isChunk(Heap *land, const void *border);
/// The first of `bytes`, whole pages at a multiple of `align`, that all are marked `mark`,
/// and no chunks; null if there are none. They are given back with givePages.
char *takePages(Heap *land, uint32_t bytes, uint32_t align, unsigned mark);
void givePages(Heap *land, char *page, uint32_t bytes);
/// Makes [from, to) a made heap's only chunk. Both are multiples of the size of a page.
void startSpace(Heap *heap, Space *space);
/// The live large block, of any heap, that p points into.
Block largeAt(const void *p);
void freeLarge(const Block &block);
void freeChunk(Heap *heap, Chunk *chunk);
/// Changes a large block's length where it is; false if it cannot.
bool resizeLarge(const Block &block, size_t n);
/// The block that a live chunk is.
Block blockOf(Heap *land, Chunk *chunk);
/// The C library's heap, in a program that has one.
extern Heap *libcRecord;

} // namespace cairn

#endif // CAIRN_WASM_SPACE_H
