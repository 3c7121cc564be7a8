//===- VectorResults.cpp - Invokes whose result is a vector -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Insert.h"
#include "ir/Managed.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

void cairn::freezeVectors(Function &F, const References &R) {
  SmallVector<InvokeInst *> Invokes;
  for (BasicBlock &Block : F)
    if (auto *Invoke = dyn_cast<InvokeInst>(Block.getTerminator());
        Invoke && isa<VectorType>(Invoke->getType()) && R.in(Invoke->getType()) &&
        Invoke->getNormalDest()->getSinglePredecessor())
      Invokes.push_back(Invoke);
  for (InvokeInst *Invoke : Invokes) {
    IRBuilder<> B(&*Invoke->getNormalDest()->getFirstInsertionPt());
    B.SetCurrentDebugLocation(Invoke->getDebugLoc());
    Value *Frozen = B.CreateFreeze(Invoke);
    Invoke->replaceUsesWithIf(
        Frozen, [&](const Use &U) { return U.getUser() != Frozen && !isa<PHINode>(U.getUser()); });
  }
}
