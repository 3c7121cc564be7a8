//===- Rounds.cpp - Loops that recursions in tail position became --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether a φ is better owned or kept is decided by the places where counts would be written. A
// reference that the function owns is given back wherever it dies, and needs a count where it is
// taken and lives on; each call of the function by itself that it lives on behind is such a place.
// One that is kept needs a count wherever it is taken, and its keeper is given back in each round.
//
//===----------------------------------------------------------------------===//
#include "insert/Rounds.h"

#include "ir/Marks.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Scalar/TailRecursionElimination.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-insert"

STATISTIC(NumKeepers, "Number of loops of recursions whose references have keepers");

/// Uses of a φ, and blocks in which it lives, that are looked at.
static constexpr unsigned kMostUses = 256, kMostBlocks = 256;
/// Values between an argument and what lends it.
static constexpr unsigned kMostSteps = 64;
/// What a count weighs that is taken, and one that is given back and may free.
static constexpr unsigned kIncref = 2, kDecref = 3;

PreservedAnalyses TailRoundsPass::run(Function &F, FunctionAnalysisManager &FAM) {
  BasicBlock *Start = &F.getEntryBlock();
  PreservedAnalyses Left = TailCallElimPass().run(F, FAM);
  if (&F.getEntryBlock() == Start)
    return Left;
  const References R(*F.getParent());
  for (PHINode &Phi : Start->phis())
    if (R.is(&Phi))
      Phi.setMetadata(kRound, MDNode::get(F.getContext(), {}));
  return Left;
}

static bool isRound(const PHINode &Phi) { return Phi.getMetadata(kRound); }

/// Whether \p F ends with a call that gets references: nothing may be released behind it.
static bool hasTailCalls(const Function &F, const References &R) {
  auto Returns = [](const Instruction *I) {
    const auto *Branch = dyn_cast<BranchInst>(I);
    if (Branch && Branch->isUnconditional())
      I = &*Branch->getSuccessor(0)->getFirstNonPHIOrDbg();
    return isa<ReturnInst>(I);
  };
  return any_of(instructions(F), [&](const Instruction &I) {
    auto *Call = dyn_cast<CallInst>(&I);
    return Call && Call->isTailCall() && !calledManaged(*Call) && Returns(Call->getNextNode()) &&
           any_of(Call->args(), [&](const Use &U) { return R.in(U->getType()); });
  });
}

/// Whether a count is taken of \p Join, or of a φ, select or freeze that it flows into. A φ that is
/// only walked on from is lent once its first value is.
static bool isTaken(const User &Join, const References &R) {
  SmallVector<const User *, 8> Work{&Join};
  SmallPtrSet<const User *, 8> Seen{&Join};
  while (!Work.empty())
    for (const Use &U : Work.pop_back_val()->uses()) {
      if (!isa<PHINode, SelectInst, FreezeInst>(U.getUser())) {
        if (takesCount(U, R))
          return true;
      } else if (Seen.insert(U.getUser()).second) {
        if (Seen.size() > kMostSteps)
          return true;
        Work.push_back(U.getUser());
      }
    }
  return false;
}

/// Whether a count is taken of what is read from the object itself: if it dies there, its fields
/// and its memory are to be had.
static bool isTakenApart(const PHINode &Phi, const References &R) {
  SmallVector<const User *, 8> Work{&Phi};
  while (!Work.empty())
    for (const User *U : Work.pop_back_val()->users())
      if (isa<GetElementPtrInst>(U))
        Work.push_back(U);
      else if (isa<LoadInst>(U) && R.is(U) && isTaken(*U, R))
        return true;
  return false;
}

namespace {

/// What counts of a φ cost, by the places where they are written.
struct Costs {
  unsigned Owned = 0; ///< If the φ has a count.
  unsigned Kept = 0;  ///< If it has a keeper.
};

/// One use of a φ.
struct PhiUse {
  const Instruction *At; ///< For a φ, the end of the block that it comes from.
  bool Takes;
};

} // namespace

/// What the counts of \p Phi cost. \p Takes: whether a use takes a count if the φ is owned.
/// \p Lends: whether such a use takes none if the φ is kept. Nothing: that is not seen.
static std::optional<Costs> costsOf(const PHINode &Phi, function_ref<bool(const Use &)> Takes,
                                    function_ref<bool(const Use &)> Lends) {
  const BasicBlock *Home = Phi.getParent();
  Costs C;
  SmallVector<PhiUse, 16> Uses;
  SmallVector<const Value *, 8> Work{&Phi};
  unsigned Left = kMostUses;
  while (!Work.empty())
    for (const Use &U : Work.pop_back_val()->uses()) {
      if (!Left--)
        return std::nullopt;
      const auto *I = cast<Instruction>(U.getUser());
      if (isa<GetElementPtrInst>(I)) {
        Work.push_back(I);
        continue;
      }
      if (isa<InsertValueInst, InsertElementInst>(I))
        return std::nullopt;
      const bool Its = I == &Phi || Takes(U);
      // Who is called could use the memory of the last reference again.
      if (Its && isa<CallBase>(I) && !Lends(U))
        return std::nullopt;
      const auto *Join = dyn_cast<PHINode>(I);
      if (Its && I != &Phi && (Join || isa<SelectInst, FreezeInst>(I)))
        return std::nullopt;
      if (Its && I != &Phi && !Lends(U))
        C.Kept += kIncref;
      Uses.push_back({Join ? Join->getIncomingBlock(U)->getTerminator() : I, Its});
    }
  // Where it lives.
  SmallPtrSet<const BasicBlock *, 16> In;
  SmallVector<const BasicBlock *, 16> Blocks;
  auto NeededIn = [&](const BasicBlock *Block) {
    if (Block != Home && In.insert(Block).second)
      Blocks.push_back(Block);
  };
  for (const PhiUse &U : Uses)
    NeededIn(U.At->getParent());
  while (!Blocks.empty()) {
    if (In.size() > kMostBlocks)
      return std::nullopt;
    for (const BasicBlock *Before : predecessors(Blocks.pop_back_val()))
      NeededIn(Before);
  }
  auto LivesOut = [&](const BasicBlock *Block) {
    return any_of(successors(Block), [&](const BasicBlock *Next) { return In.contains(Next); });
  };
  DenseMap<const BasicBlock *, PhiUse> Last;
  for (const PhiUse &U : Uses) {
    auto [At, New] = Last.try_emplace(U.At->getParent(), U);
    if (!New && (At->second.At == U.At || At->second.At->comesBefore(U.At)))
      At->second = {U.At, U.Takes || (At->second.At == U.At && At->second.Takes)};
  }
  for (const PhiUse &U : Uses)
    if (U.Takes && (LivesOut(U.At->getParent()) || Last[U.At->getParent()].At != U.At))
      C.Owned += kIncref;
  auto DiesIn = [&](const BasicBlock *Block) {
    auto Its = Last.find(Block);
    if (!LivesOut(Block)) {
      C.Owned += Its == Last.end() || !Its->second.Takes ? kDecref : 0;
      return;
    }
    SmallPtrSet<const BasicBlock *, 4> Seen;
    for (const BasicBlock *Next : successors(Block))
      if (!In.contains(Next) && Seen.insert(Next).second)
        C.Owned += kDecref;
  };
  DiesIn(Home);
  for (const BasicBlock *Block : In)
    DiesIn(Block);
  // What other rounds bring is given back in either case, by the keeper once for each.
  for (const Value *V : Phi.incoming_values())
    if (V != &Phi && !isa<Constant, Argument>(V))
      C.Kept += kDecref;
  return C;
}

bool cairn::isBetterBorrowed(const Argument &A, const References &R,
                             function_ref<bool(const Use &)> Takes) {
  const Function &F = *A.getParent();
  auto *Phi = A.hasOneUse() ? dyn_cast<PHINode>(A.use_begin()->getUser()) : nullptr;
  if (!Phi || !isRound(*Phi) || hasTailCalls(F, R) || isTakenApart(*Phi, R))
    return false;
  auto Lends = [&](const Use &U) {
    const auto *Call = dyn_cast<CallBase>(U.getUser());
    return Call && Call->getCalledFunction() == &F && Call->isArgOperand(&U) &&
           Call->getArgOperandNo(&U) == A.getArgNo();
  };
  std::optional<Costs> C = costsOf(*Phi, Takes, Lends);
  if (!C)
    return false;
  for (const User *U : F.users()) {
    const auto *Call = dyn_cast<CallBase>(U);
    if (!Call || Call->getFunction() != &F)
      continue;
    const Value *V = Call->getArgOperand(A.getArgNo());
    if (isa<LoadInst>(V))
      C->Owned += kIncref;
    else if (isa<CallBase>(V))
      C->Kept += kDecref;
  }
  return C->Kept <= C->Owned;
}

/// What the keeper holds if \p V comes in: null for what the caller lends, and what lends \p V, or
/// \p V itself if that is several.
Value *Rounds::kept(Value *V, const LentValues &Lent, Bases &B) const {
  Value *Found = nullptr;
  SmallVector<Value *, 8> Work{V};
  SmallPtrSet<Value *, 8> Seen;
  while (!Work.empty()) {
    Value *Next = Work.pop_back_val();
    if (isa<Constant>(Next) || !Seen.insert(Next).second)
      continue;
    if (Seen.size() > kMostSteps)
      return V;
    Value *Lender = Next;
    auto *Load = dyn_cast<LoadInst>(Next);
    if (auto *A = dyn_cast<Argument>(Next);
        A && R.is(A) && parameterOwnership(F, A->getArgNo(), R) == Ownership::Borrowed) {
      continue;
    } else if (PHINode *Keeper = Keepers.of(Next)) {
      Lender = Keeper;
    } else if (Value *Holder =
                   Load && Load->isSimple() ? B.baseOf(Load->getPointerOperand()) : nullptr;
               Holder && R.is(Holder) && !isCell(Holder)) {
      Work.push_back(Holder);
      continue;
    } else if (auto Its = Lent.find(Next); Its != Lent.end()) {
      append_range(Work, Its->second.Roots);
      continue;
    }
    if (!R.is(Lender) || (Found && Found != Lender))
      return V;
    Found = Lender;
  }
  return Found ? Found : Constant::getNullValue(PointerType::get(F.getContext(), R.space()));
}

void Rounds::remove(PHINode &Phi) {
  PHINode *Keeper = Keepers.Of[&Phi];
  Keeper->replaceAllUsesWith(&Phi); // which has a count of its own again
  Keeper->eraseFromParent();
  Keepers.All.erase(Keeper);
  Keepers.Of.erase(&Phi);
}

bool Rounds::add(const LentValues &Lent, Bases &B) {
  SmallVector<PHINode *, 4> Found;
  for (BasicBlock &Block : F)
    for (PHINode &Phi : Block.phis())
      if (R.is(&Phi) && isRound(Phi) && !Lent.count(&Phi))
        Found.push_back(&Phi);
  if (Found.empty() || hasTailCalls(F, R))
    return false;
  auto Takes = [&](const Use &U) {
    return isa<PHINode, SelectInst, FreezeInst>(U.getUser()) ? isTaken(*U.getUser(), R)
                                                             : takesCount(U, R);
  };
  auto None = [](const Use &) { return false; };
  auto IsRead = [](const Value *V) { return isa<LoadInst, PHINode, Constant, Argument>(V); };
  for (PHINode *Phi : Found) {
    if (isTakenApart(*Phi, R) && !all_of(Phi->incoming_values(), IsRead))
      continue;
    const std::optional<Costs> C = costsOf(*Phi, Takes, None);
    // Without a keeper, a count is taken of what the caller lends.
    if (!C || C->Kept > C->Owned + kIncref)
      continue;
    auto *Keeper =
        PHINode::Create(PointerType::get(F.getContext(), R.space()), Phi->getNumIncomingValues());
    Keeper->setName(Phi->getName() + ".keeper");
    Keeper->insertBefore(Phi->getIterator());
    Keeper->setDebugLoc(Phi->getDebugLoc());
    Keepers.Of[Phi] = Keeper;
    Keepers.All.insert(Keeper);
  }
  SmallVector<PHINode *, 4> Useless;
  for (auto &[Phi, Keeper] : Keepers.Of)
    for (unsigned N = 0; N != Phi->getNumIncomingValues(); ++N)
      Keeper->addIncoming(kept(Phi->getIncomingValue(N), Lent, B), Phi->getIncomingBlock(N));
  for (auto &[Phi, Keeper] : Keepers.Of)
    if (none_of(Keeper->incoming_values(), [](const Use &U) { return isa<Constant>(U); }))
      Useless.push_back(Phi);
  for (PHINode *Phi : Useless)
    remove(*Phi);
  NumKeepers += Keepers.Of.size();
  return true;
}

bool Rounds::settle(const LentValues &Lent) {
  bool Changed = false;
  SmallVector<PHINode *, 4> Phis;
  for (auto &[Phi, Keeper] : Keepers.Of)
    if (!Lent.count(Phi))
      Phis.push_back(Phi);
  for (PHINode *Phi : Phis) {
    PHINode *Keeper = Keepers.Of[Phi];
    bool Whole = true;
    for (unsigned N = 0; N != Phi->getNumIncomingValues(); ++N) {
      Value *V = Phi->getIncomingValue(N), *Holds = V == Phi ? Keeper : V;
      if (isa<Constant>(Keeper->getIncomingValue(N)) || Keeper->getIncomingValue(N) == Holds)
        continue;
      Keeper->setIncomingValue(N, Holds);
      Whole = false;
    }
    if (Whole)
      remove(*Phi);
    Changed = true;
  }
  return Changed;
}

Rounds::~Rounds() {
  for (BasicBlock &Block : F)
    for (PHINode &Phi : Block.phis())
      Phi.setMetadata(kRound, nullptr);
}
