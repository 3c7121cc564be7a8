//===- KeepFields.cpp - cairn-keep: fields that stay as they are --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/KeepFields.h"

#include "analysis/Shapes.h"
#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-keep"

STATISTIC(NumKept, "Number of stores of what the memory held before");

namespace {

/// Bytes of an object that are written.
struct Written {
  uint64_t Offset, Size;
  bool overlaps(uint64_t At, uint64_t Bytes) const {
    return At < Offset + Size && Offset < At + Bytes;
  }
};

} // namespace

/// The stores after \p Object in its block that write what the cell has there already.
static bool keepIn(CallInst &Object, const References &R, const DataLayout &DL) {
  const Value *Cell = Object.getArgOperand(0);
  const auto *KeptBefore = dyn_cast<ConstantInt>(Object.getArgOperand(3));
  if (!isCell(Cell) || !KeptBefore)
    return false;
  SmallVector<Written, 8> Before;
  SmallVector<StoreInst *, 4> Idle;
  uint32_t Kept = uint32_t(KeptBefore->getZExtValue());
  for (Instruction *I = Object.getNextNode(); I; I = I->getNextNode()) {
    if (letsOthersWrite(*I, Object))
      break; // from here on another name may write to the object
    auto *Store = dyn_cast<StoreInst>(I);
    if (!Store || getUnderlyingObject(Store->getPointerOperand()) != &Object)
      continue;
    const Value *V = Store->getValueOperand();
    const auto Offset = offsetIn(&Object, Store->getPointerOperand(), DL);
    const TypeSize Bytes = DL.getTypeStoreSize(V->getType());
    if (!Offset || Bytes.isScalable() || !Store->isSimple())
      break;
    const auto *Load = dyn_cast<LoadInst>(V);
    const bool Same =
        Load && Load->isSimple() && offsetIn(Cell, Load->getPointerOperand(), DL) == Offset &&
        none_of(Before,
                [&](const Written &W) { return W.overlaps(*Offset, Bytes.getFixedValue()); });
    if (!Same) {
      Before.push_back({*Offset, Bytes.getFixedValue()});
      continue;
    }
    if (R.is(V))
      Kept |= 1u << (*Offset / DL.getPointerSize(R.space()));
    Idle.push_back(Store);
  }
  for (StoreInst *Store : Idle) {
    Value *V = Store->getValueOperand(), *To = Store->getPointerOperand();
    Store->eraseFromParent();
    RecursivelyDeleteTriviallyDeadInstructions(V);
    RecursivelyDeleteTriviallyDeadInstructions(To);
    ++NumKept;
  }
  Object.setArgOperand(3, ConstantInt::get(Object.getArgOperand(3)->getType(), Kept));
  return !Idle.empty();
}

bool cairn::keepFields(Function &F) {
  const Module &M = *F.getParent();
  if (!isCalled(M, ManagedID::RefReuseCell))
    return false;
  const References R(M);
  SmallVector<CallInst *> Objects;
  for (Instruction &I : instructions(F))
    if (isManaged(&I, ManagedID::RefReuseCell) && isa<CallInst>(I))
      Objects.push_back(cast<CallInst>(&I));
  bool Changed = false;
  for (CallInst *Object : Objects)
    Changed |= keepIn(*Object, R, M.getDataLayout());
  return Changed;
}

PreservedAnalyses KeepFieldsPass::run(Function &F, FunctionAnalysisManager &) {
  return keepFields(F) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
