//===- StackSlots.cpp - Variables on the stack that hold references -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/StackSlots.h"

#include "insert/RefFields.h"
#include "ir/Marks.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;

namespace {

/// Where a frame ends: null has to be in the slots before these.
SmallVector<Instruction *> endsOf(Function &F) {
  SmallVector<Instruction *> Ends;
  for (BasicBlock &BB : F) {
    Instruction *Last = BB.getTerminator();
    if (CallInst *Tail = BB.getTerminatingMustTailCall())
      Ends.push_back(Tail);
    else if (isa<ReturnInst, ResumeInst>(Last))
      Ends.push_back(Last);
  }
  return Ends;
}

/// Replaces the ends of one kind by jumps to one, so that slots are cleared at one place.
template <typename EndT> void joinEnds(Function &F, const References &R) {
  SmallVector<EndT *> Ends;
  for (BasicBlock &BB : F)
    if (auto *End = dyn_cast<EndT>(BB.getTerminator()); End && !BB.getTerminatingMustTailCall())
      Ends.push_back(End);
  if (Ends.size() < 2)
    return;
  Value *First = Ends.front()->getNumOperands() ? Ends.front()->getOperand(0) : nullptr;
  // A structure of references in a φ would have to be split again.
  if (First && R.in(First->getType()) && !R.is(First))
    return;
  BasicBlock *Join = BasicBlock::Create(F.getContext(), "end", &F);
  IRBuilder<> B(Join);
  PHINode *Phi =
      First ? B.CreatePHI(First->getType(), unsigned(Ends.size()), "end.value") : nullptr;
  // The common end stands for all of them: it has no line but the function's.
  auto *Joined = cast<EndT>(B.Insert(Ends.front()->clone()));
  if (Phi)
    Joined->setOperand(0, Phi);
  for (EndT *End : Ends) {
    if (Phi)
      Phi->addIncoming(End->getOperand(0), End->getParent());
    B.SetInsertPoint(End);
    B.CreateBr(Join);
    End->eraseFromParent();
  }
}

} // namespace

/// The type of all that \p Slot has.
static Type *typeOf(const AllocaInst &Slot) {
  Type *T = Slot.getAllocatedType();
  return Slot.isArrayAllocation()
             ? ArrayType::get(T, cast<ConstantInt>(Slot.getArraySize())->getZExtValue())
             : T;
}

void cairn::storeNulls(AllocaInst &Slot, Instruction &Before, bool Starts, const References &R) {
  LLVMContext &C = Slot.getContext();
  const Align Word(Slot.getModule()->getDataLayout().getPointerSize(R.space()));
  Constant *Null = Constant::getNullValue(PointerType::get(C, R.space()));
  forEachRef(&Before, typeOf(Slot), R, ConstantInt::get(Type::getInt64Ty(C), 0),
             [&](IRBuilderBase &B, Value *Offset) {
               B.SetCurrentDebugLocation(Starts ? DebugLoc() : Before.getDebugLoc());
               auto *Known = dyn_cast<ConstantInt>(Offset);
               Value *At =
                   Known && Known->isZero() ? &Slot : B.CreateInBoundsPtrAdd(&Slot, Offset, "slot");
               StoreInst *Store = B.CreateAlignedStore(Null, At, Word);
               if (Starts)
                 Store->setMetadata(kInitialises, MDNode::get(C, {}));
             });
}

bool cairn::zeroSlots(Refusals &Errors) {
  Function &F = Errors.function();
  const References &R = Errors.references();
  const DataLayout &DL = F.getParent()->getDataLayout();
  SmallVector<AllocaInst *> Slots;
  for (Instruction &I : F.getEntryBlock())
    if (auto *Slot = dyn_cast<AllocaInst>(&I); Slot && R.in(Slot->getAllocatedType()))
      Slots.push_back(Slot);
  if (Slots.empty())
    return false;
  joinEnds<ReturnInst>(F, R);
  joinEnds<ResumeInst>(F, R);
  MDNode *Initialises = MDNode::get(F.getContext(), {});
  const SmallVector<Instruction *> Ends = endsOf(F);
  for (AllocaInst *Slot : Slots) {
    Type *T = typeOf(*Slot);
    if (numRefsIn(T, R) <= kMostUnrolled) {
      storeNulls(*Slot, *Slot->getNextNode(), /*Starts=*/true, R);
    } else {
      IRBuilder<> B(Slot->getNextNode());
      B.SetCurrentDebugLocation(DebugLoc());
      B.CreateMemSet(Slot, B.getInt8(0), DL.getTypeAllocSize(T).getFixedValue(), Slot->getAlign())
          ->setMetadata(kInitialises, Initialises);
    }
    for (Instruction *End : Ends)
      storeNulls(*Slot, *End, /*Starts=*/false, R);
  }
  return true;
}
