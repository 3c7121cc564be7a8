//===- Simplify.cpp - The shape in which counts are few ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/Simplify.h"

#include "insert/Copies.h"
#include "ir/Managed.h"
#include "opt/Registers.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/InlineAdvisor.h"
#include "llvm/Analysis/InlineCost.h"
#include "llvm/Analysis/ReplayInlineAdvisor.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/IPO/Inliner.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/GVN.h"
#include "llvm/Transforms/Scalar/InstSimplifyPass.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Scalar/TailRecursionElimination.h"

using namespace llvm;
using namespace cairn;

/// Whether \p F has references to count, and may be optimised.
static bool isToSimplify(const Function &F) {
  return !F.isDeclaration() && !F.hasOptNone() && !F.hasFnAttribute(kCountsInserted) &&
         References(*F.getParent()).in(F);
}

namespace {

/// Runs passes on a function if it has references.
struct IfReferences : PassInfoMixin<IfReferences> {
  explicit IfReferences(FunctionPassManager FPM) : FPM(std::move(FPM)) {}
  PreservedAnalyses run(Function &F, FunctionAnalysisManager &FAM) {
    return isToSimplify(F) ? FPM.run(F, FAM) : PreservedAnalyses::all();
  }

private:
  FunctionPassManager FPM;
};

/// Inlines into a component of the call graph if a function in it has references.
struct InlineIfReferences : PassInfoMixin<InlineIfReferences> {
  PreservedAnalyses run(LazyCallGraph::SCC &C, CGSCCAnalysisManager &AM, LazyCallGraph &CG,
                        CGSCCUpdateResult &UR) {
    const bool Any =
        any_of(C, [](LazyCallGraph::Node &N) { return isToSimplify(N.getFunction()); });
    return Any ? Inliner.run(C, AM, CG, UR) : PreservedAnalyses::all();
  }

private:
  InlinerPass Inliner;
};

/// A callee's parameters by value come in as copies.
struct ExpandCopies : PassInfoMixin<ExpandCopies> {
  PreservedAnalyses run(Function &F, FunctionAnalysisManager &) {
    const References R(*F.getParent());
    Refusals Errors(F, R);
    return !Errors.refused() && expandCopies(Errors) ? PreservedAnalyses::none()
                                                     : PreservedAnalyses::all();
  }
};

} // namespace

/// The options' own values neither hoist nor sink.
static SimplifyCFGPass simplifyCFG() { return SimplifyCFGPass(SimplifyCFGOptions()); }

static FunctionPassManager beforeInlining() {
  FunctionPassManager FPM;
  FPM.addPass(SROAPass(SROAOptions::ModifyCFG));
  FPM.addPass(EarlyCSEPass());
  FPM.addPass(simplifyCFG());
  return FPM;
}

static FunctionPassManager afterInlining() {
  FunctionPassManager FPM;
  FPM.addPass(ExpandCopies());
  FPM.addPass(SROAPass(SROAOptions::ModifyCFG));
  FPM.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  FPM.addPass(InstSimplifyPass());
  FPM.addPass(RegistersPass());
  FPM.addPass(simplifyCFG());
  FPM.addPass(TailCallElimPass());
  return FPM;
}

static FunctionPassManager atEnd() {
  FunctionPassManager FPM;
  FPM.addPass(GVNPass(GVNOptions().setPRE(false).setLoadPRE(false)));
  FPM.addPass(InstSimplifyPass());
  FPM.addPass(simplifyCFG());
  return FPM;
}

void cairn::simplifyForCounts(Module &M, ModuleAnalysisManager &MAM, OptimizationLevel Level) {
  const InlineParams Params = getInlineParams(Level.getSpeedupLevel(), Level.getSizeLevel());
  MAM.getResult<InlineAdvisorAnalysis>(M).tryCreate(
      Params, InliningAdvisorMode::Default, {},
      {ThinOrFullLTOPhase::None, InlinePass::CGSCCInliner});
  ModulePassManager MPM;
  MPM.addPass(createModuleToFunctionPassAdaptor(IfReferences(beforeInlining())));
  CGSCCPassManager Inlining;
  Inlining.addPass(InlineIfReferences());
  Inlining.addPass(createCGSCCToFunctionPassAdaptor(IfReferences(afterInlining())));
  MPM.addPass(createModuleToPostOrderCGSCCPassAdaptor(std::move(Inlining)));
  MPM.addPass(createModuleToFunctionPassAdaptor(IfReferences(atEnd())));
  MPM.run(M, MAM);
  // An inliner that runs later has parameters of its own.
  PreservedAnalyses Others = PreservedAnalyses::all();
  Others.abandon<InlineAdvisorAnalysis>();
  MAM.invalidate(M, Others);
}
