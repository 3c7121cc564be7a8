//===- ForgetTypes.h - Memory that holds two types in turn ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Metadata of an access can say that it does not overlap another one: by its type (TBAA), or by a
// scope (what was inlined from a function with `restrict`); or that what it reads never changes.
// That is said of objects, and holds of memory as long as LLVM sees a call where an object ends
// and another begins there. It sees none where an object is made in the memory of another, where
// free and alloc are inlined, and behind an access that it believes nothing can change.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FORGETTYPES_H
#define CAIRN_LOWERING_FORGETTYPES_H

namespace llvm {
class Function;
class Module;
} // namespace llvm

namespace cairn {

/// Takes the types of accesses (TBAA) from functions with references.
void forgetTypes(llvm::Module &M);

/// Takes from accesses in \p F of what may be an object, or a block of the heap, all that says that
/// they do not overlap others. Variables on the stack and globals keep what they have.
void forgetTypesOfObjects(llvm::Function &F);

/// Takes from such accesses that what they read never changes: a release, which a frontend of
/// managed references does not write, ends that.
void forgetConstancy(llvm::Function &F);

} // namespace cairn

#endif // CAIRN_LOWERING_FORGETTYPES_H
