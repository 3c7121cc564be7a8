//===- Accumulate.cpp - cairn-accumulate: recursions below a sum --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Accumulate.h"

#include "analysis/FieldWrites.h"
#include "insert/Rounds.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-accumulate"

STATISTIC(NumCalls, "Number of recursions behind which nothing is read any more");

/// Instructions behind a call that are moved.
static constexpr unsigned kMostMoved = 32;

namespace {

/// A call of the function itself, and the operations from its result to what is returned.
struct Sum {
  CallInst *Call;
  SmallVector<BinaryOperator *, 4> Operations;
};

class Accumulator {
public:
  /// \p Finalises: a finaliser may run in a call, and store numbers.
  Accumulator(Function &F, const FieldWrites &Writes, bool Finalises)
      : F(F), R(*F.getParent()), Writes(Writes), DT(F), Finalises(Finalises) {}
  /// False: something behind the call stays there.
  bool finishBefore(const Sum &Of);

private:
  bool isThere(const Value &Object, const CallInst &Call) const;
  bool mayMoveAbove(const Instruction &I, const CallInst &Call) const;

  Function &F;
  const References R;
  const FieldWrites &Writes;
  const DominatorTree DT;
  const bool Finalises;
};

} // namespace

/// Whether \p V is all that its block returns.
static bool isReturned(const Instruction &V) {
  const auto *Return = dyn_cast<ReturnInst>(V.user_back());
  if (Return)
    return Return->getParent() == V.getParent();
  const auto *Phi = dyn_cast<PHINode>(V.user_back());
  return Phi && V.getParent()->getSingleSuccessor() == Phi->getParent() && Phi->hasOneUse() &&
         isa<ReturnInst>(Phi->user_back()) &&
         &*Phi->getParent()->getFirstNonPHIOrDbg() == Phi->user_back();
}

/// The sum that \p Call goes into, if it is one that LLVM does not see.
static std::optional<Sum> sumOf(CallInst &Call) {
  const Function &F = *Call.getFunction();
  if (!Call.isTailCall() || Call.isMustTailCall() || Call.hasOperandBundles() ||
      !Call.getType()->isIntOrIntVectorTy())
    return std::nullopt;
  for (const Argument &A : F.args())
    if (A.hasPointeeInMemoryValueAttr() || A.hasSwiftErrorAttr())
      return std::nullopt;
  // An address in an object is no parameter of a loop.
  if (any_of(Call.args(), [](const Use &U) { return isa<GetElementPtrInst>(U.get()); }))
    return std::nullopt;
  Sum Of{&Call, {}};
  for (Instruction *V = &Call;;) {
    if (!V->hasOneUse())
      return std::nullopt;
    if (!Of.Operations.empty() && isReturned(*V))
      break;
    auto *Next = dyn_cast<BinaryOperator>(V->user_back());
    if (!Next || Next->getParent() != Call.getParent() || !Next->isAssociative() ||
        !Next->isCommutative() ||
        (!Of.Operations.empty() && Of.Operations.front()->getOpcode() != Next->getOpcode()) ||
        Of.Operations.size() == kMostMoved)
      return std::nullopt;
    Of.Operations.push_back(Next);
    V = Next;
  }
  const bool Reads = any_of(make_range(std::next(Call.getIterator()), Call.getParent()->end()),
                            [](const Instruction &I) { return isa<LoadInst>(I); });
  return Reads || Of.Operations.size() > 1 ? std::optional(std::move(Of)) : std::nullopt;
}

/// Whether \p Object is read before the call, or is otherwise known to be no null there.
bool Accumulator::isThere(const Value &Object, const CallInst &Call) const {
  SmallVector<const Value *, 4> Pointers{&Object};
  while (!Pointers.empty())
    for (const User *U : Pointers.pop_back_val()->users()) {
      auto *I = dyn_cast<Instruction>(U);
      if (!I || I->getFunction() != &F)
        continue;
      if (isa<GetElementPtrInst>(I))
        Pointers.push_back(I);
      else if ((isa<LoadInst>(I) || isManaged(I, ManagedID::RefTag)) && DT.dominates(I, &Call))
        return true;
    }
  return !mayBeImmediates(*F.getParent()) &&
         isKnownNonZero(&Object, SimplifyQuery(F.getDataLayout(), &DT, nullptr, &Call));
}

/// Whether nothing changes if \p I, which stands behind the call, runs before it.
bool Accumulator::mayMoveAbove(const Instruction &I, const CallInst &Call) const {
  if (auto *Load = dyn_cast<LoadInst>(&I)) {
    const Value *Object = Load->getPointerOperand()->stripInBoundsConstantOffsets();
    return Load->isSimple() && R.is(Object) &&
           !(R.is(Load) ? Writes.mayOverwrite(Call) : Finalises || Writes.mayChange(Call)) &&
           isThere(*Object, Call);
  }
  return !isa<CallBase, PHINode>(I) && isSafeToSpeculativelyExecute(&I);
}

bool Accumulator::finishBefore(const Sum &Of) {
  CallInst &Call = *Of.Call;
  SmallVector<Instruction *, 8> Moved;
  for (Instruction *I = Call.getNextNode(); !I->isTerminator(); I = I->getNextNode()) {
    if (is_contained(Of.Operations, I))
      continue;
    if (Moved.size() == kMostMoved || !mayMoveAbove(*I, Call))
      return false;
    Moved.push_back(I);
  }
  for (Instruction *I : Moved)
    I->moveBefore(*Call.getParent(), Call.getIterator());
  // All but the result.
  IRBuilder<> B(&Call);
  Value *Rest = nullptr, *Before = &Call;
  for (BinaryOperator *Each : Of.Operations) {
    Value *Other = Each->getOperand(Each->getOperand(0) == Before);
    B.SetCurrentDebugLocation(Each->getDebugLoc());
    Rest = Rest ? B.CreateBinOp(Each->getOpcode(), Rest, Other) : Other;
    Before = Each;
  }
  BinaryOperator *Last = Of.Operations.back();
  B.SetInsertPoint(Last);
  B.SetCurrentDebugLocation(Last->getDebugLoc());
  Value *Whole = B.CreateBinOp(Last->getOpcode(), &Call, Rest);
  Whole->takeName(Last);
  Last->replaceAllUsesWith(Whole);
  for (BinaryOperator *Each : reverse(Of.Operations))
    Each->eraseFromParent();
  ++NumCalls;
  return true;
}

/// Whether \p M makes objects of which it is not known that they have no finaliser.
static bool makesFinalised(Module &M) {
  for (Function &F : M)
    for (const Instruction &I : instructions(F)) {
      const ManagedInfo *Made = isa<CallBase>(I) ? calledManaged(cast<CallBase>(I)) : nullptr;
      if (!Made || !(Made->traits() & kTyped))
        continue;
      const std::optional<Descriptor> D = descriptorOf(cast<CallBase>(I)).Known;
      if (!D || D->HasFinalizer)
        return true;
    }
  return false;
}

bool cairn::accumulate(Module &M, FunctionAnalysisManager &FAM) {
  const References R(M);
  MapVector<Function *, SmallVector<Sum, 2>> Found;
  for (Function &F : M) {
    if (F.isDeclaration() || F.hasOptNone() || F.hasFnAttribute(kCountsInserted) || !R.in(F))
      continue;
    for (User *U : F.users())
      if (auto *Call = dyn_cast<CallInst>(U);
          Call && Call->getFunction() == &F && Call->getCalledFunction() == &F)
        if (std::optional<Sum> Of = sumOf(*Call))
          Found[&F].push_back(std::move(*Of));
  }
  if (Found.empty())
    return false;
  const FieldWrites Writes = fieldWrites(M, FAM);
  const bool Finalises = makesFinalised(M);
  bool Any = false;
  for (auto &[F, Sums] : Found) {
    Accumulator Its(*F, Writes, Finalises);
    bool Changed = false;
    for (const Sum &Of : Sums)
      if (Its.finishBefore(Of)) {
        FAM.getResult<OptimizationRemarkEmitterAnalysis>(*F).emit([&] {
          return OptimizationRemark(DEBUG_TYPE, "Before", Of.Call)
                 << "everything but the result of the call is added before it, so that the "
                    "recursion becomes a loop";
        });
        Changed = true;
      }
    if (!Changed)
      continue;
    FAM.invalidate(*F, PreservedAnalyses::none());
    FAM.invalidate(*F, TailRoundsPass().run(*F, FAM));
    Any = true;
  }
  return Any;
}

PreservedAnalyses AccumulatePass::run(Module &M, ModuleAnalysisManager &MAM) {
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  return accumulate(M, FAM) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
