//===- Bitcode.h - The runtime's bitcode for a module -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the bitcode that belongs to a module's target, and refuses one that was written by
// another LLVM, for another machine or for another data layout.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_BITCODE_H
#define CAIRN_LOWERING_BITCODE_H

#include "llvm/ADT/StringRef.h"

#include <memory>

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// The bitcode for \p M, from the file \p Path or, if that is empty, the embedded one; null
/// after an error was reported. Its bodies are read when they are asked for. A module without
/// a data layout gets the bitcode's.
/// `Checked`: that of a program whose heaps are checked (runtime/fast/checked.cpp).
std::unique_ptr<llvm::Module> readBitcode(llvm::Module &M, llvm::StringRef Path, bool Checked);

} // namespace cairn

#endif // CAIRN_LOWERING_BITCODE_H
