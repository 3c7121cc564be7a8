//===- EagerCall.h - Calls that are never bound lazily ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The caller of a slow path keeps values in registers that the dynamic linker's resolver
// overwrites: r10 on x86-64, x9 to x15 on AArch64. So a slow path must not be reached
// through an entry of the procedure linkage table, which is bound at its first call, but
// through the global offset table, which is filled before the program starts.
//
// A call through that table loads an address first. The code generator moves such a load
// out of loops, into the fast path. So the load is in a function of the module's own,
// `cairn_rt_*.eager`, which does nothing but jump: the fast path and its calls stay as
// they are. Invariant: after callEagerly, no other call in the module
// names the slow path itself (docs/decisions/0006-lazy-binding.md).
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_EAGERCALL_H
#define CAIRN_LOWERING_EAGERCALL_H

namespace llvm {
class Function;
} // namespace llvm

namespace cairn {

/// Marks a slow path (a function with the convention `preserve_most`) as one that is called
/// through the global offset table, and any other function as one that need not be.
void bindEagerly(llvm::Function &F);

/// Sends the module's calls of the slow path \p F through `cairn_rt_*.eager`, or, in the
/// large code model, through its address in data, `cairn_rt_*.address`. Does nothing
/// to other functions, or if nothing calls it.
void callEagerly(llvm::Function &F);

} // namespace cairn

#endif // CAIRN_LOWERING_EAGERCALL_H
