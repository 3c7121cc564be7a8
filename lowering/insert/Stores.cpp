//===- Stores.cpp - What a store of a reference does besides ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Stores.h"

#include "analysis/Fresh.h"
#include "ir/Marks.h"
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

/// The variable that \p Store writes to, and where in it; none if that is not constant.
static std::pair<const Value *, int64_t> placeIn(const StoreInst &Store) {
  const DataLayout &DL = Store.getModule()->getDataLayout();
  const Value *Pointer = Store.getPointerOperand();
  APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
  const Value *Base =
      Pointer->stripAndAccumulateConstantOffsets(DL, Offset, /*AllowNonInbounds=*/true);
  return isa<AllocaInst>(Base) ? std::pair<const Value *, int64_t>(Base, Offset.getSExtValue())
                               : std::pair<const Value *, int64_t>();
}

/// Whether \p Store writes null to a variable that the block has set to null before. A slot is
/// null where its life ends, and again where the frame does.
static bool isNullAgain(const StoreInst &Store) {
  constexpr unsigned kFarthest = 256;
  const auto Place = placeIn(Store);
  if (!isa<ConstantPointerNull>(Store.getValueOperand()) || Store.isVolatile() || !Place.first)
    return false;
  unsigned Far = 0;
  for (const Instruction *I = Store.getPrevNode(); I && ++Far < kFarthest; I = I->getPrevNode()) {
    const auto *Before = dyn_cast<StoreInst>(I);
    if (!Before) {
      if (I->mayWriteToMemory() && !I->isLifetimeStartOrEnd())
        return false;
      continue;
    }
    if (!isa<ConstantPointerNull>(Before->getValueOperand()))
      return false;
    if (placeIn(*Before) == Place)
      return true;
  }
  return false;
}

SmallVector<StorePlan> cairn::planStores(const Flow &G, Bases &B, const References &R,
                                         const FieldMoves *Moves) {
  SmallVector<StorePlan> Plans;
  FreshObjects Fresh;
  SmallVector<StoreInst *> Idle;
  for (unsigned Block = 0; Block != G.size(); ++Block)
    for (Instruction &I : *G.block(Block)) {
      auto *Store = dyn_cast<StoreInst>(&I);
      if (!Store || !R.is(Store->getValueOperand()))
        continue;
      if (isNullAgain(*Store)) {
        Idle.push_back(Store);
        continue;
      }
      Value *Pointer = Store->getPointerOperand();
      Value *Holder = B.baseOf(Pointer);
      Value *Memory = Holder ? Holder : getUnderlyingObject(Pointer);
      const bool First = Store->hasMetadata(kInitialises) || (Moves && Moves->isMove(*Store)) ||
                         Fresh.isFirst(Memory, *Store) || isNullAgain(*Store);
      if (isa<Constant>(Store->getValueOperand()) || (Holder && Fresh.isFresh(Holder, *Store)))
        Holder = nullptr;
      Store->setMetadata(kInitialises, nullptr);
      NumFirst += First;
      if (Holder || !First)
        Plans.push_back({Store, Holder, !First});
    }
  for (StoreInst *Store : Idle)
    Store->eraseFromParent();
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
