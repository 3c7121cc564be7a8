//===- Leftovers.h - What may be left of the intrinsics ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After the expansion nothing is left of the intrinsics but declarations. Invariant of the
// lowering: a call that is left is an error, and the names are gone.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LEFTOVERS_H
#define CAIRN_LOWERING_LEFTOVERS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Removes the declarations of intrinsics and fast paths that nothing uses, and reports
/// calls of them that are left.
void removeLeftovers(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_LEFTOVERS_H
