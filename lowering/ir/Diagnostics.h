//===- Diagnostics.h - Errors that name the function and the instruction --*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Errors go to the module's context, so that opt, clang and lld print them their own
// way and fail. Invariant: what is reported is left in the module as it was.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_DIAGNOSTICS_H
#define CAIRN_LOWERING_DIAGNOSTICS_H

#include "llvm/ADT/Twine.h"

namespace llvm {
class Instruction;
class Module;
} // namespace llvm

namespace cairn {

/// An error at \p I: names its function, prints it, and gives its line if known.
void reportError(const llvm::Instruction &I, const llvm::Twine &Message);
/// An error in no one instruction.
void reportError(llvm::Module &M, const llvm::Twine &Message);

} // namespace cairn

#endif // CAIRN_LOWERING_DIAGNOSTICS_H
