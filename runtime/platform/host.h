//===- host.h - How failure leaves a WebAssembly module ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// wasm.cpp throws an exception of the host's; wasi.cpp, where there is a system, writes a
// message and ends the program. Elsewhere report/error.cpp does what is done here.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_HOST_H
#define CAIRN_PLATFORM_HOST_H

#include "cairn.h"
#include "platform/platform.h"

namespace cairn::platform {

/// A call was found to be wrong. A null text stands for what the kind says.
[[noreturn]] void failed(cairn_error_kind kind, const void *p, const char *what);
/// A heap of this name, of whose `limit` bytes so many are used, has no room for `bytes`, and
/// its handler does not help.
[[noreturn]] void exhausted(const char *name, size_t bytes, size_t used, size_t limit);

/// What a null text means.
inline const char *textOf(cairn_error_kind kind, const char *what) {
  if (what)
    return what;
  return kind == CAIRN_ERROR_DEAD ? "its count is 0" : "not an object of any heap";
}

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_HOST_H
