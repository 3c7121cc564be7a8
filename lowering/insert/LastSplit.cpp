//===- LastSplit.cpp - A function that owns a parameter takes it apart --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/LastSplit.h"

#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

static constexpr const char *kOtherUse = "the object is used for more than to read its fields";
static constexpr const char *kLoop = "its loop has values that are no parameters";

/// Uses of a value that are looked at.
static constexpr unsigned kMostUses = 64;

LastSplit::LastSplit(Argument &Param, const Shapes &Known, const References &R)
    : F(*Param.getParent()), Known(Known), R(R), Start(&F.getEntryBlock()) {
  const DominatorTree DT(F);
  Why = findObject(Param);
  Why = Why ? Why : findUses();
  Why = Why ? Why : findPlaces(DT);
}

/// The parameter, or the φ that it became.
const char *LastSplit::findObject(Argument &Param) {
  for (Argument &A : F.args())
    Args.push_back(&A);
  Object = &Param;
  auto *Phi = Param.hasOneUse() ? dyn_cast<PHINode>(*Param.user_begin()) : nullptr;
  if (!Phi)
    return nullptr;
  BasicBlock *Entry = &F.getEntryBlock();
  if (Phi->getParent() != Entry->getSingleSuccessor())
    return kLoop;
  for (PHINode &Other : Phi->getParent()->phis()) {
    auto *A = dyn_cast<Argument>(Other.getIncomingValueForBlock(Entry));
    if (A && Args[A->getArgNo()] == A)
      Args[A->getArgNo()] = &Other;
    else if (A || Sum || !isSum(Other))
      return kLoop;
  }
  Object = Phi;
  Start = Phi->getParent();
  return nullptr;
}

/// Whether \p Phi is what a tail recursion under an operation became: it starts with what leaves
/// any value as it is, and the function returns it with a value added to it. So the result of
/// starting again, added to it, is the result from here.
bool LastSplit::isSum(PHINode &Phi) {
  auto *First = dyn_cast<Constant>(Phi.getIncomingValueForBlock(&F.getEntryBlock()));
  if (!First || !Phi.getType()->isIntegerTy() || Phi.hasNUsesOrMore(kMostUses))
    return false;
  SmallPtrSet<const Value *, 8> Added;
  for (User *U : Phi.users()) {
    auto *Add = dyn_cast<BinaryOperator>(U);
    if (!Add || (Sum && Add->getOpcode() != Sum->getOpcode()) || !Add->isAssociative() ||
        !Add->isCommutative() || Add->getOperand(0) == Add->getOperand(1))
      return false;
    Sum = Add;
    Added.insert(Add);
    // It is returned, or what the next round starts with, and nothing else.
    for (const User *End : Add->users())
      if (End != &Phi && !isa<ReturnInst>(End))
        return false;
  }
  if (!Sum || First != ConstantExpr::getBinOpIdentity(Sum->getOpcode(), Phi.getType()))
    return false;
  for (const BasicBlock &Block : F)
    if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator()))
      if (!Added.contains(Return->getReturnValue()))
        return false;
  // What starts again loses the sum so far, which a result for a shared object would still get.
  for (unsigned N = 0; N != Phi.getNumIncomingValues(); ++N)
    if (Phi.getIncomingBlock(N) != &F.getEntryBlock() && !Added.contains(Phi.getIncomingValue(N)))
      return false;
  SoFar = &Phi;
  return true;
}

const char *LastSplit::findUses() {
  SmallVector<Value *, 4> Work{Object};
  while (!Work.empty())
    for (User *U : Work.pop_back_val()->users()) {
      auto *I = cast<Instruction>(U);
      if (isa<GetElementPtrInst>(I) && I->getType()->isPointerTy()) {
        Work.push_back(I);
      } else if (auto *Load = dyn_cast<LoadInst>(I)) {
        if (!Load->isSimple() || !offsetIn(Object, Load->getPointerOperand(), F.getDataLayout()))
          return kOtherUse;
        Uses.push_back(Load);
      } else if (isManaged(I, ManagedID::RefTag) && I->getOperand(0) == Object) {
        Uses.push_back(I);
      } else if (!(isa<ICmpInst>(I) && isa<ConstantPointerNull>(I->getOperand(1)))) {
        return kOtherUse;
      }
    }
  return nullptr;
}

const char *LastSplit::findPlaces(const DominatorTree &DT) {
  SmallVector<BasicBlock *, 4> Blocks;
  for (Instruction *I : Uses)
    if (R.is(I) && !is_contained(Blocks, I->getParent()))
      Blocks.push_back(I->getParent());
  for (BasicBlock *Block : Blocks)
    if (none_of(Blocks,
                [&](BasicBlock *Other) { return Other != Block && DT.dominates(Other, Block); }))
      Places.push_back({Block});
  if (Places.empty())
    return "it reads no references";
  for (Place &At : Places)
    if (const char *Found = check(At, DT))
      return Found;
  return nullptr;
}

const char *LastSplit::check(Place &At, const DominatorTree &DT) {
  // Before the first access, which says that the object is not null.
  for (Instruction &I : *At.Block)
    if (is_contained(Uses, &I) && isa<LoadInst>(I)) {
      At.Before = &I;
      break;
    }
  SmallPtrSet<BasicBlock *, 1> Stop{Start};
  // It must not come there twice with one object.
  const bool IsLoop = isa<PHINode>(Object);
  for (BasicBlock *Next : successors(At.Block))
    if (!(IsLoop && Next == Start) &&
        isPotentiallyReachable(Next, At.Block, IsLoop ? &Stop : nullptr, &DT))
      return "it reads the object in a loop";
  for (Instruction *I : Uses) {
    if (DT.dominates(At.Before, I) || I == At.Before) {
      if (!isa<LoadInst>(I))
        return "the tag is looked at after the fields";
      At.Reads.push_back(cast<LoadInst>(I));
    } else if (I->getParent() != At.Block && any_of(successors(At.Block), [&](BasicBlock *Next) {
                 return !(IsLoop && Next == Start) &&
                        isPotentiallyReachable(Next, I->getParent(), IsLoop ? &Stop : nullptr, &DT);
               })) {
      return "the ways on which fields are read meet again";
    }
  }
  if (!onlyLooked(At))
    return "it has done something before it reads the fields";
  At.Shape = shapeOf(At);
  return At.Shape ? nullptr : "no type, or several, fit what is read";
}

/// Whether nothing was done on the ways from the start to the place.
bool LastSplit::onlyLooked(const Place &At) const {
  auto IsLook = [](const Instruction &I) {
    auto *Call = dyn_cast<CallBase>(&I);
    return (!Call && !I.mayHaveSideEffects()) || isManaged(&I, ManagedID::RefTag);
  };
  for (Instruction &I : make_range(At.Block->begin(), At.Before->getIterator()))
    if (!IsLook(I))
      return false;
  SmallPtrSet<BasicBlock *, 8> Seen{At.Block};
  SmallVector<BasicBlock *, 8> Work;
  auto AddBefore = [&](BasicBlock *Block) {
    if (Block != Start)
      Work.append(pred_begin(Block), pred_end(Block));
  };
  AddBefore(At.Block);
  while (!Work.empty()) {
    BasicBlock *Block = Work.pop_back_val();
    if (!Seen.insert(Block).second)
      continue;
    if (!all_of(*Block, IsLook))
      return false;
    AddBefore(Block);
  }
  return true;
}

const Descriptor *LastSplit::shapeOf(const Place &At) const {
  const Descriptor *Found = nullptr;
  const DataLayout &DL = F.getDataLayout();
  for (const auto &[Word, D] : Known) {
    const bool Fits = all_of(At.Reads, [&](LoadInst *Load) {
      return fits(D, *offsetIn(Object, Load->getPointerOperand(), DL), Load->getType(), R, DL);
    });
    if (!Fits)
      continue;
    // Rather the type of which all fields are read.
    const bool Whole = all_of(D.Fields, [&](uint32_t Field) {
      return any_of(At.Reads, [&](LoadInst *Load) {
        return R.is(Load) && offsetIn(Object, Load->getPointerOperand(), DL) == Field;
      });
    });
    if (Whole)
      return &D;
    if (Found)
      return nullptr;
    Found = &D;
  }
  return Found;
}

CallInst *LastSplit::applyAt(Place &At, Function &Borrows) {
  Module &M = *F.getParent();
  const DataLayout &DL = M.getDataLayout();
  IRBuilder<> B(At.Before);
  Value *Word = B.getInt32(At.Shape->Meta & ~kMetaTagMask);
  Value *IsLast = B.CreateCall(managedIntrinsic(ManagedID::RefIsLast).declare(M),
                               {Object, Word, B.getInt32(~kMetaTagMask)}, "last");
  Instruction *Shared = SplitBlockAndInsertIfElse(IsLast, At.Before->getIterator(),
                                                  /*Unreachable=*/true);
  BasicBlock *SharedBlock = Shared->getParent();
  SharedBlock->setName("shared");
  Shared->eraseFromParent();
  B.SetInsertPoint(SharedBlock);
  B.SetCurrentDebugLocation(At.Before->getDebugLoc());
  CallInst *Call = B.CreateCall(&Borrows, Args);
  Call->setCallingConv(Borrows.getCallingConv());
  if (Call->getType()->isVoidTy())
    B.CreateRetVoid();
  else
    B.CreateRet(SoFar ? B.CreateBinOp(Sum->getOpcode(), Call, SoFar) : Call);
  B.SetInsertPoint(At.Before);
  B.SetCurrentDebugLocation(At.Before->getDebugLoc());
  Value *Cell =
      B.CreateCall(managedIntrinsic(ManagedID::RefTakeCell).declare(M), {Object, Word}, "cell");
  auto Address = [&](uint64_t Offset) {
    return Offset ? B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Cell, Offset) : Cell;
  };
  DenseMap<uint64_t, Value *> Fields;
  for (uint32_t Field : At.Shape->Fields)
    Fields[Field] = B.CreateLoad(Cell->getType(), Address(Field), "field");
  for (LoadInst *Load : At.Reads) {
    const uint64_t Offset = *offsetIn(Object, Load->getPointerOperand(), DL);
    if (R.is(Load)) {
      Load->replaceAllUsesWith(Fields.lookup(Offset));
      Load->eraseFromParent();
      continue;
    }
    B.SetInsertPoint(Load);
    Load->setOperand(LoadInst::getPointerOperandIndex(), Address(Offset));
  }
  return Call;
}

void LastSplit::allowOverflow() {
  if (SoFar)
    for (User *U : SoFar->users())
      cast<Instruction>(U)->dropPoisonGeneratingFlags();
}

SmallVector<CallInst *, 2> LastSplit::apply(Function &Borrows) {
  SmallVector<CallInst *, 2> Calls;
  for (Place &At : Places)
    Calls.push_back(applyAt(At, Borrows));
  return Calls;
}
