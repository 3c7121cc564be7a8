//===- ExactTags.cpp - Cells whose tag is known -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/ExactTags.h"

#include "analysis/OwnTypes.h"
#include "analysis/Shapes.h"
#include "analysis/Tags.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-exact"

STATISTIC(NumExact, "Number of cells whose tag is compared as well");
STATISTIC(NumCounts, "Number of header words of which the count is compared alone");
STATISTIC(NumSame, "Number of header words that stay as they are");

static bool readsTag(const Value &Cell) {
  return any_of(Cell.users(), [](const User *U) { return isManaged(U, ManagedID::RefTag); });
}

bool cairn::compareTags(Module &M) {
  SmallVector<CallInst *> All;
  for (ManagedID ID : {ManagedID::RefOwnCell, ManagedID::RefOwnCellOn})
    if (Function *Own = M.getFunction(managedIntrinsic(ID).Name))
      for (User *U : Own->users())
        if (auto *Cell = dyn_cast<CallInst>(U); Cell && isa<ConstantInt>(Cell->getArgOperand(1)))
          All.push_back(Cell);
  if (All.empty())
    return false;
  const Shapes Known(M);
  DenseMap<Function *, SmallVector<CallInst *>> Cells;
  for (CallInst *Cell : All)
    Cells[Cell->getFunction()].push_back(Cell);
  bool Changed = false;
  for (auto &[F, Its] : Cells) {
    const DominatorTree DT(*F);
    for (CallInst *Cell : Its) {
      const auto Word = uint32_t(cast<ConstantInt>(Cell->getArgOperand(1))->getZExtValue());
      // A copy gets the tag that is expected: nobody may look whether it had another.
      if (readsTag(*Cell))
        continue;
      std::optional<uint8_t> Tag = knownTag(Cell->getArgOperand(0), *Cell, DT);
      if (!Tag)
        Tag = Known.onlyTag(Word);
      if (!Tag)
        continue;
      const uint32_t Whole = Word | uint32_t(*Tag) << kMetaTagShift;
      const ManagedID Exact =
          heapOfCell(*Cell) ? ManagedID::RefOwnTaggedCellOn : ManagedID::RefOwnTaggedCell;
      Cell->setCalledFunction(managedIntrinsic(Exact).declare(M));
      Cell->setArgOperand(1, ConstantInt::get(Cell->getArgOperand(1)->getType(), Whole));
      ++NumExact;
      for (User *U : Cell->users()) {
        auto *Object = dyn_cast<CallInst>(U);
        auto *Becomes = isManaged(U, ManagedID::RefReuseCell)
                            ? dyn_cast<ConstantInt>(Object->getArgOperand(2))
                            : nullptr;
        if (!Becomes || Becomes->getZExtValue() != Whole)
          continue;
        Object->setArgOperand(4, ConstantInt::getTrue(M.getContext()));
        ++NumSame;
      }
      Changed = true;
    }
  }
  return Changed;
}

void cairn::useOwnTypes(Module &M, const OwnTypes &Types) {
  if (Function *Tag = M.getFunction(managedIntrinsic(ManagedID::RefTag).Name))
    for (User *U : Tag->users())
      if (auto *Call = dyn_cast<CallInst>(U))
        Call->addFnAttr(Attribute::get(M.getContext(), kTypedOnly));
  Function *IsLast = M.getFunction(managedIntrinsic(ManagedID::RefIsLast).Name);
  if (!IsLast)
    return;
  MapVector<Function *, SmallVector<CallInst *>> Tests;
  for (User *U : IsLast->users())
    if (auto *Call = dyn_cast<CallInst>(U))
      Tests[Call->getFunction()].push_back(Call);
  for (auto &[F, Its] : Tests) {
    const DominatorTree DT(*F);
    for (CallInst *Call : Its) {
      auto *Word = dyn_cast<ConstantInt>(Call->getArgOperand(1));
      const std::optional<uint8_t> Tag =
          Word ? knownTag(Call->getArgOperand(0), *Call, DT) : std::nullopt;
      if (!Tag || Types.wordOf(*Tag) != (Word->getZExtValue() & ~kMetaTagMask))
        continue;
      Call->setArgOperand(2, ConstantInt::get(Call->getArgOperand(2)->getType(), 0));
      ++NumCounts;
    }
  }
}
