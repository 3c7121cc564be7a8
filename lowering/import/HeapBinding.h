//===- HeapBinding.h - The heap that a function allocates from --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function, or its module, binds the heap of its allocations by attributes
// (docs/intrinsics.md, Heaps). That is resolved before any inlining: the binding belongs to
// the function that the call was written in, and a call inlined elsewhere keeps its heap.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_HEAPBINDING_H
#define CAIRN_LOWERING_HEAPBINDING_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

class Reports;

/// Replaces the allocations of every function that binds a heap by those that take it as
/// an operand. Returns whether there were any.
bool bindHeaps(llvm::Module &M, Reports &R);

} // namespace cairn

#endif // CAIRN_LOWERING_HEAPBINDING_H
