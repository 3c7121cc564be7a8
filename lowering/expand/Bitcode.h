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

class PackedPaths;

/// The runtime's code that is to be inlined. Bodies are read when they are asked for.
struct RuntimeCode {
  std::unique_ptr<llvm::Module> Source; ///< Null after an error was reported.
  /// Of the embedded code: what fills `Source`, which is empty at first. It is generic already
  /// (GenericPaths.h).
  PackedPaths *Packed = nullptr;
};

/// The code for \p M, from the file \p Path of bitcode or, if that is empty, the embedded one. A
/// module without a data layout gets the code's.
/// `Checked`: that of a program whose heaps are checked (runtime/fast/checked.cpp).
RuntimeCode readBitcode(llvm::Module &M, llvm::StringRef Path, bool Checked);

} // namespace cairn

#endif // CAIRN_LOWERING_BITCODE_H
