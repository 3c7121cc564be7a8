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
// Releases that follow each other, with nothing between that a release could touch, are done at
// one point. Those of objects with an open incref count as the first of them, and are none. That
// is what a setter needs, whose argument goes into a field while it has a variable of its own:
//
//   incref new; incref new; old = field; field = new; decref old; decref new
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

namespace {

/// The counts of one block.
class BlockPairs {
public:
  explicit BlockPairs(OptimizationRemarkEmitter &ORE) : ORE(ORE) {}
  /// Whether it removed a pair.
  bool run(BasicBlock &Block);

private:
  bool close(CallInst &Decref);
  void closeRow(CallInst &First);

  OptimizationRemarkEmitter &ORE;
  DenseMap<const Value *, SmallVector<CallInst *, 2>> Open;
  SmallVector<CallInst *, 8> Dead;
};

} // namespace

static bool isCount(const Instruction &I, IntrinsicID ID) {
  auto *Call = dyn_cast<CallInst>(&I);
  const IntrinsicInfo *Callee = Call ? calledPlainForm(*Call) : nullptr;
  return Callee && Callee->ID == ID;
}

/// Takes \p Decref, and the incref that it undoes, if there is one.
bool BlockPairs::close(CallInst &Decref) {
  const Value *Object = objectOf(Decref.getArgOperand(0));
  auto Found = Open.find(Object);
  if (Found == Open.end() || Found->second.empty())
    return false;
  ORE.emit([&] {
    return OptimizationRemark(DEBUG_TYPE, "Pair", &Decref)
           << "removed a retain and a release of " << ore::NV("Object", nameInRemarks(*Object))
           << ": nothing between the two can release it";
  });
  Dead.append({Found->second.pop_back_val(), &Decref});
  ++NumPairs;
  return true;
}

/// \p First may be the last release of its object. Those that follow it at the same point, and
/// are none at its place, are done before it.
void BlockPairs::closeRow(CallInst &First) {
  for (Instruction *I = First.getNextNode(); I; I = I->getNextNode()) {
    if (isCount(*I, IntrinsicID::Decref))
      close(cast<CallInst>(*I));
    else if (I->isTerminator() || I->mayReadOrWriteMemory() || I->mayHaveSideEffects())
      break;
  }
  Open.clear();
}

bool BlockPairs::run(BasicBlock &Block) {
  for (Instruction &I : Block) {
    if (isCount(I, IntrinsicID::Incref)) {
      auto &Incref = cast<CallInst>(I);
      Open[objectOf(Incref.getArgOperand(0))].push_back(&Incref);
    } else if (isCount(I, IntrinsicID::Decref)) {
      auto &Decref = cast<CallInst>(I);
      if (!close(Decref))
        closeRow(Decref);
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
  return any_of(instructions(F),
                [](const Instruction &I) { return isCount(I, IntrinsicID::Decref); });
}

PreservedAnalyses PairsPass::run(Function &F, FunctionAnalysisManager &FAM) {
  PreservedAnalyses PA;
  PA.preserveSet<CFGAnalyses>();
  bool Changed = false;
  for (unsigned Round = 0; Round != kMostRounds; ++Round) {
    OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
    bool Removed = false;
    for (BasicBlock &Block : F)
      Removed |= BlockPairs(ORE).run(Block);
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
