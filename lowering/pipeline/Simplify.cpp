//===- Simplify.cpp - The shape in which counts are few ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/Simplify.h"

#include "insert/Copies.h"
#include "insert/Rounds.h"
#include "ir/Managed.h"
#include "opt/Registers.h"
#include "opt/SimplifyBlocks.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/InlineAdvisor.h"
#include "llvm/Analysis/InlineCost.h"
#include "llvm/Analysis/ReplayInlineAdvisor.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/IPO/Inliner.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Utils/Mem2Reg.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

using namespace llvm;
using namespace cairn;

/// Whether \p F has references to count, and may be optimised.
static bool isToSimplify(const Function &F, const References &R) {
  return !F.isDeclaration() && !F.hasOptNone() && !F.hasFnAttribute(kCountsInserted) && R.in(F);
}

namespace {

using Functions = SmallPtrSet<const Function *, 32>;

/// Runs passes on the functions that are in a set.
struct IfIn : PassInfoMixin<IfIn> {
  IfIn(const Functions &Some, FunctionPassManager FPM) : Some(Some), FPM(std::move(FPM)) {}
  PreservedAnalyses run(Function &F, FunctionAnalysisManager &FAM) {
    return Some.contains(&F) ? FPM.run(F, FAM) : PreservedAnalyses::all();
  }

private:
  const Functions &Some;
  FunctionPassManager FPM;
};

/// Inlines into a component of the call graph if a function in it is to be simplified, and notes
/// what it changed.
struct InlineIfIn : PassInfoMixin<InlineIfIn> {
  InlineIfIn(const Functions &Some, Functions &Changed) : Some(Some), Changed(Changed) {}
  PreservedAnalyses run(LazyCallGraph::SCC &C, CGSCCAnalysisManager &AM, LazyCallGraph &CG,
                        CGSCCUpdateResult &UR) {
    SmallVector<const Function *, 1> All;
    for (LazyCallGraph::Node &N : C)
      All.push_back(&N.getFunction());
    if (none_of(All, [&](const Function *F) { return Some.contains(F); }))
      return PreservedAnalyses::all();
    PreservedAnalyses Left = Inliner.run(C, AM, CG, UR);
    if (!Left.areAllPreserved())
      for (const Function *F : All)
        if (Some.contains(F))
          Changed.insert(F);
    return Left;
  }

private:
  const Functions &Some;
  Functions &Changed;
  InlinerPass Inliner;
};

/// Puts variables into registers: SROA's work, by mem2reg where no variable has parts. That is so
/// in most functions, and takes a third of the time.
struct Promote : PassInfoMixin<Promote> {
  PreservedAnalyses run(Function &F, FunctionAnalysisManager &FAM) {
    bool Any = false, Whole = true;
    for (const Instruction &I : F.getEntryBlock())
      if (auto *Variable = dyn_cast<AllocaInst>(&I)) {
        Any = true;
        Whole &= isAllocaPromotable(Variable);
      }
    if (!Any)
      return PreservedAnalyses::all();
    return Whole ? PromotePass().run(F, FAM) : SROAPass(SROAOptions::ModifyCFG).run(F, FAM);
  }
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

/// Keeps functions that have their counts, as a link brings them, from being inlined into others
/// that have not: their accesses of slots, which are plain by now, would not be seen as such.
class KeptOut {
public:
  explicit KeptOut(Module &M) {
    for (Function &F : M)
      if (!F.isDeclaration() && F.hasFnAttribute(kCountsInserted) &&
          !F.hasFnAttribute(Attribute::NoInline)) {
        Functions.emplace_back(&F, F.hasFnAttribute(Attribute::AlwaysInline));
        F.removeFnAttr(Attribute::AlwaysInline);
        F.addFnAttr(Attribute::NoInline);
      }
  }
  ~KeptOut() {
    for (auto [F, Always] : Functions) {
      F->removeFnAttr(Attribute::NoInline);
      if (Always)
        F->addFnAttr(Attribute::AlwaysInline);
    }
  }
  KeptOut(const KeptOut &) = delete;

private:
  SmallVector<std::pair<Function *, bool>> Functions;
};

} // namespace

/// Of each function, before anything is inlined into it or out of it.
static FunctionPassManager beforeInlining() {
  FunctionPassManager FPM;
  FPM.addPass(Promote());
  FPM.addPass(EarlyCSEPass());
  FPM.addPass(SimplifyBlocksPass());
  return FPM;
}

/// Of those into which something was inlined.
static FunctionPassManager afterInlining() {
  FunctionPassManager FPM;
  FPM.addPass(ExpandCopies());
  FPM.addPass(Promote());
  FPM.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  FPM.addPass(SimplifyBlocksPass());
  return FPM;
}

void cairn::simplifyForCounts(Module &M, ModuleAnalysisManager &MAM, OptimizationLevel Level) {
  const InlineParams Params = getInlineParams(Level.getSpeedupLevel(), Level.getSizeLevel());
  MAM.getResult<InlineAdvisorAnalysis>(M).tryCreate(
      Params, InliningAdvisorMode::Default, {},
      {ThinOrFullLTOPhase::None, InlinePass::CGSCCInliner});
  // What is inlined into them has references only if they have: nothing is to be added later.
  Functions WithReferences, Inlined;
  const References R(M);
  for (const Function &F : M)
    if (isToSimplify(F, R))
      WithReferences.insert(&F);
  ModulePassManager MPM;
  MPM.addPass(createModuleToFunctionPassAdaptor(IfIn(WithReferences, beforeInlining())));
  CGSCCPassManager Inlining;
  Inlining.addPass(InlineIfIn(WithReferences, Inlined));
  Inlining.addPass(createCGSCCToFunctionPassAdaptor(IfIn(Inlined, afterInlining())));
  FunctionPassManager TailCalls;
  TailCalls.addPass(RegistersPass());
  TailCalls.addPass(TailRoundsPass());
  // What is known of a function is freed while it is in the processor's cache.
  Inlining.addPass(createCGSCCToFunctionPassAdaptor(IfIn(WithReferences, std::move(TailCalls)),
                                                    /*EagerlyInvalidate=*/true));
  MPM.addPass(createModuleToPostOrderCGSCCPassAdaptor(std::move(Inlining)));
  {
    const KeptOut Counted(M);
    MPM.run(M, MAM);
  }
  // An inliner that runs later has parameters of its own, and the rest goes at once.
  MAM.invalidate(M, PreservedAnalyses::none());
}
