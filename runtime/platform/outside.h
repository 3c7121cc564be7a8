//===- outside.h - What sanitizers are told -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AddressSanitizer, ThreadSanitizer and valgrind's memcheck know malloc, and not this heap. They
// are told
//
//   AddressSanitizer   which memory of a checked heap nobody may touch (hide, show)
//   ThreadSanitizer    which thread's writes another has waited for, where a block changes
//                      hands (released, acquired)
//   memcheck           which memory nobody may touch, and which blocks there are (handedOut,
//                      takenBack)
//   LeakSanitizer      where blocks lie that may refer to malloc's (searched, notSearched)
//
// If the program has a sanitizer, its functions are there under names that are weak here.
// memcheck listens to instructions that do nothing otherwise. It sees what the runtime reads, too:
// reads of what is hidden, or was never written, are made while it is told not to report (Unseen).
//
// (docs/decisions/0040-sanitizers.md). A runtime that is itself built with the sanitizer is seen
// by it anyhow, and tells nothing.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_OUTSIDE_H
#define CAIRN_PLATFORM_OUTSIDE_H

#include "platform/platform.h"

#if defined(__wasm__)
#define CAIRN_TELLS_ASAN 0
#define CAIRN_TELLS_TSAN 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAIRN_TELLS_ASAN 0
#endif
#if __has_feature(thread_sanitizer)
#define CAIRN_TELLS_TSAN 0
#endif
#endif
#ifndef CAIRN_TELLS_ASAN
#define CAIRN_TELLS_ASAN 1
#endif
#ifndef CAIRN_TELLS_TSAN
#define CAIRN_TELLS_TSAN 1
#endif

// Not in bitcode, whose users may have no assembler (CMakeLists.txt says so).
#if defined(CAIRN_TELLS_MEMCHECK)
#include <valgrind/memcheck.h>
#endif

extern "C" {
#if CAIRN_TELLS_ASAN
__attribute__((weak)) void __asan_poison_memory_region(const volatile void *, size_t);
__attribute__((weak)) void __asan_unpoison_memory_region(const volatile void *, size_t);
__attribute__((weak)) void __lsan_register_root_region(const void *, size_t);
__attribute__((weak)) void __lsan_unregister_root_region(const void *, size_t);
#endif
#if CAIRN_TELLS_TSAN
__attribute__((weak)) void __tsan_acquire(void *);
__attribute__((weak)) void __tsan_release(void *);
#endif
}

namespace cairn::platform {

#define CAIRN_OUTSIDE static inline __attribute__((always_inline))

#if defined(CAIRN_TELLS_MEMCHECK)
extern bool underMemcheck; ///< Since the first heap was made.
/// Asks.
bool findMemcheck();
/// The block at p is the program's: `bytes` that were never written. It has been shown.
CAIRN_OUTSIDE void handedOut(const void *p, size_t bytes) {
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_MALLOCLIKE_BLOCK(p, bytes, 0, 0);
}
/// It is not any more.
CAIRN_OUTSIDE void takenBack(const void *p) {
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_FREELIKE_BLOCK(p, 0);
}
/// It has another size, and is where it was.
CAIRN_OUTSIDE void resized(const void *p, size_t from, size_t to) {
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_RESIZEINPLACE_BLOCK(p, from, to, 0);
}
/// The runtime has written these bytes of a block, or read them and found them sound.
CAIRN_OUTSIDE void written(const void *p, size_t bytes) {
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_MAKE_MEM_DEFINED(p, bytes);
}
/// For as long as it lives, nothing is reported of the calling thread.
class Unseen {
public:
  Unseen() {
    if (__builtin_expect(underMemcheck, 0))
      VALGRIND_DISABLE_ERROR_REPORTING;
  }
  ~Unseen() {
    if (__builtin_expect(underMemcheck, 0))
      VALGRIND_ENABLE_ERROR_REPORTING;
  }
  Unseen(const Unseen &) = delete;
};
#else
constexpr bool underMemcheck = false;
CAIRN_OUTSIDE void handedOut(const void *, size_t) {}
CAIRN_OUTSIDE void takenBack(const void *) {}
CAIRN_OUTSIDE void resized(const void *, size_t, size_t) {}
CAIRN_OUTSIDE void written(const void *, size_t) {}
struct Unseen {
  Unseen() {}
  ~Unseen() {}
};
#endif

#if CAIRN_TELLS_ASAN
CAIRN_OUTSIDE bool hasAsan() { return __asan_poison_memory_region != nullptr; }
#else
CAIRN_OUTSIDE bool hasAsan() { return false; }
#endif
/// Whether somebody wants to know what nobody may touch.
CAIRN_OUTSIDE bool hides() { return __builtin_expect(hasAsan() || underMemcheck, 0); }
/// The program may not touch [p, p + bytes) from now on. The runtime may, as long as it calls none
/// of the C library's functions for it, which AddressSanitizer has its own of.
CAIRN_OUTSIDE void hide([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_ASAN
  if (__builtin_expect(hasAsan(), 0))
    __asan_poison_memory_region(p, bytes);
#endif
#if defined(CAIRN_TELLS_MEMCHECK)
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_MAKE_MEM_NOACCESS(p, bytes);
#endif
}
/// It may.
CAIRN_OUTSIDE void show([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_ASAN
  if (__builtin_expect(hasAsan(), 0))
    __asan_unpoison_memory_region(p, bytes);
#endif
  written(p, bytes);
}

/// What words in [p, p + bytes) refer to is not lost. Only what is mapped and readable is looked at.
CAIRN_OUTSIDE void searched([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_ASAN
  if (__builtin_expect(__lsan_register_root_region != nullptr, 0))
    __lsan_register_root_region(p, bytes);
#endif
}
/// It is looked at no more. The two numbers are those of a call of searched().
CAIRN_OUTSIDE void notSearched([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_ASAN
  if (__builtin_expect(__lsan_unregister_root_region != nullptr, 0))
    __lsan_unregister_root_region(p, bytes);
#endif
}

#if CAIRN_TELLS_TSAN
/// Whether anybody listens to the two.
CAIRN_OUTSIDE bool tellsThreads() { return __tsan_release != nullptr; }
/// What the calling thread did so far comes before what others do after acquired() with the same
/// address.
CAIRN_OUTSIDE void released(void *p) {
  if (__builtin_expect(__tsan_release != nullptr, 0))
    __tsan_release(p);
}
CAIRN_OUTSIDE void acquired(void *p) {
  if (__builtin_expect(__tsan_acquire != nullptr, 0))
    __tsan_acquire(p);
}
#else
CAIRN_OUTSIDE bool tellsThreads() { return false; }
CAIRN_OUTSIDE void released(void *) {}
CAIRN_OUTSIDE void acquired(void *) {}
#endif

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_OUTSIDE_H
