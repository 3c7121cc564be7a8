//===- proofs.cpp - What shows that a mutation is harmless ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "proofs.h"

#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

CallInst *countAt(Instruction &I) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  return Callee && (Callee->getName() == kIncref || Callee->getName() == kDecref) ? Call : nullptr;
}

/// Whether \p I changes an object's count, and no reference.
static bool isShareInto(const Instruction &I) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  return Callee && Callee->getName() == "cairn.ref.share.into";
}

const Value *rootOf(const Value *V) {
  while (auto *Op = dyn_cast<Operator>(V)) {
    if (Op->getOpcode() != Instruction::GetElementPtr && Op->getOpcode() != Instruction::Freeze &&
        Op->getOpcode() != Instruction::AddrSpaceCast)
      break;
    V = Op->getOperand(0);
  }
  return V;
}

/// Whether two addresses are computed from the same operands in the same way.
static bool isSameAddress(const Value *A, const Value *B) {
  if (A == B)
    return true;
  const auto *L = dyn_cast<GetElementPtrInst>(A), *R = dyn_cast<GetElementPtrInst>(B);
  return L && R && L->isIdenticalTo(R);
}

const Value *contentOf(const Value *V) {
  const auto *Load = dyn_cast<LoadInst>(V);
  if (!Load || !Load->isSimple())
    return V;
  // What other stores wrote, which may be there.
  SmallVector<const Value *, 2> Others;
  auto Found = [&](const Value *Known) {
    Known = contentOf(Known);
    return all_of(Others, [&](const Value *Other) { return contentOf(Other) == Known; }) ? Known
                                                                                         : V;
  };
  const Instruction *I = Load;
  for (const BasicBlock *Block = Load->getParent();;) {
    while ((I = I->getPrevNode())) {
      const auto *Before = dyn_cast<LoadInst>(I);
      if (Before && Before->getType() == Load->getType() &&
          isSameAddress(Before->getPointerOperand(), Load->getPointerOperand()))
        return Found(Before);
      const auto *Store = dyn_cast<StoreInst>(I);
      if (Store && Store->getValueOperand()->getType() == Load->getType() &&
          isSameAddress(Store->getPointerOperand(), Load->getPointerOperand()))
        return Found(Store->getValueOperand());
      if (Store && Store->isSimple() && Store->getValueOperand()->getType() == Load->getType()) {
        Others.push_back(Store->getValueOperand());
        continue;
      }
      const CallInst *Count = countAt(const_cast<Instruction &>(*I));
      if (I->mayWriteToMemory() && !isShareInto(*I) &&
          !(Count && Count->getCalledFunction()->getName() == kIncref))
        return V;
    }
    const BasicBlock *From = Block->getSinglePredecessor();
    if (!From || From == Load->getParent())
      return V;
    Block = From;
    I = Block->getTerminator();
    if (I->mayWriteToMemory())
      return V;
  }
}

std::string staysInEndingFrame(StoreInst &Store, const Value *Other) {
  const auto *Load = dyn_cast<LoadInst>(Other);
  if (!Load || Load->getPointerOperand() != Store.getPointerOperand() ||
      Load->getParent() != Store.getParent() || !isa<AllocaInst>(rootOf(Load->getPointerOperand())))
    return "";
  for (const Instruction *I = Load->getNextNode(); I != &Store; I = I->getNextNode())
    if (!I || I->mayWriteToMemory())
      return "";
  for (Instruction *I = Store.getNextNode(); I; I = I->getNextNode()) {
    if (isa<ReturnInst>(I))
      return "the slot's unit is taken out, and nobody reads the slot before its frame ends";
    const auto *Read = dyn_cast<LoadInst>(I);
    if ((Read && Read->getPointerOperand() == Store.getPointerOperand()) ||
        (isa<CallBase>(I) && !countAt(*I) && !isa<IntrinsicInst>(I)))
      return "";
  }
  return "";
}
