//===- PairsAcross.cpp - Counts that undo each other across blocks -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `Units` walks the blocks once, in reverse post-order: what a block begins with is what its first
// visited predecessor leaves, and every other one has to leave the same. A value that turns out
// not to balance is marked, and the walk begins anew without it, because its decrefs may be
// releases now. So what is left at the end was never seen with anything that may release.
//
//===----------------------------------------------------------------------===//
#include "opt/PairsAcross.h"

#include "analysis/Allocations.h"
#include "ir/Managed.h"
#include "ir/Marks.h"
#include "opt/Pairs.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-pairs"

STATISTIC(NumAcross, "Number of counts removed whose units were followed across blocks");
STATISTIC(NumNothing, "Number of functions that release nothing");

/// Units that are followed at a time.
static constexpr unsigned kMostHeld = 16;
/// Walks over a function.
static constexpr unsigned kMostWalks = 8;

bool cairn::releasesNothing(const CallBase &Call) {
  const Function *Callee = Call.getCalledFunction();
  return Callee && Callee->hasExactDefinition() && Callee->hasFnAttribute(kReleasesNothing);
}

namespace {

/// Objects, and how many units of each the function has; few at a time.
using Held = SmallVector<std::pair<const Value *, unsigned>, 4>;

class Units {
public:
  /// If \p Assume is set, a call of the function itself releases nothing.
  Units(Function &F, bool Assume) : F(F), Assume(Assume), R(*F.getParent()), Blocks(&F) { join(); }
  /// Whether it came to an end.
  bool run();
  bool goes(const CallInst &Count) const { return !isKept(objectOf(Count.getArgOperand(0))); }
  bool releases() const { return Releases; }

private:
  void join();
  bool walk();
  bool isKept(const Value *Object) const { return Kept.contains(leaderOf(Object)); }
  const Value *leaderOf(const Value *Object) const {
    auto Found = Webs.findLeader(Object);
    return Found == Webs.member_end() ? Object : *Found;
  }
  void keep(const Value *Object) { Kept.insert(leaderOf(Object)); }
  void keepAll(const Held &H) {
    for (auto &[Object, N] : H)
      keep(Object);
  }
  void pass(const Instruction &I, Held &Now);
  void leave(const BasicBlock &From, const BasicBlock &To, const Held &Now);

  Function &F;
  const bool Assume;
  const References R;
  const ReversePostOrderTraversal<Function *> Blocks;
  EquivalenceClasses<const Value *> Webs; ///< Values that phis make one another's.
  SmallPtrSet<const Value *, 16> Kept;    ///< Leaders of the webs that keep their counts.
  DenseMap<const BasicBlock *, Held> In;
  bool Releases = false; ///< Or looks at counts.
};

} // namespace

static std::optional<IntrinsicID> countOf(const Instruction &I) {
  auto *Call = dyn_cast<CallInst>(&I);
  const IntrinsicInfo *Callee = Call ? calledPlainForm(*Call) : nullptr;
  if (Callee && (Callee->ID == IntrinsicID::Incref || Callee->ID == IntrinsicID::Decref))
    return Callee->ID;
  return std::nullopt;
}

/// Null, and what may be taken to be: it has no count. Other constants may be objects, whose
/// addresses a JIT's code has.
static bool isNobody(const Value *Object) { return isa<ConstantPointerNull, UndefValue>(Object); }

void Units::join() {
  for (const BasicBlock *Block : Blocks)
    for (const PHINode &Phi : Block->phis())
      if (Phi.getType()->isPointerTy())
        for (const Value *V : Phi.incoming_values())
          if (!isNobody(objectOf(V)))
            Webs.unionSets(&Phi, objectOf(V));
}

static auto unitOf(Held &H, const Value *Object) {
  return find_if(H, [&](auto &Each) { return Each.first == Object; });
}

enum class Effect { None, Looks, Releases };

/// What an instruction that is no count may do to objects. Calls of \p Harmless release nothing.
static Effect effectOf(const Instruction &I, const Function *Harmless) {
  if (!mayRelease(I))
    return mayLook(I) ? Effect::Looks : Effect::None;
  auto *Call = dyn_cast<CallBase>(&I);
  return Harmless && Call && Call->getCalledFunction() == Harmless ? Effect::None
                                                                   : Effect::Releases;
}

void Units::pass(const Instruction &I, Held &Now) {
  if (const std::optional<IntrinsicID> Count = countOf(I)) {
    const Value *Object = objectOf(cast<CallInst>(I).getArgOperand(0));
    if (isNobody(Object))
      return;
    const bool IsIncref = *Count == IntrinsicID::Incref;
    if (!isKept(Object)) {
      auto At = unitOf(Now, Object);
      if (IsIncref && At == Now.end() && Now.size() == kMostHeld)
        return keep(Object);
      if (IsIncref) {
        if (At == Now.end())
          Now.push_back({Object, 1});
        else
          ++At->second;
        return;
      }
      if (At != Now.end()) {
        if (--At->second == 0)
          Now.erase(At);
        return;
      }
      keep(Object);
    }
    if (IsIncref)
      return;
  } else {
    const Effect Its = effectOf(I, Assume ? &F : nullptr);
    if (Its == Effect::None)
      return;
    if (Its == Effect::Looks) {
      Releases = true;
      for (auto &[Object, N] : Now)
        if (!R.is(Object))
          keep(Object);
      return;
    }
  }
  Releases = true;
  keepAll(Now);
}

/// The pointer that is null on the edge; null if none is known to be.
static const Value *nullOn(const BasicBlock &From, const BasicBlock &To) {
  auto *Branch = dyn_cast<BranchInst>(From.getTerminator());
  if (!Branch || !Branch->isConditional() || Branch->getSuccessor(0) == Branch->getSuccessor(1))
    return nullptr;
  auto *Test = dyn_cast<ICmpInst>(Branch->getCondition());
  if (!Test || !Test->isEquality() || !isa<ConstantPointerNull>(Test->getOperand(1)))
    return nullptr;
  const bool IfEqual = Branch->getSuccessor(0) == &To;
  return IfEqual == (Test->getPredicate() == ICmpInst::ICMP_EQ) ? objectOf(Test->getOperand(0))
                                                                : nullptr;
}

/// What comes into \p Phi from \p From, which is the one at \p At in most blocks' phis.
static const Value *incomingOf(const PHINode &Phi, const BasicBlock &From, unsigned At) {
  return Phi.getIncomingBlock(At) == &From ? Phi.getIncomingValue(At)
                                           : Phi.getIncomingValueForBlock(&From);
}

void Units::leave(const BasicBlock &From, const BasicBlock &To, const Held &Now) {
  Held After;
  const Value *Null = nullOn(From, To);
  SmallVector<std::pair<const Value *, const Value *>, 4> Phis; // and what comes into each
  if (!Now.empty() && isa<PHINode>(To.front()))
    for (const int At = cast<PHINode>(To.front()).getBasicBlockIndex(&From);
         const PHINode &Phi : To.phis())
      if (Phi.getType()->isPointerTy())
        Phis.push_back({&Phi, objectOf(incomingOf(Phi, From, At))});
  for (auto &[Object, N] : Now) {
    if (Object == Null || isKept(Object))
      continue;
    // The first phi takes it. If another has it too, neither balances.
    const Value *Name = Object;
    for (auto &[Phi, Comes] : Phis)
      if (Comes == Object) {
        Name = Phi;
        break;
      }
    // A phi that is another object from here on.
    if (Name == Object && is_contained(make_first_range(Phis), Object))
      keep(Object);
    else
      After.push_back({Name, N});
  }
  llvm::sort(After);
  auto [Before, New] = In.try_emplace(&To, After);
  if (New || Before->second == After)
    return;
  // What is not the same on both ways.
  for (auto &Each : After)
    if (!is_contained(Before->second, Each))
      keep(Each.first);
  for (auto &Each : Before->second)
    if (!is_contained(After, Each))
      keep(Each.first);
}

/// Returns whether nothing was found that keeps its counts.
bool Units::walk() {
  const size_t Before = Kept.size();
  Releases = false;
  In.clear();
  In[&F.getEntryBlock()] = {};
  for (const BasicBlock *Block : Blocks) {
    Held Now = In.lookup(Block);
    for (const Instruction &I : *Block) {
      if (I.getType()->isPointerTy() && !isa<PHINode>(I) && unitOf(Now, &I) != Now.end())
        keep(&I); // the name is another object's from here on
      pass(I, Now);
    }
    const Instruction &End = *Block->getTerminator();
    if (isa<UnreachableInst>(End))
      continue;
    if (succ_empty(Block))
      keepAll(Now);
    for (const BasicBlock *To : successors(Block))
      leave(*Block, *To, Now);
  }
  return Kept.size() == Before;
}

bool Units::run() {
  for (unsigned N = 0; N != kMostWalks; ++N)
    if (walk())
      return true;
  return false;
}

/// Whether anything in the module is released, and \p F has all the counts that it will have.
static bool isCounted(const Function &F) {
  const Module &M = *F.getParent();
  return (M.getFunction(intrinsic(IntrinsicID::Decref).Name) ||
          M.getFunction(managedFormOf(IntrinsicID::Decref).Name)) &&
         (F.hasFnAttribute(kCountsInserted) || !References(M).in(F));
}

static void markNothing(Function &F) {
  F.addFnAttr(kReleasesNothing);
  ++NumNothing;
}

bool cairn::removePairsAcross(Function &F, OptimizationRemarkEmitter &ORE) {
  if (!isCounted(F))
    return false;
  const bool Exact = F.hasExactDefinition();
  SmallVector<CallInst *> Counts;
  bool CallsItself = false;
  for (BasicBlock &Block : F)
    for (Instruction &I : Block) {
      if (countOf(I))
        Counts.push_back(cast<CallInst>(&I));
      else if (auto *Call = dyn_cast<CallBase>(&I))
        CallsItself |= Call->getCalledFunction() == &F;
    }
  if (Counts.empty()) { // no units to follow
    if (Exact && all_of(instructions(F),
                        [&](const Instruction &I) { return effectOf(I, &F) == Effect::None; }))
      markNothing(F);
    return false;
  }
  std::optional<Units> Found;
  auto Try = [&](bool Assume) {
    Found.emplace(F, Assume);
    return Found->run() && !(Assume && Found->releases());
  };
  if (!(CallsItself && Exact && Try(true)) && !Try(false))
    return false;
  if (Exact && !Found->releases())
    markNothing(F);
  bool Changed = false;
  for (CallInst *Call : Counts) {
    if (!Found->goes(*Call))
      continue;
    if (!isNobody(objectOf(Call->getArgOperand(0))))
      ORE.emit([&] {
        return OptimizationRemark(DEBUG_TYPE, "Across", Call)
               << "removed a count of "
               << ore::NV("Object", nameInRemarks(*objectOf(Call->getArgOperand(0))))
               << ": nothing that could release it runs while it is counted";
      });
    Call->eraseFromParent();
    ++NumAcross;
    Changed = true;
  }
  return Changed;
}
