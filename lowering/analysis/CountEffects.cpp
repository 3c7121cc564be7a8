//===- CountEffects.cpp - Which calls count, allocate and release -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/CountEffects.h"

#include "ir/Managed.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace cairn;

CountEffect cairn::countEffect(const CallBase &Call) {
  if (isManaged(&Call, ManagedID::Retain))
    return CountEffect::Retain;
  const IntrinsicInfo *I = calledPlainForm(Call);
  if (!I)
    return CountEffect::None;
  switch (I->ID) {
  case IntrinsicID::Incref:
    return CountEffect::Retain;
  case IntrinsicID::OwnCell:
  case IntrinsicID::OwnTaggedCell:
  case IntrinsicID::OwnCellOn:
  case IntrinsicID::OwnTaggedCellOn:
  case IntrinsicID::TakeCell:
    return CountEffect::Take;
  case IntrinsicID::ReuseCell:
    return CountEffect::Reuse;
  case IntrinsicID::FreeCell:
    return isa<ConstantPointerNull>(Call.getArgOperand(0)) ? CountEffect::None : CountEffect::Free;
  default:
    break;
  }
  if (I->is(kAllocates | kCreates))
    return CountEffect::Allocate;
  if (I->is(kFrees))
    return CountEffect::Free;
  if (I->is(kReleases))
    return isa<ConstantPointerNull>(Call.getArgOperand(0)) ? CountEffect::None
                                                           : CountEffect::Release;
  return I->is(kContainer) && !I->is(kReads) ? CountEffect::Container : CountEffect::None;
}

/// Whether \p Condition asks for uniqueness, or for the heap that memory can be used again on.
static bool isQuestion(const Value *Condition) {
  const auto *Call = dyn_cast<CallBase>(Condition);
  const IntrinsicInfo *I = Call ? calledPlainForm(*Call) : nullptr;
  return I && (I->ID == IntrinsicID::IsUnique || I->ID == IntrinsicID::IsLast ||
               I->ID == IntrinsicID::IsOn);
}

SmallPtrSet<const BasicBlock *, 16> cairn::uniqueWays(const Function &F) {
  SmallPtrSet<const BasicBlock *, 16> Reached;
  SmallVector<const BasicBlock *, 16> Work{&F.getEntryBlock()};
  while (!Work.empty()) {
    const BasicBlock *Block = Work.pop_back_val();
    if (!Reached.insert(Block).second)
      continue;
    const Instruction *End = Block->getTerminator();
    const Value *Condition = nullptr;
    if (const auto *Branch = dyn_cast<BranchInst>(End); Branch && Branch->isConditional())
      Condition = Branch->getCondition();
    Value *Inner = nullptr;
    if (Condition && isQuestion(Condition))
      Work.push_back(End->getSuccessor(0));
    else if (Condition &&
             PatternMatch::match(Condition, PatternMatch::m_Not(PatternMatch::m_Value(Inner))) &&
             isQuestion(Inner))
      Work.push_back(End->getSuccessor(1));
    else
      Work.append(succ_begin(Block), succ_end(Block));
  }
  return Reached;
}
