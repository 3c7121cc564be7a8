//===- SimplifyBlocks.h - SimplifyCFG in linear time ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's SimplifyCFG keeps loops in canonical form. For that it searches the list of a
// function's loop headers at most of its branches, so that its time is the product of
// both. In a function with many loops, which LoopSimplify brings into that form again,
// it does not keep them here. It also looks at all predecessors of a block for each empty
// block before it: where they are many, the empty blocks are taken away first.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SIMPLIFYBLOCKS_H
#define CAIRN_LOWERING_SIMPLIFYBLOCKS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// SimplifyCFG that neither hoists nor sinks.
struct SimplifyBlocksPass : llvm::PassInfoMixin<SimplifyBlocksPass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

} // namespace cairn

#endif // CAIRN_LOWERING_SIMPLIFYBLOCKS_H
