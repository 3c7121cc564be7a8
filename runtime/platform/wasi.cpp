//===- wasi.cpp - WebAssembly with wasi-libc -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program of its own: failure is a message on standard error and the end of it.
//
//===----------------------------------------------------------------------===//

#if defined(__wasi__)

#include "platform/host.h"
#include "platform/text.h"

extern "C" {
[[noreturn]] void abort(void);
int atexit(void (*f)(void));
char *getenv(const char *name);
long write(int file, const void *bytes, size_t n);
}

namespace cairn::platform {

void failed(cairn_error_kind kind, const void *p, const char *what) {
  Text message;
  message << "cairn: " << p << ": " << textOf(kind, what) << "\n";
  message.flush();
  abort();
}

void exhausted(const char *name, size_t bytes, size_t used, size_t limit) {
  Text message;
  message << "cairn: heap exhausted: heap " << name << ", request " << uint64_t(bytes)
          << " bytes, used " << uint64_t(used) << ", limit " << uint64_t(limit) << "\n";
  message.flush();
  abort();
}

void atExit(void (*f)()) { atexit(f); }
void writeError(const char *text, size_t n) {
  while (n) {
    long done = write(2, text, n);
    if (done <= 0)
      return;
    text += done;
    n -= size_t(done);
  }
}
void abort() { ::abort(); }
const char *environment(const char *name) { return getenv(name); }

} // namespace cairn::platform

#endif
