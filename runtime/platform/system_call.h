//===- system_call.h - Calls of Linux that go by no name -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A C program may have a function of its own named `read`, `unlink` or `access`, as the C standard
// reserves none of these names: a kernel in a course reads sectors, a list unlinks a node. Where
// the runtime called the C library's function by its name, it would get the program's, in a static
// link and also in a dynamic one. So the runtime names of the outside only
//
//   what the C standard reserves (snprintf, memcpy, abort), and what begins with `_`
//   what has a prefix of its own (pthread_, sem_, posix_spawn, dl), or nobody would take for
//   something else (sigaction, mmap, waitpid): the sanitizers know these by their names
//
// and calls the system itself for the rest. A test has the list (test/unit/header_test.py). The
// functions below are no cancellation points, leave errno as it is, and return a negative number of
// an error.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_SYSTEM_CALL_H
#define CAIRN_PLATFORM_SYSTEM_CALL_H

#include "platform/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cairn::platform {

inline long systemCall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                       long f = 0) {
#if defined(__x86_64__)
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "+a"(number)
                   : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return number;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
#else
  int before = errno;
  long result = ::syscall(number, a, b, c, d, e, f);
  if (result == -1)
    result = -errno;
  errno = before;
  return result;
#endif
}
inline long asWord(const void *p) { return reinterpret_cast<long>(p); }

/// What is open as a number, or an error. `flags` are those of open.
inline int openFile(const char *name, int flags, unsigned mode = 0) {
  return int(systemCall(SYS_openat, AT_FDCWD, asWord(name), flags | O_CLOEXEC, mode));
}
inline void closeFile(int file) { systemCall(SYS_close, file); }
inline void removeFile(const char *name) { systemCall(SYS_unlinkat, AT_FDCWD, asWord(name), 0); }
/// Bytes that were read; 0 at the end.
inline long readFile(int file, void *to, size_t room) {
  long n;
  while ((n = systemCall(SYS_read, file, asWord(to), long(room))) == -EINTR)
    ;
  if (n > 0)
    written(to, size_t(n));
  return n;
}
inline long writeFile(int file, const void *from, size_t bytes) {
  long n;
  while ((n = systemCall(SYS_write, file, asWord(from), long(bytes))) == -EINTR)
    ;
  return n;
}
/// Whether it can be run.
inline bool isProgram(const char *name) {
  return systemCall(SYS_faccessat, AT_FDCWD, asWord(name), 1 /* X_OK */) == 0;
}
/// What a symbolic link says, without a 0 at its end.
inline long readLink(const char *name, char *to, size_t room) {
  long n = systemCall(SYS_readlinkat, AT_FDCWD, asWord(name), asWord(to), long(room));
  if (n > 0)
    written(to, size_t(n));
  return n;
}
/// A pipe's two ends, which a program that is started has not.
inline int makePipe(int ends[2]) {
  int error = int(systemCall(SYS_pipe2, asWord(ends), O_CLOEXEC));
  if (!error)
    written(ends, 2 * sizeof(int));
  return error;
}
/// Whether there is something to read before so much time is over.
inline bool waitFor(int file, int milliseconds) {
  pollfd wait = {file, POLLIN, 0};
  struct {
    long seconds, nanoseconds;
  } patience = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  // The system leaves in it what is left of it.
  long n;
  while ((n = systemCall(SYS_ppoll, asWord(&wait), 1, asWord(&patience), 0, 0)) == -EINTR)
    ;
  return n > 0;
}
/// The process gets SIGALRM after so many seconds.
inline void endAfter(long seconds) {
  long timer[4] = {0, 0, seconds, 0};
  systemCall(SYS_setitimer, 0 /* ITIMER_REAL */, asWord(timer), 0);
}

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_SYSTEM_CALL_H
