//===- Pairs.cpp - cairn-pairs: counts that undo each other -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In each block, from its start: an incref is open until something may release objects, lets
// other threads do so, or looks at counts. A decref of an object with an open incref is no
// release, since the count is at least one more than it was; so it closes no other. Both go.
// A decref without one may be the last, of an object that kept others alive: it closes all.
//
// Where a release went, the loads behind it give what was there before: two fields that change
// places by copies need a second look.
//
//===----------------------------------------------------------------------===//
#include "opt/Pairs.h"

#include "analysis/Allocations.h"
#include "ir/Managed.h"
#include "opt/PairsAcross.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-pairs"

STATISTIC(NumPairs, "Number of pairs of an incref and a decref removed");

/// Looks at a function.
static constexpr unsigned kMostRounds = 3;

bool cairn::mayRelease(const Instruction &I) {
  const auto *Call = dyn_cast<CallBase>(&I);
  if (!Call)
    return I.isAtomic() || I.isVolatile() || isa<FenceInst>(I);
  if (const IntrinsicInfo *Callee = calledPlainForm(*Call))
    return Callee->ID != IntrinsicID::Tag && Callee->ID != IntrinsicID::Length &&
           Callee->ID != IntrinsicID::SetTag;
  if (isa<IntrinsicInst>(Call)) // LLVM's own
    return !Call->onlyReadsMemory() && !Call->isLifetimeStartOrEnd() &&
           !isa<MemIntrinsic, DbgInfoIntrinsic, AssumeInst>(Call);
  return !releasesNothing(*Call) && (!Call->onlyReadsMemory() || !Call->doesNotThrow());
}

bool cairn::mayLook(const Instruction &I) {
  const auto *Call = dyn_cast<CallBase>(&I);
  if (!Call || isa<IntrinsicInst>(Call) || calledPlainForm(*Call) || releasesNothing(*Call))
    return false;
  // Counts are memory that no program can address.
  return isRefSet(Call->getMemoryEffects().getModRef(IRMemLocation::InaccessibleMem));
}

static bool removePairs(BasicBlock &Block, OptimizationRemarkEmitter &ORE) {
  DenseMap<const Value *, SmallVector<CallInst *, 2>> Open;
  SmallVector<CallInst *, 8> Dead;
  for (Instruction &I : Block) {
    auto *Call = dyn_cast<CallInst>(&I);
    const IntrinsicInfo *Callee = Call ? calledPlainForm(*Call) : nullptr;
    if (Callee && Callee->ID == IntrinsicID::Incref) {
      Open[objectOf(Call->getArgOperand(0))].push_back(Call);
    } else if (Callee && Callee->ID == IntrinsicID::Decref) {
      auto Found = Open.find(objectOf(Call->getArgOperand(0)));
      if (Found == Open.end() || Found->second.empty()) {
        Open.clear();
        continue;
      }
      ORE.emit([&] {
        return OptimizationRemark(DEBUG_TYPE, "Pair", Call)
               << "removed a retain and a release of "
               << ore::NV("Object", nameInRemarks(*objectOf(Call->getArgOperand(0))))
               << ": nothing between the two can release it";
      });
      Dead.append({Found->second.pop_back_val(), Call});
      ++NumPairs;
    } else if (mayRelease(I)) {
      Open.clear();
    } else if (mayLook(I)) {
      for (auto &[Object, Counts] : Open)
        erase_if(Counts, [](const CallInst *Count) { return !calledManaged(*Count); });
    }
  }
  for (CallInst *Call : Dead)
    Call->eraseFromParent();
  return !Dead.empty();
}

static bool hasRelease(const Function &F) {
  return any_of(instructions(F), [](const Instruction &I) {
    auto *Call = dyn_cast<CallInst>(&I);
    const IntrinsicInfo *Callee = Call ? calledPlainForm(*Call) : nullptr;
    return Callee && Callee->ID == IntrinsicID::Decref;
  });
}

PreservedAnalyses PairsPass::run(Function &F, FunctionAnalysisManager &FAM) {
  PreservedAnalyses PA;
  PA.preserveSet<CFGAnalyses>();
  bool Changed = false;
  for (unsigned Round = 0; Round != kMostRounds; ++Round) {
    OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
    bool Removed = false;
    for (BasicBlock &Block : F)
      Removed |= removePairs(Block, ORE);
    const bool Across = removePairsAcross(F, ORE);
    Changed |= Removed | Across;
    if (!Removed || !hasRelease(F))
      break;
    // A release that went was in the way of a load, which gives what was stored or loaded before.
    FAM.invalidate(F, PA);
    FAM.invalidate(F, EarlyCSEPass(/*UseMemorySSA=*/true).run(F, FAM));
  }
  return Changed ? PA : PreservedAnalyses::all();
}
