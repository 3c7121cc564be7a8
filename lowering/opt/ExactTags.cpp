//===- ExactTags.cpp - Cells whose tag is known -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/ExactTags.h"

#include "analysis/Shapes.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

#include <set>

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-exact"

STATISTIC(NumExact, "Number of cells whose tag is compared as well");
STATISTIC(NumSame, "Number of header words that stay as they are");

static uint32_t numberAt(const CallBase &Call, unsigned Arg) {
  return uint32_t(cast<ConstantInt>(Call.getArgOperand(Arg))->getZExtValue());
}

/// The header words, without the tag, of shapes of which the module makes objects with a tag.
static std::set<uint32_t> taggedShapes(const Module &M, bool &Any) {
  std::set<uint32_t> Result;
  Any = false;
  for (const Function &F : M)
    for (const Instruction &I : instructions(F)) {
      auto *Call = dyn_cast<CallBase>(&I);
      const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
      if (!Managed)
        continue;
      Any |= Managed->ID == ManagedID::RefSetTag;
      if (Managed->traits() & kTagged) {
        Result.insert(Shapes::wordOf(*Call));
      } else if (Managed->ID == ManagedID::RefReuseCell) {
        auto *Becomes = dyn_cast<ConstantInt>(Call->getArgOperand(2));
        if (!Becomes || Becomes->getZExtValue() & kMetaTagMask)
          Result.insert(numberAt(*Call, 1));
      }
    }
  return Result;
}

static bool readsTag(const Value &Cell) {
  return any_of(Cell.users(), [](const User *U) { return isManaged(U, ManagedID::RefTag); });
}

/// The tag that a test of it, whose edge dominates \p At, has found.
static std::optional<uint8_t> testedTag(const Value &Object, const Instruction &At,
                                        const DominatorTree &DT) {
  for (const User *U : Object.users()) {
    if (!isManaged(U, ManagedID::RefTag))
      continue;
    for (const User *Test : U->users()) {
      if (auto *Switch = dyn_cast<SwitchInst>(Test)) {
        for (auto Case : Switch->cases()) {
          const BasicBlockEdge Edge(Switch->getParent(), Case.getCaseSuccessor());
          if (Edge.isSingleEdge() && DT.dominates(Edge, At.getParent()))
            return uint8_t(Case.getCaseValue()->getZExtValue());
        }
      } else if (auto *Compare = dyn_cast<ICmpInst>(Test); Compare && Compare->isEquality()) {
        auto *Tag = dyn_cast<ConstantInt>(Compare->getOperand(1));
        for (const User *Branch : Compare->users()) {
          auto *Jump = dyn_cast<BranchInst>(Branch);
          if (!Tag || !Jump || !Jump->isConditional())
            continue;
          const bool IfTrue = Compare->getPredicate() == ICmpInst::ICMP_EQ;
          const BasicBlockEdge Edge(Jump->getParent(), Jump->getSuccessor(IfTrue ? 0 : 1));
          if (Edge.isSingleEdge() && DT.dominates(Edge, At.getParent()))
            return uint8_t(Tag->getZExtValue());
        }
      }
    }
  }
  return std::nullopt;
}

bool cairn::compareTags(Module &M) {
  Function *Own = M.getFunction(managedIntrinsic(ManagedID::RefOwnCell).Name);
  if (!Own || Own->use_empty())
    return false;
  bool SetsTags;
  const std::set<uint32_t> Tagged = taggedShapes(M, SetsTags);
  DenseMap<Function *, SmallVector<CallInst *>> Cells;
  for (User *U : Own->users())
    Cells[cast<CallInst>(U)->getFunction()].push_back(cast<CallInst>(U));
  bool Changed = false;
  for (auto &[F, Its] : Cells) {
    const DominatorTree DT(*F);
    for (CallInst *Cell : Its) {
      const uint32_t Word = numberAt(*Cell, 1);
      // A copy gets the tag that is expected: nobody may look whether it had another.
      if (readsTag(*Cell))
        continue;
      std::optional<uint8_t> Tag = testedTag(*Cell->getArgOperand(0), *Cell, DT);
      if (!Tag && !SetsTags && !Tagged.count(Word))
        Tag = 0;
      if (!Tag)
        continue;
      const uint32_t Whole = Word | uint32_t(*Tag) << kMetaTagShift;
      Cell->setCalledFunction(managedIntrinsic(ManagedID::RefOwnTaggedCell).declare(M));
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
