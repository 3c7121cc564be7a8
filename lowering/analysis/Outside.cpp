//===- Outside.cpp - Ways by which references leave a module ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Outside.h"

#include "ir/Managed.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;

bool cairn::isSeenOutside(const Function &F, const References &R) {
  if (F.isDeclaration() || !R.in(F.getFunctionType()))
    return false;
  return !F.hasLocalLinkage() || any_of(F.uses(), [](const Use &U) {
    const auto *Call = dyn_cast<CallBase>(U.getUser());
    return !Call || !Call->isCallee(&U);
  });
}

bool cairn::isAddressGiven(const GlobalVariable &G) {
  SmallVector<const Value *, 4> Work{&G};
  while (!Work.empty())
    for (const Use &U : Work.pop_back_val()->uses()) {
      const User *Of = U.getUser();
      if (isa<GEPOperator>(Of))
        Work.push_back(Of);
      else if (!isa<LoadInst>(Of) &&
               !(isa<StoreInst>(Of) && U.getOperandNo() == StoreInst::getPointerOperandIndex()))
        return true;
    }
  return false;
}
