//===- Modes.cpp - cairn-modes: which parameters a function owns --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Works backwards from the uses that take a count over. What is passed to such a use is
// "consumed"; so is what flows into a consumed φ, select or freeze, and what a caller passes
// for a parameter that is consumed. The reason of the first use found is the one that the
// remark names.
//
//===----------------------------------------------------------------------===//
#include "insert/Modes.h"

#include "analysis/Lent.h"
#include "insert/Rounds.h"
#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-modes"

STATISTIC(NumOwned, "Number of parameters that functions own");
STATISTIC(NumBorrowed, "Number of parameters that stay borrowed");

// Reasons.
static constexpr const char *kPassed = "it is passed to a function that takes the count over";
static constexpr const char *kTail = "a caller ends with a call that passes it";

static void tell(const Argument &A, StringRef Name, StringRef Mode, StringRef Why) {
  const Function &F = *A.getParent();
  OptimizationRemarkEmitter(&F).emit([&] {
    OptimizationRemarkAnalysis Remark(DEBUG_TYPE, Name, F.getSubprogram(), &F.getEntryBlock());
    Remark << "parameter " << ore::NV("Parameter", A.getArgNo() + 1) << " of "
           << ore::NV("Function", &F) << " is " << Mode << ": " << ore::NV("Reason", Why);
    return Remark;
  });
}

void cairn::tellOwned(const Argument &A, StringRef Why) { tell(A, "Owned", "owned", Why); }

namespace {

class Solver {
public:
  explicit Solver(Module &M) : M(M), R(M) {}
  bool run();

private:
  void solve();
  bool leaveBorrowed();
  void collect(Function &F);
  void consume(Value *V, const char *Reason);
  void consumeOperands(Instruction &I);
  void consumeArguments(CallBase &Call);
  void tailArgument(Value *V, Argument &To);
  bool isCandidate(const Argument &A) const { return Candidates.contains(&A); }

  Module &M;
  const References R;
  DenseSet<const Argument *> Candidates;
  SmallPtrSet<const Argument *, 4> Left; ///< That stay borrowed though a count of them is taken.
  DenseMap<const Function *, SmallVector<CallBase *>> Calls; ///< Of functions with candidates.
  DenseMap<const Value *, const char *> Consumed;            ///< With the reason.
  /// Parameters of functions called in tail position with what the parameter lends.
  DenseMap<const Argument *, SmallVector<Argument *, 2>> Tails;
  SmallVector<Value *> Work;
};

} // namespace

bool cairn::mayChooseModes(const Function &F) {
  if (F.isDeclaration() || !F.hasLocalLinkage() || F.isVarArg() ||
      F.hasFnAttribute(Attribute::Naked))
    return false;
  return all_of(F.uses(), [&](const Use &U) {
    const auto *Call = dyn_cast<CallBase>(U.getUser());
    return Call && Call->isCallee(&U) && Call->getFunctionType() == F.getFunctionType();
  });
}

/// Whether nothing but a return of its result follows the call.
static bool isTail(const CallInst &Call) {
  if (!Call.isTailCall())
    return false;
  const auto *Return = dyn_cast_or_null<ReturnInst>(Call.getNextNode());
  return Return && (!Return->getReturnValue() || Return->getReturnValue() == &Call);
}

/// The reference whose fields lead to \p V by loads, or \p V.
static Value *lenderOf(Value *V) {
  for (;;) {
    if (auto *Load = dyn_cast<LoadInst>(V))
      V = Load->getPointerOperand();
    else if (auto *Step = dyn_cast<GetElementPtrInst>(V))
      V = Step->getPointerOperand();
    else
      return V;
  }
}

void Solver::consume(Value *V, const char *Reason) {
  if (R.is(V) && !isa<Constant>(V) && Consumed.try_emplace(V, Reason).second)
    Work.push_back(V);
}

void Solver::collect(Function &F) {
  if (mayChooseModes(F)) {
    bool Any = false;
    for (Argument &A : F.args())
      if (R.is(&A) && parameterOwnership(F, A.getArgNo(), R) == Ownership::Borrowed &&
          !F.getAttributes().hasParamAttr(A.getArgNo(), kBorrowed) && !Left.contains(&A)) {
        Candidates.insert(&A);
        Any = true;
      }
    if (Any)
      for (User *U : F.users())
        Calls[&F].push_back(cast<CallBase>(U));
  }
  const bool ReturnsOwned = resultOwnership(F, R) == Ownership::Owned;
  for (Instruction &I : instructions(F)) {
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
      consume(Store->getValueOperand(), "it is stored");
    } else if (auto *Return = dyn_cast<ReturnInst>(&I)) {
      if (ReturnsOwned && Return->getReturnValue())
        consume(Return->getReturnValue(), "it is returned");
    } else if (isa<InsertValueInst>(I)) {
      consume(I.getOperand(1), "it becomes part of a value of several");
    } else if (auto *Call = dyn_cast<CallBase>(&I)) {
      consumeArguments(*Call);
    }
  }
}

void Solver::consumeArguments(CallBase &Call) {
  const auto *Plain = dyn_cast<CallInst>(&Call);
  for (unsigned N = 0; N != Call.arg_size(); ++N) {
    Value *V = Call.getArgOperand(N);
    if (!R.is(V))
      continue;
    if (argumentOwnership(Call, N, R) == Ownership::Owned)
      consume(V, kPassed);
    else if (Plain && isTail(*Plain) && Call.getCalledFunction() &&
             N < Call.getCalledFunction()->arg_size())
      tailArgument(V, *Call.getCalledFunction()->getArg(N));
  }
}

/// What the caller would have to release after a call in tail position moves into it. What the
/// caller's own parameter lends is none of that, as long as the caller borrows the parameter.
void Solver::tailArgument(Value *V, Argument &To) {
  Value *Lender = lenderOf(V);
  if (isa<Constant>(Lender))
    return;
  auto *A = dyn_cast<Argument>(Lender);
  if (A && R.is(A) && parameterOwnership(*A->getParent(), A->getArgNo(), R) == Ownership::Borrowed)
    Tails[A].push_back(&To);
  else
    consume(&To, kTail);
}

void Solver::solve() {
  for (Function &F : M)
    if (!F.isDeclaration())
      collect(F);
  while (!Work.empty()) {
    Value *V = Work.pop_back_val();
    if (auto *A = dyn_cast<Argument>(V)) {
      if (!isCandidate(*A))
        continue;
      for (CallBase *Call : Calls[A->getParent()])
        consume(Call->getArgOperand(A->getArgNo()), kPassed);
      for (Argument *To : Tails.lookup(A))
        consume(To, kTail);
    } else if (isa<PHINode, SelectInst, FreezeInst>(V)) {
      for (Value *Operand : cast<Instruction>(V)->operands())
        consume(Operand, Consumed.lookup(V));
    }
  }
}

/// Finds parameters that are better borrowed, of those that would be owned.
bool Solver::leaveBorrowed() {
  const size_t Before = Left.size();
  auto Takes = [&](const Use &U) {
    if (isa<PHINode, SelectInst, FreezeInst>(U.getUser()))
      return Consumed.contains(U.getUser());
    if (takesCount(U, R))
      return true;
    const auto *Call = dyn_cast<CallBase>(U.getUser());
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    return Callee && Call->isArgOperand(&U) && Call->getArgOperandNo(&U) < Callee->arg_size() &&
           isCandidate(*Callee->getArg(Call->getArgOperandNo(&U))) &&
           Consumed.contains(Callee->getArg(Call->getArgOperandNo(&U)));
  };
  for (const Argument *A : Candidates)
    if (const char *Why = Consumed.lookup(A); Why && Why != kTail && isBetterBorrowed(*A, R, Takes))
      Left.insert(A);
  return Left.size() != Before;
}

bool Solver::run() {
  solve();
  if (leaveBorrowed()) {
    Candidates.clear();
    Calls.clear();
    Consumed.clear();
    Tails.clear();
    solve();
  }
  bool Changed = false;
  for (Function &F : M)
    for (Argument &A : F.args()) {
      if (!isCandidate(A))
        continue;
      if (const char *Why = Consumed.lookup(&A)) {
        F.addParamAttr(A.getArgNo(), Attribute::get(M.getContext(), kOwned));
        Changed = true;
        ++NumOwned;
        tellOwned(A, Why);
      }
    }
  return Changed;
}

bool cairn::inferModes(Module &M) { return Solver(M).run(); }

/// Whether the function takes a count of \p A in a loop, and borrows it all the same.
static bool isKept(const Argument &A, const References &R) {
  const auto *Phi = A.hasOneUse() ? dyn_cast<PHINode>(A.use_begin()->getUser()) : nullptr;
  return Phi && any_of(Phi->uses(), [&](const Use &U) { return takesCount(U, R); });
}

void cairn::tellBorrowed(Module &M) {
  const References R(M);
  for (Function &F : M)
    if (!F.isDeclaration() && mayChooseModes(F))
      for (Argument &A : F.args())
        if (R.is(&A) && parameterOwnership(F, A.getArgNo(), R) == Ownership::Borrowed &&
            !F.getAttributes().hasParamAttr(A.getArgNo(), kBorrowed)) {
          ++NumBorrowed;
          tell(A, "Borrowed", "borrowed",
               isKept(A, R) ? "fewer places take its count over than would have to give it back"
                            : "nothing takes its count over");
        }
}

PreservedAnalyses ModesPass::run(Module &M, ModuleAnalysisManager &) {
  const bool Changed = inferModes(M);
  tellBorrowed(M);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
