//===- raw.cpp - malloc and its family -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "wasm/space.h"

namespace cairn {

namespace {

/// The class whose slots hold n bytes at multiples of `align`; kClasses if none.
/// Slabs of raw blocks start their slots at multiples of 16.
unsigned alignedClass(size_t n, size_t align) {
  size_t size = (n + align - 1) & ~(align - 1);
  if (align > 16 || size > kMaxSmall || size < n)
    return kClasses;
  return classOf(size ? size : align);
}

void *allocate(Heap *heap, uint64_t n) {
  if (n > kMaxSmall)
    return allocateLarge(heap, kRaw, n, kGranule);
  return allocateSlotOrSweep(heap, binOf(kRaw, classOf(size_t(n))));
}

/// Whether a slot is among the first of its slab's list. Only a block freed a while ago
/// passes for a live one.
bool recentlyFreed(const void *link) {
  unsigned steps = 8;
  for (void *p = slabOf(link)->free; p && steps; p = *static_cast<void **>(p), --steps)
    if (p == link)
      return true;
  return false;
}

/// Finds the raw block that starts at p; reports and gives no heap if there is none.
Block find(void *p) {
  if (Chunk *chunk = rawAt(p))
    return blockOf(defaultHeap(), chunk);
  Block block = blockAt(p);
  cairn_error_kind error = CAIRN_ERROR_FOREIGN;
  const char *what = nullptr;
  if (!block.heap) {
    Heap *heap = heapOf(p);
    if (!heap)
      what = "not a block of any heap";
    else if (isSlab(heap->marks()[pageOf(p)]))
      what = "never given out";
    else
      error = CAIRN_ERROR_DEAD, what = "freed already, or never given out";
  } else if (kindOf(block.mark) != kRaw) {
    error = CAIRN_ERROR_KIND, what = "an object, not a raw block";
  } else if (block.slot != p) {
    error = CAIRN_ERROR_INTERIOR, what = "inside a block, not its start";
  } else if (isSlab(block.mark) && recentlyFreed(p)) {
    error = CAIRN_ERROR_DEAD, what = "freed already";
  }
  if (!what)
    return block;
  fail(error, p, what);
  return Block();
}

/// Whether `size` may be what the block was last asked for.
bool sizeFits(const Block &block, uint64_t size) {
  if (isLarge(block.mark))
    return size == block.size;
  if (size > block.size)
    return false;
  return classOf(size_t(size)) == block.mark - 1 ||
         alignedClass(size_t(size), 16) == block.mark - 1;
}

void release(const Block &block) {
  if (isLarge(block.mark))
    freeLarge(block);
  else
    freeSlot(block.heap, block.mark - 1, block.slot);
}

void *alignedAllocate(Heap *heap, size_t align, size_t n) {
  if (align == 0 || (align & (align - 1)) || align > kMostAlign)
    return nullptr;
  if (align <= 8 && n <= kMaxSmall)
    return allocate(heap, n);
  unsigned c = alignedClass(n, align);
  if (c < kClasses)
    return allocateSlotOrSweep(heap, binOf(kRaw, c));
  return allocateLarge(heap, kRaw, n, align < kGranule ? kGranule : align);
}

void *zeroAllocate(Heap *heap, size_t count, size_t size) {
  uint64_t n = uint64_t(count) * size;
  void *p = n > SIZE_MAX ? nullptr : allocate(heap, n);
  return p ? __builtin_memset(p, 0, size_t(n)) : nullptr;
}

} // namespace

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_COLD void *cairn_rt_malloc_large(uint64_t size, void *heap) {
  return allocateLarge(orDefault(heap), kRaw, size, kGranule);
}

CAIRN_COLD void cairn_rt_free(void *p) {
  if (!p)
    return;
  Block block = find(p);
  if (block.heap)
    release(block);
}

CAIRN_COLD void cairn_rt_free_sized(void *p, uint64_t size) {
  if (!p)
    return;
  Block block = find(p);
  if (!block.heap)
    return;
  if (sizeFits(block, size))
    release(block);
  else
    fail(CAIRN_ERROR_SIZE, p, "freed with a size that the block does not have");
}

CAIRN_API void *cairn_malloc(size_t n) { return allocate(defaultHeap(), n); }
CAIRN_API void *cairn_heap_malloc(cairn_heap *heap, size_t n) {
  return allocate(orDefault(heap), n);
}
CAIRN_API void *cairn_calloc(size_t count, size_t size) {
  return zeroAllocate(defaultHeap(), count, size);
}
CAIRN_API void *cairn_heap_calloc(cairn_heap *heap, size_t count, size_t size) {
  return zeroAllocate(orDefault(heap), count, size);
}
CAIRN_API void *cairn_aligned_alloc(size_t align, size_t n) {
  return alignedAllocate(defaultHeap(), align, n);
}
CAIRN_API void *cairn_heap_aligned_alloc(cairn_heap *heap, size_t align, size_t n) {
  return alignedAllocate(orDefault(heap), align, n);
}
CAIRN_API void cairn_free(void *p) { cairn_rt_free(p); }
CAIRN_API void cairn_free_sized(void *p, size_t n) { cairn_rt_free_sized(p, n); }

CAIRN_API size_t cairn_usable_size(const void *p) {
  return p ? find(const_cast<void *>(p)).size : 0;
}

CAIRN_API void *cairn_realloc(void *p, size_t n) {
  if (!p)
    return cairn_malloc(n);
  Block block = find(p);
  if (!block.heap)
    return nullptr;
  if (isLarge(block.mark)) {
    if (n > kMaxSmall && resizeLarge(block, n))
      return p;
  } else if (n <= kMaxSmall && sizeFits(block, n)) {
    return p;
  }
  void *q = allocate(block.heap, n);
  if (!q)
    return nullptr;
  __builtin_memcpy(q, p, block.size < n ? block.size : n);
  release(block);
  return q;
}

} // extern "C"
