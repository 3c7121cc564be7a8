//===- AtLink.h - Counts that a link inserts --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a link with full LTO all modules are one, and most functions are seen by no one else: who owns
// a parameter, which memory is reused and which variants there are can be decided across files. So
// a compile step may leave the counts to that link (LoweringOptions::CountAtLink). LLVM's passes of
// the compile step must not touch functions without counts: these become `optnone` until then.
//
// A link that does not run the passes must not succeed. The module refers to a symbol that nothing
// defines, as every module does that includes cairn/managed.h, until counts are inserted.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PIPELINE_ATLINK_H
#define CAIRN_LOWERING_PIPELINE_ATLINK_H

#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class Function;
class Module;
} // namespace llvm

namespace cairn {

/// Whether the compile step may leave counts of \p M to the link: not where a sanitizer changes the
/// memory and the accesses of functions before.
bool mayLeaveToLink(const llvm::Module &M);

/// Leaves the counts of \p Functions, which have none yet, to a later run of ManagedPass.
void leaveToLink(llvm::Module &M, llvm::ArrayRef<llvm::Function *> Functions);

/// Makes of all functions that were left what they were before.
void takeFromCompile(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_PIPELINE_ATLINK_H
