//===- InteriorUses.cpp - Where pointers into objects may go ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An interior pointer has no count of its own, and who gets it cannot find the object's. It may
// be accessed, compared and cast to a plain pointer, and passed to a function that does no
// more with it.
//
//===----------------------------------------------------------------------===//
#include "insert/Refusals.h"
#include "ir/Compat.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;

namespace {

class InteriorUses {
public:
  explicit InteriorUses(const References &R) : R(R) {}
  /// What is wrong with \p U, a use of an interior pointer; empty: nothing.
  std::string faultOf(const Use &U);

private:
  bool onlyAccesses(const CallBase &Call, unsigned Arg);
  bool onlyAccessed(const Argument &A);

  const References &R;
  DenseMap<const Argument *, bool> Known;
};

} // namespace

bool InteriorUses::onlyAccessed(const Argument &A) {
  // A recursive call does what the function does.
  auto [It, New] = Known.try_emplace(&A, true);
  if (!New)
    return It->second;
  SmallVector<const Value *, 8> Work{&A};
  while (!Work.empty())
    for (const Use &U : Work.pop_back_val()->uses()) {
      if (isa<GetElementPtrInst>(U.getUser()) && R.is(U.getUser()))
        Work.push_back(U.getUser());
      else if (!faultOf(U).empty())
        return Known[&A] = false;
    }
  return true;
}

bool InteriorUses::onlyAccesses(const CallBase &Call, unsigned Arg) {
  if (argumentOwnership(Call, Arg, R) == Ownership::Owned)
    return false;
  if (const ManagedInfo *I = calledManaged(Call))
    return I->ID == ManagedID::Borrow ||
           (Arg == 1 && (I->ID == ManagedID::RefCopyFields || I->ID == ManagedID::RefReadFields ||
                         I->ID == ManagedID::RefFillFields));
  if (isa<IntrinsicInst>(Call) || isNotCaptured(Call, Arg))
    return true;
  const Function *Callee = Call.getCalledFunction();
  return Callee && !Callee->isDeclaration() && !Callee->isInterposable() &&
         Arg < Callee->arg_size() && onlyAccessed(*Callee->getArg(Arg));
}

std::string InteriorUses::faultOf(const Use &U) {
  const User *I = U.getUser();
  if (isa<StoreInst>(I))
    return U.getOperandNo() == StoreInst::getPointerOperandIndex() ? "" : "is stored";
  if (isa<ReturnInst>(I))
    return "is returned";
  if (auto *Call = dyn_cast<CallBase>(I)) {
    if (Call->isArgOperand(&U) && !onlyAccesses(*Call, Call->getArgOperandNo(&U)))
      return "is passed to a call that may keep it";
    return "";
  }
  if (isa<PHINode, SelectInst, FreezeInst, InsertValueInst, InsertElementInst>(I))
    return "is merged with other references, or put into a structure";
  return "";
}

/// A copy was given the object that its address was loaded from a variable with. By now it is seen
/// what that points into.
static void nameObjects(Function &F) {
  for (Instruction &I : instructions(F))
    if (isManaged(&I, ManagedID::RefCopyFields) || isManaged(&I, ManagedID::RefReadFields) ||
        isManaged(&I, ManagedID::RefFillFields)) {
      Use &Object = cast<CallBase>(I).getArgOperandUse(0);
      while (auto *Inside = dyn_cast<GEPOperator>(Object.get()))
        Object.set(Inside->getPointerOperand());
    }
}

void cairn::refuseInteriors(Refusals &Errors) {
  const References &R = Errors.references();
  nameObjects(Errors.function());
  InteriorUses Uses(R);
  for (Instruction &I : instructions(Errors.function())) {
    if (!isa<GetElementPtrInst>(I) || !R.is(&I))
      continue;
    for (Use &U : I.uses())
      if (std::string Fault = Uses.faultOf(U); !Fault.empty())
        Errors.refuse(*cast<Instruction>(U.getUser()),
                      "a pointer into an object (&p->field) " + Fault +
                          "; pass or store the reference to the object itself, or use the plain "
                          "pointer that cairn_ref_borrow gives while the reference is at hand");
  }
}
