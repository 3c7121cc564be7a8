//===- malloc.cpp - The C library's malloc, with wasi-libc -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every name that wasi-libc's own allocator defines, so that the linker never takes
// that one: both would believe that the memory behind __heap_base is theirs.
//
//===----------------------------------------------------------------------===//

#if defined(__wasi__)

#include "wasm/heap.h"

using namespace cairn;

namespace cairn {
void reportAtExit();
}

/// CAIRN_STATS works in programs.
__attribute__((constructor)) static void start() { reportAtExit(); }

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
    if (void *p = fast::pop(fast::bins(), binOf(kRaw, fast::classFor(n))))
      return p;
  return orNoMemory(cairn_malloc(n));
}
CAIRN_API void free(void *p) {
  if (CAIRN_UNLIKELY(!fast::push(p, kRaw)))
    cairn_rt_free(p);
}
CAIRN_API void *calloc(size_t count, size_t size) { return orNoMemory(cairn_calloc(count, size)); }
CAIRN_API void *realloc(void *p, size_t n) { return orNoMemory(cairn_realloc(p, n)); }
CAIRN_API void *aligned_alloc(size_t align, size_t n) {
  return orNoMemory(cairn_aligned_alloc(align, n));
}
CAIRN_API int posix_memalign(void **p, size_t align, size_t n) {
  if (align < sizeof(void *) || (align & (align - 1)))
    return kInvalid;
  void *block = cairn_aligned_alloc(align, n);
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
