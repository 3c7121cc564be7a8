//===- Left.h - cairn-left: what is left of counts and allocations -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tells in remarks of the kind analysis of each count, allocation, release and reuse of memory
// that a function has when all else was optimised, and what it costs: a count weighs 1, an
// allocation or a free 2, ten times that for each loop around it, the function's own recursion
// among them. What is done for shared objects only weighs nothing. It changes nothing.
// `cairn build --report` makes a page of it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LEFT_H
#define CAIRN_LOWERING_LEFT_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-left`. Does nothing if no one asks for its remarks.
struct LeftPass : llvm::PassInfoMixin<LeftPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

} // namespace cairn

#endif // CAIRN_LOWERING_LEFT_H
