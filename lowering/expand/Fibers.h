//===- Fibers.h - Functions that go on in another thread --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fiber is a stack that one thread leaves and another enters. LLVM takes the thread
// pointer for a constant of a function: on AArch64 it is read once and kept across the
// call that switches, so that the next fast path works on another thread's cache.
//
// The rule: a function that may be in another thread after a call than before it has the
// attribute "cairn-fibers", or its module the flag of that name. There the thread pointer is
// read anew for each fast path, and no block counts as the thread's own because the function
// allocated it. Inlining keeps the attribute of the caller: it belongs on every function
// that a switch can be inlined into.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FIBERS_H
#define CAIRN_LOWERING_FIBERS_H

namespace llvm {
class Function;
} // namespace llvm

namespace cairn {

/// Whether the attribute or the module's flag says so.
bool mayChangeThread(const llvm::Function &F);

/// Replaces what was inlined into \p F to find the thread and its view by reads that the
/// code generator neither moves nor merges. x86-64's are such already.
void readThreadEachTime(llvm::Function &F);

} // namespace cairn

#endif // CAIRN_LOWERING_FIBERS_H
