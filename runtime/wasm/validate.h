//===- validate.h - A debug build looks at a heap where there is one thread -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As heap/validate.h, for the heap of WebAssembly. A look at n things is followed by none
// for n / 8 slow paths.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_WASM_VALIDATE_H
#define CAIRN_WASM_VALIDATE_H

#include "heap/assert.h"

namespace cairn {

struct Heap;

#if CAIRN_DEBUG
/// The marks, slabs, queues and lists of a heap, and its chunks if it has some.
void validate(Heap *heap);
/// The same, when it is time.
void validateAtTimes(Heap *heap);
/// cairn_set_error_handler() was called: what a program writes over is then reported to it,
/// and not asserted.
void noteErrorHandler(bool any);
#else
inline void validateAtTimes(Heap *) {}
inline void noteErrorHandler(bool) {}
#endif

} // namespace cairn

#endif // CAIRN_WASM_VALIDATE_H
