//===- Mutations.cpp - Which objects a module may change ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Mutations.h"

#include "analysis/Bases.h"
#include "analysis/Fresh.h"
#include "analysis/Outside.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

static constexpr const char *kOutside = "code outside of the module may change it";
static constexpr const char *kPlain = "references become plain pointers in the module";
static constexpr const char *kCompared = "the module compares references with each other";
static constexpr const char *kMemory = "the module changes memory of objects as a whole";
static constexpr const char *kSetsTags = "the module sets tags";
static constexpr const char *kUnique = "the module checks that objects are unique";
static constexpr const char *kStored = "a store may change it";

Mutations::Mutations(const Module &M, const References &R) : R(R), DL(M.getDataLayout()) {
  for (const GlobalVariable &G : M.globals())
    if (R.in(G.getValueType()) && (!G.hasLocalLinkage() || isAddressGiven(G)))
      Any = kOutside;
  for (const Function &F : M) {
    if (Any)
      return;
    if (isSeenOutside(F, R))
      Any = kOutside;
    else if (!F.isDeclaration() && R.in(F))
      look(const_cast<Function &>(F));
  }
}

void Mutations::look(Function &F) {
  for (Instruction &I : instructions(F))
    lookAt(I);
  SmallVector<StoreInst *> Into;
  for (Instruction &I : instructions(F))
    if (auto *Store = dyn_cast<StoreInst>(&I); Store && R.is(Store->getPointerOperand()))
      Into.push_back(Store);
  if (Any || Into.empty())
    return;
  const DominatorTree DT(F);
  Bases B(R, DT);
  FreshObjects Fresh;
  for (StoreInst *Store : Into) {
    const Value *Root = B.baseOf(Store->getPointerOperand());
    if (!Root || !Fresh.isFresh(Root, *Store))
      add(*Store);
  }
}

void Mutations::add(StoreInst &Store) {
  const Value *Pointer = Store.getPointerOperand();
  APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
  const Value *Base = Pointer->stripAndAccumulateConstantOffsets(DL, Offset, true);
  Type *T = Store.getValueOperand()->getType();
  Written W{std::nullopt, DL.getTypeStoreSize(T).getKnownMinValue(), R.is(T)};
  // A parameter, φ or select may point into the middle of an object.
  if (isa<LoadInst, CallBase, ExtractValueInst>(Base) && !Offset.isNegative())
    W.Offset = Offset.getZExtValue();
  Stores.push_back(W);
}

void Mutations::lookAt(Instruction &I) {
  if (auto *Call = dyn_cast<CallBase>(&I))
    return lookAtCall(*Call);
  if (auto *Compare = dyn_cast<ICmpInst>(&I)) {
    if (R.in(Compare->getOperand(0)->getType()) &&
        none_of(Compare->operands(), [](Value *V) { return isa<ConstantPointerNull>(V); }))
      Any = kCompared;
  } else if (auto *Store = dyn_cast<StoreInst>(&I)) {
    // Elsewhere than in an object, a variable or a variable of the module.
    if (R.in(Store->getValueOperand()->getType()) && !R.is(Store->getPointerOperand())) {
      const Value *At = getUnderlyingObject(Store->getPointerOperand());
      const auto *G = dyn_cast<GlobalVariable>(At);
      if (!isa<AllocaInst>(At) && !(G && G->hasLocalLinkage()))
        Any = kOutside;
    }
  } else if (isa<AtomicRMWInst, AtomicCmpXchgInst>(I)) {
    if (R.is(I.getOperand(0)))
      Any = kMemory;
  } else if (isa<PtrToIntInst, AddrSpaceCastInst>(I)) {
    if (R.in(I.getOperand(0)->getType()))
      Any = kPlain;
  }
}

void Mutations::lookAtCall(CallBase &Call) {
  if (const ManagedInfo *M = calledManaged(Call)) {
    switch (M->ID) {
    case ManagedID::Borrow:
    case ManagedID::Release:
    case ManagedID::Adopt:
    case ManagedID::Retain:
      Any = kPlain;
      break;
    case ManagedID::RefSetTag:
      Any = kSetsTags;
      break;
    case ManagedID::RefAssertUnique: // only a checked module has it still
      Any = kUnique;
      break;
    case ManagedID::RefCopyFields:
    case ManagedID::RefFillFields:
      Any = kMemory;
      break;
    default:
      break;
    }
    return;
  }
  // A reference, or the address of a variable that holds some.
  if (none_of(Call.args(), [&](const Use &U) {
        auto *Variable =
            U->getType()->isPointerTy() ? dyn_cast<AllocaInst>(getUnderlyingObject(U)) : nullptr;
        return R.in(U->getType()) || (Variable && R.in(Variable->getAllocatedType()));
      }))
    return;
  const Function *Callee = Call.getCalledFunction();
  if (isa<IntrinsicInst>(Call)) {
    if (Call.mayWriteToMemory() && !Call.isLifetimeStartOrEnd() &&
        !isa<DbgInfoIntrinsic, AssumeInst>(Call))
      Any = kMemory;
  } else if (!Callee || Callee->isDeclaration() || Callee->isInterposable()) {
    Any = kOutside;
  }
}

const char *Mutations::reason(const Descriptor &D) const {
  if (Any)
    return Any;
  for (const Written &W : Stores) {
    if (!W.Offset)
      return kStored;
    const bool Fits =
        W.Reference
            ? D.isField(*W.Offset)
            : *W.Offset + W.Size <= D.Size && none_of(D.Fields, [&](uint32_t Field) {
                return Field < *W.Offset + W.Size && *W.Offset < Field + DL.getPointerSize();
              });
    if (Fits)
      return kStored;
  }
  return nullptr;
}
