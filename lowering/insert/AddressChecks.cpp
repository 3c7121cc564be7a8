//===- AddressChecks.cpp - Tests of a variable's address --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// UBSan tests before an access whether the address is aligned and the variable large enough, and
// reports the address if not. Of a variable on the stack the outcome is known. Without an optimiser
// nobody would see that, and the variable would be one whose address is a number in a call: a slot,
// which holds its references to the end of the frame.
//
//===----------------------------------------------------------------------===//
#include "insert/StackSlots.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/InstructionSimplify.h"
#include "llvm/Analysis/MemoryBuiltins.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

/// What \p Test always is, or null.
static Constant *outcome(Instruction &Test, const DataLayout &DL) {
  if (Test.isTerminator() || !Test.getType()->isIntegerTy())
    return nullptr;
  if (auto *Call = dyn_cast<IntrinsicInst>(&Test))
    return Call->getIntrinsicID() == Intrinsic::objectsize
               ? dyn_cast_or_null<ConstantInt>(
                     lowerObjectSizeCall(Call, DL, /*TLI=*/nullptr, /*MustSucceed=*/false))
               : nullptr;
  if (Value *Simple = simplifyInstruction(&Test, {DL, &Test}); isa_and_nonnull<ConstantInt>(Simple))
    return cast<ConstantInt>(Simple);
  const KnownBits Bits = computeKnownBits(&Test, DL);
  return Bits.isConstant() ? ConstantInt::get(Test.getType(), Bits.getConstant()) : nullptr;
}

bool cairn::foldAddressChecks(Refusals &Errors) {
  Function &F = Errors.function();
  const References &R = Errors.references();
  const DataLayout &DL = F.getParent()->getDataLayout();
  auto IsOfVariable = [&](const Value *Address) {
    auto *Variable = dyn_cast<AllocaInst>(getUnderlyingObject(Address));
    return Variable && R.in(Variable->getAllocatedType());
  };
  SmallSetVector<Instruction *, 16> Tests; ///< Of addresses of variables with references.
  for (Instruction &I : instructions(F)) {
    if (auto *Number = dyn_cast<PtrToIntInst>(&I); Number && IsOfVariable(Number->getOperand(0)))
      for (User *U : Number->users())
        Tests.insert(cast<Instruction>(U));
    auto *Call = dyn_cast<IntrinsicInst>(&I);
    if ((isa<ICmpInst>(I) || (Call && Call->getIntrinsicID() == Intrinsic::objectsize)) &&
        I.getOperand(0)->getType()->isPointerTy() && IsOfVariable(I.getOperand(0)))
      Tests.insert(&I);
  }
  SmallSetVector<BasicBlock *, 8> Decided;
  SmallVector<WeakTrackingVH, 16> Idle;
  while (!Tests.empty()) {
    Instruction *Test = Tests.pop_back_val();
    Constant *Known = outcome(*Test, DL);
    if (!Known)
      continue;
    for (User *U : Test->users()) {
      if (cast<Instruction>(U)->isTerminator())
        Decided.insert(cast<Instruction>(U)->getParent());
      else
        Tests.insert(cast<Instruction>(U));
    }
    Test->replaceAllUsesWith(Known);
    Idle.push_back(Test);
  }
  if (Decided.empty())
    return false;
  for (BasicBlock *Block : Decided)
    ConstantFoldTerminator(Block);
  EliminateUnreachableBlocks(F); // the reports
  RecursivelyDeleteTriviallyDeadInstructionsPermissive(Idle);
  return true;
}
