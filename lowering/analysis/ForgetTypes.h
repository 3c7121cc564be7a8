//===- ForgetTypes.h - Memory that holds two types in turn ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where an object is made in the memory of another, no call that LLVM knows lies between the
// accesses of the one type and those of the other.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FORGETTYPES_H
#define CAIRN_LOWERING_FORGETTYPES_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Takes the types of accesses (TBAA) from functions with references.
void forgetTypes(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_FORGETTYPES_H
