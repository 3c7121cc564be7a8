//===- GenericPaths.h - What the fast paths must not claim ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is used of the runtime's bitcode is made generic. Target attributes go: the caller's
// hold, and a mismatch would stop inlining. TBAA goes: a slot changes its type when it
// is freed and when it is given out, and with type-based aliasing the program's last
// store into it could move past the runtime's link. Return and parameter attributes
// of the runtime's functions stay: they are its ABI.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_GENERICPATHS_H
#define CAIRN_LOWERING_GENERICPATHS_H

namespace llvm {
class Function;
} // namespace llvm

namespace cairn {

/// A function of the bitcode, its body apart.
void makeSignatureGeneric(llvm::Function &F);
void makeBodyGeneric(llvm::Function &F);

} // namespace cairn

#endif // CAIRN_LOWERING_GENERICPATHS_H
