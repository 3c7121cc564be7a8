//===- Stores.cpp - What a store of a reference does besides ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Stores.h"

#include "analysis/Fresh.h"
#include "insert/Slots.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-insert"

STATISTIC(NumFirst, "Number of first stores, which release nothing");
STATISTIC(NumOverwrites, "Number of stores that release what they overwrite");
STATISTIC(NumShares, "Number of stores that may share what they store");

SmallVector<StorePlan> cairn::planStores(const Flow &G, Bases &B, const References &R) {
  SmallVector<StorePlan> Plans;
  FreshObjects Fresh;
  for (unsigned Block = 0; Block != G.size(); ++Block)
    for (Instruction &I : *G.block(Block)) {
      auto *Store = dyn_cast<StoreInst>(&I);
      if (!Store || !R.is(Store->getValueOperand()))
        continue;
      Value *Pointer = Store->getPointerOperand();
      Value *Holder = B.baseOf(Pointer);
      Value *Memory = Holder ? Holder : getUnderlyingObject(Pointer);
      const bool First = Store->hasMetadata(kInitialises) || Fresh.isFirst(Memory, *Store);
      if (isa<Constant>(Store->getValueOperand()) || (Holder && Fresh.isFresh(Holder, *Store)))
        Holder = nullptr;
      Store->setMetadata(kInitialises, nullptr);
      NumFirst += First;
      if (Holder || !First)
        Plans.push_back({Store, Holder, !First});
    }
  return Plans;
}

void cairn::addToStores(ArrayRef<StorePlan> Stores, Plan &P) {
  for (const StorePlan &S : Stores) {
    StoreInst &Store = *S.Store;
    Value *New = Store.getValueOperand();
    Instruction *First = nullptr;
    if (S.HasOld) {
      auto *Old = new LoadInst(New->getType(), Store.getPointerOperand(), "old", Store.isVolatile(),
                               Store.getAlign(), Store.getIterator());
      Old->setDebugLoc(Store.getDebugLoc());
      P.decrefAfter(Store, Old);
      First = Old;
      ++NumOverwrites;
    }
    if (S.Holder) {
      Function *Share = managedIntrinsic(ManagedID::RefShareInto).declare(*Store.getModule());
      auto *Call = CallInst::Create(Share, {S.Holder, New}, "", Store.getIterator());
      Call->setDebugLoc(Store.getDebugLoc());
      First = First ? First : Call;
      ++NumShares;
    }
    P.setFirst(Store, *First);
  }
}
