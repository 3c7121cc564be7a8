//===- CheckSites.h - Places of calls in a checked program -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that is built with --heap=checked has a record for each call of an intrinsic, with
// its function and, where the module has debug information, its file, line and column. The
// runtime's messages name blocks by them.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECKSITES_H
#define CAIRN_LOWERING_CHECKSITES_H

namespace llvm {
class CallInst;
class Constant;
class Module;
} // namespace llvm

namespace cairn {

/// A new CheckSite (cairn/abi.h) for this call. `Type`: the descriptor of what it makes, or null.
llvm::Constant *checkSiteOf(const llvm::CallInst &Call, llvm::Constant *Type);

/// Has the module say, when it is initialised, that the process's heaps are to be checked.
void requireCheckedHeaps(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_CHECKSITES_H
