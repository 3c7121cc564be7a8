//===- FieldMoves.cpp - References that move out of memory ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From each store of a reference a walk goes up its block to the load of the same place, and gives
// up at the first instruction that is in the way. Stores near each other move each other's loads,
// as where two fields are exchanged; their stretches overlap, and each is right by itself.
//
//===----------------------------------------------------------------------===//
#include "insert/FieldMoves.h"

#include "insert/Plan.h"
#include "ir/Marks.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-insert"

STATISTIC(NumFieldMoves, "Number of references that move out of memory");

/// Instructions above a store that are looked at.
static constexpr unsigned kFarthest = 64;
/// Values that a φ or a select is followed to.
static constexpr unsigned kMostSources = 16;

namespace {

/// Bytes of memory.
struct Place {
  const Value *Memory; ///< A root, or what LLVM takes for the object.
  std::optional<int64_t> Offset;
  uint64_t Size;
  bool InObject;    ///< Memory is a reference.
  bool FromPayload; ///< Memory is the address of a payload, and not one within.
};

} // namespace

/// Whether the root \p V is an object's payload, or null. What the caller only lends may point into
/// an object.
static bool isPayload(const Value *V, const References &R) {
  SmallVector<const Value *, 8> Work{V};
  SmallPtrSet<const Value *, 8> Seen;
  while (!Work.empty()) {
    const Value *Next = Work.pop_back_val();
    if (!Seen.insert(Next).second)
      continue;
    if (Seen.size() > kMostSources)
      return false;
    if (const auto *A = dyn_cast<Argument>(Next)) {
      if (parameterOwnership(*A->getParent(), A->getArgNo(), R) != Ownership::Owned)
        return false;
    } else if (const auto *Phi = dyn_cast<PHINode>(Next)) {
      append_range(Work, Phi->incoming_values());
    } else if (const auto *Select = dyn_cast<SelectInst>(Next)) {
      Work.append({Select->getTrueValue(), Select->getFalseValue()});
    } else if (const auto *Freeze = dyn_cast<FreezeInst>(Next)) {
      Work.push_back(Freeze->getOperand(0));
    } else if (const auto *Call = dyn_cast<CallBase>(Next)) {
      if (resultOwnership(*Call, R) != Ownership::Owned)
        return false;
    } else if (!isa<LoadInst, ConstantPointerNull>(Next)) {
      return false;
    }
  }
  return true;
}

static Place placeOf(Value *Pointer, Type *Of, const References &R, Bases &B,
                     const DataLayout &DL) {
  const TypeSize Size = DL.getTypeStoreSize(Of);
  APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
  const Value *Base =
      Pointer->stripAndAccumulateConstantOffsets(DL, Offset, /*AllowNonInbounds=*/true);
  const Value *Root = R.is(Pointer) ? B.baseOf(Pointer) : nullptr;
  Place P{Root ? Root : getUnderlyingObject(Pointer), std::nullopt,
          Size.isScalable() ? ~uint64_t(0) : Size.getFixedValue(), Root != nullptr,
          Root && isPayload(Root, R)};
  if (Base == P.Memory && !Size.isScalable())
    P.Offset = Offset.getSExtValue();
  return P;
}

static bool isSame(const Place &A, const Place &B) {
  return A.Memory == B.Memory && A.Offset && A.Offset == B.Offset && A.Size == B.Size;
}

/// Whether \p V is memory that is no object's: a variable, or a global that is no static object.
static bool isNoObject(const Value *V) {
  if (const auto *Global = dyn_cast<GlobalVariable>(V))
    return Global->hasInitializer() && !Global->hasSection() && Global->getAddressSpace() == 0;
  return isa<AllocaInst>(V);
}

static bool areDisjoint(const Place &A, const Place &B) {
  // Two objects are one, or lie apart.
  if ((A.Memory == B.Memory || (A.FromPayload && B.FromPayload)) && A.Offset && B.Offset)
    return *A.Offset + int64_t(A.Size) <= *B.Offset || *B.Offset + int64_t(B.Size) <= *A.Offset;
  if (A.InObject || B.InObject)
    return (A.InObject && isNoObject(B.Memory)) || (B.InObject && isNoObject(A.Memory));
  return A.Memory != B.Memory && isNoObject(A.Memory) && isNoObject(B.Memory);
}

/// Whether \p I, no load or store, neither reads nor writes what objects and variables hold, or
/// any count.
static bool isHarmless(const Instruction &I) {
  const auto *Call = dyn_cast<CallBase>(&I);
  if (!Call)
    return !I.mayReadOrWriteMemory() && !I.mayThrow();
  if (const ManagedInfo *M = calledManaged(*Call))
    return M->ID == ManagedID::RefTag || M->ID == ManagedID::RefLength ||
           M->ID == ManagedID::Borrow;
  return isa<IntrinsicInst>(Call) && !Call->mayThrow() && Call->willReturn() &&
         (Call->doesNotAccessMemory() || isa<DbgInfoIntrinsic, AssumeInst>(Call));
}

/// The first instruction between \p Load and \p Store that takes the load's count over. \p Unclear:
/// there is one of which that is not known.
Instruction *FieldMoves::firstTake(const LoadInst &Load, const StoreInst &Store,
                                   bool &Unclear) const {
  Instruction *First = nullptr;
  for (const Use &U : Load.uses()) {
    auto *I = cast<Instruction>(U.getUser());
    if (isa<InsertValueInst, InsertElementInst, ShuffleVectorInst>(I))
      Unclear = true;
    if (I->getParent() == Store.getParent() && I->comesBefore(&Store) && !isa<PHINode>(I) &&
        takesCount(U, R) && (!First || I->comesBefore(First)))
      First = I;
  }
  return First;
}

std::optional<FieldMoves::Move> FieldMoves::moveFor(StoreInst &Store) const {
  const DataLayout &DL = Store.getModule()->getDataLayout();
  Type *Type = Store.getValueOperand()->getType();
  const Place To = placeOf(Store.getPointerOperand(), Type, R, B, DL);
  if (!To.Offset || isa<AllocaInst>(To.Memory) || isCell(To.Memory))
    return std::nullopt;
  unsigned Far = 0;
  const Instruction *Reads = nullptr; ///< The last that may read the place.
  for (Instruction *I = Store.getPrevNode(); I && ++Far < kFarthest; I = I->getPrevNode()) {
    if (isa<PHINode>(I))
      return std::nullopt;
    if (auto *Load = dyn_cast<LoadInst>(I)) {
      if (!Load->isSimple())
        return std::nullopt;
      const Place From = placeOf(Load->getPointerOperand(), Load->getType(), R, B, DL);
      if (R.is(Load) && Load->getType() == Type && isSame(From, To)) {
        bool Unclear = false;
        Instruction *Take = firstTake(*Load, Store, Unclear);
        if (Unclear || (Take && Reads && Take->comesBefore(Reads)))
          return std::nullopt;
        return Move{Load, &Store, Take};
      }
      if (!Reads && !areDisjoint(From, To))
        Reads = Load;
    } else if (auto *Other = dyn_cast<StoreInst>(I)) {
      Value *V = Other->getValueOperand();
      if (!Other->isSimple() ||
          !areDisjoint(placeOf(Other->getPointerOperand(), V->getType(), R, B, DL), To))
        return std::nullopt;
    } else if (!isHarmless(*I)) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

FieldMoves::FieldMoves(Function &F, const References &R, Bases &B) : R(R), B(B) {
  // Who returns what is only lent has no count to give.
  if (R.in(F.getReturnType()) && resultOwnership(F, R) != Ownership::Owned)
    return;
  for (Instruction &I : instructions(F))
    if (auto *Store = dyn_cast<StoreInst>(&I); Store && Store->isSimple() &&
                                               R.is(Store->getValueOperand()) &&
                                               !Store->hasMetadata(kInitialises))
      if (std::optional<Move> M = moveFor(*Store))
        Moves.insert({M->Load, *M});
}

void FieldMoves::settle(const LentValues &Lent) {
  Moves.remove_if([&](const auto &M) { return Lent.count(const_cast<Value *>(M.first)); });
  for (const auto &[Key, M] : Moves) {
    Takers.insert(M.Store);
    ++NumFieldMoves;
    if (!M.FirstTake)
      continue;
    auto *Null =
        new StoreInst(Constant::getNullValue(M.Load->getType()), M.Load->getPointerOperand(),
                      /*isVolatile=*/false, M.Load->getAlign(), M.FirstTake->getIterator());
    Null->setDebugLoc(M.Store->getDebugLoc());
    Takers.insert(Null);
  }
}

void FieldMoves::delayReleases(Plan &P) const {
  for (const auto &[Key, M] : Moves)
    P.delayDecrefs(*M.Load, *M.Store);
}
