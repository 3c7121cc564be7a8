//===- SimplifyBlocks.cpp - SimplifyCFG in linear time ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/SimplifyBlocks.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/IR/Function.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

using namespace llvm;
using namespace cairn;

/// To search this many headers takes less than a tenth of what a block takes otherwise.
static constexpr unsigned kManyLoops = 64;

/// Whether \p F has more loops than that, in linear time.
static bool hasManyLoops(const Function &F) {
  if (F.size() <= kManyLoops) // a header is a block
    return false;
  SmallVector<std::pair<const BasicBlock *, const BasicBlock *>, 32> Edges;
  FindFunctionBackedges(F, Edges);
  SmallPtrSet<const BasicBlock *, 32> Headers;
  for (auto &[From, To] : Edges)
    Headers.insert(To);
  return Headers.size() > kManyLoops;
}

PreservedAnalyses SimplifyBlocksPass::run(Function &F, FunctionAnalysisManager &FAM) {
  SimplifyCFGOptions Options;
  Options.needCanonicalLoops(!hasManyLoops(F));
  return SimplifyCFGPass(Options).run(F, FAM);
}
