//===- limits.cpp - Calls that make reserved address space count -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A process that limits its own address space or data, or locks its memory under a limit,
// finds the heap's reserve counted. So the library has these calls too: the reserve goes
// back before the limit counts it. They end in the system's own calls.
//
// A limit that another process sets, or a system call that is made directly, is not seen.
//
//===----------------------------------------------------------------------===//

#include "heap/heap.h"
#include "platform/system_call.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace cairn::process {

namespace {

static_assert(sizeof(rlimit) == sizeof(rlimit64) && sizeof(rlim_t) == 8);

/// As the C library's functions say it.
int result(long done) {
  if (done < 0)
    errno = int(-done);
  return done < 0 ? -1 : int(done);
}

int limit(pid_t pid, int resource, const void *to, void *old) {
  if (to && (resource == RLIMIT_AS || resource == RLIMIT_DATA) && (!pid || pid == getpid()) &&
      static_cast<const rlimit *>(to)->rlim_cur != RLIM_INFINITY)
    cairn_trim_reserve();
  return result(platform::systemCall(SYS_prlimit64, pid, resource, platform::asWord(to),
                                     platform::asWord(old)));
}

int lockAll(int flags) {
  int before = errno;
  int done = result(platform::systemCall(SYS_mlockall, flags));
  if (done == 0 || errno != ENOMEM)
    return done;
  // All that is mapped counts, without the right to lock as much as one likes.
  cairn_trim_reserve();
  errno = before;
  return result(platform::systemCall(SYS_mlockall, flags));
}

} // namespace

} // namespace cairn::process

using namespace cairn;

extern "C" {

CAIRN_API int setrlimit(__rlimit_resource_t resource, const rlimit *to) noexcept {
  return process::limit(0, resource, to, nullptr);
}
CAIRN_API int setrlimit64(__rlimit_resource_t resource, const rlimit64 *to) noexcept {
  return process::limit(0, resource, to, nullptr);
}
CAIRN_API int prlimit(pid_t pid, __rlimit_resource resource, const rlimit *to,
                      rlimit *old) noexcept {
  return process::limit(pid, resource, to, old);
}
CAIRN_API int prlimit64(pid_t pid, __rlimit_resource resource, const rlimit64 *to,
                        rlimit64 *old) noexcept {
  return process::limit(pid, resource, to, old);
}
CAIRN_API int mlockall(int flags) noexcept { return process::lockAll(flags); }

} // extern "C"
