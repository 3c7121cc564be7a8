//===- Guard.h - Exhaustion ends the call, not the process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_GUARD_H
#define CAIRN_JIT_GUARD_H

#include "cairn/jit.h"

namespace cairn::jit {

/// Lets a guarded call on the heap end when it is full. What handler the heap had
/// is still asked where no guard is.
void catchExhaustion(cairn_heap *Heap);
llvm::Error runGuarded(cairn_heap *Heap, llvm::function_ref<void()> F, Abandoned *Left);

} // namespace cairn::jit

#endif // CAIRN_JIT_GUARD_H
