//===- Lower.cpp - cairn-lower: expansion of the intrinsics -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In this order: managed references become plain pointers; stores of null into managed fields are
// made explicit, and those that the program overwrites are removed while the allocation still
// carries its attributes; then every call is planned, while what is known of its operands
// (non-null, fresh from an allocation) can still be seen; then all are replaced, the
// fast paths linked and inlined; then what was inferred from the intrinsics is
// forgotten, and the changed functions are cleaned up.
//
//===----------------------------------------------------------------------===//
#include "expand/Lower.h"

#include "analysis/ForgetTypes.h"
#include "expand/CheckSites.h"
#include "expand/CleanUp.h"
#include "expand/CountOps.h"
#include "expand/Effects.h"
#include "expand/Expand.h"
#include "expand/FastPath.h"
#include "expand/Fibers.h"
#include "expand/Leftovers.h"
#include "expand/NullFields.h"
#include "expand/Plain.h"
#include "expand/Plan.h"
#include "expand/PlanCheck.h"
#include "expand/SharedPaths.h"
#include "expand/TagPaths.h"
#include "expand/TagTests.h"
#include "expand/TypedRelease.h"
#include "expand/Version.h"
#include "import/Import.h"
#include "import/Statics.h"
#include "ir/Descriptor.h"
#include "ir/Diagnostics.h"
#include "ir/Intrinsics.h"
#include "ir/Managed.h"
#include "opt/Elide.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Scalar/DeadStoreElimination.h"
#include "llvm/Transforms/Scalar/JumpThreading.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

#include <map>

using namespace llvm;
using namespace cairn;

static FunctionAnalysisManager &functionAnalyses(Module &M, ModuleAnalysisManager &MAM) {
  return MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
}

/// Elides what can still be elided, and makes the null fields explicit.
static void prepare(Function &F, FunctionAnalysisManager &FAM, Descriptors &Types, bool Optimise,
                    bool Checked) {
  bool Changed = false;
  if (Optimise)
    Changed |= elideAllocations(F, FAM.getResult<OptimizationRemarkEmitterAnalysis>(F));
  bool Stores = false, Perhaps = false;
  SmallVector<CallInst *> Calls = intrinsicCalls(F);
  if (Optimise && !Checked && splitTagPaths(F, Calls)) {
    Changed = true;
    Calls = intrinsicCalls(F);
  }
  for (CallInst *Call : Calls) {
    const IntrinsicInfo &I = *calledIntrinsic(*Call);
    if (I.ID == IntrinsicID::Tag && Optimise && !Checked)
      Changed |= compareWords(*Call);
    if (!I.is(kTyped) || I.is(kArray))
      continue;
    DescriptorRead Read = Types.of(*Call);
    if (!Read.Known || Read.Known->Fields.empty())
      continue;
    const NullStores Added = storeNulls(*Call, Read.Known->Fields, I.is(kTry), Optimise);
    Stores |= Added != NullStores::None;
    Perhaps |= Added == NullStores::Perhaps;
  }
  if (Changed || Stores)
    FAM.invalidate(F, PreservedAnalyses::none());
  if (Perhaps && Optimise) {
    FunctionPassManager FPM;
    FPM.addPass(DSEPass());
    FAM.invalidate(F, FPM.run(F, FAM));
  }
}

/// Whether \p F both gives memory back and takes some: nothing that LLVM sees is between the two
/// once they are expanded.
static bool turnsMemoryOver(Function &F) {
  bool Gives = false, Takes = false;
  for (CallInst *Call : intrinsicCalls(F)) {
    const IntrinsicInfo &I = *calledIntrinsic(*Call);
    Gives |= I.is(kFrees | kReleases | kCell);
    Takes |= I.is(kAllocates | kCell);
  }
  return Gives && Takes;
}

#if CAIRN_DEBUG
/// Compares the plan with the module by rules of its own, and ends the compiler if it is wrong.
static void checkPlan(const Module &M, ArrayRef<Site> Sites) {
  SmallVector<PlannedCall> Plan;
  for (const Site &S : Sites)
    Plan.push_back({S.Call, S.I, S.Type, S.NonNull, S.Leaf, S.Own});
  if (std::string Wrong = wrongPlan(M, Plan); !Wrong.empty())
    report_fatal_error(Twine("cairn: assertion failed: ") + Wrong);
}
#endif

/// The pass's work after the import; true if something was changed.
static bool lowerModule(Module &M, ModuleAnalysisManager &MAM, OptimizationLevel Level,
                        const LoweringOptions &Options) {
  SmallVector<Function *> Defined, Work;
  for (Function &F : M)
    if (!F.isDeclaration())
      Defined.push_back(&F);
  const bool Checked = Options.Checked || M.getModuleFlag(kCheckedHeap);
  std::unique_ptr<FastPath> Paths;
  auto Optimises = [&](const Function &F) {
    return Level != OptimizationLevel::O0 && !F.hasOptNone();
  };
  FunctionAnalysisManager &FAM = functionAnalyses(M, MAM);
  Descriptors Types;
  for (Function *F : Defined) {
    if (intrinsicCalls(*F).empty())
      continue;
    if (!Paths)
      Paths = FastPath::load(M, Options.BitcodePath, Checked);
    if (!Paths)
      return false;
    Work.push_back(F);
    prepare(*F, FAM, Types, Optimises(*F), Checked);
    if (turnsMemoryOver(*F))
      forgetTypesOfObjects(*F);
  }
  if (Work.empty())
    return false;
  if (Options.CountOps || M.getModuleFlag(kCountOps)) {
    if (!Paths->has(FastPathID::CountOperation)) {
      reportError(M, "operations cannot be counted on this target");
      return true;
    }
    for (Function *F : Work)
      countOperations(*F, *Paths);
  }
  const bool Calls = Options.CallRuntime && Level == OptimizationLevel::O0 && !Checked;
  SmallVector<Site> Sites;
  SmallVector<size_t> Ends; // of each function's
  for (Function *F : Work) {
    plan(*F, FAM, Types, Sites, Calls);
    Ends.push_back(Sites.size());
  }
#if CAIRN_DEBUG
  checkPlan(M, Sites);
#endif
  SharedPaths Shared;
  size_t First = 0;
  for (auto [F, End] : zip_equal(Work, Ends)) {
    if (Optimises(*F) && !Checked)
      Shared.share(*F, FAM, MutableArrayRef(Sites).slice(First, End - First));
    First = End;
  }
  erase_if(Sites, [](const Site &S) { return !S.Call; });
  for (const Site &S : Shared.sites()) {
    Sites.push_back(S);
    Work.push_back(S.Call->getFunction());
  }
  std::map<const Function *, Expanded> Done;
  for (Function *F : Work)
    Done.try_emplace(F, Expanded(*F));
  for (const Site &S : Sites)
    Done.find(S.Call->getFunction())->second.add(*S.Call, *S.I);
  for (const Site &S : Sites)
    expand(S, *Paths);
  TypedRelease Release;
  if (Level != OptimizationLevel::O0 && hasCounts(M) && !Checked) {
    SmallVector<Descriptor> Freed;
    for (const Site &S : Sites)
      if (S.Type)
        Freed.push_back(*S.Type);
    Release = makeTypedRelease(M, Freed, *Paths);
  }
  const bool Ok = Paths->inlineAll();
  if (Ok) {
    if (Release.Release)
      callTypedRelease(M, Release);
    for (Function *F : Work)
      if (mayChangeThread(*F))
        readThreadEachTime(*F);
    // Who lowers for this process with checks has made the heap that they are for.
    if (Checked && (Options.RequireVersion || !Options.Checked))
      requireCheckedHeaps(M);
    if (Options.RequireVersion)
      requireVersion(M);
  }
  forgetEffects(M, Work, EffectsOf::Headers, [&](const Function &F) {
    LibFunc Known;
    return FAM.getResult<TargetLibraryAnalysis>(*Work.front()).getLibFunc(F, Known);
  });
  // What whole-module alias analyses concluded is as old as the attributes.
  MAM.invalidate(M, PreservedAnalyses::none());
  functionAnalyses(M, MAM);
  if (!Ok)
    return true;
  for (Function *F : Work)
    if (Optimises(*F))
      cleanUp(*F, FAM, Level, Done.find(F)->second);
  if (Ok && Release.Last) { // whether a slot was given back is known on each way
    FunctionPassManager FPM;
    FPM.addPass(JumpThreadingPass());
    FPM.addPass(SimplifyCFGPass());
    FAM.invalidate(*Release.Last, FPM.run(*Release.Last, FAM));
  }
  removeLeftovers(M);
  return true;
}

PreservedAnalyses LowerPass::run(Module &M, ModuleAnalysisManager &MAM) {
  bool Failed;
  bool Changed = importModule(M, Failed, /*Lowering=*/true);
  if (Changed)
    MAM.invalidate(M, PreservedAnalyses::none());
  Failed = Failed || !checkCounted(M);
  if (!Failed && makePlain(M, Failed)) {
    MAM.invalidate(M, PreservedAnalyses::none());
    Changed = true;
  }
  if (Options.RegisterStatics)
    Changed |= registerStatics(M);
  if (!Failed)
    Changed |= lowerModule(M, MAM, Level, Options);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
