//===- TypedRelease.h - The last release of the module's own types --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// When the last count of an object goes, the runtime reads its header, releases each field
// that the header names, and gives the slot back. A module knows the types that it allocates:
// it gets a function of its own, `cairn.release`, which switches on the header word, has the
// loads of each type's fields and the return of the slot inline, goes on with the last field
// in a loop, and calls itself for the others, at most kDeepest times nested. All else is the
// runtime's: types of other modules, finalisers, arrays, shared and static objects, and what
// lies deeper. So a release takes constant stack as before.
//
// The objects of a structure are released in the same order as by the runtime only where no
// finaliser can tell: an object that has one is left to the runtime, with all that it holds.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TYPEDRELEASE_H
#define CAIRN_LOWERING_TYPEDRELEASE_H

#include "ir/Descriptor.h"
#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class Function;
class Module;
} // namespace llvm

namespace cairn {

class FastPath;

struct TypedRelease {
  llvm::Function *Release = nullptr; ///< What is called for an object with any count.
  llvm::Function *Last = nullptr;    ///< What it calls where that was the last one.
  llvm::Function *Retain = nullptr;  ///< Null in modules without static objects.
};

/// The functions, for the types \p Types that the module allocates; null if none of them has
/// fields that the header word names. Their calls of fast paths are not inlined yet.
TypedRelease makeTypedRelease(llvm::Module &M, llvm::ArrayRef<Descriptor> Types, FastPath &Paths);

/// Sends the calls of the runtime's release and retain in \p M, but for its own, to \p Release.
void callTypedRelease(llvm::Module &M, const TypedRelease &Release);

} // namespace cairn

#endif // CAIRN_LOWERING_TYPEDRELEASE_H
