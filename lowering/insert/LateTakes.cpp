//===- LateTakes.cpp - Counts that are taken on some ways only --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the blocks in which a load's value is live, "every way takes it" is solved backwards, from
// true to false. Where a block has it and none before it does, the second name begins.
//
//===----------------------------------------------------------------------===//
#include "insert/LateTakes.h"

#include "insert/Plan.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-insert"

STATISTIC(NumLate, "Number of loads whose count is taken on some ways only");

/// A value that is live in more blocks is not looked at.
constexpr size_t kMostBlocks = 64;

/// Where every way takes a count of a value.
class LateTakes::Ways {
public:
  Ways(LoadInst &Load, const References &R);
  /// Whether the value is taken on some ways from its definition, but not on all.
  bool differ() const;
  /// The blocks where a second name begins; empty if a name would meet another.
  SmallVector<BasicBlock *, 2> begins() const;

private:
  bool findLive(ArrayRef<BasicBlock *> Used);
  bool takesAllBehind(const BasicBlock *Block) const;
  bool takesAll(const BasicBlock *Block) const {
    auto Found = Takes.find(const_cast<BasicBlock *>(Block));
    return Found != Takes.end() && Found->second;
  }

  BasicBlock *Home;
  MapVector<BasicBlock *, bool> Takes;        ///< By block in which the value is live at start.
  SmallPtrSet<const BasicBlock *, 8> InBlock; ///< Blocks with a use that takes it.
};

LateTakes::Ways::Ways(LoadInst &Load, const References &R) : Home(Load.getParent()) {
  SmallVector<BasicBlock *, 8> Used;
  for (Use &U : Load.uses()) {
    auto *I = cast<Instruction>(U.getUser());
    auto *Phi = dyn_cast<PHINode>(I);
    BasicBlock *At = Phi ? Phi->getIncomingBlock(U) : I->getParent();
    Used.push_back(At);
    // A φ on one of several edges takes it there only.
    if (takesCount(U, R) || (Phi && R.is(Phi) && At->getSingleSuccessor()))
      InBlock.insert(At);
  }
  if (InBlock.empty() || !findLive(Used)) {
    Takes.clear();
    return;
  }
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (auto &[Block, All] : Takes)
      if (All && !InBlock.contains(Block) && !takesAllBehind(Block)) {
        All = false;
        Changed = true;
      }
  }
}

bool LateTakes::Ways::findLive(ArrayRef<BasicBlock *> Used) {
  SmallVector<BasicBlock *, 16> Work(Used);
  while (!Work.empty()) {
    BasicBlock *Block = Work.pop_back_val();
    if (Block == Home || !Takes.insert({Block, true}).second)
      continue;
    if (Takes.size() > kMostBlocks)
      return false;
    Work.append(pred_begin(Block), pred_end(Block));
  }
  return true;
}

bool LateTakes::Ways::takesAllBehind(const BasicBlock *Block) const {
  return !succ_empty(Block) &&
         all_of(successors(Block), [&](const BasicBlock *Next) { return takesAll(Next); });
}

bool LateTakes::Ways::differ() const {
  return !InBlock.contains(Home) && !takesAllBehind(Home) &&
         any_of(Takes, [](const auto &T) { return T.second; });
}

SmallVector<BasicBlock *, 2> LateTakes::Ways::begins() const {
  SmallVector<BasicBlock *, 2> Found;
  for (const auto &[Block, All] : Takes) {
    if (!All)
      continue;
    unsigned Before = 0, Of = 0;
    for (const BasicBlock *From : predecessors(Block)) {
      Before += From != Home && takesAll(From);
      ++Of;
    }
    if (Before == Of)
      continue;
    if (Before || Block->isEHPad())
      return {};
    Found.push_back(Block);
  }
  return Found;
}

bool LateTakes::splitLoad(LoadInst &Load, const DominatorTree &DT) {
  const Ways W(Load, R);
  if (!W.differ())
    return false;
  bool Any = false;
  for (BasicBlock *Begin : W.begins()) {
    Instruction &At = firstPlaceIn(*Begin);
    auto *Name = new FreezeInst(&Load, Load.getName() + ".taken", At.getIterator());
    Name->setDebugLoc(At.getDebugLoc());
    Load.replaceUsesWithIf(Name, [&](Use &U) {
      auto *I = cast<Instruction>(U.getUser());
      auto *Phi = dyn_cast<PHINode>(I);
      return I != Name && DT.dominates(Begin, Phi ? Phi->getIncomingBlock(U) : I->getParent());
    });
    Names.push_back(Name);
    Any = true;
  }
  NumLate += Any;
  return Any;
}

bool LateTakes::split(const LentValues &Lent, Bases &B, const DominatorTree &DT) {
  SmallVector<LoadInst *> Loads;
  for (Instruction &I : instructions(F)) {
    auto *Load = dyn_cast<LoadInst>(&I);
    if (!Load || !R.is(Load) || !Load->isSimple() || Lent.count(Load) || Moves.isMoved(Load) ||
        !DT.isReachableFromEntry(Load->getParent()))
      continue;
    Value *Holder = B.baseOf(Load->getPointerOperand());
    if (Holder && R.is(Holder) && !isCell(Holder) && !Load->use_empty())
      Loads.push_back(Load);
  }
  bool Any = false;
  for (LoadInst *Load : Loads)
    Any |= splitLoad(*Load, DT);
  return Any;
}

bool LateTakes::undo(const LentValues &Lent) {
  const size_t Before = Names.size();
  erase_if(Names, [&](Instruction *Name) {
    if (Lent.count(Name->getOperand(0)))
      return false;
    Name->replaceAllUsesWith(Name->getOperand(0));
    Name->eraseFromParent();
    return true;
  });
  return Names.size() != Before;
}

LateTakes::~LateTakes() {
  for (Instruction *Name : Names) {
    Name->replaceAllUsesWith(Name->getOperand(0));
    Name->eraseFromParent();
  }
}
