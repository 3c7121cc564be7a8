//===- Insert.cpp - cairn-insert: the counts of references ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function after the other: what it does with each root (Uses), what its stores need
// (Stores), where units go (Liveness), where the counts of edges are written (Plan). Nothing
// is written before all is known, so that a function that is refused stays as it was.
//
//===----------------------------------------------------------------------===//
#include "insert/Insert.h"

#include "analysis/ForgetTypes.h"
#include "analysis/Lent.h"
#include "insert/Accumulate.h"
#include "insert/Cells.h"
#include "insert/Choices.h"
#include "insert/FieldMoves.h"
#include "insert/Keepers.h"
#include "insert/LateTakes.h"
#include "insert/Liveness.h"
#include "insert/Modes.h"
#include "insert/RefFields.h"
#include "insert/Refusals.h"
#include "insert/Rounds.h"
#include "insert/Slots.h"
#include "insert/Stores.h"
#include "insert/Unwind.h"
#include "insert/Variants.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/BuildLibCalls.h"

using namespace llvm;
using namespace cairn;

/// Makes room for counts where a reference comes out of an invoke, and behind indirect branches.
static void makeRoom(Function &F, const References &R) {
  SmallVector<InvokeInst *> Invokes;
  bool Indirect = false;
  for (BasicBlock &Block : F) {
    auto *Invoke = dyn_cast<InvokeInst>(Block.getTerminator());
    if (Invoke && R.is(Invoke))
      Invokes.push_back(Invoke);
    Indirect |= isa<IndirectBrInst>(Block.getTerminator());
  }
  for (InvokeInst *Invoke : Invokes)
    if (Invoke->getNormalDest()->getUniquePredecessor())
      FoldSingleEntryPHINodes(Invoke->getNormalDest());
    else
      SplitCriticalEdge(Invoke, 0);
  if (Indirect)
    SplitIndirectBrCriticalEdges(F, /*IgnoreBlocksWithoutPHI=*/false);
}

/// Plain pointers into objects are followed in registers only, so they have to be there, at -O0
/// too.
static void promotePointers(Function &F, const References &R, FunctionAnalysisManager &FAM) {
  const bool Lends = any_of(instructions(F), [&](const Instruction &I) {
    return isManaged(&I, ManagedID::Borrow) || isManaged(&I, ManagedID::RefListData) ||
           (isa<AddrSpaceCastInst>(I) && R.is(I.getOperand(0)));
  });
  FAM.invalidate(F, PreservedAnalyses::none());
  if (Lends)
    FAM.invalidate(F, SROAPass(SROAOptions::PreserveCFG).run(F, FAM));
}

/// What is lent, after loops got the keepers, and loads the second names, that make it more.
static LentValues findLent(Rounds &Loops, LateTakes &Late, Function &F, const References &R,
                           Bases &B, const DominatorTree &DT, const FieldWrites &Writes) {
  LentValues Lent = lentValues(F, R, B, Writes);
  auto Again = [&] {
    B.forget();
    Lent = lentValues(F, R, B, Writes, Loops.keepers());
  };
  if (Loops.add(Lent, B))
    do
      Again();
    while (Loops.settle(Lent));
  if (!Late.split(Lent, B, DT))
    return Lent;
  Again();
  if (Late.undo(Lent))
    Again();
  return Lent;
}

/// \p Writes: of the module, if references may be lent.
static bool insertInto(Refusals &Errors, FunctionAnalysisManager &FAM, const FieldWrites *Writes) {
  Function &F = Errors.function();
  const References &R = Errors.references();
  for (BasicBlock &Block : F)
    if (Instruction &First = *Block.getFirstNonPHIIt();
        isa<FuncletPadInst, CatchSwitchInst>(First)) {
      Errors.refuse(First, "exceptions that are handled in funclets, in a function with "
                           "references: counts can be inserted only at landing pads; handle the "
                           "exception in a function without references");
      return false;
    }
  promotePointers(F, R, FAM);
  makeRoom(F, R);
  Choices Apart;
  if (Writes)
    Apart.takeApart(F, R, *Writes);
  const Flow G(F);
  const DominatorTree DT(F);
  Bases B(R, DT);
  addKeepers(F, B, R);
  std::optional<FieldMoves> Moves;
  std::optional<LateTakes> Late; // until the counts are written
  std::optional<Rounds> Loops;
  LentValues Lent;
  if (Writes) {
    Late.emplace(F, R, Moves.emplace(F, R, B));
    Lent = findLent(Loops.emplace(F, R), *Late, F, R, B, DT, *Writes);
    Moves->settle(Lent);
  }
  const RootUses Uses(G, B, Lent, Moves ? &*Moves : nullptr, Errors);
  if (Errors.refused())
    return true;
  Plan P;
  const SmallVector<StorePlan> Stores = planStores(G, B, R, Moves ? &*Moves : nullptr);
  Liveness(G, Uses, B, P, Errors);
  if (Errors.refused() || !P.settleEdges(Errors))
    return true;
  addToStores(Stores, P);
  if (Moves)
    Moves->delayReleases(P);
  P.write(F);
  Apart.join();
  return true;
}

/// What C's library promises of plain pointers: whether it returns one into what it is given.
static void knowLibrary(Module &M, FunctionAnalysisManager &FAM) {
  for (Function &F : M)
    if (F.isDeclaration() && !F.isIntrinsic())
      inferNonMandatoryLibFuncAttrs(F, FAM.getResult<TargetLibraryAnalysis>(F));
}

bool cairn::insertCounts(Module &M, FunctionAnalysisManager &FAM, bool Lend, bool &Failed,
                         function_ref<void(Function &)> Then) {
  const References R(M);
  bool Changed = normalise(M, Failed);
  if (Changed)
    knowLibrary(M, FAM);
  std::optional<FieldWrites> Writes;
  if (Lend && !Failed) {
    Changed |= accumulate(M, FAM);
    Changed |= inferModes(M);
    Writes.emplace(fieldWrites(M, FAM));
    if (placeCells(M, *Writes, FAM)) {
      inferModes(M); // who passes a parameter that is owned now may have to own its own
      Changed = true;
    }
    tellBorrowed(M);
    if (addVariants(M, FAM)) {
      Writes.emplace(fieldWrites(M, FAM));
      Changed = true;
    }
  }
  for (Function &F : M) {
    if (F.isDeclaration())
      continue;
    if (!F.hasFnAttribute(kCountsInserted)) {
      if (touchesReferences(F, R)) {
        forgetConstancy(F);
        Refusals Errors(F, R);
        if (!Errors.refused())
          insertInto(Errors, FAM, Writes && !F.hasOptNone() ? &*Writes : nullptr);
        removeIdlePads(F);
        Failed |= Errors.refused();
      }
      F.addFnAttr(kCountsInserted);
      Changed = true;
    }
    Then(F);
  }
  if (!M.getModuleFlag(kCountsInserted)) {
    M.addModuleFlag(Module::Max, kCountsInserted, 1);
    Changed = true;
  }
  return Changed;
}

PreservedAnalyses InsertPass::run(Module &M, ModuleAnalysisManager &MAM) {
  bool Failed;
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  const References R(M);
  const bool Changed =
      insertCounts(M, FAM, Lend, Failed, [&](Function &F) { freezeVectors(F, R); });
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
