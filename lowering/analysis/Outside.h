//===- Outside.h - Ways by which references leave a module ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the analyses of a whole module ask of its functions and variables: whether code that is not
// seen may give it references, or get some.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_OUTSIDE_H
#define CAIRN_LOWERING_OUTSIDE_H

namespace llvm {
class Function;
class GlobalVariable;
} // namespace llvm

namespace cairn {

class References;

/// Whether callers that are not seen may give references to \p F, or get some.
bool isSeenOutside(const llvm::Function &F, const References &R);

/// Whether the address of a variable is used for more than loads and stores.
bool isAddressGiven(const llvm::GlobalVariable &G);

} // namespace cairn

#endif // CAIRN_LOWERING_OUTSIDE_H
