//===- Nonshared.h - What each linked file has of its own -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_NONSHARED_H
#define CAIRN_JIT_NONSHARED_H

#include <string>

namespace llvm {
class Module;
} // namespace llvm

namespace cairn::jit {

/// Gives the module what the linker puts into every program and library, and no shared
/// library has: __dso_handle, and the C library's functions that pass it on
/// (libc_nonshared.a).
void supplyNonshared(llvm::Module &M);

/// Replaces the lists of constructors and destructors by a function that calls the
/// constructors in order, and registers the destructors. Its name, or none without any.
std::string takeInitialisers(llvm::Module &M);

} // namespace cairn::jit

#endif // CAIRN_JIT_NONSHARED_H
