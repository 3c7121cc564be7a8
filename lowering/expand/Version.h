//===- Version.h - The ABI version that a module needs ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_VERSION_H
#define CAIRN_LOWERING_VERSION_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Makes a module for ELF refer to the symbol that only a runtime of kAbiVersion defines
/// (cairn/abi_version.h), from data that neither the compiler nor a linker removes.
void requireVersion(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_VERSION_H
