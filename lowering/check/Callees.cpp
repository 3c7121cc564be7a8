//===- Callees.cpp - What a module's functions do ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Callees.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

/// A call that reaches more functions than this counts as one that writes.
static constexpr unsigned kMostReached = 64;

bool cairn::check::writesNoFields(const IntrinsicInfo &I) {
  return I.is(kAllocates | kCreates | kReads | kHeader | kWalks | kAcquires | kCell);
}

ArrayRef<const Value *> Callees::results(const CallBase &Call) {
  const Function *F = Call.getCalledFunction();
  if (!F || !F->hasExactDefinition())
    return {};
  auto [At, New] = Results.insert({F, {}});
  if (New)
    for (const BasicBlock &B : *F)
      if (auto *Return = dyn_cast<ReturnInst>(B.getTerminator());
          Return && Return->getReturnValue() && !is_contained(At->second, Return->getReturnValue()))
        At->second.push_back(Return->getReturnValue());
  return At->second;
}

SmallVector<const Value *, 4> Callees::passedTo(const Argument &A) {
  SmallVector<const Value *, 4> Passed;
  if (!A.getParent()->hasLocalLinkage())
    return {};
  for (const Use &U : A.getParent()->uses()) {
    auto *Call = dyn_cast<CallBase>(U.getUser());
    if (!Call || !Call->isCallee(&U) || Call->arg_size() <= A.getArgNo())
      return {};
    const Value *V = Call->getArgOperand(A.getArgNo());
    if (V == &A)
      continue;
    if (!isa<Constant>(V) && !V->getType()->isAggregateType())
      return {};
    if (!is_contained(Passed, V))
      Passed.push_back(V);
  }
  return Passed;
}

/// Whether \p Address is in an object or a variable that its function made, whichever path it
/// came on.
static bool isOwn(const Value *Address) {
  SmallSetVector<const Value *, 8> Seen;
  Seen.insert(Address);
  for (unsigned N = 0; N != Seen.size(); ++N) {
    const Value *V = Seen[N];
    if (N == 32)
      return false;
    auto *Call = dyn_cast<CallBase>(V);
    const ManagedInfo *M = Call ? calledManaged(*Call) : nullptr;
    if (isa<AllocaInst>(V) || (M && (M->allocates() || M->ID == ManagedID::RefReuseCell)))
      continue;
    if (auto *Phi = dyn_cast<PHINode>(V)) {
      for (const Use &In : Phi->incoming_values())
        Seen.insert(In.get());
    } else if (auto *Select = dyn_cast<SelectInst>(V)) {
      Seen.insert(Select->getTrueValue());
      Seen.insert(Select->getFalseValue());
    } else if (auto *Op = dyn_cast<Operator>(V);
               Op && (Op->getOpcode() == Instruction::GetElementPtr ||
                      Op->getOpcode() == Instruction::AddrSpaceCast)) {
      Seen.insert(Op->getOperand(0));
    } else {
      return false;
    }
  }
  return true;
}

const Callees::Own &Callees::own(const Function &F) {
  auto [At, New] = Owns.insert({&F, {}});
  Own &Of = At->second;
  if (!New)
    return Of;
  for (const Instruction &I : instructions(F)) {
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
      Of.Quiet &= !Store->isAtomic() && (!Refs.in(Store->getValueOperand()->getType()) ||
                                         isOwn(Store->getPointerOperand()));
    } else if (isa<AtomicRMWInst, AtomicCmpXchgInst, FenceInst>(I) ||
               (isa<LoadInst>(I) && cast<LoadInst>(I).isAtomic())) {
      Of.Quiet = false;
    } else if (auto *Call = dyn_cast<CallBase>(&I)) {
      const Function *Callee = Call->getCalledFunction();
      if (const IntrinsicInfo *Known = calledPlainForm(*Call))
        Of.Quiet &= writesNoFields(*Known) || Known->ID == IntrinsicID::Decref;
      else if (calledManaged(*Call) ||
               isa<DbgInfoIntrinsic, MemIntrinsic, VAStartInst, VAEndInst, VACopyInst>(Call) ||
               Call->isLifetimeStartOrEnd() ||
               !isModSet(Call->getMemoryEffects()
                             .getWithoutLoc(IRMemLocation::InaccessibleMem)
                             .getModRef()))
        continue;
      else if (Callee && !Callee->isDeclaration() && !Callee->isInterposable())
        Of.Calls.push_back(Callee);
      else
        Of.Quiet = false;
    }
    if (!Of.Quiet)
      break;
  }
  return Of;
}

bool Callees::isQuiet(const CallBase &Call) {
  const Function *F = Call.getCalledFunction();
  if (!F || F->isDeclaration() || F->isInterposable())
    return false;
  if (auto Known = Quiet.find(F); Known != Quiet.end())
    return Known->second;
  SmallSetVector<const Function *, 8> Reached;
  Reached.insert(F);
  for (unsigned N = 0; N != Reached.size(); ++N) {
    auto Known = Quiet.find(Reached[N]);
    const Own &Of = own(*Reached[N]);
    if (!Of.Quiet || (Known != Quiet.end() && !Known->second) || Reached.size() > kMostReached) {
      Quiet[F] = false;
      return false;
    }
    Reached.insert(Of.Calls.begin(), Of.Calls.end());
  }
  for (const Function *Each : Reached)
    Quiet[Each] = true;
  return true;
}
