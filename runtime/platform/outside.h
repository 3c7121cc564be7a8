//===- outside.h - What sanitizers are told -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AddressSanitizer and ThreadSanitizer know malloc, and not this heap. If the program has one of
// them, its functions are there under names that are weak here, and are told
//
//   AddressSanitizer   which memory of a checked heap nobody may touch (hide, show)
//   ThreadSanitizer    which thread's writes another has waited for, where a block changes
//                      hands (released, acquired)
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

extern "C" {
#if CAIRN_TELLS_ASAN
__attribute__((weak)) void __asan_poison_memory_region(const volatile void *, size_t);
__attribute__((weak)) void __asan_unpoison_memory_region(const volatile void *, size_t);
#endif
#if CAIRN_TELLS_TSAN
__attribute__((weak)) void __tsan_acquire(void *);
__attribute__((weak)) void __tsan_release(void *);
#endif
}

namespace cairn::platform {

#if CAIRN_TELLS_ASAN
/// Whether somebody wants to know what nobody may touch.
inline bool hides() { return __builtin_expect(__asan_poison_memory_region != nullptr, 0); }
/// The program may not touch [p, p + bytes) from now on. The runtime may, as long as it calls none
/// of the C library's functions for it, which the sanitizer has its own of.
inline void hide(const void *p, size_t bytes) {
  if (hides())
    __asan_poison_memory_region(p, bytes);
}
/// It may.
inline void show(const void *p, size_t bytes) {
  if (hides())
    __asan_unpoison_memory_region(p, bytes);
}
#else
inline bool hides() { return false; }
inline void hide(const void *, size_t) {}
inline void show(const void *, size_t) {}
#endif

#if CAIRN_TELLS_TSAN
/// What the calling thread did so far comes before what others do after acquired() with the same
/// address.
inline void released(void *p) {
  if (__builtin_expect(__tsan_release != nullptr, 0))
    __tsan_release(p);
}
inline void acquired(void *p) {
  if (__builtin_expect(__tsan_acquire != nullptr, 0))
    __tsan_acquire(p);
}
#else
inline void released(void *) {}
inline void acquired(void *) {}
#endif

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_OUTSIDE_H
