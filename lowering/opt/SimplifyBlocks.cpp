//===- SimplifyBlocks.cpp - SimplifyCFG in linear time ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/SimplifyBlocks.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

using namespace llvm;
using namespace cairn;

/// To search this many headers takes less than a tenth of what a block takes otherwise.
static constexpr unsigned kManyLoops = 64;

/// As many predecessors of a block are looked at for each of them.
static constexpr unsigned kCrowd = 256;

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

/// Takes empty blocks out of the way to \p To, whose predecessors are many: SimplifyCFG looks at
/// all of these for each. Some are left to it.
static bool forwardTo(BasicBlock &To) {
  SmallPtrSet<BasicBlock *, 32> Before(pred_begin(&To), pred_end(&To));
  SmallMapVector<BasicBlock *, SmallVector<BasicBlock *, 4>, 16> Empty;
  const SmallVector<BasicBlock *> Candidates(predecessors(&To));
  for (BasicBlock *BB : Candidates) {
    auto *Branch = dyn_cast<BranchInst>(&BB->front());
    if (!Branch || Branch->isConditional() || BB == &To || BB->isEntryBlock() ||
        BB->hasAddressTaken() || Branch->hasDbgRecords() ||
        Branch->hasMetadata(LLVMContext::MD_loop) || BB->hasNPredecessorsOrMore(9))
      continue;
    SmallVector<BasicBlock *, 4> From(predecessors(BB));
    SmallPtrSet<BasicBlock *, 8> Distinct(From.begin(), From.end());
    if (From.empty() || Distinct.size() != From.size() || any_of(From, [&](BasicBlock *P) {
          return Before.contains(P) || !isa<BranchInst, SwitchInst>(P->getTerminator());
        }))
      continue;
    Before.insert(From.begin(), From.end());
    Empty.insert({BB, From});
  }
  for (PHINode &Phi : To.phis())
    for (unsigned N = 0, End = Phi.getNumIncomingValues(); N != End; ++N) {
      auto Found = Empty.find(Phi.getIncomingBlock(N));
      if (Found == Empty.end())
        continue;
      Phi.setIncomingBlock(N, Found->second.front());
      for (BasicBlock *P : drop_begin(Found->second))
        Phi.addIncoming(Phi.getIncomingValue(N), P);
    }
  for (auto &[BB, From] : Empty) {
    for (BasicBlock *P : From)
      P->getTerminator()->replaceSuccessorWith(BB, &To);
    BB->eraseFromParent();
  }
  return !Empty.empty();
}

/// All such blocks of \p F, in rows of a few too.
static bool forwardToCrowded(Function &F) {
  if (F.size() <= kCrowd)
    return false;
  SmallVector<BasicBlock *> Crowded;
  for (BasicBlock &BB : F)
    if (!BB.isEHPad() && BB.hasNPredecessorsOrMore(kCrowd + 1))
      Crowded.push_back(&BB);
  bool Changed = false;
  for (BasicBlock *BB : Crowded)
    for (unsigned Round = 0; Round != 4 && forwardTo(*BB); ++Round)
      Changed = true;
  return Changed;
}

PreservedAnalyses SimplifyBlocksPass::run(Function &F, FunctionAnalysisManager &FAM) {
  SimplifyCFGOptions Options;
  Options.needCanonicalLoops(!hasManyLoops(F));
  const bool Forwarded = forwardToCrowded(F);
  PreservedAnalyses Left = SimplifyCFGPass(Options).run(F, FAM);
  return Forwarded ? PreservedAnalyses::none() : Left;
}
