//===- Unwind.cpp - Frames that an exception ends ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Unwind.h"

#include "ir/Compat.h"
#include "ir/Intrinsics.h"
#include "ir/Marks.h"
#include "llvm/IR/EHPersonalities.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

/// Whether \p I is a call that an exception may come out of.
static bool mayThrow(const Instruction &I) {
  auto *Call = dyn_cast<CallInst>(&I);
  if (!Call || Call->doesNotThrow() || Call->isMustTailCall() || isa<IntrinsicInst>(Call))
    return false;
  if (auto *Asm = dyn_cast<InlineAsm>(Call->getCalledOperand()))
    return Asm->canThrow();
  const Function *Callee = Call->getCalledFunction();
  return !Callee || !isReservedName(Callee->getName());
}

/// The personality of a function that can be unwound and has none: one that the module has, or
/// that of C, which runs cleanups only.
static Constant *personalityFor(Function &F) {
  Module &M = *F.getParent();
  for (Function &Other : M)
    if (Other.hasPersonalityFn() &&
        !isScopedEHPersonality(classifyEHPersonality(Other.getPersonalityFn())))
      return Other.getPersonalityFn();
  return cast<Constant>(
      M.getOrInsertFunction("__gcc_personality_v0",
                            FunctionType::get(Type::getInt32Ty(F.getContext()), /*isVarArg=*/true))
          .getCallee());
}

/// The type that the function's landing pads and resumes have.
static Type *padType(Function &F) {
  for (BasicBlock &BB : F) {
    if (auto *Pad = BB.getLandingPadInst())
      return Pad->getType();
    if (auto *Resume = dyn_cast<ResumeInst>(BB.getTerminator()))
      return Resume->getValue()->getType();
  }
  LLVMContext &C = F.getContext();
  return StructType::get(PointerType::get(C, 0), Type::getInt32Ty(C));
}

/// Gives each invoke that goes to \p BB a landing pad of its own, which goes on to what \p BB
/// was.
static void splitPad(BasicBlock &BB) {
  LandingPadInst *Pad = BB.getLandingPadInst();
  DenseMap<BasicBlock *, BasicBlock *> NewFor;
  PHINode *Value = nullptr;
  for (BasicBlock *From : SmallVector<BasicBlock *>(predecessors(&BB))) {
    BasicBlock *New = BasicBlock::Create(BB.getContext(), "pad", BB.getParent(), &BB);
    IRBuilder<> B(New);
    Instruction *Own = B.Insert(Pad->clone());
    B.SetCurrentDebugLocation(Pad->getDebugLoc());
    B.CreateBr(&BB);
    cast<InvokeInst>(From->getTerminator())->setUnwindDest(New);
    NewFor[From] = New;
    if (!Value) {
      B.SetInsertPoint(&BB, BB.begin());
      Value = B.CreatePHI(Pad->getType(), 4);
      Value->takeName(Pad);
    }
    Value->addIncoming(Own, New);
  }
  for (PHINode &Phi : BB.phis())
    if (&Phi != Value)
      for (unsigned N = 0; N != Phi.getNumIncomingValues(); ++N)
        Phi.setIncomingBlock(N, NewFor[Phi.getIncomingBlock(N)]);
  Pad->replaceAllUsesWith(Value);
  Pad->eraseFromParent();
}

bool cairn::makeUnwindEdges(Refusals &Errors) {
  Function &F = Errors.function();
  const bool Unwinds = !F.doesNotThrow();
  const Triple Target(tripleOf(*F.getParent()));
  if (!F.hasPersonalityFn() &&
      (!Unwinds || !F.hasUWTable() || Target.isWasm() || Target.isWindowsMSVCEnvironment()))
    return false;
  SmallVector<CallInst *> Calls;
  if (Unwinds)
    for (Instruction &I : instructions(F))
      if (mayThrow(I))
        Calls.push_back(cast<CallInst>(&I));
  if (F.hasPersonalityFn() && isScopedEHPersonality(classifyEHPersonality(F.getPersonalityFn()))) {
    // Funclets: what a cleanup may call depends on the pad that it belongs to.
    for (Instruction &I : instructions(F))
      if (isa<InvokeInst>(I) || I.isEHPad() || mayThrow(I)) {
        Errors.refuse(I, "an exception may leave or enter a function with references here, and "
                         "this target's exceptions (funclets) cannot release them; compile it "
                         "without exceptions, or keep the references in functions that cannot "
                         "throw");
        return false;
      }
    return false;
  }
  bool Changed = false;
  for (BasicBlock &BB : make_early_inc_range(F))
    if (LandingPadInst *Pad = BB.getLandingPadInst()) {
      // Without a cleanup, the unwinder passes a frame whose handlers do not fit.
      Pad->setCleanup(true);
      Changed = true;
      if (!BB.getSinglePredecessor())
        splitPad(BB);
    }
  if (Calls.empty())
    return Changed;
  Type *T = padType(F);
  if (!F.hasPersonalityFn()) {
    F.setPersonalityFn(personalityFor(F));
    F.addFnAttr(kPersonality);
  }
  LLVMContext &C = F.getContext();
  BasicBlock *End = BasicBlock::Create(C, "unwind", &F);
  IRBuilder<> B(End);
  PHINode *Value = B.CreatePHI(T, unsigned(Calls.size()));
  B.CreateResume(Value);
  // From the last to the first: what follows a call is moved to a block of its own.
  for (CallInst *Call : reverse(Calls)) {
    BasicBlock *New = BasicBlock::Create(C, "pad", &F, End);
    B.SetInsertPoint(New);
    LandingPadInst *Pad = B.CreateLandingPad(T, 0);
    Pad->setCleanup(true);
    Pad->setMetadata(kPad, MDNode::get(C, {}));
    Pad->setDebugLoc(Call->getDebugLoc());
    B.SetCurrentDebugLocation(Call->getDebugLoc());
    B.CreateBr(End);
    Value->addIncoming(Pad, New);
    changeToInvokeAndSplitBasicBlock(Call, New);
  }
  return true;
}

bool cairn::removeIdlePads(Function &F) {
  bool Changed = false;
  SmallVector<BasicBlock *> Idle;
  BasicBlock *End = nullptr;
  bool Pads = false;
  for (BasicBlock &BB : F)
    if (LandingPadInst *Pad = BB.getLandingPadInst()) {
      auto *Next = dyn_cast<BranchInst>(Pad->getNextNode());
      if (Pad->hasMetadata(kPad) && Next && Next->isUnconditional() && BB.getSinglePredecessor() &&
          isa<PHINode>(Next->getSuccessor(0)->begin()) &&
          isa<ResumeInst>(std::next(Next->getSuccessor(0)->begin()))) {
        Idle.push_back(&BB);
        End = Next->getSuccessor(0);
      } else {
        Pads = true;
      }
    }
  if (Idle.empty())
    return false;
  const SmallPtrSet<BasicBlock *, 16> Gone(Idle.begin(), Idle.end());
  SmallVector<BasicBlock *> Joined;
  for (BasicBlock *BB : Idle) {
    auto *Call = cast<InvokeInst>(BB->getSinglePredecessor()->getTerminator());
    Joined.push_back(Call->getNormalDest());
    changeToCall(Call);
  }
  // The common end's φ loses all its operands at once.
  auto *Value = cast<PHINode>(End->begin());
  Value->removeIncomingValueIf(
      [&](unsigned N) { return Gone.contains(Value->getIncomingBlock(N)); },
      /*DeletePHIIfEmpty=*/false);
  if (!Value->getNumIncomingValues()) {
    Value->replaceAllUsesWith(PoisonValue::get(Value->getType()));
    End->getTerminator()->eraseFromParent();
    Value->eraseFromParent();
    new UnreachableInst(F.getContext(), End);
  }
  for (BasicBlock *BB : Idle) {
    BB->getTerminator()->eraseFromParent();
    BB->eraseFromParent();
  }
  if (pred_empty(End))
    End->eraseFromParent();
  for (BasicBlock *BB : Joined)
    MergeBlockIntoPredecessor(BB);
  if (!Pads && F.hasFnAttribute(kPersonality))
    F.setPersonalityFn(nullptr);
  F.removeFnAttr(kPersonality);
  Changed = true;
  return Changed;
}
