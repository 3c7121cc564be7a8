//===- Choices.cpp - Choices between references that die ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Choices.h"

#include "analysis/OwnLife.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-insert"

STATISTIC(NumChoices, "Number of choices between references whose counts move");

namespace {

/// The selects of a block that ask the same.
struct Group {
  SmallVector<SelectInst *, 2> Selects; ///< In the block's order.

  bool has(const Value *V) const { return is_contained(Selects, V); }
};

} // namespace

/// Whether \p Root has a count that could move into a choice.
static bool hasCount(const Value *Root, const References &R, const LentValues &Lent) {
  if (isa<Constant>(Root) || Lent.count(const_cast<Value *>(Root)) || isCell(Root))
    return false;
  const auto *A = dyn_cast<Argument>(Root);
  return !A || parameterOwnership(*A->getParent(), A->getArgNo(), R) == Ownership::Owned;
}

/// Whether all selects of \p G may stand where the last one does: what is between them uses none.
static bool mayStandTogether(const Group &G) {
  const Instruction *Last = G.Selects.back();
  return all_of(G.Selects, [&](const SelectInst *S) {
    return none_of(S->users(), [&](const User *U) {
      const auto *I = cast<Instruction>(U);
      return I->getParent() == Last->getParent() && !isa<PHINode>(I) && !Last->comesBefore(I);
    });
  });
}

static bool isChoice(const Instruction &I, const References &R) {
  return isa<SelectInst>(I) && R.is(&I) && !isa<Constant>(cast<SelectInst>(I).getCondition()) &&
         cast<SelectInst>(I).getCondition()->getType()->isIntegerTy(1);
}

void Choices::takeApart(Function &F, const References &R, const FieldWrites &Writes) {
  if (none_of(instructions(F), [&](const Instruction &I) { return isChoice(I, R); }))
    return;
  const DominatorTree DT(F);
  Bases B(R, DT);
  const LentValues Lent = lentValues(F, R, B, Writes);
  SmallVector<Group, 4> Found;
  auto IsLentPhi = [&](const PHINode &Phi) { return Lent.count(const_cast<PHINode *>(&Phi)) != 0; };
  OwnLife Life(R, B, 256 + 32 * F.size(), IsLentPhi);
  for (BasicBlock &Block : F) {
    MapVector<Value *, Group> Groups;
    for (Instruction &I : Block)
      if (isChoice(I, R) && !Lent.count(&I))
        Groups[cast<SelectInst>(I).getCondition()].Selects.push_back(cast<SelectInst>(&I));
    for (auto &[Condition, G] : Groups) {
      const Instruction &Last = *G.Selects.back();
      auto Dies = [&](Value *V) {
        Value *Root = B.baseOf(V);
        return hasCount(Root, R, Lent) && !Life.isLiveAfter(*Root, Last);
      };
      if (mayStandTogether(G) && any_of(G.Selects, [&](SelectInst *S) {
            return Dies(S->getTrueValue()) || Dies(S->getFalseValue());
          }))
        Found.push_back(G);
    }
  }
  // The last first: what is before it in a block stays there.
  for (Group &G : reverse(Found)) {
    SelectInst &Last = *G.Selects.back();
    for (SelectInst *S : ArrayRef(G.Selects).drop_back())
      S->moveBefore(*Last.getParent(), Last.getIterator());
    BasicBlock *Head = Last.getParent();
    // A select may choose by a value that is none, as long as nobody uses the result. A branch must
    // not.
    Value *Condition = Last.getCondition();
    if (!isGuaranteedNotToBeUndefOrPoison(Condition))
      Condition =
          new FreezeInst(Condition, Condition->getName() + ".fr", G.Selects.front()->getIterator());
    Instruction *Then =
        SplitBlockAndInsertIfThen(Condition, G.Selects.front()->getIterator(),
                                  /*Unreachable=*/false, Last.getMetadata(LLVMContext::MD_prof));
    Then->setDebugLoc(Last.getDebugLoc());
    BasicBlock *End = G.Selects.front()->getParent();
    for (SelectInst *S : G.Selects) {
      auto *Phi = PHINode::Create(S->getType(), 2);
      Phi->insertBefore(End->getFirstNonPHIIt());
      Phi->addIncoming(S->getTrueValue(), Then->getParent());
      Phi->addIncoming(S->getFalseValue(), Head);
      Phi->setDebugLoc(S->getDebugLoc());
      Phi->takeName(S);
      S->replaceAllUsesWith(Phi);
    }
    for (SelectInst *S : G.Selects)
      S->eraseFromParent();
    Diamonds.push_back({Then->getParent(), End});
    ++NumChoices;
  }
}

void Choices::join() {
  for (const Diamond &D : Diamonds) {
    BasicBlock *Head = D.Arm->getSinglePredecessor();
    auto *Branch = Head ? dyn_cast<BranchInst>(Head->getTerminator()) : nullptr;
    if (!Branch || !Branch->isConditional() || D.Arm->size() != 1 ||
        D.Arm->getSingleSuccessor() != D.End || !is_contained(successors(Head), D.End) ||
        pred_size(D.End) != 2)
      continue;
    auto *Frozen = dyn_cast<FreezeInst>(Branch->getCondition());
    Value *Condition = Frozen ? Frozen->getOperand(0) : Branch->getCondition();
    for (PHINode &Phi : make_early_inc_range(D.End->phis())) {
      auto *Select =
          SelectInst::Create(Condition, Phi.getIncomingValueForBlock(D.Arm),
                             Phi.getIncomingValueForBlock(Head), "", Branch->getIterator());
      Select->setDebugLoc(Phi.getDebugLoc());
      Select->setMetadata(LLVMContext::MD_prof, Branch->getMetadata(LLVMContext::MD_prof));
      Select->takeName(&Phi);
      Phi.replaceAllUsesWith(Select);
      Phi.eraseFromParent();
    }
    auto *Straight = BranchInst::Create(D.End, Branch->getIterator());
    Straight->setDebugLoc(Branch->getDebugLoc());
    Branch->eraseFromParent();
    if (Frozen && Frozen->use_empty())
      Frozen->eraseFromParent();
    DeleteDeadBlock(D.Arm);
    MergeBlockIntoPredecessor(D.End);
  }
}
