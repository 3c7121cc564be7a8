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
static void forgetPromises(Module &M) {
  AttributeMask Promises;
  for (StringRef Name : {"dead_on_unwind", "dead_on_return", "initializes", "writeonly"})
    if (auto Kind = Attribute::getAttrKindFromName(Name); Kind != Attribute::None)
      Promises.addAttribute(Kind);
  auto Forget = [&](auto &To, unsigned Params) {
    AttributeList List = To.getAttributes();
    for (unsigned N = 0; N != Params; ++N)
      if (List.hasParamAttrs(N))
        List = List.removeParamAttributes(M.getContext(), N, Promises);
    To.setAttributes(List);
  };
  for (Function &F : M) {
    if (F.isIntrinsic())
      continue;
    Forget(F, unsigned(F.arg_size()));
    for (Instruction &I : instructions(F))
      if (auto *Call = dyn_cast<CallBase>(&I))
        Forget(*Call, Call->arg_size());
  }
}

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
  forgetPromises(M);
  for (Function *F : Functions) {
    Refusals Errors(*F, R);
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
