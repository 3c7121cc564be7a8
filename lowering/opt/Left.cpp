//===- Left.cpp - cairn-left: what is left of counts and allocations -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/Left.h"

#include "analysis/CountEffects.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-left"

namespace {

struct Kind {
  const char *Name, *Text;
  unsigned Weight;
};

/// More loops than this weigh no more.
constexpr unsigned kMostLoops = 5;

/// How a remark calls an effect; null for what is not told.
const Kind *kindOf(CountEffect E) {
  static constexpr Kind Retain = {"Retain", "a reference is retained", 1},
                        Release = {"Release", "a reference is released", 1},
                        Allocate = {"Allocate", "an object is allocated", 2},
                        Free = {"Free", "an object's memory is freed", 2},
                        Reuse = {"Reuse", "an object is made in the memory of one that dies", 0},
                        Container = {"Container", "a list or dict is changed by a call", 2};
  switch (E) {
  case CountEffect::Retain:
    return &Retain;
  case CountEffect::Release:
    return &Release;
  case CountEffect::Allocate:
    return &Allocate;
  case CountEffect::Free:
    return &Free;
  case CountEffect::Reuse:
    return &Reuse;
  case CountEffect::Container:
    return &Container;
  case CountEffect::Take:
  case CountEffect::None:
    return nullptr;
  }
  llvm_unreachable("all effects are named");
}

} // namespace

static bool callsItself(const Function &F) {
  return any_of(instructions(F), [&](const Instruction &I) {
    const auto *Call = dyn_cast<CallBase>(&I);
    return Call && Call->getCalledFunction() == &F;
  });
}

/// The last line of \p F that code is left of; 0 if none is known.
static unsigned lastLine(const Function &F) {
  unsigned Last = 0;
  for (const Instruction &I : instructions(F))
    if (const DILocation *At = I.getDebugLoc(); At && !At->getInlinedAt())
      Last = std::max(Last, At->getLine());
  return Last;
}

static void tell(Function &F, FunctionAnalysisManager &FAM) {
  SmallVector<const CallBase *> Calls;
  for (const Instruction &I : instructions(F))
    if (const auto *Call = dyn_cast<CallBase>(&I); Call && kindOf(countEffect(*Call)))
      Calls.push_back(Call);
  OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  const LoopInfo &Loops = FAM.getResult<LoopAnalysis>(F);
  const auto Ways = uniqueWays(F);
  const unsigned Recursion = !Calls.empty() && callsItself(F);
  uint64_t Total = 0;
  for (const CallBase *Call : Calls) {
    const Kind &K = *kindOf(countEffect(*Call));
    const unsigned Depth = Loops.getLoopDepth(Call->getParent());
    const bool Shared = !Ways.contains(Call->getParent());
    uint64_t Cost = Shared ? 0 : K.Weight;
    for (unsigned N = std::min(Depth + Recursion, kMostLoops); N; --N)
      Cost *= 10;
    Total += Cost;
    ORE.emit([&] {
      OptimizationRemarkAnalysis Remark(DEBUG_TYPE, K.Name, Call);
      Remark << K.Text;
      if (Depth)
        Remark << ", in a loop";
      if (Recursion)
        Remark << ", in a recursion";
      if (Shared)
        Remark << ", only where an object has other owners";
      return Remark << ore::setExtraArgs() << ore::NV("Cost", Cost);
    });
  }
  // For the page: which lines the function has.
  ORE.emit([&] {
    return OptimizationRemarkAnalysis(DEBUG_TYPE, "Function", F.getSubprogram(), &F.getEntryBlock())
           << "what is left costs " << ore::NV("Cost", Total) << ore::setExtraArgs()
           << ore::NV("FirstLine", F.getSubprogram() ? F.getSubprogram()->getLine() : 0)
           << ore::NV("LastLine", lastLine(F));
  });
}

PreservedAnalyses LeftPass::run(Module &M, ModuleAnalysisManager &MAM) {
  LLVMContext &C = M.getContext();
  if (!C.getLLVMRemarkStreamer() && !C.getDiagHandlerPtr()->isAnyRemarkEnabled(DEBUG_TYPE))
    return PreservedAnalyses::all();
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  for (Function &F : M)
    if (!F.isDeclaration())
      tell(F, FAM);
  return PreservedAnalyses::all();
}
