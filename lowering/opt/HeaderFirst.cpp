//===- HeaderFirst.cpp - cairn-header-first: one compare in loops *- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/HeaderFirst.h"

#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace cairn;

#define DEBUG_TYPE "cairn-header-first"

STATISTIC(NumFirst, "Number of header words that are compared before the tag is read");

/// The read of the tag on which it depends whether \p Cell is made; null if that is not all that
/// is between the two, or if somebody else needs it.
static CallInst *tagTestOf(CallInst &Cell) {
  BasicBlock *Arm = Cell.getParent();
  BasicBlock *Test = Arm->getSinglePredecessor();
  auto *Branch = Test ? dyn_cast<BranchInst>(Test->getTerminator()) : nullptr;
  if (!Branch || !Branch->isConditional() || &*Arm->getFirstNonPHIOrDbg() != &Cell ||
      isa<PHINode>(Arm->front()))
    return nullptr;
  auto *Compare = dyn_cast<ICmpInst>(Branch->getCondition());
  if (!Compare || !Compare->isEquality() || !Compare->hasOneUse() ||
      !isa<ConstantInt>(Compare->getOperand(1)))
    return nullptr;
  // Objects of another tag do not go there.
  const uint64_t Word = cast<ConstantInt>(Cell.getArgOperand(1))->getZExtValue();
  if (cast<ConstantInt>(Compare->getOperand(1))->getValue() !=
      (Word & kMetaTagMask) >> kMetaTagShift)
    return nullptr;
  const bool Equal = Compare->getPredicate() == ICmpInst::ICMP_EQ;
  if (Branch->getSuccessor(Equal ? 0 : 1) != Arm)
    return nullptr;
  Value *V = Compare->getOperand(0), *Narrow;
  if (match(V, m_OneUse(m_ZExt(m_Value(Narrow)))))
    V = Narrow;
  auto *Tag = dyn_cast<CallInst>(V);
  if (!Tag || !isManaged(Tag, ManagedID::RefTag) || !Tag->hasOneUse() || Tag->getParent() != Test ||
      Tag->getArgOperand(0) != Cell.getArgOperand(0))
    return nullptr;
  for (const Instruction *I = Tag->getNextNode(); I != Branch; I = I->getNextNode())
    if (I != Compare && I != Compare->getOperand(0))
      return nullptr;
  return Tag;
}

static void compareFirst(CallInst &Cell, CallInst &Tag) {
  Module &M = *Cell.getModule();
  BasicBlock *Arm = Cell.getParent(), *Test = Tag.getParent();
  BasicBlock *Other = Test->splitBasicBlock(Tag.getIterator(), "tag");
  BasicBlock::iterator Next = Cell.getNextNode()->getIterator();
  Next.setHeadBit(true); // with the debug records before it
  BasicBlock *On = Arm->splitBasicBlock(Next, "cell");
  BasicBlock *Last = BasicBlock::Create(M.getContext(), "last", Arm->getParent(), On);
  Value *Object = Cell.getArgOperand(0), *Word = Cell.getArgOperand(1);
  Instruction *End = Test->getTerminator();
  IRBuilder<> B(End);
  B.SetCurrentDebugLocation(Cell.getDebugLoc());
  Value *IsLast = B.CreateCall(managedIntrinsic(ManagedID::RefIsLast).declare(M),
                               {Object, Word, B.getInt32(~0u)});
  if (Value *Heap = heapOfCell(Cell)) {
    BasicBlock *Place = BasicBlock::Create(M.getContext(), "place", Arm->getParent(), Last);
    B.CreateCondBr(IsLast, Place, Other);
    B.SetInsertPoint(Place);
    Value *IsOn = B.CreateCall(managedIntrinsic(ManagedID::RefIsOn).declare(M), {Object, Heap});
    B.CreateCondBr(IsOn, Last, Other);
  } else {
    B.CreateCondBr(IsLast, Last, Other);
  }
  End->eraseFromParent();
  B.SetInsertPoint(Last);
  CallInst *Its = B.CreateCall(managedIntrinsic(ManagedID::RefTakeCell).declare(M), {Object, Word});
  B.CreateBr(On);
  B.SetInsertPoint(On, On->begin());
  PHINode *Either = B.CreatePHI(Cell.getType(), 2, Cell.getName());
  Cell.replaceAllUsesWith(Either);
  Either->addIncoming(Its, Last);
  Either->addIncoming(&Cell, Arm);
  ++NumFirst;
}

bool cairn::compareHeadersFirst(Function &F, FunctionAnalysisManager &FAM) {
  if (F.isDeclaration() || F.hasOptNone() || F.hasMinSize() || !F.hasFnAttribute(kCountsInserted))
    return false;
  if (!isCalled(*F.getParent(), ManagedID::RefOwnTaggedCell) &&
      !isCalled(*F.getParent(), ManagedID::RefOwnTaggedCellOn))
    return false;
  SmallVector<std::pair<CallInst *, CallInst *>> Found;
  for (Instruction &I : instructions(F))
    if (auto *Cell = dyn_cast<CallInst>(&I);
        Cell && isOwnTaggedCell(Cell) && isa<ConstantInt>(Cell->getArgOperand(1)))
      if (CallInst *Tag = tagTestOf(*Cell))
        Found.push_back({Cell, Tag});
  if (Found.empty())
    return false;
  const DominatorTree DT(F);
  const LoopInfo Loops(DT);
  erase_if(Found, [&](auto Pair) {
    const Loop *Its = Loops.getLoopFor(Pair.first->getParent());
    return !Its || Its != Loops.getLoopFor(Pair.second->getParent());
  });
  auto &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  for (auto [Cell, Tag] : Found) {
    ORE.emit([&] {
      return OptimizationRemark(DEBUG_TYPE, "First", Cell)
             << "the header is compared before the tag is read";
    });
    compareFirst(*Cell, *Tag);
  }
  return !Found.empty();
}

PreservedAnalyses HeaderFirstPass::run(Function &F, FunctionAnalysisManager &FAM) {
  return compareHeadersFirst(F, FAM) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
