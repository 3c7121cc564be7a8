//===- host.h - How failure leaves the module ----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_WASM_HOST_H
#define CAIRN_WASM_HOST_H

#include "object/object.h"

namespace cairn {

/// What a handler drops must be free when it returns: no finaliser is running for as
/// long. Returns what to give back to it afterwards.
uintptr_t leaveFinalizer(uintptr_t frame);

/// What a null message means.
const char *textOf(cairn_error_kind kind, const char *what);

namespace platform {

/// A call was found to be wrong.
[[noreturn]] void failed(cairn_error_kind kind, const void *p, const char *what);
/// A heap has no room for `bytes`, and its handler does not help.
[[noreturn]] void exhausted(Heap *heap, size_t bytes);

} // namespace platform
} // namespace cairn

#endif // CAIRN_WASM_HOST_H
