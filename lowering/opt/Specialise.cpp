//===- Specialise.cpp - cairn-specialise: releases that know the type --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks backwards from each release in its block for retains of the object's own fields. Such a
// retain may wait until the release, if nothing between takes the count over, gives it back,
// tests it, or overwrites the field: until then the object keeps what its field refers to. One
// retain a field is waived; a second one of the same field stays.
//
//===----------------------------------------------------------------------===//
#include "opt/Specialise.h"

#include "cairn/abi.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

#include <map>

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-specialise"

STATISTIC(NumSpecialised, "Number of releases that look at the header first");
STATISTIC(NumWaived, "Number of retains that the arm of the last reference does without");

namespace {

/// A release's block has no more instructions looked at than this.
constexpr unsigned kFarthest = 256;

/// The plain types that the module allocates, by their header words.
using Types = std::map<uint32_t, Descriptor>;

/// A field of the released object that was loaded and retained.
struct Retained {
  LoadInst *Load;
  CallInst *Incref;
};

class Specialiser {
public:
  Specialiser(Module &M, const Types &Known) : M(M), R(M), Known(Known), DL(M.getDataLayout()) {}
  bool run(Function &F, OptimizationRemarkEmitter &ORE);

private:
  using Fields = std::map<uint64_t, Retained>;

  std::optional<uint64_t> fieldOf(const LoadInst &Load, const Value *Object) const;
  Fields retainedBefore(CallInst &Decref) const;
  bool mayWait(const CallInst &Incref, const CallInst &Decref) const;
  const Descriptor *typeOf(const Value *Object) const;
  void rewrite(CallInst &Decref, const Descriptor &Type, const Fields &Kept);

  Module &M;
  const References R;
  const Types &Known;
  const DataLayout &DL;
};

} // namespace

/// The offset of the reference that \p Load reads from the payload of \p Object.
std::optional<uint64_t> Specialiser::fieldOf(const LoadInst &Load, const Value *Object) const {
  if (!R.is(&Load) || !Load.isSimple())
    return std::nullopt;
  APInt Offset(DL.getIndexTypeSizeInBits(Load.getPointerOperandType()), 0);
  const Value *Base = Load.getPointerOperand()->stripAndAccumulateConstantOffsets(DL, Offset, true);
  if (Base != Object || Offset.isNegative())
    return std::nullopt;
  return Offset.getZExtValue();
}

/// Whether nothing between the two needs the count, and the field stays as it was.
bool Specialiser::mayWait(const CallInst &Incref, const CallInst &Decref) const {
  const Value *V = Incref.getArgOperand(0);
  for (const Instruction *I = Incref.getNextNode(); I != &Decref; I = I->getNextNode()) {
    if (auto *Store = dyn_cast<StoreInst>(I)) {
      // It takes a count over, or may overwrite the field.
      if (R.is(Store->getValueOperand()))
        return false;
      continue;
    }
    const auto *Call = dyn_cast<CallBase>(I);
    if (!Call)
      continue;
    const ManagedInfo *Managed = calledManaged(*Call);
    const bool IsCount =
        Managed && (Managed->ID == ManagedID::RefIncref ||
                    (Managed->ID == ManagedID::RefDecref && Call->getArgOperand(0) != V));
    const bool IsHarmless =
        IsCount || (Managed && (Managed->allocates() || Managed->ID == ManagedID::RefTag)) ||
        Call->onlyReadsMemory();
    if (!IsHarmless)
      return false;
  }
  return true;
}

Specialiser::Fields Specialiser::retainedBefore(CallInst &Decref) const {
  Fields Result;
  unsigned Far = 0;
  const Value *Object = Decref.getArgOperand(0);
  for (Instruction *I = Decref.getPrevNode(); I && ++Far < kFarthest; I = I->getPrevNode()) {
    if (!isManaged(I, ManagedID::RefIncref))
      continue;
    auto *Incref = cast<CallInst>(I);
    auto *Load = dyn_cast<LoadInst>(Incref->getArgOperand(0));
    std::optional<uint64_t> Offset = Load ? fieldOf(*Load, Object) : std::nullopt;
    if (Offset && mayWait(*Incref, Decref))
      Result.try_emplace(*Offset, Retained{Load, Incref});
  }
  return Result;
}

/// The one type that fits what is done through \p Object; null if there are several, or none.
const Descriptor *Specialiser::typeOf(const Value *Object) const {
  const Descriptor *Found = nullptr;
  for (const auto &[Word, D] : Known) {
    const bool Fits = all_of(Object->users(), [&](const User *U) {
      SmallVector<const User *, 4> Accesses;
      if (isa<GetElementPtrInst>(U))
        append_range(Accesses, U->users());
      else
        Accesses.push_back(U);
      return all_of(Accesses, [&](const User *Access) {
        llvm::Type *T = nullptr;
        const Value *Pointer = nullptr;
        if (auto *Load = dyn_cast<LoadInst>(Access)) {
          T = Load->getType();
          Pointer = Load->getPointerOperand();
        } else if (auto *Store = dyn_cast<StoreInst>(Access)) {
          T = Store->getValueOperand()->getType();
          Pointer = Store->getPointerOperand();
        } else {
          return true;
        }
        APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
        if (Pointer->stripAndAccumulateConstantOffsets(DL, Offset, true) != Object)
          return true;
        const uint64_t At = Offset.getZExtValue();
        return R.is(T) ? D.isField(At) : At + DL.getTypeStoreSize(T) <= D.Size && !D.isField(At);
      });
    });
    if (!Fits)
      continue;
    if (Found)
      return nullptr;
    Found = &D;
  }
  return Found;
}

void Specialiser::rewrite(CallInst &Decref, const Descriptor &Type, const Fields &Kept) {
  Value *Object = Decref.getArgOperand(0);
  IRBuilder<> B(&Decref);
  Value *Meta = B.getInt32(Type.Meta & ~kMetaTagMask);
  Value *IsLast = B.CreateCall(managedIntrinsic(ManagedID::RefIsLast).declare(M),
                               {Object, Meta, B.getInt32(~kMetaTagMask)}, "last");
  Instruction *Last, *Shared;
  SplitBlockAndInsertIfThenElse(IsLast, &Decref, &Last, &Shared);
  B.SetInsertPoint(Last);
  SmallVector<Value *, 4> Dropped;
  for (uint32_t Offset : Type.Fields)
    if (!Kept.count(Offset))
      Dropped.push_back(B.CreateLoad(Object->getType(),
                                     B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Object, Offset)));
  Value *Cell =
      B.CreateCall(managedIntrinsic(ManagedID::RefTakeCell).declare(M), {Object, Meta}, "cell");
  B.CreateCall(managedIntrinsic(ManagedID::RefFreeCell).declare(M), {Cell});
  for (Value *Field : Dropped)
    B.CreateCall(managedIntrinsic(ManagedID::RefDecref).declare(M), {Field});
  for (auto &[Offset, Field] : Kept)
    Field.Incref->moveBefore(*Shared->getParent(), Shared->getIterator());
  Decref.moveBefore(*Shared->getParent(), Shared->getIterator());
  ++NumSpecialised;
  NumWaived += Kept.size();
}

bool Specialiser::run(Function &F, OptimizationRemarkEmitter &ORE) {
  SmallVector<CallInst *> Releases;
  for (Instruction &I : instructions(F))
    if (isManaged(&I, ManagedID::RefDecref) && isa<CallInst>(I))
      Releases.push_back(cast<CallInst>(&I));
  bool Changed = false;
  for (CallInst *Decref : Releases) {
    const Fields Kept = retainedBefore(*Decref);
    if (Kept.empty())
      continue;
    const Descriptor *Type = typeOf(Decref->getArgOperand(0));
    if (!Type) {
      ORE.emit([&] {
        return OptimizationRemarkMissed(DEBUG_TYPE, "NoType", Decref)
               << "a release of an object whose fields are retained: what is done with it fits "
                  "no type that the module allocates, or several";
      });
      continue;
    }
    ORE.emit([&] {
      return OptimizationRemark(DEBUG_TYPE, "Specialised", Decref)
             << "the last reference moves " << ore::NV("Fields", unsigned(Kept.size()))
             << " of the object's fields in place of counting them";
    });
    rewrite(*Decref, *Type, Kept);
    Changed = true;
  }
  return Changed;
}

PreservedAnalyses SpecialisePass::run(Module &M, ModuleAnalysisManager &MAM) {
  FunctionAnalysisManager &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  Types Known;
  for (Function &F : M)
    for (Instruction &I : instructions(F)) {
      auto *Call = dyn_cast<CallBase>(&I);
      const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
      if (!Managed || !(Managed->traits() & kTyped) || Managed->traits() & kArray)
        continue;
      const DescriptorRead Read = descriptorOf(*Call);
      if (Read.Known && Read.Known->Meta && !Read.Known->HasFinalizer &&
          !(Read.Known->Meta & (kMetaRegistered | kMetaArray)))
        Known.try_emplace(Read.Known->Meta & ~kMetaTagMask, *Read.Known);
    }
  if (Known.empty())
    return PreservedAnalyses::all();
  Specialiser S(M, Known);
  bool Changed = false;
  for (Function &F : M)
    if (!F.isDeclaration() && F.hasFnAttribute(kCountsInserted))
      Changed |= S.run(F, FAM.getResult<OptimizationRemarkEmitterAnalysis>(F));
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
