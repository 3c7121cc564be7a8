//===- space.cpp - Free chunks, and the growth of memory -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/space.h"
#include "wasm/validate.h"

namespace cairn {

Heap *libcRecord;

namespace {

Space defaultSpace;

constexpr unsigned kAlignedTries = 8; ///< Chunks of a bin in which an aligned place is looked for.

CAIRN_INLINE uint32_t addressOf(const void *p) { return uint32_t(reinterpret_cast<uintptr_t>(p)); }
Chunk *chunkOf(uint32_t address) { return reinterpret_cast<Chunk *>(uintptr_t(address)); }
uint32_t roundUp(uint32_t n, uint32_t to) { return (n + to - 1) & -to; }
uint32_t &lastWord(uint32_t end) { return *reinterpret_cast<uint32_t *>(uintptr_t(end - 4)); }

CAIRN_INLINE unsigned binFor(uint32_t size) {
  uint32_t units = size / kUnit;
  if (units < kLinearBins)
    return units;
  unsigned power = 31 - unsigned(__builtin_clz(units));
  return kLinearBins + ((power - 5) << kStepBits) + (units >> (power - kStepBits)) -
         (1u << kStepBits);
}

/// The first bin from `bin` on that has chunks; kChunkBins if none has.
CAIRN_INLINE unsigned nextBin(const Space &space, unsigned bin) {
  if (bin >= kChunkBins)
    return kChunkBins;
  uint32_t bits = space.bits[bin / 32] & (~0u << bin % 32);
  unsigned word = bin / 32;
  if (!bits) {
    uint32_t words = word == 31 ? 0 : space.words & (~0u << (word + 1));
    if (!words)
      return kChunkBins;
    word = unsigned(__builtin_ctz(words));
    bits = space.bits[word];
  }
  return word * 32 + unsigned(__builtin_ctz(bits));
}

CAIRN_INLINE void link(Heap *land, Chunk *chunk) {
  Space &space = *land->space;
  if (addressOf(chunk->after()) == land->end) {
    space.top = chunk;
    return;
  }
  unsigned bin = binFor(chunk->size());
  Chunk *&head = space.bins[bin];
  chunk->next = head;
  chunk->prev = nullptr;
  if (head)
    head->prev = chunk;
  head = chunk;
  space.bits[bin / 32] |= 1u << bin % 32;
  space.words |= 1u << bin / 32;
}

CAIRN_INLINE void unlink(Space &space, Chunk *chunk) {
  if (chunk == space.top) {
    space.top = nullptr;
    return;
  }
  if (chunk->next)
    chunk->next->prev = chunk->prev;
  if (chunk->prev) {
    chunk->prev->next = chunk->next;
    return;
  }
  unsigned bin = binFor(chunk->size());
  if ((space.bins[bin] = chunk->next))
    return;
  if (!(space.bits[bin / 32] &= ~(1u << bin % 32)))
    space.words &= ~(1u << bin / 32);
}

//===- Borders --------------------------------------------------------------===//

/// A chunk starts here from now on.
CAIRN_INLINE void addBorder(uint8_t *marks, uint32_t at) {
  uint32_t page = at >> kPageShift;
  uint8_t offset = uint8_t(at % kPageSize / kUnit);
  if (marks[page] == kChunkPage && cairn_rt_starts[page] <= offset)
    return;
  marks[page] = kChunkPage;
  cairn_rt_starts[page] = offset;
}

/// None does here any more: what lies before goes on up to `end`.
CAIRN_INLINE void removeBorder(uint8_t *marks, uint32_t at, uint32_t end) {
  uint32_t page = at >> kPageShift;
  if (cairn_rt_starts[page] != uint8_t(at % kPageSize / kUnit))
    return;
  if (end >> kPageShift == page)
    cairn_rt_starts[page] = uint8_t(end % kPageSize / kUnit);
  else
    marks[page] = kTailPage;
}

/// Says behind `border` whether what lies before it is free.
CAIRN_INLINE void setBefore(Heap *land, uint32_t border, bool free) {
  if (border == land->end)
    return;
  if (isChunk(land, chunkOf(border))) {
    Chunk *chunk = chunkOf(border);
    chunk->word = free ? chunk->word | kBeforeFree : chunk->word & ~uint32_t(kBeforeFree);
  } else {
    cairn_rt_starts[border >> kPageShift] = free;
  }
}

/// Makes [at, at + size) a free chunk, together with its free neighbours. Its own border
/// is there. `before`: what lies before is free.
CAIRN_INLINE void addFreeHere(Heap *land, uint32_t at, uint32_t size, bool before) {
  Space &space = *land->space;
  uint8_t *marks = land->table;
  Chunk *next = chunkOf(at + size);
  if (isChunk(land, next) && !next->used()) {
    unlink(space, next);
    removeBorder(marks, at + size, at + size + next->size());
    size += next->size();
  }
  if (before) {
    uint32_t length = lastWord(at);
    CAIRN_ASSERT("chunk", chunkOf(at - length),
                 !chunkOf(at - length)->used() && chunkOf(at - length)->size() == length, at,
                 length, chunkOf(at - length)->word);
    unlink(space, chunkOf(at - length));
    removeBorder(marks, at, at + size);
    at -= length;
    size += length;
  }
  Chunk *chunk = chunkOf(at);
  chunk->word = size;
  chunk->check = 0;
  if (at + size == land->end) {
    space.top = chunk;
    return;
  }
  lastWord(at + size) = size;
  link(land, chunk);
  setBefore(land, at + size, true);
}

void addFree(Heap *land, uint32_t at, uint32_t size, bool before) {
  addFreeHere(land, at, size, before);
}

/// A live chunk keeps `size` bytes; the others are free.
void cut(Heap *land, Chunk *chunk, uint32_t size) {
  uint32_t rest = chunk->size() - size, at = addressOf(chunk) + size;
  if (!rest)
    return;
  chunk->word -= rest;
  addBorder(land->table, at);
  addFree(land, at, rest, false);
}

//===- Growth ---------------------------------------------------------------===//

/// Makes memory so large that its last free chunk has `size` bytes behind a multiple of
/// `align`. False if it may not grow so far, which is as far as there are marks.
bool grow(Heap *land, uint32_t size, uint32_t align) {
  if (land != defaultHeap())
    return false;
  uint32_t memory = uint32_t(__builtin_wasm_memory_size(0) * kMemoryUnit);
  // What is free at the end counts, if nobody else has grown memory since.
  bool on = memory == land->end;
  Chunk *top = land->space->top;
  uint32_t from = on && top ? addressOf(top) : memory;
  uint64_t to = ((uint64_t(from) + align - 1) & -uint64_t(align)) + size;
  if (to <= memory)
    return true;
  uint64_t units = (to - memory + kMemoryUnit - 1) / kMemoryUnit;
  if (__builtin_wasm_memory_grow(0, size_t(units)) == size_t(-1))
    return false;
  uint32_t end = memory + uint32_t(units * kMemoryUnit);
  if (top) // which has not said it yet
    lastWord(land->end) = top->size();
  __builtin_memset(land->table + (memory >> kPageShift), kTailPage, (end - memory) >> kPageShift);
  land->end = end;
  if (!on && top) {
    land->space->top = nullptr;
    link(land, top);
  }
  addBorder(land->table, memory);
  addFree(land, memory, end - memory, on && top);
  return true;
}

/// A free chunk of at least `size` bytes; null if there is none.
CAIRN_INLINE Chunk *findFree(Space &space, uint32_t size) {
  unsigned bin = binFor(size);
  // Only the first of its own bin: each chunk is a line that is not in the cache. Looking at more
  // took more time, and no less memory (docs/decisions/0010-wasm-chunks.md).
  if (Chunk *chunk = space.bins[bin]; chunk && chunk->size() >= size)
    return chunk;
  bin = nextBin(space, bin + 1);
  if (bin < kChunkBins)
    return space.bins[bin];
  return space.top && space.top->size() >= size ? space.top : nullptr;
}

/// Where `size` bytes at a multiple of `align` would start in a chunk; 0 if they do not fit.
uint32_t placeIn(Chunk *chunk, uint32_t size, uint32_t align) {
  uint32_t at = roundUp(addressOf(chunk), align);
  return at >= addressOf(chunk) && at - addressOf(chunk) <= chunk->size() &&
                 chunk->size() - (at - addressOf(chunk)) >= size
             ? at
             : 0;
}

/// The same with an alignment of more than 64.
Chunk *findFree(Space &space, uint32_t size, uint32_t align) {
  for (unsigned bin = nextBin(space, binFor(size)); bin < kChunkBins;
       bin = nextBin(space, bin + 1)) {
    unsigned tries = kAlignedTries;
    for (Chunk *chunk = space.bins[bin]; chunk && tries; chunk = chunk->next, --tries)
      if (placeIn(chunk, size, align))
        return chunk;
  }
  return space.top && placeIn(space.top, size, align) ? space.top : nullptr;
}

/// Gives back what is left in hand of slabs without a live slot.
bool sweepAll(Heap *land) {
  size_t given = sweep(land);
  if (libcRecord && land == defaultHeap())
    given += sweep(libcRecord);
  return given;
}

/// Makes a free chunk where there is none that fits; null when the heap is full.
__attribute__((cold, noinline)) Chunk *makeFree(Heap *land, uint32_t size, uint32_t align) {
  if (!chunkCalls)
    startChunks();
  if (!grow(land, size, align) && !sweepAll(land))
    return nullptr;
  return align > kUnit ? findFree(*land->space, size, align) : findFree(*land->space, size);
}

/// Makes the first `size` bytes of a free chunk that is in no bin any more a live one.
CAIRN_INLINE Chunk *split(Heap *land, Chunk *chunk, uint32_t size) {
  uint32_t rest = chunk->size() - size, end = addressOf(chunk) + size;
  if (rest) {
    Chunk *free = chunkOf(end);
    addBorder(land->table, end);
    free->word = rest;
    free->check = 0;
    if (end + rest != land->end)
      lastWord(end + rest) = rest;
    link(land, free);
  } else {
    setBefore(land, end, false);
  }
  chunk->word = size | kUsed;
  return chunk;
}

/// Takes `size` bytes out of the free chunks, where a live chunk then starts with that word;
/// null when the heap is full.
CAIRN_INLINE Chunk *take(Heap *land, uint32_t size) {
  Chunk *chunk = CAIRN_LIKELY(land->space != nullptr) ? findFree(*land->space, size) : nullptr;
  if (CAIRN_UNLIKELY(!chunk) && !(chunk = makeFree(land, size, kUnit)))
    return nullptr;
  unlink(*land->space, chunk);
  return split(land, chunk, size);
}

/// The same at a multiple of `align`; what is free before it is so still, and the flag says.
Chunk *take(Heap *land, uint32_t size, uint32_t align) {
  Chunk *chunk = land->space ? findFree(*land->space, size, align) : nullptr;
  if (!chunk && !(chunk = makeFree(land, size, align)))
    return nullptr;
  uint32_t at = placeIn(chunk, size, align), from = addressOf(chunk), all = chunk->size();
  unlink(*land->space, chunk);
  if (at == from)
    return split(land, chunk, size);
  chunk->word = at - from;
  lastWord(at) = at - from;
  addBorder(land->table, at);
  chunkOf(at)->word = all - (at - from);
  link(land, chunk);
  chunk = split(land, chunkOf(at), size);
  chunk->word |= kBeforeFree;
  return chunk;
}

/// The size of a chunk for so many bytes; 0 if no heap has so much.
uint32_t sizeFor(uint64_t bytes, uint32_t header) {
  return bytes > UINT32_MAX - 2 * kMostAlign ? 0 : roundUp(uint32_t(bytes) + header, kUnit);
}

} // namespace

bool isChunk(Heap *land, const void *border) {
  uint32_t at = addressOf(border);
  return at < land->end && (at % kPageSize || land->table[at >> kPageShift] == kChunkPage);
}

Chunk *chunkAt(Heap *land, const void *p) {
  const uint8_t *marks = land->table;
  uint32_t page = pageOf(p), at;
  for (;; --page) {
    if (marks[page] == kTailPage)
      continue;
    if (marks[page] != kChunkPage)
      return nullptr;
    at = (page << kPageShift) + cairn_rt_starts[page] * kUnit;
    if (at <= addressOf(p))
      break;
  }
  Chunk *chunk = chunkOf(at);
  while (addressOf(chunk->after()) <= addressOf(p))
    chunk = chunk->after();
  return chunk;
}

//===- Pages ----------------------------------------------------------------===//

char *takePages(Heap *land, uint32_t bytes, uint32_t align, unsigned mark) {
  Chunk *chunk = take(land, bytes, align);
  if (!chunk)
    return nullptr;
  uint32_t page = pageOf(chunk);
  bool before = chunk->word & kBeforeFree;
  __builtin_memset(land->table + page, int(mark), bytes >> kPageShift);
  cairn_rt_starts[page] = before;
  return reinterpret_cast<char *>(chunk);
}

void givePages(Heap *land, char *from, uint32_t bytes) {
  uint32_t page = pageOf(from);
  bool before = cairn_rt_starts[page];
  uint8_t *marks = land->table;
  __builtin_memset(marks + page, kTailPage, bytes >> kPageShift);
  marks[page] = kChunkPage;
  cairn_rt_starts[page] = 0;
  addFree(land, addressOf(from), bytes, before);
}

void startSpace(Heap *heap, Space *space) {
  heap->space = space;
  __builtin_memset(heap->marks() + (heap->first >> kPageShift), kTailPage,
                   (heap->end - heap->first) >> kPageShift);
  addBorder(heap->marks(), heap->first);
  addFree(heap, heap->first, heap->end - heap->first, false);
}

//===- Large blocks ---------------------------------------------------------===//

Block blockOf(Heap *land, Chunk *chunk) {
  Kind kind = Kind(chunk->kind());
  Block block;
  block.heap = chunk->word & kLibc ? libcRecord : land;
  block.slot = chunk->bytes() + slotPhase(kind);
  block.size = chunk->asked - slotPhase(kind);
  block.mark = unsigned(kLargePage) + kind;
  block.chunk = chunk;
  return block;
}

void *allocateLarge(Heap *heap, Kind kind, uint64_t bytes, size_t align, bool *zero) {
  if (zero)
    *zero = false;
  bool far = align > kHeader;
  // A far block of no bytes has one all the same: its address must not be the next chunk's.
  uint32_t size = sizeFor(bytes, far ? kUnit + !bytes : kHeader);
  if (!size || faulted(CAIRN_FAULT_LARGE))
    return nullptr;
  Heap *land = landOf(heap);
  // The bytes of a far block start 64 behind its chunk: what that leaves before a
  // multiple of the alignment is free again.
  uint32_t front = align > kUnit ? uint32_t(align) - kUnit : 0;
  Chunk *chunk = front ? take(land, front + size, uint32_t(align)) : take(land, size);
  if (!chunk)
    return nullptr;
  if (front) {
    uint32_t at = addressOf(chunk) + front, word = chunk->word;
    addBorder(land->table, at);
    chunkOf(at)->word = size | kUsed;
    addFree(land, addressOf(chunk), front, word & kBeforeFree);
    chunk = chunkOf(at);
  }
  chunk->word |= uint32_t(kind) << kKindShift | (far ? uint32_t(kFar) : 0) |
                 (heap->borrows ? uint32_t(kLibc) : 0);
  chunk->asked = uint32_t(bytes);
  chunk->check = ~addressOf(chunk);
  countBytes(heap, int32_t(size));
  validateAtTimes(heap);
  return chunk->bytes();
}

void freeChunk(Heap *heap, Chunk *chunk) {
  uint32_t size = chunk->size();
  countBytes(heap, -int32_t(size));
  chunk->check = 0;
  addFreeHere(landOf(heap), addressOf(chunk), size, chunk->word & kBeforeFree);
  validateAtTimes(heap);
}

void freeLarge(const Block &block) { freeChunk(block.heap, block.chunk); }

bool resizeLarge(const Block &block, size_t n) {
  Chunk *chunk = block.chunk;
  Heap *land = landOf(block.heap);
  uint32_t have = chunk->size(), want = sizeFor(n, have - chunk->room());
  if (!want)
    return false;
  if (want > have) {
    Chunk *next = chunk->after();
    uint32_t end = addressOf(next);
    bool last = end == land->end ||
                (isChunk(land, next) && !next->used() && addressOf(next->after()) == land->end);
    uint32_t room = isChunk(land, next) && !next->used() ? next->size() : 0;
    if (room < want - have) {
      if (!last || !grow(land, want - have, kUnit) || !isChunk(land, next) || next->used() ||
          next->size() < want - have)
        return false;
      room = next->size();
    }
    unlink(*land->space, next);
    removeBorder(land->table, end, end + room);
    chunk->word += room;
    setBefore(land, end + room, false);
  }
  cut(land, chunk, want);
  chunk->asked = uint32_t(n);
  countBytes(block.heap, int32_t(want - have));
  return true;
}

Block largeAt(const void *p) {
  // Most frees are of a block's first byte.
  uint32_t at = addressOf(p) - kHeader;
  Heap *land = defaultHeap();
  bool inDefault = land->contains(p);
  unsigned mark = inDefault ? land->table[pageOf(p)] : unsigned(kForeignPage);
  if (mark == kOtherHeapPage) {
    land = madeHeaps;
    while (land && (land->borrows || !land->contains(p)))
      land = land->next;
    mark = land ? land->table[pageOf(p)] : unsigned(kForeignPage);
  }
  if (mark != kChunkPage && mark != kTailPage)
    return Block();
  Chunk *chunk = chunkOf(at);
  if (at % kUnit || at >> kPageShift != pageOf(p) || chunk->check != ~at)
    chunk = chunkAt(land, p);
  if (!chunk || !chunk->used() || chunk->kind() == kRecord)
    return Block();
  Block block = blockOf(land, chunk);
  const char *q = static_cast<const char *>(p);
  return q >= block.slot && (q < block.slot + block.size || q == block.slot) ? block : Block();
}

//===- What other parts of the runtime call --------------------------------===//

namespace {

char *takeSlabPage(Heap *heap, unsigned bin) {
  char *page = takePages(landOf(heap), kPageSize, kPageSize,
                         heap->borrows ? unsigned(kOtherHeapPage) : bin + 1);
  if (page) {
    if (heap->borrows) {
      heap->table[pageOf(page)] = uint8_t(bin + 1);
      heap->end = defaultHeap()->end;
    }
    countBytes(heap, kSlabBytes);
  }
  return page;
}

void giveSlabPage(Heap *heap, SlabHead *slab) {
  if (heap->borrows)
    heap->table[pageOf(slab)] = kForeignPage;
  givePages(landOf(heap), reinterpret_cast<char *>(slab), kPageSize);
  countBytes(heap, -int32_t(kSlabBytes));
}

Heap *ownerOf(const void *p) {
  Chunk *chunk = libcRecord ? chunkAt(defaultHeap(), p) : nullptr;
  return chunk && chunk->used() && chunk->word & kLibc ? libcRecord : defaultHeap();
}

constexpr ChunkCalls kCalls = {takeSlabPage, giveSlabPage, largeAt, freeLarge, ownerOf};

} // namespace

void startChunks() {
  chunkCalls = &kCalls;
  Heap *land = defaultHeap();
  land->space = &defaultSpace;
  land->table = cairn_rt_marks;
  uint32_t at = land->top;
  if (!land->end) {
    land->end = uint32_t(__builtin_wasm_memory_size(0) * kMemoryUnit);
    at = roundUp(addressOf(__heap_base), kUnit);
  }
  uint32_t page = at >> kPageShift, end = land->endPage();
  if (at != land->end) {
    __builtin_memset(land->table + page, kTailPage, end - page);
    addBorder(land->table, at);
    addFree(land, at, land->end - at, false);
  }
  for (void *free = land->freePages; free;) {
    char *from = static_cast<char *>(free);
    free = *static_cast<void **>(free);
    givePages(land, from, kPageSize);
  }
}

} // namespace cairn
