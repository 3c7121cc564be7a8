//===- FieldWrites.cpp - What may overwrite a reference in memory --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// First each function's own instructions are looked at; calls of functions with a body that may
// not be replaced are set aside. Then a function that may write makes writers of its callers,
// backwards over those calls.
//
//===----------------------------------------------------------------------===//
#include "analysis/FieldWrites.h"

#include "analysis/Bases.h"
#include "analysis/Fresh.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// Behind a load no more instructions and blocks are looked at.
static constexpr unsigned kMostInstructions = 512, kMostBlocks = 64;

/// Whether a managed intrinsic may release what a field or a container held.
static bool changesFields(const ManagedInfo &I) {
  switch (I.ID) {
  case ManagedID::RefCopyFields:
  case ManagedID::RefReadFields:
  case ManagedID::RefFillFields:
    return true;
  default:
    // What reads or creates leaves a container as it is.
    return (I.traits() & kContainer) && !(I.traits() & kReads);
  }
}

/// Whether \p F is a function of the C library's that calls nothing of the program's.
static bool isHarmless(const Function &F, const TargetLibraryInfo &Library) {
  LibFunc Known;
  return Library.getLibFunc(F, Known) && Known != LibFunc_qsort;
}

/// Whether \p Call writes only to variables on the stack.
static bool writesOnlyVariables(const CallBase &Call) {
  if (Call.onlyReadsMemory() || Call.onlyAccessesInaccessibleMemory() ||
      Call.isLifetimeStartOrEnd())
    return true;
  const auto *Intrinsic = dyn_cast<IntrinsicInst>(&Call);
  if (Intrinsic && (Intrinsic->isAssumeLikeIntrinsic() || !Call.mayWriteToMemory()))
    return true;
  return all_of(Call.args(), [&](const Use &U) {
    return !U->getType()->isPtrOrPtrVectorTy() || isa<AllocaInst>(getUnderlyingObject(U)) ||
           Call.onlyReadsMemory(Call.getArgOperandNo(&U));
  });
}

void FieldWrites::mark(const Instruction &I, What Kind) {
  Of[Kind].At.insert(&I);
  if (Of[Kind].In.insert(I.getFunction()).second)
    Of[Kind].Work.push_back(I.getFunction());
}

FieldWrites::FieldWrites(Module &M, const References &R, LibraryGetter LibraryOf) {
  for (Function &F : M)
    add(F, R, LibraryOf);
  end();
}

void FieldWrites::add(Function &F, const References &R, LibraryGetter LibraryOf) {
  // Most functions store no reference, and need none of these.
  std::optional<DominatorTree> DT;
  std::optional<Bases> B;
  FreshObjects Fresh;
  auto RootOf = [&](Value *Pointer) {
    if (!B)
      B.emplace(R, DT.emplace(F));
    return B->baseOf(Pointer);
  };
  for (Instruction &I : instructions(F)) {
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
      const bool Simple = Store->isSimple();
      Value *Pointer = Store->getPointerOperand();
      if (Simple && isa<AllocaInst>(getUnderlyingObject(Pointer)) &&
          !R.is(Store->getValueOperand()))
        continue;
      const Value *Root = Simple ? RootOf(Pointer) : nullptr;
      if (!Root || !Fresh.isFresh(Root, *Store))
        mark(I, Others);
      if (!Simple || (R.is(Store->getValueOperand()) && !(Root && Fresh.isFirst(Root, *Store))))
        mark(I, Fields);
    } else if (auto *Call = dyn_cast<CallBase>(&I)) {
      const Function *Callee = Call->getCalledFunction();
      if (const ManagedInfo *Managed = calledManaged(*Call)) {
        if (changesFields(*Managed))
          mark(I, Fields);
        else if (Managed->ID == ManagedID::RefSetTag) {
          const Value *Root = RootOf(Call->getArgOperand(0));
          if (!Root || !Fresh.isFresh(Root, I))
            mark(I, Others);
        }
      } else if (isa<IntrinsicInst>(I) || (Callee && calledIntrinsic(*Call)) ||
                 Call->onlyReadsMemory() || (Callee && isHarmless(*Callee, LibraryOf(F)))) {
        // LLVM's own intrinsics move no references: cairn-slots has seen to that.
        if (!writesOnlyVariables(*Call))
          mark(I, Others);
      } else if (Callee && Callee->hasExactDefinition()) {
        Callers[Callee].push_back(Call);
      } else {
        mark(I, Fields);
      }
    } else if (I.isAtomic() || isa<FenceInst>(I)) {
      mark(I, Fields);
    }
  }
}

void FieldWrites::end() {
  for (What Kind : {Fields, Others})
    while (!Of[Kind].Work.empty())
      for (const CallBase *Call : Callers.lookup(Of[Kind].Work.pop_back_val()))
        mark(*Call, Kind);
  Callers.clear();
}

bool FieldWrites::staysUntil(const LoadInst &Load, const Instruction &At) const {
  SmallSetVector<const BasicBlock *, 8> Blocks;
  SmallVector<const Instruction *> Ends = {&At};
  for (unsigned N = 0, Seen = 0; N != Ends.size(); ++N) {
    const Instruction *I = Ends[N];
    bool Found = false;
    for (I = N ? I : I->getPrevNode(); I && !Found; I = I->getPrevNode()) {
      Found = I == &Load;
      if (mayOverwrite(*I) || ++Seen > kMostInstructions)
        return false;
    }
    if (Found)
      continue;
    for (const BasicBlock *From : predecessors(Ends[N]->getParent()))
      if (Blocks.insert(From))
        Ends.push_back(From->getTerminator());
    if (Blocks.size() > kMostBlocks)
      return false;
  }
  return true;
}

FieldWrites cairn::fieldWrites(Module &M, FunctionAnalysisManager &FAM) {
  return FieldWrites(M, References(M), [&](Function &F) -> const TargetLibraryInfo & {
    return FAM.getResult<TargetLibraryAnalysis>(F);
  });
}
