//===- malloc.cpp - The C library's malloc, with wasi-libc -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every name that wasi-libc's own allocator defines, so that the linker never takes
// that one: both would believe that the memory behind __heap_base is theirs. The C
// library's blocks are in a heap of their own, as on other targets: the figures of
// the default heap are the program's.
//
//===----------------------------------------------------------------------===//

#if defined(__wasi__)

#include "wasm/space.h"

// The C library's header has the prototypes.
#pragma clang diagnostic ignored "-Wmissing-prototypes"

using namespace cairn;

namespace cairn {

namespace {

Heap libc;

/// The heap, ready for use: constructors may come before ours.
cairn_heap *libcHeap() {
  if (!libc.borrows) {
    libc.borrows = true;
    libc.table = cairn_rt_libc_marks;
    libc.name = "malloc";
    libc.next = madeHeaps;
    madeHeaps = &libc;
    libcRecord = &libc;
    if (!chunkCalls)
      startChunks();
  }
  return reinterpret_cast<cairn_heap *>(&libc);
}

} // namespace

} // namespace cairn

/// CAIRN_STATS works in programs.
__attribute__((constructor)) static void start() { heapMade(); }

static constexpr int kNoMemory = 48; ///< WASI's ENOMEM and EINVAL.
static constexpr int kInvalid = 28;

extern "C" {
extern int errno;

static void *orNoMemory(void *p) {
  if (CAIRN_UNLIKELY(!p))
    errno = kNoMemory;
  return p;
}

CAIRN_API void *malloc(size_t n) {
  if (CAIRN_LIKELY(n <= kMaxSmall))
    if (void *p = fast::pop(&libc.bins, binOf(kRaw, fast::classFor(n))))
      return p;
  libcHeap();
  return orNoMemory(n > kMaxSmall ? allocateLarge(&libc, kRaw, n, kGranule)
                                  : allocateSlotOrSweep(&libc, binOf(kRaw, classOf(n))));
}
CAIRN_API void free(void *p) {
  unsigned bin = cairn_rt_libc_marks[pageOf(p)] - 1u;
  if (CAIRN_LIKELY(bin < kClasses))
    freeSlot(&libc, bin, p);
  else if (Chunk *chunk = rawAt(p))
    freeChunk(chunk->word & kLibc ? &libc : defaultHeap(), chunk);
  else
    cairn_rt_free(p);
}
CAIRN_API void *calloc(size_t count, size_t size) {
  return orNoMemory(cairn_heap_calloc(libcHeap(), count, size));
}
CAIRN_API void *realloc(void *p, size_t n) {
  return p ? orNoMemory(cairn_realloc(p, n)) : malloc(n);
}
CAIRN_API void *aligned_alloc(size_t align, size_t n) {
  return orNoMemory(cairn_heap_aligned_alloc(libcHeap(), align, n));
}
CAIRN_API int posix_memalign(void **p, size_t align, size_t n) {
  if (align < sizeof(void *) || (align & (align - 1)))
    return kInvalid;
  void *block = cairn_heap_aligned_alloc(libcHeap(), align, n);
  if (!block)
    return kNoMemory;
  *p = block;
  return 0;
}
CAIRN_API size_t malloc_usable_size(void *p) { return cairn_usable_size(p); }

// What the library calls itself.
CAIRN_API void *__libc_malloc(size_t n) { return malloc(n); }
CAIRN_API void *__libc_calloc(size_t count, size_t size) { return calloc(count, size); }
CAIRN_API void __libc_free(void *p) { free(p); }

} // extern "C"

#endif
