//===- Plan.cpp - Counts that are to be written -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Plan.h"

#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-insert"

STATISTIC(NumIncrefs, "Number of increfs inserted");
STATISTIC(NumDecrefs, "Number of decrefs inserted");

void Counts::append(const Counts &Other) {
  llvm::append_range(Increfs, Other.Increfs);
  llvm::append_range(Decrefs, Other.Decrefs);
}

static DILocation *placeOf(const Instruction &I) { return I.getDebugLoc(); }

static Instruction &placeAfter(Instruction &I) {
  assert(!I.isTerminator() && "nothing follows it in its block");
  return isa<PHINode>(I) || I.isEHPad() ? firstPlaceIn(*I.getParent()) : *I.getNextNode();
}

void Plan::increfBefore(Instruction &I, Value *V, unsigned N) {
  if (N)
    Gaps[&I].Increfs.append(N, {V, placeOf(I)});
}

void Plan::increfAfter(Instruction &I, Value *V) {
  Gaps[&placeAfter(I)].Increfs.push_back({V, placeOf(I)});
}

void Plan::decrefAfter(Instruction &I, Value *V) {
  Gaps[&placeAfter(I)].Decrefs.push_back({V, placeOf(I)});
}

void Plan::decrefBefore(Instruction &I, Value *V) { Gaps[&I].Decrefs.push_back({V, placeOf(I)}); }

void Plan::increfAtStart(BasicBlock &Block, Value *V) {
  Instruction &At = firstPlaceIn(Block);
  Gaps[&At].Increfs.push_back({V, placeOf(At)});
}

void Plan::decrefAtStart(BasicBlock &Block, Value *V) {
  Instruction &At = firstPlaceIn(Block);
  Gaps[&At].Decrefs.push_back({V, placeOf(At)});
}

void Plan::incref(BasicBlock &From, BasicBlock &To, Value *V, unsigned N) {
  Instruction *Leaves = From.getTerminator();
  Edges[{Leaves, &To}].Increfs.append(N, {V, placeOf(*Leaves)});
}

void Plan::decref(BasicBlock &From, BasicBlock &To, Value *V) {
  Instruction *Leaves = From.getTerminator();
  Edges[{Leaves, &To}].Decrefs.push_back({V, placeOf(*Leaves)});
}

void Plan::delayDecrefs(Instruction &From, Instruction &To) {
  SmallVector<Count, 2> Waiting;
  for (Instruction *I = From.getNextNode(); I; I = I->getNextNode()) {
    if (auto Found = Gaps.find(I); Found != Gaps.end()) {
      llvm::append_range(Waiting, Found->second.Decrefs);
      Found->second.Decrefs.clear();
    }
    if (I == &To)
      break;
  }
  if (!Waiting.empty()) {
    auto &After = Gaps[&placeAfter(To)].Decrefs;
    After.insert(After.begin(), Waiting.begin(), Waiting.end());
  }
}

void Plan::write(Function &F) {
  for (CallInst *Call : NoTailCalls)
    Call->setTailCallKind(CallInst::TCK_None);
  Module &M = *F.getParent();
  Function *Incref = nullptr, *Decref = nullptr, *Free = nullptr;
  DISubprogram *Scope = F.getSubprogram();
  auto Write = [&](Function *&Callee, ManagedID ID, Instruction &Before, const Count &C) {
    if (!Callee)
      Callee = managedIntrinsic(ID).declare(M);
    CallInst *Call = CallInst::Create(Callee, {C.V}, "", Before.getIterator());
    // A count of an instruction without a line has none either, but has its function.
    if (C.At || Scope)
      Call->setDebugLoc(C.At ? C.At : DILocation::get(F.getContext(), 0, 0, Scope));
  };
  for (auto &[I, C] : Gaps) {
    Instruction *First = Firsts.lookup(I);
    Instruction &Before = First ? *First : *I;
    for (const Count &Each : C.Increfs) {
      assert(!isCell(Each.V) && "a cell has no count");
      Write(Incref, ManagedID::RefIncref, Before, Each);
    }
    for (const Count &Each : C.Decrefs)
      if (isCell(Each.V))
        Write(Free, ManagedID::RefFreeCell, Before, Each);
      else
        Write(Decref, ManagedID::RefDecref, Before, Each);
    NumIncrefs += C.Increfs.size();
    NumDecrefs += C.Decrefs.size();
  }
}
