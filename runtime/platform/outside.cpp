//===- outside.cpp - What sanitizers are told, where there is one -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "platform/outside.h"

#if !defined(__wasm__)

// Not in bitcode, whose users may have no assembler (CMakeLists.txt says so).
#if defined(CAIRN_TELLS_MEMCHECK)
#include <valgrind/memcheck.h>
#endif

namespace cairn::platform {

bool isWatched, isHiding, underMemcheck;

void findWatchers() {
#if defined(CAIRN_TELLS_MEMCHECK)
  char byte = 0;
  // No other tool of valgrind's answers.
  underMemcheck = VALGRIND_MAKE_MEM_DEFINED(&byte, 1) != 0;
#endif
  isHiding = underMemcheck || hasAsan();
  isWatched = isHiding || hasMsan() || tellsThreads();
}

void tellHandedOut([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (underMemcheck)
    VALGRIND_MALLOCLIKE_BLOCK(p, bytes, 0, 0);
#endif
}

void tellTakenBack([[maybe_unused]] const void *p) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (underMemcheck)
    VALGRIND_FREELIKE_BLOCK(p, 0);
#endif
}

void tellResized([[maybe_unused]] const void *p, [[maybe_unused]] size_t from,
                 [[maybe_unused]] size_t to) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (underMemcheck)
    VALGRIND_RESIZEINPLACE_BLOCK(p, from, to, 0);
#endif
}

void tellWritten([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (underMemcheck)
    VALGRIND_MAKE_MEM_DEFINED(p, bytes);
#endif
#if CAIRN_TELLS_MSAN
  if (hasMsan())
    __msan_unpoison(p, bytes);
#endif
}

void tellUnwritten([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_MSAN
  if (hasMsan())
    __msan_allocated_memory(p, bytes);
#endif
}

void tellCallsProgram([[maybe_unused]] size_t count, [[maybe_unused]] const void *p,
                      [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_MSAN
  if (hasMsan()) {
    __msan_unpoison(p, bytes);
    __msan_unpoison_param(count);
  }
#endif
}

void tellUnseen() {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (underMemcheck)
    VALGRIND_DISABLE_ERROR_REPORTING;
#endif
#if CAIRN_TELLS_MSAN
  if (hasMsan())
    __msan_scoped_disable_interceptor_checks();
#endif
}

void tellSeen() {
#if defined(CAIRN_TELLS_MEMCHECK)
  if (underMemcheck)
    VALGRIND_ENABLE_ERROR_REPORTING;
#endif
#if CAIRN_TELLS_MSAN
  if (hasMsan())
    __msan_scoped_enable_interceptor_checks();
#endif
}

void tellHidden([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_ASAN
  if (hasAsan())
    __asan_poison_memory_region(p, bytes);
#endif
#if defined(CAIRN_TELLS_MEMCHECK)
  if (underMemcheck)
    VALGRIND_MAKE_MEM_NOACCESS(p, bytes);
#endif
}

void tellShown([[maybe_unused]] const void *p, [[maybe_unused]] size_t bytes) {
#if CAIRN_TELLS_ASAN
  if (hasAsan())
    __asan_unpoison_memory_region(p, bytes);
#endif
  tellWritten(p, bytes);
}

void tellReleased([[maybe_unused]] void *p) {
#if CAIRN_TELLS_TSAN
  if (tellsThreads())
    __tsan_release(p);
#endif
}

void tellAcquired([[maybe_unused]] void *p) {
#if CAIRN_TELLS_TSAN
  if (tellsThreads())
    __tsan_acquire(p);
#endif
}

} // namespace cairn::platform

#endif
