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
#if CAIRN_TELLS_ASAN
CAIRN_OUTSIDE bool hasAsan() { return __asan_poison_memory_region != nullptr; }
#else
CAIRN_OUTSIDE bool hasAsan() { return false; }
#endif
#if CAIRN_TELLS_TSAN
CAIRN_OUTSIDE bool tellsThreads() { return __tsan_release != nullptr; }
#else
CAIRN_OUTSIDE bool tellsThreads() { return false; }
#endif

#if defined(__wasm__)
constexpr bool isWatched = false, isHiding = false;
#else
/// Whether there is anybody to be told anything; whether somebody wants to know what nobody may
/// touch. Known since the first heap was made. What follows is asked at each block, and so asks no
/// more.
extern bool isWatched, isHiding;
/// Asks.
void findWatchers();
extern bool underMemcheck; ///< As isWatched.

// What the functions below do where somebody is told (outside.cpp).
#define CAIRN_TELLS __attribute__((cold, noinline, preserve_most))
CAIRN_TELLS void tellHandedOut(const void *p, size_t bytes);
CAIRN_TELLS void tellTakenBack(const void *p);
CAIRN_TELLS void tellResized(const void *p, size_t from, size_t to);
CAIRN_TELLS void tellWritten(const void *p, size_t bytes);
CAIRN_TELLS void tellUnwritten(const void *p, size_t bytes);
CAIRN_TELLS void tellCallsProgram(size_t count, const void *p, size_t bytes);
CAIRN_TELLS void tellUnseen();
CAIRN_TELLS void tellSeen();
CAIRN_TELLS void tellHidden(const void *p, size_t bytes);
CAIRN_TELLS void tellShown(const void *p, size_t bytes);
CAIRN_TELLS void tellReleased(void *p);
CAIRN_TELLS void tellAcquired(void *p);
#endif
CAIRN_OUTSIDE bool tells() { return __builtin_expect(isWatched, 0); }
#if defined(__wasm__)
#define CAIRN_TELL(call) ((void)0)
#else
#define CAIRN_TELL(call) (tells() ? call : (void)0)
#endif

/// The block at p is the program's: `bytes` that were never written. It has been shown.
CAIRN_OUTSIDE void handedOut([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
  CAIRN_TELL(tellHandedOut(p, bytes));
}
/// It is not any more.
CAIRN_OUTSIDE void takenBack([[maybe_unused]] const void *p) { CAIRN_TELL(tellTakenBack(p)); }
/// It has another size, and is where it was.
CAIRN_OUTSIDE void resized([[maybe_unused]] const void *p, [[maybe_unused]] size_t from,
                           [[maybe_unused]] size_t to) {
  CAIRN_TELL(tellResized(p, from, to));
}
/// The runtime has written these bytes of the program's, or read them and found them sound.
CAIRN_OUTSIDE void written([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
  CAIRN_TELL(tellWritten(p, bytes));
}
/// Nobody has written these bytes of a block that the program gets. memcheck knows by handedOut().
CAIRN_OUTSIDE void unwritten([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
  CAIRN_TELL(tellUnwritten(p, bytes));
}
/// A function of the program's is called next, with `count` arguments that are known: what is at
/// `p` is one of them.
CAIRN_OUTSIDE void callsProgram([[maybe_unused]] size_t count,
                                [[maybe_unused]] const void *p = nullptr,
                                [[maybe_unused]] size_t bytes = 0) {
  CAIRN_TELL(tellCallsProgram(count, p, bytes));
}
/// For as long as it lives, nothing is reported of the calling thread: by memcheck of the runtime's
/// reads, by MemorySanitizer of the C library's.
class Unseen {
public:
  Unseen() { CAIRN_TELL(tellUnseen()); }
  ~Unseen() { CAIRN_TELL(tellSeen()); }
  Unseen(const Unseen &) = delete;
};

/// Whether somebody wants to know what nobody may touch.
CAIRN_OUTSIDE bool hides() { return __builtin_expect(isHiding, 0); }
/// Whether somebody wants to know what is given out, and what is taken back.
CAIRN_OUTSIDE bool listens() { return hides() || (tells() && hasMsan()); }
/// The program may not touch [p, p + bytes) from now on. The runtime may, as long as it calls none
/// of the C library's functions for it, which AddressSanitizer has its own of.
CAIRN_OUTSIDE void hide([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
  CAIRN_TELL(tellHidden(p, bytes));
}
/// It may.
CAIRN_OUTSIDE void show([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
  CAIRN_TELL(tellShown(p, bytes));
}
/// What the calling thread did so far comes before what others do after acquired() with the same
/// address.
CAIRN_OUTSIDE void released([[maybe_unused]] void *p) { CAIRN_TELL(tellReleased(p)); }
CAIRN_OUTSIDE void acquired([[maybe_unused]] void *p) { CAIRN_TELL(tellAcquired(p)); }

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

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_OUTSIDE_H
