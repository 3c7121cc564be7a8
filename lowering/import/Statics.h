//===- Statics.h - Telling the runtime of static objects --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_STATICS_H
#define CAIRN_LOWERING_STATICS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Gives \p M, if it defines static objects (cairn/static.h), the constructor and the destructor
/// that tell the runtime where they lie, unless it has a function that does. Returns whether it
/// changed the module.
bool registerStatics(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_STATICS_H
