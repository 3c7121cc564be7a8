//===- Managed.cpp - cairn-managed: everything that counts references --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/Managed.h"

#include "analysis/FieldWrites.h"
#include "analysis/ForgetTypes.h"
#include "analysis/OwnTypes.h"
#include "analysis/Recursion.h"
#include "analysis/Shapes.h"
#include "cairn/certify.h"
#include "expand/Effects.h"
#include "import/Import.h"
#include "insert/Copies.h"
#include "insert/Insert.h"
#include "insert/PassedWords.h"
#include "insert/RefFields.h"
#include "ir/Managed.h"
#include "opt/Assertions.h"
#include "opt/ExactTags.h"
#include "opt/FreshResults.h"
#include "opt/HeaderFirst.h"
#include "opt/KeepFields.h"
#include "opt/OutlineRest.h"
#include "opt/SinkRetains.h"
#include "opt/Specialise.h"
#include "opt/SpillCells.h"
#include "opt/Statics.h"
#include "opt/TailConstructor.h"
#include "opt/Tokens.h"
#include "pipeline/AtLink.h"
#include "pipeline/Conventions.h"
#include "pipeline/MixedTypes.h"
#include "pipeline/Simplify.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// A module flag: the link, which inserts the counts, is to certify them.
static constexpr StringLiteral kCertified = "cairn-certified";

/// Named metadata without operands: the first half of the pass has run, and left the rest to the
/// second.
static constexpr StringLiteral kBegun = "cairn.begun";

/// The functions with references and no counts.
static SmallVector<Function *> uncounted(Module &M) {
  const References R(M);
  SmallVector<Function *> Found;
  for (Function &F : M)
    if (needsCounts(F, R))
      Found.push_back(&F);
  return Found;
}

/// What a link makes of modules whose spaces differ would have references that are none.
static void recordSpace(Module &M) {
  if (!M.getModuleFlag(kSpaceFlag))
    M.addModuleFlag(Module::Error, kSpaceFlag, referenceSpace(M));
}

static void forget(Module &M, ModuleAnalysisManager &MAM) {
  FunctionAnalysisManager &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  const References R(M);
  SmallVector<Function *> Counting;
  for (Function &F : M)
    if (!F.isIntrinsic() && !isReservedName(F.getName()) &&
        (F.isDeclaration() ? R.in(F.getFunctionType()) : R.in(F)))
      Counting.push_back(&F);
  const auto Defined = find_if(M, [](const Function &F) { return !F.isDeclaration(); });
  forgetEffects(M, Counting, EffectsOf::Releases, [&](const Function &F) {
    LibFunc Known;
    return FAM.getResult<TargetLibraryAnalysis>(*Defined).getLibFunc(F, Known);
  });
}

/// What has no meaning is refused here, where functions are as the frontend wrote them.
static void expandCopiesIn(Module &M, ArrayRef<Function *> Functions, OptimizationLevel Level) {
  const References R(M);
  for (Function *F : Functions) {
    Refusals Errors(*F, R);
    refuseForms(Errors);
    if (!Errors.refused())
      expandCopies(Errors);
    if (Level != OptimizationLevel::O0)
      forgetFieldTypes(*F, R);
  }
}

/// What a link with LTO is told. What it would refuse is refused here, where the source's lines
/// are, and before LLVM splits a coroutine.
static void leave(Module &M, bool Certify) {
  typePassedWords(M);
  const SmallVector<Function *> Functions = uncounted(M);
  const References R(M);
  for (Function *F : Functions) {
    Refusals Errors(*F, R);
    refuseForms(Errors);
  }
  recordSpace(M);
  if (Certify && !M.getModuleFlag(kCertified))
    M.addModuleFlag(Module::Max, kCertified, 1);
  leaveToLink(M, Functions);
}

namespace {

/// What the passes behind the insertion ask of the module. Each function is looked at when its
/// counts have been inserted.
struct CountedModule {
  void add(Function &F, const References &R, FunctionAnalysisManager &FAM) {
    Writes.add(F, R, [&](Function &Of) -> const TargetLibraryInfo & {
      return FAM.getResult<TargetLibraryAnalysis>(Of);
    });
    Types.add(F);
  }
  void end(const Module &M) {
    Writes.end();
    Types.end(M.getDataLayout());
  }

  FieldWrites Writes;
  Shapes Types;
};

} // namespace

/// Everything that makes counts fewer and needs no other function's body.
static void simplifyCounts(Function &F, const References &R, const CountedModule &All,
                           FunctionAnalysisManager &FAM) {
  if (sinkRetains(F, R, All.Writes, FAM))
    FAM.invalidate(F, PreservedAnalyses::none());
  if (!All.Types.empty())
    specialise(F, All.Types, All.Writes, FAM);
  FAM.invalidate(F, PreservedAnalyses::none());
}

/// Which recursions there are is seen when cairn-tail has made loops of the others.
static void makeFramesSmall(Module &M, FunctionAnalysisManager &FAM) {
  const Recursion Calls(M);
  SmallVector<Function *> Recursive;
  for (Function &F : M)
    if (Calls.has(F))
      Recursive.push_back(&F);
  for (Function *F : Recursive) {
    spillIntoCells(*F, Calls, FAM);
    outlineRests(*F, Calls, FAM);
  }
}

/// Whether LLVM may simplify functions of \p M that have no counts yet: none is there that has its
/// counts, and what LLVM's pass for OpenMP infers early, it infers from bodies.
static bool mayWait(const Module &M, const CountedCallees &Callees) {
  return Callees.empty() && !M.getModuleFlag("openmp") &&
         none_of(M, [](const Function &F) { return F.hasFnAttribute(kCountsInserted); });
}

/// \p IsSimple: LLVM has simplified each function by itself.
void ManagedPass::count(Module &M, ModuleAnalysisManager &MAM, bool IsSimple) {
  bool Failed;
  if (Level != OptimizationLevel::O0)
    simplifyForCounts(M, MAM, Level, IsSimple);
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  for (Function *F : uncounted(M)) // before counts: an assertion keeps nothing alive
    AssertionsPass(Options.Checked).run(*F, FAM);
  const bool Optimise = Level != OptimizationLevel::O0;
  std::optional<OwnTypes> Types;
  if (Optimise) {
    Types = OwnTypes::of(M);
    MAM.invalidate(M, StaticsPass().run(M, MAM));
  }
  const References R(M);
  CountedModule All;
  insertCounts(M, FAM, /*Lend=*/Optimise, Failed, [&](Function &F) {
    if (Optimise) {
      keepFields(F);
      All.add(F, R, FAM);
    }
    FAM.invalidate(F, PreservedAnalyses::none());
  });
  MAM.invalidate(M, PreservedAnalyses::none());
  if (Failed)
    return;
  recordSpace(M);
  All.end(M);
  for (Function &F : M)
    if (!F.isDeclaration()) {
      if (Optimise)
        simplifyCounts(F, R, All, FAM);
      freezeVectors(F, R);
    }
  if (Options.Certify || M.getModuleFlag(kCertified))
    certifyModule(M);
  if (Optimise) {
    takeFreshResults(M);
    compareTags(M);
    if (Types)
      useOwnTypes(M, *Types);
    if (makeTailLoops(M, FAM))
      MAM.invalidate(M, PreservedAnalyses::none());
    bool Tokens = false;
    for (Function &F : M)
      Tokens |= passTokens(F, FAM);
    if (Tokens)
      forgetTypes(M);
    makeFramesSmall(M, FAM);
    for (Function &F : M)
      compareHeadersFirst(F, FAM);
  }
  forget(M, MAM);
}

PreservedAnalyses ManagedPass::run(Module &M, ModuleAnalysisManager &MAM) {
  if (Runs == Second) {
    NamedMDNode *Begun = M.getNamedMetadata(kBegun);
    if (!Begun)
      return PreservedAnalyses::all();
    Begun->eraseFromParent();
    count(M, MAM, /*IsSimple=*/true);
    return PreservedAnalyses::none();
  }
  bool Malformed = false, Failed;
  takeFromCompile(M);
  const bool Counts = !uncounted(M).empty();
  if (Counts) // it has run before, but for a link of modules that no pass has seen
    importModule(M, Malformed, /*Lowering=*/false);
  const bool Renamed = nameConventions(M, Failed);
  if (!Counts)
    return Renamed ? PreservedAnalyses::none() : PreservedAnalyses::all();
  if (Failed || Malformed)
    return PreservedAnalyses::none();
  if (Options.CountAtLink && Level != OptimizationLevel::O0 && mayLeaveToLink(M)) {
    forget(M, MAM);
    leave(M, Options.Certify);
    return PreservedAnalyses::none();
  }
  typePassedWords(M);
  const CountedCallees Callees(M);
  expandCopiesIn(M, uncounted(M), Level);
  if (Runs == First && mayWait(M, Callees)) {
    M.getOrInsertNamedMetadata(kBegun);
    return PreservedAnalyses::none();
  }
  MAM.invalidate(M, PreservedAnalyses::none());
  count(M, MAM, /*IsSimple=*/false);
  return PreservedAnalyses::none();
}
