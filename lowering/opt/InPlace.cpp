//===- InPlace.cpp - cairn-in-place: what allocates and frees nothing -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function's first obstacle is looked for in its own blocks; then callers get the obstacles
// of what they call, until nothing changes. So functions that call each other are in place unless
// one of them is not.
//
//===----------------------------------------------------------------------===//
#include "opt/InPlace.h"

#include "analysis/CountEffects.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-in-place"

STATISTIC(NumInPlace, "Number of functions that work in place");
STATISTIC(NumNotInPlace, "Number of functions that reuse memory, but not all of it");

namespace {

/// What a function does on the ways of unique objects.
struct Summary {
  const CallBase *First = nullptr;   ///< What is in the way.
  const char *What = nullptr;        ///< "allocates".
  const Function *Through = nullptr; ///< The call is one of this.
  bool Own = false;                  ///< It is no call of a function.
  bool Reuses = false;
  SmallVector<const CallBase *, 4> Calls; ///< Of functions that are defined here.
};

class Places {
public:
  Places(Module &M, FunctionAnalysisManager &FAM);
  void tell();

private:
  void look(Function &F);
  void look(const CallBase &Call, Summary &S, const TargetLibraryInfo &Library);
  void spread();
  void tell(Function &F, const Summary &S);

  FunctionAnalysisManager &FAM;
  MapVector<Function *, Summary> Found;
};

} // namespace

Places::Places(Module &M, FunctionAnalysisManager &FAM) : FAM(FAM) {
  for (Function &F : M)
    if (!F.isDeclaration())
      look(F);
  spread();
}

void Places::look(Function &F) {
  Summary &S = Found[&F];
  const auto Ways = uniqueWays(F);
  const TargetLibraryInfo &Library = FAM.getResult<TargetLibraryAnalysis>(F);
  ReversePostOrderTraversal<const Function *> Order(&F);
  for (const BasicBlock *Block : Order)
    if (Ways.contains(Block))
      for (const Instruction &I : *Block)
        if (const auto *Call = dyn_cast<CallBase>(&I))
          look(*Call, S, Library);
}

void Places::look(const CallBase &Call, Summary &S, const TargetLibraryInfo &Library) {
  auto Blocks = [&](const char *What, const Function *Through, bool Own) {
    if (!S.First || (Own && !S.Own)) {
      // An allocation or a release of its own says more than a call that may do one.
      S.First = &Call, S.What = What, S.Through = Through, S.Own = Own;
    }
  };
  switch (countEffect(Call)) {
  case CountEffect::Allocate:
    return Blocks("allocates an object", nullptr, true);
  case CountEffect::Release:
    return Blocks("releases an object", nullptr, true);
  case CountEffect::Free:
    return Blocks("frees memory", nullptr, true);
  case CountEffect::Container:
    return Blocks("changes a list or dict, which may allocate and release", nullptr, true);
  case CountEffect::Reuse:
  case CountEffect::Take:
    S.Reuses = true;
    return;
  case CountEffect::Retain:
  case CountEffect::None:
    break;
  }
  const Function *Callee = Call.getCalledFunction();
  if (!Callee)
    return Call.isInlineAsm() ? void() : Blocks("calls what a pointer points to", nullptr, false);
  LibFunc Known;
  if (Callee->getName().starts_with("cairn.") || isa<IntrinsicInst>(Call) ||
      Library.getLibFunc(*Callee, Known) || Callee->hasFnAttribute(Attribute::NoReturn))
    return;
  if (Callee->isDeclaration() || Callee->isInterposable())
    return Blocks("calls a function that is defined elsewhere", Callee, false);
  S.Calls.push_back(&Call);
}

void Places::spread() {
  for (bool Again = true; std::exchange(Again, false);)
    for (auto &[F, S] : Found) {
      if (S.First)
        continue;
      for (const CallBase *Call : S.Calls) {
        const Summary &Callee = Found[Call->getCalledFunction()];
        if (!Callee.First)
          continue;
        S.First = Call;
        S.What = Callee.What;
        S.Through = Call->getCalledFunction();
        Again = true;
        break;
      }
    }
}

/// " at file:line", if that is known.
static std::string placeOf(const CallBase &Call) {
  const DILocation *At = Call.getDebugLoc();
  return At ? (" at " + At->getFilename() + ":" + Twine(At->getLine())).str() : "";
}

void Places::tell(Function &F, const Summary &S) {
  OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  if (!S.First && S.Reuses) {
    ++NumInPlace;
    ORE.emit([&] {
      return OptimizationRemark(DEBUG_TYPE, "InPlace", F.getSubprogram(), &F.getEntryBlock())
             << "in place: '" << ore::NV("Function", &F)
             << "' neither allocates nor frees where nobody else holds what it is given";
    });
    return;
  }
  // What has no object to work on is not expected to work in place.
  const bool Takes = any_of(F.args(), [](const Argument &A) { return A.getType()->isPointerTy(); });
  if (!S.First || !(S.Reuses || (S.Own && Takes)))
    return;
  NumNotInPlace += S.Reuses;
  ORE.emit([&] {
    OptimizationRemarkMissed Remark(DEBUG_TYPE, "NotInPlace", S.First);
    Remark << "not in place: '" << ore::NV("Function", &F) << "' ";
    if (!S.Through)
      return Remark << S.What << ore::NV("At", placeOf(*S.First));
    const Summary *Callee = nullptr;
    if (auto Found = this->Found.find(const_cast<Function *>(S.Through));
        Found != this->Found.end())
      Callee = &Found->second;
    if (!Callee)
      return Remark << S.What << ", '" << ore::NV("Callee", S.Through) << "',"
                    << ore::NV("At", placeOf(*S.First));
    // Where it is done, behind the calls.
    for (unsigned Steps = 0; Callee->Through && Steps != Found.size(); ++Steps) {
      auto Next = Found.find(const_cast<Function *>(Callee->Through));
      if (Next == Found.end())
        break;
      Callee = &Next->second;
    }
    return Remark << "calls '" << ore::NV("Callee", S.Through) << "'"
                  << ore::NV("At", placeOf(*S.First)) << ", which " << S.What
                  << ore::NV("There", placeOf(*Callee->First));
  });
}

void Places::tell() {
  for (auto &[F, S] : Found)
    if (!F->hasOptNone())
      tell(*F, S);
}

PreservedAnalyses InPlacePass::run(Module &M, ModuleAnalysisManager &MAM) {
  LLVMContext &C = M.getContext();
  if (C.getLLVMRemarkStreamer() || C.getDiagHandlerPtr()->isAnyRemarkEnabled(DEBUG_TYPE))
    Places(M, MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager()).tell();
  return PreservedAnalyses::all();
}
