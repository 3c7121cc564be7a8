//===- Bind.h - This process's addresses in lowered code -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_BIND_H
#define CAIRN_JIT_BIND_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn::jit {

/// Rewrites what a lowered module reads of the runtime's data. Afterwards it names no
/// thread-local: the linker of JIT code would find none, or another one.
void bindToProcess(llvm::Module &M);

} // namespace cairn::jit

#endif // CAIRN_JIT_BIND_H
