//===- Lent.cpp - References that need no count of their own ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All loads, φ, selects and freezes of references start as lent. One of which that is not true
// is taken out, and becomes a root of its own: what it would have lent is looked at again. A
// value never comes back, so this ends, and the most that is consistent is left: a φ that a
// loop feeds from itself stays in if nothing speaks against it.
//
// Where a value is used after a write is found by a walk backwards from each use to the
// definition. All walks together look at a bounded number of blocks; what is not decided then
// is not lent.
//
//===----------------------------------------------------------------------===//
#include "analysis/Lent.h"

#include "analysis/OwnLife.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

#include <set>

using namespace llvm;
using namespace cairn;

/// A value that so many roots lend is none.
constexpr unsigned kMostRoots = 8;

namespace {

using Roots = SmallVector<Value *, 1>;

/// A place where a value, or what is computed from it, is used.
struct Need {
  enum Kind {
    Passes,  ///< Into what is lent or derived: only its uses need the object.
    Borrows, ///< The object has to be alive.
    Takes,   ///< A count of its own is taken.
    Unknown, ///< Part of an aggregate.
  };
  Instruction *At;      ///< For a φ, the end of the block that the value comes from.
  const BasicBlock *To; ///< The block of the φ; null for other uses.
  Kind How;
};

class Lenders {
public:
  Lenders(Function &F, const References &R, Bases &B, const FieldWrites &Writes,
          const RoundKeepers &Keepers)
      : F(F), R(R), B(B), Writes(Writes), Keepers(Keepers), Budget(256 + 16 * F.size()),
        Life(R, B, 256 + 32 * F.size(), IsLentPhi) {}
  LentValues run();

private:
  struct Candidate {
    unsigned Number; ///< In reverse post-order.
    bool IsLent = true;
    Lending How = {};
  };

  bool isCandidate(const Instruction &I) const;
  void lendersOf(Instruction &I, SmallVectorImpl<Value *> &Lenders) const;
  bool isLent(const Value *V) const;
  bool isCallLong(const Value *Root) const;
  bool mayHold(const Value *Root) const;
  bool findRoots(Instruction &I, Roots &Result, bool &ByFields);
  Need::Kind howUsed(const Use &U) const;
  void needsOf(Value &V, SmallVectorImpl<Need> &Needs);
  bool isUsedAfterWrite(Instruction &Def, ArrayRef<Need> Needs);
  bool writesBetween(Instruction &Def, Instruction &Use);
  bool isHeldFor(Value &Root, const Need &N);
  bool keeps(const PHINode &Keeper, const PHINode &Phi, bool &ByFields);
  bool evaluate(Instruction &I, Lending &How);
  void dependents(Instruction &I, SmallVectorImpl<Instruction *> &Found);

  Function &F;
  const References &R;
  Bases &B;
  const FieldWrites &Writes;
  const RoundKeepers &Keepers;
  size_t Budget; ///< Blocks and values that may still be looked at.
  MapVector<Instruction *, Candidate> Candidates;
  std::function<bool(const PHINode &)> IsLentPhi = [this](const PHINode &Phi) {
    return isLent(&Phi);
  };
  OwnLife Life;
};

} // namespace

bool Lenders::isCandidate(const Instruction &I) const {
  if (!R.is(&I) || Keepers.All.contains(&I))
    return false;
  if (auto *Load = dyn_cast<LoadInst>(&I)) {
    Value *Holder = B.baseOf(const_cast<Value *>(Load->getPointerOperand()));
    return Load->isSimple() && Holder && R.is(Holder) && !isCell(Holder);
  }
  return isa<PHINode, SelectInst, FreezeInst>(I) && B.baseOf(const_cast<Instruction *>(&I)) == &I;
}

void Lenders::lendersOf(Instruction &I, SmallVectorImpl<Value *> &From) const {
  if (auto *Load = dyn_cast<LoadInst>(&I))
    From.push_back(B.baseOf(Load->getPointerOperand()));
  else if (auto *Phi = dyn_cast<PHINode>(&I))
    append_range(From, Phi->incoming_values());
  else if (auto *Select = dyn_cast<SelectInst>(&I))
    From.append({Select->getTrueValue(), Select->getFalseValue()});
  else
    From.push_back(I.getOperand(0));
}

bool Lenders::isLent(const Value *V) const {
  auto *I = dyn_cast<Instruction>(V);
  auto Found = I ? Candidates.find(const_cast<Instruction *>(I)) : Candidates.end();
  return Found != Candidates.end() && Found->second.IsLent;
}

/// Whether the caller keeps \p Root alive during the call.
bool Lenders::isCallLong(const Value *Root) const {
  if (isa<ExtractValueInst, ExtractElementInst>(Root))
    Root = cast<Instruction>(Root)->getOperand(0);
  auto *A = dyn_cast<Argument>(Root);
  return A && parameterOwnership(F, A->getArgNo(), R) == Ownership::Borrowed;
}

/// Whether the function has a count of \p Root, and gives it back after the last use.
bool Lenders::mayHold(const Value *Root) const {
  if (isa<Argument>(Root))
    return true;
  return isa<PHINode, SelectInst, FreezeInst, LoadInst, CallBase, ExtractValueInst,
             ExtractElementInst>(Root);
}

/// What starts the chains that lend \p I: parameters that the caller keeps, and objects that the
/// function holds. \p ByFields: whether fields are on the way. False: too many, or too far.
bool Lenders::findRoots(Instruction &I, Roots &Result, bool &ByFields) {
  SmallVector<Value *, 8> Work{&I};
  SmallPtrSet<Value *, 8> Seen;
  while (!Work.empty()) {
    Value *Next = Work.pop_back_val();
    if (isa<Constant>(Next) || !Seen.insert(Next).second)
      continue;
    if (!Budget)
      return false;
    --Budget;
    const bool Passes = Next == &I || isLent(Next);
    ByFields |= Passes && isa<LoadInst>(Next);
    if (PHINode *Keeper = Passes ? Keepers.of(Next) : nullptr) {
      Work.push_back(Keeper);
      for (unsigned N = 0; N != Keeper->getNumIncomingValues(); ++N)
        if (isa<Constant>(Keeper->getIncomingValue(N)))
          Work.push_back(cast<PHINode>(Next)->getIncomingValue(N));
    } else if (Passes)
      lendersOf(*cast<Instruction>(Next), Work);
    else if (Result.size() == kMostRoots)
      return false;
    else
      Result.push_back(Next);
  }
  return true;
}

bool cairn::takesCount(const Use &U, const References &R) {
  const auto *I = cast<Instruction>(U.getUser());
  if (const auto *Store = dyn_cast<StoreInst>(I))
    return Store->getValueOperand() == U.get() && R.is(U.get());
  if (const auto *Call = dyn_cast<CallBase>(I))
    return Call->isArgOperand(&U) &&
           argumentOwnership(*Call, Call->getArgOperandNo(&U), R) == Ownership::Owned;
  return isa<ReturnInst>(I);
}

Need::Kind Lenders::howUsed(const Use &U) const {
  auto *I = cast<Instruction>(U.getUser());
  if (isa<PHINode>(I))
    return R.is(I) && !isLent(I) ? Need::Takes : Need::Passes;
  if (isa<SelectInst, FreezeInst>(I) && R.is(I) && B.baseOf(I) == I)
    return isLent(I) ? Need::Passes : Need::Borrows;
  if (takesCount(U, R))
    return Need::Takes;
  if (isa<InsertValueInst, InsertElementInst, ShuffleVectorInst>(I))
    return Need::Unknown;
  return B.isDerived(I) ? Need::Passes : Need::Borrows;
}

/// The uses of \p V, and of what is computed from it.
void Lenders::needsOf(Value &V, SmallVectorImpl<Need> &Needs) {
  SmallVector<Value *, 8> Work{&V};
  SmallPtrSet<Value *, 8> Seen{&V};
  while (!Work.empty())
    for (Use &U : Work.pop_back_val()->uses()) {
      auto *I = cast<Instruction>(U.getUser());
      const Need::Kind How = howUsed(U);
      if (auto *Phi = dyn_cast<PHINode>(I))
        Needs.push_back({Phi->getIncomingBlock(U)->getTerminator(), Phi->getParent(), How});
      else
        Needs.push_back({I, nullptr, How});
      // A value with a root of its own is looked at for itself.
      if (B.baseOf(I) != I && !B.rootsOf(I).empty() && Seen.insert(I).second)
        Work.push_back(I);
    }
}

/// Whether a reference may be overwritten on a path from \p Def to \p Use, or by the use itself.
bool Lenders::writesBetween(Instruction &Def, Instruction &Use) {
  auto In = [&](BasicBlock::iterator From, BasicBlock::iterator To) {
    return any_of(make_range(From, To), [&](Instruction &I) { return Writes.mayOverwrite(I); });
  };
  BasicBlock *Home = Def.getParent(), *End = Use.getParent();
  if (Writes.mayOverwrite(Use))
    return true;
  const bool Phi = isa<PHINode>(Def);
  if (Home == End && (Phi || Def.comesBefore(&Use)))
    return In(Phi ? Home->begin() : std::next(Def.getIterator()), Use.getIterator());
  if (In(End->begin(), Use.getIterator()) || In(std::next(Def.getIterator()), Home->end()))
    return true;
  SmallPtrSet<BasicBlock *, 16> Seen;
  SmallVector<BasicBlock *, 16> Work(predecessors(End));
  while (!Work.empty()) {
    BasicBlock *Block = Work.pop_back_val();
    if (Block == Home || !Seen.insert(Block).second)
      continue;
    if (!Budget || In(Block->begin(), Block->end()))
      return true;
    --Budget;
    Work.append(pred_begin(Block), pred_end(Block));
  }
  return false;
}

bool Lenders::isUsedAfterWrite(Instruction &Def, ArrayRef<Need> Needs) {
  return Writes.any(F) && any_of(Needs, [&](const Need &N) { return writesBetween(Def, *N.At); });
}

/// Whether \p Root lives by its own uses where \p N needs it.
bool Lenders::isHeldFor(Value &Root, const Need &N) {
  switch (N.How) {
  case Need::Passes:
    return true;
  case Need::Borrows:
    return Life.isNear(Root, *N.At);
  case Need::Takes: // what dies there could give its count away
    return N.To ? Life.isLiveInto(Root, *N.To) : Life.isLiveAfter(Root, *N.At);
  case Need::Unknown:
    return false;
  }
  llvm_unreachable("a kind of use");
}

/// Whether what comes into \p Phi is lent by what comes into its keeper, wherever that is not null.
bool Lenders::keeps(const PHINode &Keeper, const PHINode &Phi, bool &ByFields) {
  for (unsigned N = 0; N != Phi.getNumIncomingValues(); ++N) {
    Value *V = Phi.getIncomingValue(N), *Kept = Keeper.getIncomingValue(N);
    if (isa<Constant>(Kept) || V == Kept)
      continue;
    Roots Its;
    if (!isLent(V) || !findRoots(*cast<Instruction>(V), Its, ByFields) ||
        any_of(Its, [&](Value *Root) { return Root != Kept && !isCallLong(Root); }))
      return false;
  }
  return true;
}

/// Whether \p I can be lent, as things stand, and what lends it.
bool Lenders::evaluate(Instruction &I, Lending &How) {
  bool ByFields = false;
  PHINode *Keeper = Keepers.of(&I);
  if (!findRoots(I, How.Roots, ByFields) || (Keeper && !keeps(*Keeper, cast<PHINode>(I), ByFields)))
    return false;
  How.Constant = How.Roots.empty() && !ByFields;
  SmallVector<Need, 8> Needs;
  needsOf(I, Needs);
  if (ByFields && isUsedAfterWrite(I, Needs))
    return false;
  return all_of(How.Roots, [&](Value *Root) {
    if (isCallLong(Root))
      return true;
    if (Keepers.All.contains(Root)) // until the next round, if it has to
      return (Root == Keeper || B.outlives(Root, I)) &&
             none_of(Needs, [](const Need &N) { return N.How == Need::Unknown; });
    return mayHold(Root) && B.outlives(Root, I) &&
           all_of(Needs, [&](const Need &N) { return isHeldFor(*Root, N); });
  });
}

/// The candidates about which something else is to be said when \p I, or what lends it, changed:
/// what it lends to, and what lends to that which it used to pass on.
void Lenders::dependents(Instruction &I, SmallVectorImpl<Instruction *> &Found) {
  SmallVector<Need, 8> Needs;
  needsOf(I, Needs);
  for (const Need &N : Needs)
    Found.push_back(N.At);
  for (User *U : I.users())
    Found.push_back(cast<Instruction>(U));
  SmallVector<Value *, 4> From;
  lendersOf(I, From);
  for (Value *V : From)
    if (auto *Lender = dyn_cast<Instruction>(V))
      Found.push_back(Lender);
}

LentValues Lenders::run() {
  std::vector<Instruction *> Order;
  ReversePostOrderTraversal<Function *> Blocks(&F);
  for (BasicBlock *Block : Blocks)
    for (Instruction &I : *Block)
      if (isCandidate(I)) {
        Candidates[&I] = {unsigned(Order.size())};
        Order.push_back(&I);
      }
  // The first first: what a root lends is not looked at before it is clear what the root is.
  std::set<unsigned> Work;
  for (unsigned N = 0; N != Order.size(); ++N)
    Work.insert(N);
  while (!Work.empty()) {
    Instruction *I = Order[*Work.begin()];
    Work.erase(Work.begin());
    Candidate &C = Candidates[I];
    if (!C.IsLent)
      continue;
    Lending How;
    C.IsLent = evaluate(*I, How);
    const bool Same = How.Roots == C.How.Roots && How.Constant == C.How.Constant;
    C.How = std::move(How);
    if (C.IsLent && Same)
      continue;
    if (!C.IsLent) {
      SmallVector<Value *, 4> Lenders;
      lendersOf(*I, Lenders);
      for (Value *Lender : Lenders)
        Life.forget(*Lender);
    }
    SmallVector<Instruction *, 8> Found;
    dependents(*I, Found);
    for (Instruction *Other : Found)
      if (auto At = Candidates.find(Other); At != Candidates.end() && At->second.IsLent)
        Work.insert(At->second.Number);
  }
  LentValues Result;
  for (auto &[I, C] : Candidates)
    if (C.IsLent)
      Result[I] = C.How;
  return Result;
}

LentValues cairn::lentValues(Function &F, const References &R, Bases &B, const FieldWrites &Writes,
                             const RoundKeepers &Keepers) {
  return Lenders(F, R, B, Writes, Keepers).run();
}
