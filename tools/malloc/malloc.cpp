//===- malloc.cpp - The C library's allocation functions -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As glibc documents them: malloc(0) is a block of its own, realloc(p, 0) frees p,
// failure is null with errno ENOMEM, and free leaves errno alone. docs/malloc.md
// has what is decided where the standards leave a choice.
//
//===----------------------------------------------------------------------===//

#include "block.h"
#include "heap/checked.h"
#include "heap/purger.h"

#include <errno.h>

namespace cairn::process {

namespace {
Heap *checkedHeap() {
  Heap *heap = defaultHeap();
  return heap && heap->checked ? heap : nullptr;
}
void *orNoMemory(void *p) {
  if (!p)
    errno = ENOMEM;
  return p;
}
} // namespace

void *takeSlow(size_t n) { return takeSlow(n, kPlainBlock); }

void *takeSlow(size_t n, unsigned form) {
  if (Heap *heap = checkedHeap())
    return orNoMemory(checkedAllocateRaw(heap, {n, form}, n < kMovable ? kAlign : platform::kPage));
  void *p = n <= kMaxSmall  ? cairn_rt_take_slot(binFor(n).index(), nullptr)
            : n >= kMovable ? takeMovable(n)
                            : cairn_rt_malloc_large(n, nullptr);
  if (p && n <= kMaxSmall)
    markGiven(p);
  return orNoMemory(p);
}

void giveSlow(void *p) {
  int before = errno;
  cairn_free(p);
  errno = before;
}

void freeWithClaim(void *p, Claim claim) {
  Deleted by = {claim.align, claim.form};
  freeAs(p, claim.size == Claim::kNone ? nullptr : &claim.size,
         claim.align == Claim::kNone ? nullptr : &by);
}

void giveSlow(void *p, Claim claim) {
  int before = errno;
  if (checkedHeap())
    freeWithClaim(p, claim);
  else
    cairn_free(p);
  errno = before;
}

void *allocateAligned(size_t align, size_t n, unsigned form) {
  if (Heap *heap = checkedHeap(); heap && (align <= kMostAlign || heap->base % align == 0))
    return orNoMemory(checkedAllocateRaw(heap, {n, form ? alignCode(align) | form : kPlainBlock},
                                         align < kAlign ? kAlign : align));
  if (align <= kAlign)
    return allocate(n);
  void *p = nullptr;
  if (align <= kMostAlign) {
    p = cairn_aligned_alloc(align, n);
  } else if (Heap *heap = defaultHeap()) {
    // Runs are aligned against the region's base.
    if (heap->base % align == 0)
      p = allocateLarge(heap, kRaw, n ? n : 1, align);
  }
  return orNoMemory(p);
}

namespace {

__attribute__((constructor)) void configure() { startPurgerEarly(); }

constexpr bool isPowerOf2(size_t n) { return n && !(n & (n - 1)); }

void *resize(void *p, size_t n) {
  if (!p)
    return allocate(n);
  if (!n) {
    give(p);
    return nullptr;
  }
  if (CAIRN_UNLIKELY(!addressHasRecord(p)))
    return resizeSlow(p, n);
  Slab *slab = fast::slabOf(p);
  if (__atomic_load_n(&slab->owner, __ATOMIC_RELAXED) != fast::self() + kRaw)
    return resizeSlow(p, n);
  if (CAIRN_UNLIKELY(!isLive(slab, p)))
    return resizeSlow(p, n);
  size_t old = slab->slotSize;
  // A block that shrinks moves when that frees half of it.
  if (n <= old && (n > old / 2 || old == kAlign))
    return p;
  void *q = allocate(n);
  if (!q)
    return nullptr;
  __builtin_memcpy(q, p, n < old ? n : old);
  give(p);
  return q;
}

void *allocateZeroed(size_t count, size_t size) {
  size_t n;
  if (__builtin_mul_overflow(count, size, &n)) {
    errno = ENOMEM;
    return nullptr;
  }
  if (n <= kMaxSmall) {
    void *p = allocate(n);
    return p ? __builtin_memset(p, 0, n) : nullptr;
  }
  bool zero = false; // memory fresh from the system is not written
  Heap *heap = defaultHeap();
  void *p = heap ? allocateLarge(heap, kRaw, n, n < kMovable ? kGranule : platform::kPage, &zero)
                 : nullptr;
  if (!p)
    errno = ENOMEM;
  else if (!zero)
    __builtin_memset(p, 0, n);
  return p;
}

void *resizeArray(void *p, size_t count, size_t size) {
  size_t n;
  if (__builtin_mul_overflow(count, size, &n)) {
    errno = ENOMEM;
    return nullptr;
  }
  return resize(p, n);
}

/// memalign takes any alignment, and rounds it up.
void *allocateRounded(size_t align, size_t n) {
  if (align > SIZE_MAX / 2 + 1) {
    errno = EINVAL;
    return nullptr;
  }
  size_t power = kAlign;
  while (power < align)
    power *= 2;
  return allocateAligned(power, n);
}

int allocateTo(void **to, size_t align, size_t n) {
  if (align % sizeof(void *) || !isPowerOf2(align))
    return EINVAL;
  int before = errno; // POSIX has the error in the result alone
  void *p = allocateAligned(align, n);
  errno = before;
  if (!p)
    return ENOMEM;
  *to = p;
  return 0;
}

void *allocatePages(size_t n) {
  if (n > SIZE_MAX - (platform::kPage - 1)) {
    errno = ENOMEM;
    return nullptr;
  }
  return allocateAligned(platform::kPage, (n + platform::kPage - 1) & ~size_t(platform::kPage - 1));
}

} // namespace

} // namespace cairn::process

using namespace cairn;

extern "C" {

CAIRN_API void *malloc(size_t n) noexcept { return process::allocate(n); }
CAIRN_API void free(void *p) noexcept { process::give(p); }
CAIRN_API void *calloc(size_t count, size_t size) noexcept {
  return process::allocateZeroed(count, size);
}
CAIRN_API void *realloc(void *p, size_t n) noexcept { return process::resize(p, n); }
CAIRN_API void *reallocarray(void *p, size_t count, size_t size) noexcept {
  return process::resizeArray(p, count, size);
}

// The size is a hint that the slab's record makes useless: nothing relies on it, and only
// checked heaps look at it.
CAIRN_API void free_sized(void *p, size_t n) noexcept { process::give(p, {.size = n}); }
CAIRN_API void free_aligned_sized(void *p, size_t, size_t n) noexcept {
  process::give(p, {.size = n});
}

CAIRN_API void *aligned_alloc(size_t align, size_t n) noexcept {
  if (process::isPowerOf2(align))
    return process::allocateAligned(align, n);
  errno = EINVAL;
  return nullptr;
}
CAIRN_API void *memalign(size_t align, size_t n) noexcept {
  return process::allocateRounded(align, n);
}
CAIRN_API int posix_memalign(void **to, size_t align, size_t n) noexcept {
  return process::allocateTo(to, align, n);
}
CAIRN_API void *valloc(size_t n) noexcept { return process::allocateAligned(platform::kPage, n); }
CAIRN_API void *pvalloc(size_t n) noexcept { return process::allocatePages(n); }
CAIRN_API size_t malloc_usable_size(void *p) noexcept { return cairn_usable_size(p); }

// Names that old programs, and some that wrap malloc themselves, reach the C
// library's own functions by: their blocks come back through free.
#define CAIRN_ALIAS(name) CAIRN_API __attribute__((alias(#name)))
CAIRN_ALIAS(free) void cfree(void *p) noexcept;
CAIRN_ALIAS(malloc) void *__libc_malloc(size_t n) noexcept;
CAIRN_ALIAS(free) void __libc_free(void *p) noexcept;
CAIRN_ALIAS(calloc) void *__libc_calloc(size_t count, size_t size) noexcept;
CAIRN_ALIAS(realloc) void *__libc_realloc(void *p, size_t n) noexcept;
CAIRN_ALIAS(memalign) void *__libc_memalign(size_t align, size_t n) noexcept;
CAIRN_ALIAS(valloc) void *__libc_valloc(size_t n) noexcept;
CAIRN_ALIAS(pvalloc) void *__libc_pvalloc(size_t n) noexcept;
CAIRN_ALIAS(posix_memalign) int __posix_memalign(void **to, size_t align, size_t n) noexcept;

} // extern "C"
