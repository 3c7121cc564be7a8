//===- Variants.cpp - cairn-variants: functions that get a last reference --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A parameter "walks" if a call in its function's component of the call graph passes on what was
// loaded through it, and comes back to it. Each function is looked at for calls that give a
// walking parameter the last use of an owned reference; so are the variants that this makes, in
// which what was loaded from a cell is owned. A bound on what is added ends it.
//
//===----------------------------------------------------------------------===//
#include "insert/Variants.h"

#include "analysis/OwnLife.h"
#include "analysis/Shapes.h"
#include "insert/LastSplit.h"
#include "insert/Refusals.h"
#include "insert/Scalars.h"
#include "ir/Managed.h"
#include "ir/Marks.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <set>

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-variants"

STATISTIC(NumVariants, "Number of variants of functions that own a parameter");
STATISTIC(NumCalls, "Number of calls that give a last reference to a variant");

/// A function of more instructions gets no variant, nor a module that has grown by more.
constexpr size_t kLargest = 1000;
constexpr size_t kMostAdded = 4000;

static constexpr const char *kTail =
    "something would have to be released after a call in tail position";
static constexpr const char *kLarge = "the function, or what was added to the module, is too large";

namespace {

class Variants {
public:
  Variants(Module &M, FunctionAnalysisManager &FAM) : M(M), FAM(FAM), R(M) {}
  bool run();

private:
  using Position = std::pair<Function *, unsigned>;
  struct Variant {
    Function *F = nullptr; ///< Null: there is none.
    const char *Why = nullptr;
  };

  bool mayVary(const Function &F) const;
  void findWalks();
  bool walks(Position P);
  bool isTail(const CallInst &Call) const;
  const char *breaksTail(Position P) const;
  bool isOwned(Value *V, unsigned Depth = 0) const;
  void look(Function &F);
  bool givesAway(CallInst &Call, unsigned N, Bases &B, OwnLife &Life) const;
  const Variant &variantOf(Position P);
  void tell(CallInst &Call, unsigned N, const Variant &V);

  Module &M;
  FunctionAnalysisManager &FAM;
  const References R;
  std::optional<Shapes> Known; ///< Once there is a call to give something away to.
  std::map<Position, SmallVector<Position, 2>> Passes; ///< Where fields of a parameter go.
  std::map<Position, bool> Walks;
  std::map<Position, Variant> Made;
  SmallVector<Function *> Work;
  /// Calls of variants.
  DenseSet<CallInst *> Done;
  size_t Added = 0;
  bool Changed = false;
};

} // namespace

/// Whether a call of \p F may call another function in its place.
bool Variants::mayVary(const Function &F) const {
  return F.hasExactDefinition() && !F.isVarArg() && !F.hasOptNone() &&
         !F.hasFnAttribute(kCountsInserted) && !F.hasFnAttribute(Attribute::Naked);
}

/// The parameter that \p V was loaded through, maybe over a φ that a tail recursion became; null
/// if it is none, or the parameter itself.
static Argument *loadedThrough(Value *V) {
  bool Loaded = false;
  for (unsigned Steps = 0; Steps != 16; ++Steps) {
    if (auto *Load = dyn_cast<LoadInst>(V)) {
      Loaded = true;
      V = Load->getPointerOperand();
    } else if (auto *Step = dyn_cast<GetElementPtrInst>(V)) {
      V = Step->getPointerOperand();
    } else if (auto *Phi = dyn_cast<PHINode>(V)) {
      Value *First = nullptr;
      for (Value *From : Phi->incoming_values())
        if (isa<Argument>(From))
          First = From;
      if (!First)
        return nullptr;
      V = First;
    } else {
      return Loaded ? dyn_cast<Argument>(V) : nullptr;
    }
  }
  return nullptr;
}

void Variants::findWalks() {
  for (Function &F : M)
    for (Instruction &I : instructions(F)) {
      auto *Call = dyn_cast<CallInst>(&I);
      Function *Callee = Call ? Call->getCalledFunction() : nullptr;
      if (!Callee || !mayVary(*Callee) || Call->getFunctionType() != Callee->getFunctionType())
        continue;
      for (unsigned N = 0; N != Callee->arg_size(); ++N)
        if (R.is(Callee->getArg(N)) && parameterOwnership(*Callee, N, R) == Ownership::Borrowed)
          if (Argument *A = loadedThrough(Call->getArgOperand(N)))
            Passes[{A->getParent(), A->getArgNo()}].push_back({Callee, N});
    }
}

/// Whether what is loaded through the parameter comes back to it.
bool Variants::walks(Position P) {
  auto [Found, New] = Walks.try_emplace(P, false);
  if (!New)
    return Found->second;
  std::set<Position> Seen;
  SmallVector<Position, 8> Next{P};
  while (!Next.empty() && Seen.size() < 64) {
    auto To = Passes.find(Next.pop_back_val());
    if (To == Passes.end())
      continue;
    for (const Position &Q : To->second) {
      if (Q == P)
        return Found->second = true;
      if (Seen.insert(Q).second)
        Next.push_back(Q);
    }
  }
  return false;
}

/// Whether nothing but a return of its result follows the call.
bool Variants::isTail(const CallInst &Call) const {
  const auto *Return = dyn_cast_or_null<ReturnInst>(Call.getNextNode());
  return Call.isTailCall() && Return &&
         (!Return->getReturnValue() || Return->getReturnValue() == &Call);
}

/// Whether a function that owns \p P would have to release something after a call that is in
/// tail position now. What it passes to itself, to the same parameter, moves.
const char *Variants::breaksTail(Position P) const {
  for (Instruction &I : instructions(*P.first)) {
    auto *Call = dyn_cast<CallInst>(&I);
    if (!Call)
      continue;
    if (Call->isMustTailCall())
      return kTail;
    if (!isTail(*Call))
      continue;
    for (unsigned N = 0; N != Call->arg_size(); ++N) {
      Value *V = Call->getArgOperand(N);
      if (!R.is(V) || argumentOwnership(*Call, N, R) == Ownership::Owned)
        continue;
      Argument *A = loadedThrough(V);
      const bool Of = V == P.first->getArg(P.second) || (A && A->getArgNo() == P.second);
      if (Of && !(Call->getCalledFunction() == P.first && N == P.second))
        return kTail;
    }
  }
  return nullptr;
}

/// Whether the function has a count of \p V that it gives back, as far as can be seen before
/// there are counts.
bool Variants::isOwned(Value *V, unsigned Depth) const {
  if (auto *A = dyn_cast<Argument>(V))
    return parameterOwnership(*A->getParent(), A->getArgNo(), R) == Ownership::Owned;
  if (auto *Call = dyn_cast<CallInst>(V))
    return !isCell(Call) && resultOwnership(*Call, R) == Ownership::Owned;
  if (auto *Load = dyn_cast<LoadInst>(V))
    return isCell(Load->getPointerOperand()->stripInBoundsConstantOffsets());
  auto *Phi = dyn_cast<PHINode>(V);
  return Phi && Depth < 4 && all_of(Phi->incoming_values(), [&](Value *From) {
           return From == Phi || isa<Constant>(From) || isOwned(From, Depth + 1);
         });
}

/// Whether the call is the last use of its argument \p N, which the function owns.
bool Variants::givesAway(CallInst &Call, unsigned N, Bases &B, OwnLife &Life) const {
  Value *V = Call.getArgOperand(N);
  if (!R.is(V) || B.baseOf(V) != V || !isOwned(V) || isTail(Call) || Life.isLiveAfter(*V, Call))
    return false;
  // Nor is it passed twice, or what it lends beside it.
  for (unsigned Other = 0; Other != Call.arg_size(); ++Other) {
    Value *Lender = Call.getArgOperand(Other);
    for (unsigned Steps = 0; Lender && Steps != 16; ++Steps) {
      Lender = B.rootsOf(Lender).size() == 1 ? B.baseOf(Lender) : nullptr;
      if (Lender == V && !(Other == N && !Steps))
        return false;
      auto *Load = Lender ? dyn_cast<LoadInst>(Lender) : nullptr;
      Lender = Load ? Load->getPointerOperand() : nullptr;
    }
  }
  return true;
}

void cairn::makeInternal(Function &Clone) {
  Clone.setLinkage(GlobalValue::InternalLinkage);
  Clone.setVisibility(GlobalValue::DefaultVisibility);
  Clone.setDLLStorageClass(GlobalValue::DefaultStorageClass);
  Clone.setComdat(nullptr);
}

const Variants::Variant &Variants::variantOf(Position P) {
  auto [Found, New] = Made.try_emplace(P);
  Variant &V = Found->second;
  if (!New)
    return V;
  Function &F = *P.first;
  const size_t Size = F.getInstructionCount();
  V.Why = Size > kLargest || Added + Size > kMostAdded ? kLarge : breaksTail(P);
  if (V.Why)
    return V;
  LastSplit Possible(*F.getArg(P.second), *Known, R);
  V.Why = Possible.reason();
  if (V.Why)
    return V;
  Possible.allowOverflow();
  ValueToValueMapTy Map;
  Function *Clone = CloneFunction(&F, Map);
  Clone->setName(F.getName() + ".owned");
  makeInternal(*Clone);
  Clone->addParamAttr(P.second, Attribute::get(M.getContext(), kOwned));
  for (CallInst *Call : LastSplit(*Clone->getArg(P.second), *Known, R).apply(F))
    Call->addFnAttr(Attribute::get(M.getContext(), kStaysBorrowed));
  // Structures that the new calls get and return.
  if (Refusals Errors(*Clone, R);
      any_of(F.getFunctionType()->subtypes(), [&](Type *T) { return !R.is(T) && R.in(T); }))
    splitIntoScalars(Errors);
  Added += Clone->getInstructionCount();
  V.F = Clone;
  ++NumVariants;
  Work.push_back(Clone);
  return V;
}

void Variants::tell(CallInst &Call, unsigned N, const Variant &V) {
  auto &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(*Call.getFunction());
  const Function *Callee = Call.getCalledFunction();
  if (V.F)
    ORE.emit([&] {
      return OptimizationRemark(DEBUG_TYPE, "Variant", &Call)
             << "the call of " << ore::NV("Function", Callee) << " is the last use of its argument "
             << ore::NV("Argument", N + 1) << ": it calls " << ore::NV("Variant", V.F)
             << ", which owns the parameter";
    });
  else
    ORE.emit([&] {
      return OptimizationRemarkMissed(DEBUG_TYPE, "NoVariant", &Call)
             << "the call of " << ore::NV("Function", Callee) << " is the last use of its argument "
             << ore::NV("Argument", N + 1)
             << ", but no variant owns the parameter: " << ore::NV("Reason", V.Why);
    });
}

void Variants::look(Function &F) {
  SmallVector<std::pair<CallInst *, unsigned>> Sites;
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallInst>(&I);
    Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || !mayVary(*Callee) || Call->getFunctionType() != Callee->getFunctionType() ||
        Call->hasFnAttr(kStaysBorrowed))
      continue;
    for (unsigned N = 0; N != Callee->arg_size(); ++N)
      if (R.is(Callee->getArg(N)) && parameterOwnership(*Callee, N, R) == Ownership::Borrowed &&
          walks({Callee, N}))
        Sites.push_back({Call, N});
  }
  if (Sites.empty())
    return;
  const DominatorTree DT(F);
  Bases B(R, DT);
  auto NoneLent = [](const PHINode &) { return false; };
  OwnLife Life(R, B, 256 + 16 * F.size(), NoneLent);
  for (auto [Call, N] : Sites) {
    Function *Callee = Call->getCalledFunction();
    // One argument a call: a variant owns one parameter more.
    if (Done.contains(Call) || !givesAway(*Call, N, B, Life))
      continue;
    if (!Known)
      Known.emplace(M);
    if (Known->empty())
      return;
    const Variant &V = variantOf({Callee, N});
    tell(*Call, N, V);
    if (!V.F)
      continue;
    Call->setCalledFunction(V.F);
    Done.insert(Call);
    ++NumCalls;
    Changed = true;
  }
}

bool Variants::run() {
  findWalks();
  if (Passes.empty())
    return false;
  for (Function &F : M)
    if (!F.isDeclaration() && !F.hasFnAttribute(kCountsInserted) && !F.hasOptNone() && R.in(F))
      Work.push_back(&F);
  std::reverse(Work.begin(), Work.end());
  while (!Work.empty())
    look(*Work.pop_back_val());
  return Changed;
}

bool cairn::addVariants(Module &M, FunctionAnalysisManager &FAM) { return Variants(M, FAM).run(); }

PreservedAnalyses VariantsPass::run(Module &M, ModuleAnalysisManager &MAM) {
  FunctionAnalysisManager &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  return addVariants(M, FAM) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
