//===- Inline.cpp - LLVM's inlining, function by function -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What keeps it from inlining for ever is what keeps LLVM's inliner: a body is not inlined into
// what was inlined from it, and calls within a cycle of functions become dearer as they are
// copied.
//
//===----------------------------------------------------------------------===//
#include "pipeline/Inline.h"

#include "analysis/Recursion.h"
#include "ir/Compat.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/BlockFrequencyInfo.h"
#include "llvm/Analysis/InlineAdvisor.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ProfileSummaryInfo.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/CallPromotionUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;
using namespace cairn;

/// LLVM's names for remarks are those of its pass.
#define DEBUG_TYPE "inline"

/// How much dearer each copy of a call within a cycle is, as in LLVM.
static constexpr int kDearer = 2;

namespace {

/// Whose body a call came in with, and whose that body came in with.
struct Origin {
  const Function *Callee;
  int Before;
};

struct Site {
  CallBase *Call;
  int From; ///< An index; -1: the call was there.
};

} // namespace

Inliner::Inliner(Module &M, ModuleAnalysisManager &MAM, const Recursion &Calls,
                 OptimizationLevel Level)
    : FAM(MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager()),
      Profile(MAM.getCachedResult<ProfileSummaryAnalysis>(M)), Calls(Calls),
      Params(getInlineParams(Level.getSpeedupLevel(), Level.getSizeLevel())) {}

Inliner::~Inliner() {
  erase_if(UnusedInComdats, [](const Function *F) { return !F->hasZeroLiveUses(); });
  filterDeadComdatFunctions(UnusedInComdats);
  Gone.insert(UnusedInComdats.begin(), UnusedInComdats.end());
  for (Function *F : Gone) {
    FAM.clear(*F, F->getName());
    F->removeDeadConstantUsers();
    F->eraseFromParent();
  }
}

/// A call that is seldom made has a lower threshold, and no bonus; in loops, from -O3 on, some
/// have a higher one.
bool Inliner::dependsOnFrequencies(const InlineCost &Cost) const {
  if (!Cost.isVariable())
    return false;
  if (!Cost)
    return Params.LocallyHotCallSiteThreshold.has_value();
  return Params.ColdCallSiteThreshold &&
         Cost.getCost() + Cost.getStaticBonusApplied() >= *Params.ColdCallSiteThreshold;
}

InlineCost Inliner::costOf(CallBase &Call, TargetTransformInfo &Target,
                           OptimizationRemarkEmitter &Remarks) {
  auto With = [&](function_ref<BlockFrequencyInfo &(Function &)> Frequencies,
                  OptimizationRemarkEmitter *To) {
    return getInlineCost(
        Call, Params, Target,
        [&](Function &F) -> AssumptionCache & { return FAM.getResult<AssumptionAnalysis>(F); },
        [&](Function &F) -> const TargetLibraryInfo & {
          return FAM.getResult<TargetLibraryAnalysis>(F);
        },
        Frequencies, Profile, To);
  };
  const bool Told = Call.getContext().getDiagHandlerPtr()->isMissedOptRemarkEnabled(DEBUG_TYPE);
  if (!Told && !(Profile && Profile->hasProfileSummary()))
    if (const InlineCost Cost = With(nullptr, nullptr); !dependsOnFrequencies(Cost))
      return Cost;
  return With(
      [&](Function &F) -> BlockFrequencyInfo & { return FAM.getResult<BlockFrequencyAnalysis>(F); },
      Told ? &Remarks : nullptr);
}

/// \p New: the calls that came with the body.
bool Inliner::inlineAt(CallBase &Call, SmallVectorImpl<CallBase *> &New) {
  Function &Caller = *Call.getFunction(), &Callee = *Call.getCalledFunction();
  auto &Remarks = FAM.getResult<OptimizationRemarkEmitterAnalysis>(Caller);
  auto &Target = FAM.getResult<TargetIRAnalysis>(Callee);
  const std::optional<InlineCost> Cost = inlineAdvice(
      Call, Target, [&](CallBase &C) { return costOf(C, Target, Remarks); }, Remarks);
  if (!Cost)
    return false;
  const DebugLoc Where = Call.getDebugLoc();
  const BasicBlock *Block = Call.getParent();
  auto *Frequencies = FAM.getCachedResult<BlockFrequencyAnalysis>(Caller);
  InlineFunctionInfo Info(
      [&](Function &F) -> AssumptionCache & { return FAM.getResult<AssumptionAnalysis>(F); },
      Profile, Frequencies, Frequencies ? &FAM.getResult<BlockFrequencyAnalysis>(Callee) : nullptr);
  // Aliases are asked for where an argument is said to have none.
  const bool Aliases = any_of(Callee.args(), [](Argument &A) { return A.hasNoAliasAttr(); });
  const InlineResult Result = InlineFunction(Call, Info, /*MergeAttributes=*/true,
                                             Aliases ? &FAM.getResult<AAManager>(Caller) : nullptr);
  if (!Result.isSuccess()) {
    Remarks.emit([&] {
      return OptimizationRemarkMissed(DEBUG_TYPE, "NotInlined", Where, Block)
             << "'" << ore::NV("Callee", &Callee) << "' is not inlined into '"
             << ore::NV("Caller", &Caller) << "': " << ore::NV("Reason", Result.getFailureReason());
    });
    return false;
  }
  emitInlinedIntoBasedOnCost(Remarks, Where, Block, Callee, Caller, *Cost);
  append_range(New, Info.InlinedCallSites);
  return true;
}

/// A body that is gone calls nobody, which may leave another function one caller.
void Inliner::removeIfDead(Function &F) {
  if (!F.isDiscardableIfUnused() || !F.hasZeroLiveUses())
    return;
  const auto &Library = FAM.getResult<TargetLibraryAnalysis>(F);
  if (LibFunc Known;
      Library.getLibFunc(F.getName(), Known) || Library.isKnownVectorFunctionInLibrary(F.getName()))
    return; // later passes may call it
  if (F.hasComdat() && !F.hasLocalLinkage()) {
    UnusedInComdats.push_back(&F);
    return;
  }
  FAM.clear(F, F.getName());
  F.dropAllReferences();
  Gone.insert(&F);
}

bool Inliner::inlineInto(Function &F) {
  SmallVector<Site, 16> Sites;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallBase>(&I))
      if (Function *Callee = Call->getCalledFunction(); Callee && !Callee->isDeclaration())
        Sites.push_back({Call, -1});
  SmallVector<Origin, 16> Origins;
  bool Changed = false;
  for (size_t N = 0; N != Sites.size(); ++N) {
    const auto [Call, From] = Sites[N];
    Function &Callee = *Call->getCalledFunction();
    int Within = From;
    while (Within != -1 && Origins[unsigned(Within)].Callee != &Callee)
      Within = Origins[unsigned(Within)].Before;
    if (Within != -1) {
      Call->setIsNoInline(); // nor later
      continue;
    }
    const int Factor =
        getStringFnAttrAsInt(*Call, InlineConstants::FunctionInlineCostMultiplierAttributeName)
            .value_or(1);
    SmallVector<CallBase *> New;
    if (!inlineAt(*Call, New))
      continue;
    Changed = true;
    if (!New.empty())
      Origins.push_back({&Callee, From});
    for (CallBase *Each : reverse(New)) {
      if (!Each->getCalledFunction())
        tryPromoteCall(*Each);
      Function *Next = Each->getCalledFunction();
      if (!Next || Next->isDeclaration())
        continue;
      Sites.push_back({Each, int(Origins.size()) - 1});
      if (!Calls.areInOneCycle(F, Callee) && Calls.areInOneCycle(Callee, *Next))
        Each->addFnAttr(Attribute::get(F.getContext(),
                                       InlineConstants::FunctionInlineCostMultiplierAttributeName,
                                       std::to_string(Factor * kDearer)));
    }
    if (&Callee != &F)
      removeIfDead(Callee);
  }
  return Changed;
}
