//===- trace.h - The calls that a thread is in -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Guarded blocks and the heap profile remember who made a block by the calls that its thread was
// in: the addresses after them, from the innermost call outwards. The runtime's own calls are
// left out where it is known which call the program made (noteCaller in heap/heap.h).
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_TRACE_H
#define CAIRN_HEAP_TRACE_H

#include "heap/origin.h"

namespace cairn {

/// The most calls that one trace may have. To find them takes most of a sample's time.
constexpr size_t kMostCalls = 24;

/// Writes the calls that the calling thread is in to `calls`, at most `most` and kMostCalls of
/// them, from the program's on where it is known which that is; returns how many. `noted`: what
/// the thread noted is of the call that is going on; else it may be older. Sets it where the stack
/// says so. `faulted`: where the thread faulted; it is in no call of the runtime's then, and may never
/// have been in one, but here. Under no lock, as memory may be allocated for this; a thread that is
/// in the middle of it gets none.
size_t captureCalls(Thread *thread, const void **calls, size_t most, bool &noted,
                    const void *faulted = nullptr);

} // namespace cairn

#endif // CAIRN_HEAP_TRACE_H
