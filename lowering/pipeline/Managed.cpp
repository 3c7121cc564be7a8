//===- Managed.cpp - cairn-managed: everything that counts references --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/Managed.h"

#include "cairn/certify.h"
#include "expand/Effects.h"
#include "import/Import.h"
#include "insert/Copies.h"
#include "insert/Insert.h"
#include "insert/RefFields.h"
#include "ir/Managed.h"
#include "opt/Assertions.h"
#include "opt/ExactTags.h"
#include "opt/FreshResults.h"
#include "opt/KeepFields.h"
#include "opt/SinkRetains.h"
#include "opt/Specialise.h"
#include "opt/Statics.h"
#include "opt/TailConstructor.h"
#include "pipeline/Conventions.h"
#include "pipeline/Simplify.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

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

/// LLVM's SLP vectorizer makes invalid code of an invoke whose vector is taken apart behind it
/// (docs/llvm-versions.md). A freeze in between, which costs no code, is what it finds instead.
static void freezeVectors(Module &M) {
  const References R(M);
  SmallVector<InvokeInst *> Invokes;
  for (Function &F : M)
    for (BasicBlock &Block : F)
      if (auto *Invoke = dyn_cast<InvokeInst>(Block.getTerminator());
          Invoke && isa<VectorType>(Invoke->getType()) && R.in(Invoke->getType()) &&
          Invoke->getNormalDest()->getSinglePredecessor())
        Invokes.push_back(Invoke);
  for (InvokeInst *Invoke : Invokes) {
    IRBuilder<> B(&*Invoke->getNormalDest()->getFirstInsertionPt());
    B.SetCurrentDebugLocation(Invoke->getDebugLoc());
    Value *Frozen = B.CreateFreeze(Invoke);
    Invoke->replaceUsesWithIf(
        Frozen, [&](const Use &U) { return U.getUser() != Frozen && !isa<PHINode>(U.getUser()); });
  }
}

/// What has no meaning is refused here, where functions are as the frontend wrote them.
static void expandCopiesIn(Module &M, ArrayRef<Function *> Functions) {
  const References R(M);
  for (Function *F : Functions) {
    Refusals Errors(*F, R);
    refuseForms(Errors);
    if (!Errors.refused())
      expandCopies(Errors);
  }
}

PreservedAnalyses ManagedPass::run(Module &M, ModuleAnalysisManager &MAM) {
  bool Malformed = false, Failed;
  const bool Counts = !uncounted(M).empty();
  if (Counts) // it has run before, but for a link of modules that no pass has seen
    importModule(M, Malformed, /*Lowering=*/false);
  const bool Renamed = nameConventions(M, Failed);
  if (!Counts)
    return Renamed ? PreservedAnalyses::none() : PreservedAnalyses::all();
  if (Failed || Malformed)
    return PreservedAnalyses::none();
  expandCopiesIn(M, uncounted(M));
  MAM.invalidate(M, PreservedAnalyses::none());
  if (Level != OptimizationLevel::O0)
    simplifyForCounts(M, MAM, Level);
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  for (Function *F : uncounted(M)) // before counts: an assertion keeps nothing alive
    AssertionsPass(Options.Checked).run(*F, FAM);
  if (Level != OptimizationLevel::O0)
    MAM.invalidate(M, StaticsPass().run(M, MAM));
  insertCounts(M, FAM,
               /*Lend=*/Level != OptimizationLevel::O0, Failed);
  MAM.invalidate(M, PreservedAnalyses::none());
  if (Failed)
    return PreservedAnalyses::none();
  recordSpace(M);
  if (Level != OptimizationLevel::O0) {
    for (Function &F : M)
      if (!F.isDeclaration())
        keepFields(F);
    MAM.invalidate(M, SinkRetainsPass().run(M, MAM));
    MAM.invalidate(M, SpecialisePass().run(M, MAM));
  }
  freezeVectors(M);
  if (Options.Certify)
    certifyModule(M);
  if (Level != OptimizationLevel::O0) {
    takeFreshResults(M);
    compareTags(M);
    for (Function &F : M)
      makeTailLoops(F, FAM);
  }
  forget(M, MAM);
  return PreservedAnalyses::none();
}
