//===- above.h - What the heap asks of the layers above it ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A heap knows nothing of objects and of reports, but there are moments that those must not
// miss. It calls what is declared here, and nothing else that lies above; each is defined
// once above, which the linker sees to: a program that has a heap has these.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_ABOVE_H
#define CAIRN_HEAP_ABOVE_H

#include "cairn.h"

namespace cairn {

struct Heap;

//===- report/ --------------------------------------------------------------===//

/// A call was found to be wrong, by a block's or an object's address. Returns if the program
/// has a handler for it; then the call is to do nothing. Under no lock. In WebAssembly `what`
/// may be null: the kind says it.
void fail(cairn_error_kind kind, const void *p, const char *what);
/// An object of any heap, or a static one, was asserted to be unique, and is not: as fail, with
/// who holds it, as far as the process's memory shows it. Not for WebAssembly.
void failShared(const void *ref);
/// The process is about to end by a fault signal at `address`: says so on standard error, and, if
/// `block` is not null, that it read the address it used from that block, which was freed, or was
/// never written to.
void explainFault(const char *block, bool neverWritten, const void *address);
/// The same of a fault at an address around a guarded block, or in a dead one (heap/guard.h).
void explainGuarded(const void *address);
/// A sanitizer has reported an access to this address in a heap: says what is known of the block.
void explainReport(const void *address);
/// The heap, or null for none at all, is full. Calls the heap's handler: true to try again.
/// Does not return if there is none. Under no lock.
bool outOfMemory(Heap *heap, uint64_t request);

/// A heap was made. Under the process's lock.
void heapMade();
/// The process may want to be told of what it leaves behind. Called with heapMade, once.
void watchLeaks();
/// What the environment says of a heap profile (CAIRN_PROFILE); null if nothing. Not for
/// WebAssembly.
const char *wishedProfile();
/// A heap is about to be destroyed, and is whole still. Under no lock.
void heapEnds(Heap *heap);

//===- object/ --------------------------------------------------------------===//

/// Around fork: takes, and gives back, the locks of the layers above. Those of the heaps are
/// held; those that are inside of both come after. Not where there is one thread.
void lockAbove();
void unlockAbove();

#if CAIRN_DEBUG
/// Asserts that the thread's queue of dead objects is one. By that thread.
void validateDead(struct Thread *thread);
#endif

} // namespace cairn

#endif // CAIRN_HEAP_ABOVE_H
