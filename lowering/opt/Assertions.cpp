//===- Assertions.cpp - cairn-assertions: what is said to be unique -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/Assertions.h"

#include "analysis/Allocations.h"
#include "analysis/Fresh.h"
#include "ir/Compat.h"
#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-assertions"

STATISTIC(NumSeen, "Number of assertions of uniqueness that are seen to hold");
STATISTIC(NumUnseen, "Number of assertions of uniqueness that are not seen to hold");

/// Of a plain object that is used in more ways than this, nothing is said.
constexpr unsigned kMostUses = 256;

/// A use of a plain object or of a pointer into it after which others may know it, or count it.
static bool lends(const Instruction &User, const Use &U) {
  if (isa<StoreInst>(User))
    return U.getOperandNo() != StoreInst::getPointerOperandIndex();
  if (isa<LoadInst, ICmpInst>(User))
    return false;
  const auto *Call = dyn_cast<CallBase>(&User);
  if (!Call)
    return true;
  if (const IntrinsicInfo *I = calledIntrinsic(*Call))
    return I->ID != IntrinsicID::AssertUnique && I->ID != IntrinsicID::IsUnique &&
           I->ID != IntrinsicID::Tag && I->ID != IntrinsicID::SetTag &&
           I->ID != IntrinsicID::Length;
  return !(isa<IntrinsicInst>(Call) && Call->isArgOperand(&U) &&
           isNotCaptured(*Call, Call->getArgOperandNo(&U)));
}

/// Whether the plain object of \p Allocation went nowhere before \p At.
static bool isOwn(const CallInst &Allocation, const CallInst &At, const DominatorTree &DT) {
  SmallVector<const Value *, 8> Work{&Allocation};
  SmallPtrSet<BasicBlock *, 1> Made;
  Made.insert(const_cast<BasicBlock *>(Allocation.getParent())); // what comes after is another one
  for (unsigned Uses = 0; !Work.empty();)
    for (const Use &U : Work.pop_back_val()->uses()) {
      const auto &User = *cast<Instruction>(U.getUser());
      if (++Uses > kMostUses)
        return false;
      if (isa<GetElementPtrInst, BitCastInst>(User)) {
        if (!User.getType()->isPointerTy())
          return false;
        Work.push_back(&User);
      } else if (lends(User, U)) {
        // A φ takes it on the edge.
        const Instruction *From = &User;
        if (const auto *Phi = dyn_cast<PHINode>(&User))
          From = Phi->getIncomingBlock(U)->getTerminator();
        const bool Here = From->getParent() == Allocation.getParent();
        if (isPotentiallyReachable(From, &At, Here ? nullptr : &Made, &DT))
          return false;
      }
    }
  return true;
}

/// Why \p Object, of the assertion \p At, is not seen to be unique; null: it is.
static const char *reason(const Value &Object, const CallInst &At, bool Managed,
                          FreshObjects &Fresh, const DominatorTree &DT) {
  if (isa<ConstantPointerNull>(Object))
    return nullptr;
  if (isa<Argument>(Object))
    return "it is a parameter, which the caller may have other references to";
  if (isa<LoadInst>(Object))
    return "it was loaded from memory, which keeps a reference";
  if (isa<PHINode, SelectInst>(Object))
    return "it is one of several";
  if (isa<Constant>(Object))
    return "it is a static object";
  const auto *Call = dyn_cast<CallInst>(&Object);
  const IntrinsicInfo *I = Call ? calledPlainForm(*Call) : nullptr;
  if (!I || !I->is(kAllocates) || I->is(kRawBlock))
    return isa<CallBase>(Object) ? "it is the result of a call, which may have kept a reference"
                                 : "it cannot be seen where it comes from";
  if (Managed ? Fresh.isFresh(Call, At) : isOwn(*Call, At, DT))
    return nullptr;
  return "it was made here, but stored, passed on or chosen from several before";
}

PreservedAnalyses AssertionsPass::run(Function &F, FunctionAnalysisManager &FAM) {
  const Function *Plain = F.getParent()->getFunction(intrinsic(IntrinsicID::AssertUnique).Name);
  if ((!Plain || Plain->use_empty()) && !isCalled(*F.getParent(), ManagedID::RefAssertUnique))
    return PreservedAnalyses::all();
  SmallVector<CallInst *> Found;
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallInst>(&I);
    const IntrinsicInfo *Callee = Call ? calledPlainForm(*Call) : nullptr;
    if (Callee && Callee->ID == IntrinsicID::AssertUnique &&
        !(calledManaged(*Call) && F.hasFnAttribute(kCountsInserted)))
      Found.push_back(Call);
  }
  if (Found.empty())
    return PreservedAnalyses::all();
  OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  const DominatorTree &DT = FAM.getResult<DominatorTreeAnalysis>(F);
  FreshObjects Fresh;
  for (CallInst *Call : Found) {
    const Value &Object = *objectOf(Call->getArgOperand(0));
    const char *Why = reason(Object, *Call, calledManaged(*Call), Fresh, DT);
    if (F.hasOptNone())
      continue; // nothing is seen in it
    ++(Why ? NumUnseen : NumSeen);
    if (Why)
      ORE.emit([&] {
        return OptimizationRemarkMissed(DEBUG_TYPE, "NotSeen", Call)
               << "the object is not seen to be unique: " << ore::NV("Reason", Why);
      });
    else
      ORE.emit([&] {
        return OptimizationRemark(DEBUG_TYPE, "Unique", Call) << "the object is seen to be unique";
      });
  }
  if (Checked || F.getParent()->getModuleFlag(kCheckedHeap))
    return PreservedAnalyses::all();
  for (CallInst *Call : Found)
    Call->eraseFromParent();
  PreservedAnalyses PA;
  PA.preserveSet<CFGAnalyses>();
  return PA;
}
