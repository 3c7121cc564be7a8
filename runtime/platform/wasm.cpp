//===- wasm.cpp - WebAssembly without a system -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// There is nothing but what the host imports. It makes exceptions of failures; it is
// imported by modules that can fail only.
//
//===----------------------------------------------------------------------===//

#if defined(__wasm__) && !defined(__wasi__)

#include "platform/host.h"

#define HOST(name) __attribute__((import_module("cairn"), import_name(name)))

extern "C" {
/// Throws. The message is text that ends with a 0; null if the kind says it all.
HOST("fail") void cairn_host_fail(uint32_t kind, const void *p, const char *message);
/// Throws: a request of so many bytes, in a heap that may have `limit`.
HOST("full") void cairn_host_exhausted(size_t request, size_t limit);
/// Text for a person: a report.
HOST("print") void cairn_host_print(const char *text, size_t n);
}

namespace cairn::platform {

void failed(cairn_error_kind kind, const void *p, const char *what) {
  cairn_host_fail(kind, p, what);
  abort();
}

void exhausted(const char *, size_t bytes, size_t, size_t limit) {
  cairn_host_exhausted(bytes, limit);
  abort();
}

void atExit(void (*)()) {}
void writeError(const char *text, size_t n) { cairn_host_print(text, n); }
void abort() { __builtin_trap(); }
const char *environment(const char *) { return nullptr; }

} // namespace cairn::platform

#endif
