//===- backtrace.cpp - The calls that a thread is in, on Linux -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler's unwinder reads the unwind tables, which programs have with and without frame
// pointers. A program in C++ has it. Into another one its library is loaded, once and before the
// first block is guarded: the thread that allocates may be one for which another thread waits that
// has the loader's lock. What the unwinder sets up when it is first asked is set up then, too.
//
// The C library's backtrace() is not asked: it loads the same library when it is first called, and
// a C program may have a function of its own with that name.
//
// A process's malloc cannot have something loaded: the loader calls it, in the middle of loading.
// libcairn-malloc.so has an unwinder of its own, the compiler's, where there is one to link.
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/platform.h"

#if CAIRN_ONLY_CALLS && !CAIRN_HAS_UNWINDER

namespace cairn::platform {
void prepareStacks() {}
size_t captureStack(const void **, size_t) { return 0; }
} // namespace cairn::platform

#else

#include <dlfcn.h>
#include <errno.h>
#include <unwind.h>

#if !CAIRN_HAS_UNWINDER
#pragma weak _Unwind_Backtrace
#pragma weak _Unwind_GetIP
#pragma weak dlsym
#endif

namespace cairn::platform {

namespace {
decltype(&_Unwind_Backtrace) walk; ///< Null: stacks cannot be looked at, or not yet.
decltype(&_Unwind_GetIP) place;

/// Whether there is an unwinder, whose functions these are then.
bool findUnwinder(decltype(walk) &findWalk, decltype(place) &findPlace) {
#if CAIRN_HAS_UNWINDER
  findWalk = _Unwind_Backtrace;
  findPlace = _Unwind_GetIP;
#else
  if (_Unwind_Backtrace && _Unwind_GetIP) {
    findWalk = _Unwind_Backtrace;
    findPlace = _Unwind_GetIP;
    return true;
  }
  if (!dlsym)
    return false;
  // The linker warns of every statically linked program that names dlopen.
  auto *open = reinterpret_cast<void *(*)(const char *, int)>(dlsym(RTLD_DEFAULT, "dlopen"));
  void *library = open ? open("libgcc_s.so.1", RTLD_NOW) : nullptr;
  if (!library)
    return false;
  findWalk = reinterpret_cast<decltype(walk)>(dlsym(library, "_Unwind_Backtrace"));
  findPlace = reinterpret_cast<decltype(place)>(dlsym(library, "_Unwind_GetIP"));
#endif
  return findWalk && findPlace;
}
} // namespace

size_t captureStack(const void **frames, size_t most) {
  struct Calls {
    const void **frames;
    size_t most, count;
  } calls = {frames, most, 0};
  auto *by = __atomic_load_n(&walk, __ATOMIC_ACQUIRE);
  if (!by)
    return 0;
  by(
      [](_Unwind_Context *context, void *data) {
        auto *to = static_cast<Calls *>(data);
        uintptr_t at = place(context);
        if (!at || to->count == to->most)
          return _URC_END_OF_STACK;
        to->frames[to->count++] = reinterpret_cast<const void *>(at);
        return _URC_NO_REASON;
      },
      &calls);
  return calls.count;
}

void prepareStacks() {
  if (__atomic_load_n(&walk, __ATOMIC_ACQUIRE))
    return;
  int before = errno;
  decltype(walk) foundWalk = nullptr;
  decltype(place) foundPlace = nullptr;
  if (findUnwinder(foundWalk, foundPlace)) {
    __atomic_store_n(&place, foundPlace, __ATOMIC_RELAXED); // the same from every thread
    __atomic_store_n(&walk, foundWalk, __ATOMIC_RELEASE);
    const void *frame;
    captureStack(&frame, 1);
  }
  errno = before;
}

} // namespace cairn::platform

#endif
#endif
