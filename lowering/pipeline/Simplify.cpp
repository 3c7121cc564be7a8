//===- Simplify.cpp - The shape in which counts are few ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/Simplify.h"

#include "analysis/Recursion.h"
#include "insert/Copies.h"
#include "insert/Rounds.h"
#include "ir/Managed.h"
#include "opt/Registers.h"
#include "opt/SimplifyBlocks.h"
#include "pipeline/Inline.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
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

/// TailRoundsPass where it has something to eliminate. What it says of other calls, LLVM says
/// later.
struct TailCalls : PassInfoMixin<TailCalls> {
  PreservedAnalyses run(Function &F, FunctionAnalysisManager &FAM) {
    const bool CallsItself = any_of(F.users(), [&](const User *U) {
      auto *Call = dyn_cast<CallBase>(U);
      return Call && Call->getFunction() == &F;
    });
    return CallsItself ? TailRoundsPass().run(F, FAM) : PreservedAnalyses::all();
  }
};

/// What is done with each function.
struct Steps {
  FunctionPassManager BeforeInlining, IfInlinedInto, IfNot;

  /// \p IsSimple: LLVM has simplified each function by itself.
  Steps(const Module &M, bool IsSimple) {
    if (!IsSimple) {
      BeforeInlining.addPass(Promote());
      BeforeInlining.addPass(EarlyCSEPass());
      BeforeInlining.addPass(SimplifyBlocksPass());
    } else {
      if (M.getProfileSummary(/*IsCS=*/false)) // LLVM inlines where it reads one
        BeforeInlining.addPass(ExpandCopies());
      IfNot.addPass(SimplifyBlocksPass()); // LLVM did it before variables were in registers
    }
    IfInlinedInto.addPass(ExpandCopies());
    IfInlinedInto.addPass(Promote());
    // With MemorySSA it carries a number over the store of a reference into another variable, whose
    // release may run a finaliser that writes the number.
    IfInlinedInto.addPass(EarlyCSEPass());
    IfInlinedInto.addPass(SimplifyBlocksPass());
    for (FunctionPassManager *FPM : {&IfInlinedInto, &IfNot}) {
      FPM->addPass(RegistersPass());
      FPM->addPass(TailCalls());
    }
  }
};

} // namespace

void cairn::simplifyForCounts(Module &M, ModuleAnalysisManager &MAM, OptimizationLevel Level,
                              bool IsSimple) {
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  Steps Its(M, IsSimple);
  {
    const KeptOut Counted(M);
    const References R(M);
    const Recursion Calls(M);
    Inliner Callees(M, MAM, Calls, Level);
    for (auto Rest = Calls.bottomUp(); !Rest.empty();) {
      const auto Cycle = Rest.take_while([&](const Function *F) {
        return F == Rest.front() || Calls.areInOneCycle(*F, *Rest.front());
      });
      Rest = Rest.drop_front(Cycle.size());
      SmallVector<Function *, 4> Functions;
      copy_if(Cycle, std::back_inserter(Functions),
              [&](const Function *F) { return !Callees.isGone(*F) && isToSimplify(*F, R); });
      for (Function *F : Functions)
        Its.BeforeInlining.run(*F, FAM);
      for (Function *F : Functions) {
        if (Callees.isGone(*F))
          continue;
        if (Callees.inlineInto(*F)) {
          FAM.invalidate(*F, PreservedAnalyses::none());
          Its.IfInlinedInto.run(*F, FAM);
        } else {
          Its.IfNot.run(*F, FAM);
        }
        // What is known of a function is freed while it is in the processor's cache.
        FAM.invalidate(*F, PreservedAnalyses::none());
      }
    }
  }
  // An inliner that runs later has parameters of its own, and the rest goes at once.
  MAM.invalidate(M, PreservedAnalyses::none());
}
