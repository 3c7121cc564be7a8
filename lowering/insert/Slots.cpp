//===- Slots.cpp - cairn-slots: references as scalars and slots -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Slots.h"

#include "insert/Copies.h"
#include "insert/Interiors.h"
#include "insert/PassedWords.h"
#include "insert/RefFields.h"
#include "insert/Refusals.h"
#include "insert/Scalars.h"
#include "insert/StackSlots.h"
#include "insert/Unwind.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

/// Each step assumes what those before it promise, and refuses what it cannot do.
static bool normalise(Refusals &Errors) {
  refuseForms(Errors);
  if (Errors.refused())
    return false;
  bool Changed = EliminateUnreachableBlocks(Errors.function());
  for (auto Step : {expandCopies, splitIntoScalars, foldAddressChecks, promoteVariables,
                    splitInteriors, makeUnwindEdges, zeroSlots}) {
    Changed |= Step(Errors);
    if (Errors.refused())
      break;
  }
  return Changed;
}

/// What callers promise about memory that turns out to hold slots: a callee reads what a slot
/// holds before it stores there, and the caller reads it after the call, however that ends.
class Promises {
public:
  Promises() {
    for (StringRef Name : {"dead_on_unwind", "dead_on_return", "initializes", "writeonly"})
      if (auto Kind = Attribute::getAttrKindFromName(Name); Kind != Attribute::None)
        Kinds.addAttribute(Kind);
  }
  void forgetOf(Function &F) const {
    if (!F.isIntrinsic())
      forget(F, unsigned(F.arg_size()));
  }
  void forgetIn(Function &F) const {
    for (Instruction &I : instructions(F))
      if (auto *Call = dyn_cast<CallBase>(&I))
        forget(*Call, Call->arg_size());
  }

private:
  template <typename ToT> void forget(ToT &To, unsigned Params) const {
    AttributeList List = To.getAttributes();
    for (unsigned N = 0; N != Params; ++N)
      if (List.hasParamAttrs(N))
        List = List.removeParamAttributes(To.getContext(), N, Kinds);
    To.setAttributes(List);
  }

  AttributeMask Kinds;
};

bool cairn::normalise(Module &M, bool &Failed) {
  const References R(M);
  Failed = !checkGlobals(M, R);
  const bool Typed = typePassedWords(M);
  SmallVector<Function *> Functions;
  for (Function &F : M)
    if (needsCounts(F, R))
      Functions.push_back(&F);
  if (Functions.empty())
    return Typed;
  const Promises Made;
  for (Function &F : M)
    Made.forgetOf(F);
  auto *Next = Functions.begin();
  for (Function &F : M) {
    Made.forgetIn(F);
    if (Next == Functions.end() || *Next != &F)
      continue;
    ++Next;
    Refusals Errors(F, R);
    if (!Errors.refused())
      ::normalise(Errors);
    Failed |= Errors.refused();
  }
  // What a function does with an interior pointer that it is given shows when it is normal.
  for (Function *F : Functions) {
    Refusals Errors(*F, R);
    if (!Errors.refused())
      refuseInteriors(Errors);
    Failed |= Errors.refused();
  }
  return true;
}

PreservedAnalyses SlotsPass::run(Module &M, ModuleAnalysisManager &) {
  bool Failed;
  return normalise(M, Failed) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
