//===- backtrace.cpp - The calls that a thread is in, on Linux -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C library's backtrace() reads the unwind tables, which programs have with and without frame
// pointers. When it is first called it loads the compiler's library for that, and so may allocate.
// glibc before 2.34 did so under a lock of its own, for which a thread that loads a library could
// wait for ever; there it is not asked.
//
// A process's malloc cannot have something loaded: the loader calls it, in the middle of loading.
// libcairn-malloc.so has an unwinder of its own, the compiler's, where there is one to link.
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/platform.h"

#include <errno.h>

#if CAIRN_HAS_UNWINDER

#include <unwind.h>

namespace cairn::platform {

size_t captureStack(const void **frames, size_t most) {
  struct Calls {
    const void **frames;
    size_t most, count;
  } calls = {frames, most, 0};
  _Unwind_Backtrace(
      [](_Unwind_Context *context, void *data) {
        auto *to = static_cast<Calls *>(data);
        uintptr_t at = _Unwind_GetIP(context);
        if (!at || to->count == to->most)
          return _URC_END_OF_STACK;
        to->frames[to->count++] = reinterpret_cast<const void *>(at);
        return _URC_NO_REASON;
      },
      &calls);
  return calls.count;
}

} // namespace cairn::platform

#elif CAIRN_ONLY_CALLS

namespace cairn::platform {
size_t captureStack(const void **, size_t) { return 0; }
} // namespace cairn::platform

#else

extern "C" {
// Neither is in every C library, nor in a program without a dynamic linker.
__attribute__((weak)) int backtrace(void **frames, int most);
__attribute__((weak)) const char *gnu_get_libc_version(void);
}

namespace cairn::platform {

namespace {
/// Whether the C library is 2.34 or newer.
bool loadsUnlocked() {
  const char *version = gnu_get_libc_version ? gnu_get_libc_version() : "";
  if (version[0] != '2' || version[1] != '.')
    return version[0] > '2' && version[0] <= '9';
  unsigned minor = 0;
  for (const char *p = version + 2; *p >= '0' && *p <= '9'; ++p)
    minor = minor * 10 + unsigned(*p - '0');
  return minor >= 34;
}
} // namespace

size_t captureStack(const void **frames, size_t most) {
  static int works; // 0: not known
  int known = __atomic_load_n(&works, __ATOMIC_RELAXED);
  if (!known) {
    known = backtrace && loadsUnlocked() ? 1 : -1;
    __atomic_store_n(&works, known, __ATOMIC_RELAXED);
  }
  if (known < 0)
    return 0;
  int before = errno;
  int n = backtrace(const_cast<void **>(frames), int(most));
  errno = before;
  if (n > int(most)) // a function of the program's that has the name
    n = 0;
  return n > 0 ? size_t(n) : 0;
}

} // namespace cairn::platform

#endif
#endif
