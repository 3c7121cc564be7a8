//===- outside.h - What sanitizers are told -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sanitizers and valgrind's memcheck know malloc, and not this heap. They are told
//
//   AddressSanitizer   which memory of a checked heap nobody may touch (hide, show)
//   ThreadSanitizer    which thread's writes another has waited for, where a block changes
//                      hands (released, acquired)
//   memcheck           which memory nobody may touch, and which blocks there are (handedOut,
//                      takenBack)
//   MemorySanitizer    which bytes of a block of a checked heap the program has not written
//                      (unwritten), and which the runtime has (written)
//   LeakSanitizer      where blocks lie that may refer to malloc's (searched, notSearched)
//
// If the program has a sanitizer, its functions are there under names that are weak here.
// memcheck listens to instructions that do nothing otherwise. It sees what the runtime reads, too:
// reads of what is hidden, or was never written, are made while it is told not to report (Unseen).
// MemorySanitizer sees neither the runtime's reads nor its writes, but what the C library's
// functions are called with: Unseen is for that, too.
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
#define CAIRN_TELLS_MSAN 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAIRN_TELLS_ASAN 0
#endif
#if __has_feature(thread_sanitizer)
#define CAIRN_TELLS_TSAN 0
#endif
#if __has_feature(memory_sanitizer)
#define CAIRN_TELLS_MSAN 0
#endif
#endif
#ifndef CAIRN_TELLS_ASAN
#define CAIRN_TELLS_ASAN 1
#endif
#ifndef CAIRN_TELLS_TSAN
#define CAIRN_TELLS_TSAN 1
#endif
#ifndef CAIRN_TELLS_MSAN
#define CAIRN_TELLS_MSAN 1
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
#if CAIRN_TELLS_MSAN
__attribute__((weak)) void __msan_allocated_memory(const volatile void *, size_t);
__attribute__((weak)) void __msan_unpoison(const volatile void *, size_t);
__attribute__((weak)) void __msan_unpoison_param(size_t);
__attribute__((weak)) void __msan_scoped_disable_interceptor_checks(void);
__attribute__((weak)) void __msan_scoped_enable_interceptor_checks(void);
#endif
#if CAIRN_TELLS_TSAN
__attribute__((weak)) void __tsan_acquire(void *);
__attribute__((weak)) void __tsan_release(void *);
#endif
}

namespace cairn::platform {

#define CAIRN_OUTSIDE static inline __attribute__((always_inline))

#if CAIRN_TELLS_MSAN
CAIRN_OUTSIDE bool hasMsan() { return __msan_unpoison != nullptr; }
#else
CAIRN_OUTSIDE bool hasMsan() { return false; }
#endif

#if defined(CAIRN_TELLS_MEMCHECK)
extern bool underMemcheck; ///< Since the first heap was made.
/// Asks.
bool findMemcheck();
#else
constexpr bool underMemcheck = false;
#endif

/// The block at p is the program's: `bytes` that were never written. It has been shown.
CAIRN_OUTSIDE void handedOut([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_MALLOCLIKE_BLOCK(p, bytes, 0, 0);
#endif
}
/// It is not any more.
CAIRN_OUTSIDE void takenBack([[maybe_unused]] const void *p) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_FREELIKE_BLOCK(p, 0);
#endif
}
/// It has another size, and is where it was.
CAIRN_OUTSIDE void resized([[maybe_unused]] const void *p, [[maybe_unused]] size_t from,
                           [[maybe_unused]] size_t to) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_RESIZEINPLACE_BLOCK(p, from, to, 0);
#endif
}
/// The runtime has written these bytes of the program's, or read them and found them sound.
CAIRN_OUTSIDE void written([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (__builtin_expect(underMemcheck, 0))
    VALGRIND_MAKE_MEM_DEFINED(p, bytes);
#endif
#if CAIRN_TELLS_MSAN
  if (__builtin_expect(hasMsan(), 0))
    __msan_unpoison(p, bytes);
#endif
}
/// Nobody has written these bytes of a block that the program gets. memcheck knows by handedOut().
CAIRN_OUTSIDE void unwritten([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_MSAN
  if (__builtin_expect(hasMsan(), 0))
    __msan_allocated_memory(p, bytes);
#endif
}
/// A function of the program's is called next, with `count` arguments that are known: what is at
/// `p` is one of them.
CAIRN_OUTSIDE void callsProgram([[maybe_unused]] size_t count,
                                [[maybe_unused]] const void *p = nullptr,
                                [[maybe_unused]] size_t bytes = 0) {
#if CAIRN_TELLS_MSAN
  if (__builtin_expect(hasMsan(), 0)) {
    __msan_unpoison(p, bytes);
    __msan_unpoison_param(count);
  }
#endif
}
/// For as long as it lives, nothing is reported of the calling thread: by memcheck of the runtime's
/// reads, by MemorySanitizer of the C library's.
class Unseen {
public:
  Unseen() {
#if defined(CAIRN_TELLS_MEMCHECK)
    if (__builtin_expect(underMemcheck, 0))
      VALGRIND_DISABLE_ERROR_REPORTING;
#endif
#if CAIRN_TELLS_MSAN
    if (__builtin_expect(hasMsan(), 0))
      __msan_scoped_disable_interceptor_checks();
#endif
  }
  ~Unseen() {
#if defined(CAIRN_TELLS_MEMCHECK)
    if (__builtin_expect(underMemcheck, 0))
      VALGRIND_ENABLE_ERROR_REPORTING;
#endif
#if CAIRN_TELLS_MSAN
    if (__builtin_expect(hasMsan(), 0))
      __msan_scoped_enable_interceptor_checks();
#endif
  }
  Unseen(const Unseen &) = delete;
};

#if CAIRN_TELLS_ASAN
CAIRN_OUTSIDE bool hasAsan() { return __asan_poison_memory_region != nullptr; }
#else
CAIRN_OUTSIDE bool hasAsan() { return false; }
#endif
/// Whether somebody wants to know what nobody may touch.
CAIRN_OUTSIDE bool hides() { return __builtin_expect(hasAsan() || underMemcheck, 0); }
/// Whether somebody wants to know what is given out, and what is taken back.
CAIRN_OUTSIDE bool listens() { return hides() || __builtin_expect(hasMsan(), 0); }
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

/// What words in [p, p + bytes) refer to is not lost. Only what is mapped and readable is looked
/// at.
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
