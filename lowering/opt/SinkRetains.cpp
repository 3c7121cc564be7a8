//===- SinkRetains.cpp - cairn-sink-retains: retains wait ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One retain at a time. The blocks after it are walked in an order in which, loops apart, a block
// comes after all that lead to it. The retain is pending at the start of a block if it is at the
// end of each block that leads there; where it is at the end of some only, it has to be made on
// their edges. So it never moves into a loop.
//
// The holder is the object that the reference was loaded from. It is the caller's, or this
// function has a unit of it: some path releases it, or gives it away, with no retain of it before
// that. Then it lives, by its unit or by the unit of the retained field, until a use takes its
// unit; there the retain stops.
//
//===----------------------------------------------------------------------===//
#include "opt/SinkRetains.h"

#include "analysis/FieldWrites.h"
#include "ir/Managed.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-sink-retains"

STATISTIC(NumSunk, "Number of retains that wait");
STATISTIC(NumRemoved, "Number of releases that a retain which waited for them takes away");

namespace {

/// No more instructions and blocks are looked at for one retain.
constexpr unsigned kMostInstructions = 512, kMostBlocks = 64;
/// A retain is copied to no more places.
constexpr unsigned kMostPlaces = 8;

/// Where a retain would go, and what it would take away.
struct Plan {
  SmallVector<Instruction *, 4> Before; ///< A retain goes before each of these.
  SmallVector<std::pair<BasicBlock *, BasicBlock *>, 2> Edges;
  SmallVector<CallInst *, 2> Removed;
  bool Helps = false;
};

class Sinker {
public:
  Sinker(Function &F, const References &R, const FieldWrites &Writes)
      : F(F), R(R), Writes(Writes) {}
  bool run(OptimizationRemarkEmitter &ORE);

private:
  void order();
  std::optional<Plan> plan(CallInst &Incref);
  void carryOut(CallInst &Incref, const Plan &P);
  bool isOwned(const Value *Holder, const Instruction &At) const;
  bool givesAway(const Instruction &I, const Value *V) const;
  /// Whether \p I leaves the units of \p V alone, or does not use it.
  bool leaves(const Instruction &I, const Value *V) const;

  Function &F;
  const References &R;
  const FieldWrites &Writes;
  DenseMap<const BasicBlock *, unsigned> Number;
  SmallVector<BasicBlock *> Order;
};

} // namespace

void Sinker::order() {
  Order.clear();
  Number.clear();
  for (BasicBlock *B : ReversePostOrderTraversal<Function *>(&F)) {
    Number[B] = Order.size();
    Order.push_back(B);
  }
}

static const Value *objectOf(const Value *V) {
  while (auto *GEP = dyn_cast<GetElementPtrInst>(V))
    V = GEP->getPointerOperand();
  return V;
}

/// Whether \p I takes a unit of \p V over.
bool Sinker::givesAway(const Instruction &I, const Value *V) const {
  if (auto *Call = dyn_cast<CallBase>(&I)) {
    for (unsigned Arg = 0; Arg != Call->arg_size(); ++Arg)
      if (Call->getArgOperand(Arg) == V && argumentOwnership(*Call, Arg, R) == Ownership::Owned)
        return true;
    return false;
  }
  if (auto *Store = dyn_cast<StoreInst>(&I))
    return Store->getValueOperand() == V;
  return isa<ReturnInst>(I) && I.getNumOperands() && I.getOperand(0) == V &&
         resultOwnership(F, R) == Ownership::Owned;
}

bool Sinker::leaves(const Instruction &I, const Value *V) const {
  const auto *Call = dyn_cast<CallBase>(&I);
  const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
  for (const Use &U : I.operands()) {
    if (!U->getType()->isPointerTy() || objectOf(U) != V)
      continue;
    if (isa<GetElementPtrInst, LoadInst, ICmpInst, DbgInfoIntrinsic>(I))
      continue;
    if (isa<StoreInst>(I) && U.getOperandNo() == StoreInst::getPointerOperandIndex())
      continue;
    if (!Call || !Call->isArgOperand(&U) ||
        argumentOwnership(*Call, Call->getArgOperandNo(&U), R) != Ownership::Borrowed ||
        Call->hasFnAttr(Attribute::ReturnsTwice))
      return false;
    // A result that is lent by the argument has to be followed, and who asks for the count gets
    // another answer.
    if (resultOwnership(*Call, R) == Ownership::Borrowed || !Call->getType()->isSingleValueType() ||
        (Call->getType()->isPointerTy() && !R.is(Call)))
      return false;
    if (Managed &&
        (Managed->isConversion() || Managed->ID == ManagedID::RefIsLast ||
         Managed->ID == ManagedID::RefIsUnique || Managed->ID == ManagedID::RefAssertUnique ||
         Managed->ID == ManagedID::RefCount))
      return false;
  }
  return true;
}

/// Whether the function has a unit of \p Holder at \p At.
bool Sinker::isOwned(const Value *Holder, const Instruction &At) const {
  if (!any_of(Holder->users(), [&](const User *U) {
        auto *I = dyn_cast<Instruction>(U);
        return I && givesAway(*I, Holder);
      }))
    return false;
  SmallSetVector<const BasicBlock *, 8> Blocks;
  SmallVector<const Instruction *> Starts = {At.getNextNode()};
  for (unsigned N = 0, Seen = 0; N != Starts.size(); ++N) {
    bool Goes = true;
    for (const Instruction *I = Starts[N]; I && Goes; I = I->getNextNode()) {
      if (givesAway(*I, Holder))
        return true;
      if (++Seen > kMostInstructions)
        return false;
      // From here on the unit that goes may be this one; and the holder may be another.
      Goes = !(isManaged(I, ManagedID::RefIncref) && I->getOperand(0) == Holder) && I != Holder;
    }
    if (!Goes)
      continue;
    for (const BasicBlock *To : successors(Starts[N]->getParent()))
      if (Blocks.insert(To))
        Starts.push_back(&To->front());
    if (Blocks.size() > kMostBlocks)
      return false;
  }
  return false;
}

std::optional<Plan> Sinker::plan(CallInst &Incref) {
  Value *V = Incref.getArgOperand(0);
  auto *Load = dyn_cast<LoadInst>(V);
  if (!Load || !Load->isSimple())
    return std::nullopt;
  const Value *Holder = objectOf(Load->getPointerOperand());
  if (!R.is(Holder) || isa<Constant>(Holder))
    return std::nullopt;
  auto *Param = dyn_cast<Argument>(Holder);
  const bool Lent = Param && parameterOwnership(F, Param->getArgNo(), R) == Ownership::Borrowed;
  if (!Writes.staysUntil(*Load, Incref) || !(Lent || isOwned(Holder, Incref)))
    return std::nullopt;

  Plan P;
  DenseSet<const BasicBlock *> Pending;
  SmallVector<BasicBlock *, 8> Ends;
  unsigned Seen = 0;
  // The end of the block, if the retain is pending there.
  auto Walk = [&](BasicBlock &B, Instruction *I) {
    for (; I; I = I->getNextNode()) {
      if (++Seen > kMostInstructions)
        return false;
      if (isManaged(I, ManagedID::RefDecref) && I->getOperand(0) == V && isa<CallInst>(I)) {
        P.Removed.push_back(cast<CallInst>(I));
        P.Helps = true;
        return true;
      }
      const bool Releases = isManaged(I, ManagedID::RefDecref) && I->getOperand(0) == Holder;
      if (Releases || I == Holder || I == Load || Writes.mayOverwrite(*I) || !leaves(*I, V) ||
          !leaves(*I, Holder) || isa<ReturnInst, ResumeInst>(I)) {
        P.Helps |= Releases && &B != Incref.getParent();
        P.Before.push_back(I);
        return true;
      }
      if (I->isTerminator()) {
        const bool Flows = any_of(successors(&B), [&](BasicBlock *To) {
          return any_of(To->phis(), [&](PHINode &Phi) {
            const Value *In = Phi.getIncomingValueForBlock(&B);
            return In->getType()->isPointerTy() && (objectOf(In) == V || objectOf(In) == Holder);
          });
        });
        if (Flows) {
          P.Before.push_back(I);
        } else if (!isa<UnreachableInst>(I)) {
          Pending.insert(&B);
          Ends.push_back(&B);
        }
        return true;
      }
    }
    return true;
  };
  BasicBlock &Start = *Incref.getParent();
  if (!Walk(Start, Incref.getNextNode()))
    return std::nullopt;
  DenseSet<const BasicBlock *> Into;
  SmallVector<BasicBlock *, 8> Blocks;
  for (unsigned N = Number[&Start] + 1; N < Order.size() && !Ends.empty(); ++N) {
    BasicBlock *B = Order[N];
    // Nothing is pending that could come here.
    if (Blocks.size() > kMostBlocks || N > Number[Ends.back()] + kMostBlocks)
      break;
    if (pred_empty(B) || B->isEHPad() ||
        !all_of(predecessors(B), [&](BasicBlock *From) { return Pending.contains(From); }))
      continue;
    Into.insert(B);
    Blocks.push_back(B);
    if (!Walk(*B, &*B->getFirstInsertionPt()))
      return std::nullopt;
  }
  for (BasicBlock *From : Ends)
    for (BasicBlock *To : successors(From)) {
      if (Into.contains(To) || is_contained(P.Edges, std::pair(From, To)))
        continue;
      if (To->isEHPad() || !isa<BranchInst, SwitchInst>(From->getTerminator()))
        return std::nullopt;
      P.Edges.push_back({From, To});
    }
  if (!P.Helps || P.Before.size() + P.Edges.size() > kMostPlaces)
    return std::nullopt;
  return P;
}

void Sinker::carryOut(CallInst &Incref, const Plan &P) {
  for (Instruction *Before : P.Before)
    Incref.clone()->insertBefore(Before->getIterator());
  bool Splits = false;
  for (auto [From, To] : P.Edges) {
    Instruction *At = From->getTerminator();
    if (At->getNumSuccessors() != 1) {
      At = SplitEdge(From, To)->getTerminator();
      Splits = true;
    }
    Incref.clone()->insertBefore(At->getIterator());
  }
  for (CallInst *Decref : P.Removed)
    Decref->eraseFromParent();
  Incref.eraseFromParent();
  if (Splits)
    order();
  ++NumSunk;
  NumRemoved += P.Removed.size();
}

bool Sinker::run(OptimizationRemarkEmitter &ORE) {
  SmallVector<CallInst *> Retains;
  for (Instruction &I : instructions(F))
    if (isManaged(&I, ManagedID::RefIncref) && isa<CallInst>(I))
      Retains.push_back(cast<CallInst>(&I));
  if (Retains.empty())
    return false;
  order();
  erase_if(Retains, [&](CallInst *Incref) { return !Number.contains(Incref->getParent()); });
  bool Changed = false;
  for (CallInst *Incref : Retains) {
    const std::optional<Plan> P = plan(*Incref);
    if (!P)
      continue;
    ORE.emit([&] {
      OptimizationRemark Said(DEBUG_TYPE, "Sunk", Incref);
      if (P->Removed.empty())
        return Said << "the count of a field waits until the object that holds it is released";
      return Said << "the count of a field is not taken where "
                  << ore::NV("Releases", unsigned(P->Removed.size()))
                  << " releases would give it back";
    });
    carryOut(*Incref, *P);
    Changed = true;
  }
  return Changed;
}

bool cairn::sinkRetains(Function &F, const References &R, const FieldWrites &Writes,
                        FunctionAnalysisManager &FAM) {
  return Sinker(F, R, Writes).run(FAM.getResult<OptimizationRemarkEmitterAnalysis>(F));
}

PreservedAnalyses SinkRetainsPass::run(Module &M, ModuleAnalysisManager &MAM) {
  FunctionAnalysisManager &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  const References R(M);
  const FieldWrites Writes = fieldWrites(M, FAM);
  bool Changed = false;
  for (Function &F : M)
    if (!F.isDeclaration() && F.hasFnAttribute(kCountsInserted))
      Changed |= sinkRetains(F, R, Writes, FAM);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
