//===- Specialise.cpp - cairn-specialise: releases that know the type --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks backwards from each release in its block for retains of the object's own fields. Such a
// retain may wait until the release, if nothing between takes the count over, gives it back,
// tests it, or overwrites the field: until then the object keeps what its field refers to. Nor may
// the field have been overwritten since it was loaded, wherever that was. One retain a field is
// waived; a second one of the same field stays.
//
//===----------------------------------------------------------------------===//
#include "opt/Specialise.h"

#include "analysis/FieldWrites.h"
#include "analysis/Shapes.h"
#include "analysis/Tags.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
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
/// Of an object with more uses no type is known.
constexpr unsigned kMostUses = 512;

/// A field of the released object that was loaded and retained.
struct Retained {
  LoadInst *Load;
  CallInst *Incref;
};

class Specialiser {
public:
  Specialiser(Module &M, const Shapes &Known, const FieldWrites &Writes)
      : M(M), R(M), Known(Known), Writes(Writes), DL(M.getDataLayout()) {}
  bool run(Function &F, FunctionAnalysisManager &FAM);

private:
  using Fields = std::map<uint64_t, Retained>;

  bool fitsAll(const Descriptor &D, const Value *Object, const Instruction &At,
               const DominatorTree &DT) const;
  std::optional<uint64_t> fieldOf(const LoadInst &Load, const Value *Object) const;
  Fields retainedBefore(CallInst &Decref) const;
  bool mayWait(const CallInst &Incref, const CallInst &Decref) const;
  const Descriptor *typeOf(const CallInst &Decref, const Fields &Kept,
                           const DominatorTree &DT) const;
  bool isLeaf(const CallInst &Decref, const DominatorTree &DT) const;
  void rewrite(CallInst &Decref, const Descriptor &Type, const Fields &Kept);

  Module &M;
  const References R;
  const Shapes &Known;
  const FieldWrites &Writes;
  const DataLayout &DL;
};

} // namespace

/// The offset of the reference that \p Load reads from the payload of \p Object.
std::optional<uint64_t> Specialiser::fieldOf(const LoadInst &Load, const Value *Object) const {
  if (!R.is(&Load) || !Load.isSimple())
    return std::nullopt;
  return offsetIn(Object, Load.getPointerOperand(), DL);
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
    if (Offset && mayWait(*Incref, Decref) && Writes.staysUntil(*Load, *Incref))
      Result.try_emplace(*Offset, Retained{Load, Incref});
  }
  return Result;
}

/// Whether everything that is done through \p Object on all ways to \p At fits the type.
bool Specialiser::fitsAll(const Descriptor &D, const Value *Object, const Instruction &At,
                          const DominatorTree &DT) const {
  return all_of(Object->users(), [&](const User *U) {
    SmallVector<const User *, 4> Accesses = {U};
    if (isa<GetElementPtrInst>(U))
      append_range(Accesses, U->users());
    return all_of(Accesses, [&](const User *Access) {
      const Value *Pointer = getLoadStorePointerOperand(Access);
      const auto Offset = Pointer ? offsetIn(Object, Pointer, DL) : std::nullopt;
      return !Offset || !DT.dominates(cast<Instruction>(Access), &At) ||
             fits(D, *Offset, getLoadStoreType(const_cast<User *>(Access)), R, DL);
    });
  });
}

/// The one type that the object of \p Decref may have, by what was done with it, by its tag and by
/// the fields that were retained, which the type must have; null if there are several, or none.
const Descriptor *Specialiser::typeOf(const CallInst &Decref, const Fields &Kept,
                                      const DominatorTree &DT) const {
  const Value *Object = Decref.getArgOperand(0);
  if (Object->hasNUsesOrMore(kMostUses))
    return nullptr;
  const std::optional<uint8_t> Tag = knownTag(Object, Decref, DT);
  const Descriptor *Found = nullptr;
  for (const auto &[Word, D] : Known) {
    if ((Tag && !Known.mayHave(Word, *Tag)) ||
        any_of(Kept, [&](auto &K) { return !is_contained(D.Fields, K.first); }) ||
        !fitsAll(D, Object, Decref, DT))
      continue;
    if (Found)
      return nullptr;
    Found = &D;
  }
  return Found;
}

/// Whether a test has found that the object is of a type without fields, where another arm of a
/// variant (cairn-variants) takes it apart: it is expected to be the last reference.
bool Specialiser::isLeaf(const CallInst &Decref, const DominatorTree &DT) const {
  const Value *Object = Decref.getArgOperand(0);
  if (isa<Constant>(Object) || isCell(Object) || Object->hasNUsesOrMore(kMostUses) ||
      none_of(Object->users(), [](const User *U) { return isManaged(U, ManagedID::RefIsLast); }) ||
      !knownTag(Object, Decref, DT))
    return false;
  const Descriptor *Type = typeOf(Decref, {}, DT);
  return Type && Type->Fields.empty();
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

bool Specialiser::run(Function &F, FunctionAnalysisManager &FAM) {
  SmallVector<CallInst *> All;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I); Call && isManaged(Call, ManagedID::RefDecref))
      All.push_back(Call);
  if (All.empty())
    return false;
  const DominatorTree &DT = FAM.getResult<DominatorTreeAnalysis>(F);
  OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  // What is written changes the blocks.
  SmallVector<std::pair<CallInst *, const Descriptor *>> Releases;
  for (CallInst *Call : All)
    if (const Fields Kept = retainedBefore(*Call); !Kept.empty() || isLeaf(*Call, DT))
      Releases.push_back({Call, typeOf(*Call, Kept, DT)});
  bool Changed = false;
  // From the last: a block that is split gives away only what is between two of them.
  for (auto [Decref, Type] : reverse(Releases)) {
    const Fields Kept = retainedBefore(*Decref);
    const bool Leaf = Kept.empty();
    if (Leaf && (!Type || !Type->Fields.empty()))
      continue; // Its fields were given to another release.
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

bool cairn::specialise(Function &F, const Shapes &Known, const FieldWrites &Writes,
                       FunctionAnalysisManager &FAM) {
  return Specialiser(*F.getParent(), Known, Writes).run(F, FAM);
}

PreservedAnalyses SpecialisePass::run(Module &M, ModuleAnalysisManager &MAM) {
  FunctionAnalysisManager &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  const Shapes Known(M);
  if (Known.empty())
    return PreservedAnalyses::all();
  const FieldWrites Writes = fieldWrites(M, FAM);
  bool Changed = false;
  for (Function &F : M)
    if (!F.isDeclaration() && F.hasFnAttribute(kCountsInserted))
      Changed |= specialise(F, Known, Writes, FAM);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
