//===- OwnTypes.cpp - Modules whose objects are all their own ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/OwnTypes.h"

#include "analysis/Outside.h"
#include "cairn/abi.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

static bool isUsed(const Module &M, ManagedID ID) {
  const Function *F = M.getFunction(managedIntrinsic(ID).Name);
  return F && !F->use_empty();
}

/// A constant that is an object, or has one in it.
static bool isObject(const Value *V, const References &R) {
  return isa<Constant>(V) && R.in(V->getType()) && !isa<UndefValue>(V) &&
         !cast<Constant>(V)->isNullValue();
}

/// Whether an access is to an object, a variable, or a variable of the module alone.
static bool isOwnMemory(const Value *Pointer, const References &R) {
  if (R.is(Pointer))
    return true;
  const Value *At = getUnderlyingObject(Pointer);
  const auto *G = dyn_cast<GlobalVariable>(At);
  return isa<AllocaInst>(At) || (G && G->hasLocalLinkage());
}

/// Whether \p Call is of the module's own code, or has nothing to do with references.
static bool staysInside(const CallBase &Call, const References &R) {
  const Function *Callee = Call.getCalledFunction();
  if (Callee && !Callee->isDeclaration() && !Callee->isInterposable())
    return true;
  if (isa<IntrinsicInst>(Call) && (!Call.mayWriteToMemory() || Call.isLifetimeStartOrEnd() ||
                                   isa<DbgInfoIntrinsic, AssumeInst>(Call)))
    return true;
  return !R.in(Call.getType()) && none_of(Call.args(), [&](const Use &U) {
    auto *Variable =
        U->getType()->isPointerTy() ? dyn_cast<AllocaInst>(getUnderlyingObject(U)) : nullptr;
    return R.in(U->getType()) || (Variable && R.in(Variable->getAllocatedType()));
  });
}

/// Whether a reference comes in by \p I, or goes where others may change the objects.
static bool leavesModule(const Instruction &I, const References &R) {
  if (any_of(I.operands(), [&](const Use &U) { return isObject(U, R); }))
    return true;
  if (auto *Load = dyn_cast<LoadInst>(&I))
    return R.in(Load->getType()) && !isOwnMemory(Load->getPointerOperand(), R);
  if (auto *Store = dyn_cast<StoreInst>(&I))
    return R.in(Store->getValueOperand()->getType()) && !isOwnMemory(Store->getPointerOperand(), R);
  if (auto *Call = dyn_cast<CallBase>(&I))
    return !calledManaged(*Call) && !staysInside(*Call, R);
  if (isa<AtomicRMWInst, AtomicCmpXchgInst, VAArgInst, LandingPadInst>(I))
    return R.in(I.getType()) ||
           any_of(I.operands(), [&](const Use &U) { return R.in(U->getType()); });
  return isa<CastInst>(I) && R.in(I.getType()) != R.in(I.getOperand(0)->getType());
}

std::optional<OwnTypes> OwnTypes::of(const Module &M) {
  using ID = ManagedID;
  if (!isUsed(M, ID::RefTag) || mayBeImmediates(M) || hasCounts(M))
    return std::nullopt;
  for (ID Each : {ID::RefSetTag, ID::Borrow, ID::Release, ID::Adopt, ID::Retain, ID::RefCopyFields,
                  ID::RefReadFields, ID::RefFillFields})
    if (isUsed(M, Each))
      return std::nullopt;
  const References R(M);
  if (any_of(M, [&](const Function &F) { return isSeenOutside(F, R); }))
    return std::nullopt;
  for (const GlobalVariable &G : M.globals())
    if (R.in(G.getValueType()) &&
        (!G.hasLocalLinkage() || isAddressGiven(G) || !G.getInitializer()->isNullValue()))
      return std::nullopt;
  OwnTypes Its;
  for (const Function &F : M)
    for (const Instruction &I : instructions(F)) {
      if (leavesModule(I, R))
        return std::nullopt;
      auto *Call = dyn_cast<CallBase>(&I);
      const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
      if (!Managed || !Managed->allocates())
        continue;
      const std::optional<Descriptor> D =
          Managed->traits() & kTyped && !(Managed->traits() & kArray) ? descriptorOf(*Call).Known
                                                                      : std::nullopt;
      if (!D || D->HasFinalizer || !D->Meta ||
          D->Meta & (kMetaRegistered | kMetaArray | kMetaTagMask))
        return std::nullopt;
      const bool HasTag = Managed->traits() & kTagged;
      auto *Tag =
          HasTag ? dyn_cast<ConstantInt>(Call->getArgOperand(Call->arg_size() - 1)) : nullptr;
      for (uint32_t At = 0; At != Its.Words.size(); ++At)
        if (HasTag ? !Tag || Tag->getValue() == At : At == 0)
          Its.Words[At] = Its.Words[At] && Its.Words[At] != D->Meta ? kSeveral : D->Meta;
    }
  return Its;
}
