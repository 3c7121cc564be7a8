//===- Lent.cpp - References that need no count of their own ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All loads, φ, selects and freezes of references start as lent for the whole call. One of which
// that is not true becomes lent by an object that the function owns, if it is such a load, or
// it is taken out; what it would have lent is looked at again. States only ever get worse, so
// the best that is left is the answer: a φ that a loop feeds from itself stays in if nothing
// speaks against it.
//
// Where a value is used after a write is found by a walk backwards from each use to the
// definition. All walks together look at a bounded number of blocks; what is not decided then
// is not lent.
//
//===----------------------------------------------------------------------===//
#include "analysis/Lent.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

namespace {

using Roots = SmallVector<Value *, 1>;

class Lenders {
public:
  Lenders(Function &F, const References &R, Bases &B, const FieldWrites &Writes)
      : F(F), R(R), B(B), Writes(Writes), Budget(256 + 16 * F.size()) {}
  LentValues run();

private:
  enum State : char {
    Owned,     ///< Not lent.
    WhileHeld, ///< By an object that the function owns, which is `Holders` of it.
    CallLong,
  };

  bool isCandidate(const Instruction &I) const;
  void lendersOf(Instruction &I, SmallVectorImpl<Value *> &Lenders) const;
  State stateOf(const Value *V) const;
  State evaluate(Instruction &I);
  bool onlyReadWhileHeld(LoadInst &Load, Value *Holder);
  bool isConsumed(const Use &U) const;
  void usesOf(Value &V, SmallVectorImpl<Instruction *> &At);
  bool isUsedAfterWrite(Instruction &Def);
  bool writesBetween(Instruction &Def, Instruction &Use);
  bool liveAfter(const Value *Holder, const Instruction &At);
  Roots rootsOf(Instruction &I);

  Function &F;
  const References &R;
  Bases &B;
  const FieldWrites &Writes;
  size_t Budget;                          ///< Blocks that may still be looked at.
  MapVector<Instruction *, State> States; ///< Of the candidates.
  DenseMap<const Value *, Value *> Holders;
};

} // namespace

bool Lenders::isCandidate(const Instruction &I) const {
  if (!R.is(&I))
    return false;
  if (auto *Load = dyn_cast<LoadInst>(&I)) {
    Value *Holder = B.baseOf(const_cast<Value *>(Load->getPointerOperand()));
    return Load->isSimple() && Holder && R.is(Holder) && !isCell(Holder);
  }
  return isa<PHINode, SelectInst, FreezeInst>(I);
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

Lenders::State Lenders::stateOf(const Value *V) const {
  if (isa<Constant>(V))
    return CallLong;
  if (auto *A = dyn_cast<Argument>(V)) // its caller keeps it
    return parameterOwnership(F, A->getArgNo(), R) == Ownership::Borrowed ? CallLong : Owned;
  auto Found = States.find(const_cast<Instruction *>(cast<Instruction>(V)));
  return Found == States.end() ? Owned : Found->second;
}

bool Lenders::isConsumed(const Use &U) const {
  auto *I = cast<Instruction>(U.getUser());
  if (isa<StoreInst>(I))
    return U.getOperandNo() != StoreInst::getPointerOperandIndex();
  if (auto *Call = dyn_cast<CallBase>(I))
    return Call->isArgOperand(&U) &&
           argumentOwnership(*Call, Call->getArgOperandNo(&U), R) == Ownership::Owned;
  return isa<ReturnInst, PHINode, SelectInst, FreezeInst, InsertValueInst, InsertElementInst>(I);
}

/// The instructions that use \p V, or what is computed from it.
void Lenders::usesOf(Value &V, SmallVectorImpl<Instruction *> &At) {
  SmallVector<Value *, 8> Work{&V};
  SmallPtrSet<Value *, 8> Seen{&V};
  while (!Work.empty())
    for (Use &U : Work.pop_back_val()->uses()) {
      auto *I = cast<Instruction>(U.getUser());
      if (auto *Phi = dyn_cast<PHINode>(I))
        At.push_back(Phi->getIncomingBlock(U)->getTerminator());
      else
        At.push_back(I);
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

bool Lenders::isUsedAfterWrite(Instruction &Def) {
  if (!Writes.any(F))
    return false;
  SmallVector<Instruction *, 8> At;
  usesOf(Def, At);
  return any_of(At, [&](Instruction *Use) { return writesBetween(Def, *Use); });
}

/// Whether \p Holder is used in the block of \p At after it.
bool Lenders::liveAfter(const Value *Holder, const Instruction &At) {
  return any_of(Holder->users(), [&](const User *U) {
    const auto *I = cast<Instruction>(U);
    return I->getParent() == At.getParent() && !isa<PHINode>(I) && At.comesBefore(I);
  });
}

/// A load through an object that the function owns: it is read only, and not where the object
/// would live longer for it.
bool Lenders::onlyReadWhileHeld(LoadInst &Load, Value *Holder) {
  SmallVector<Value *, 8> Work{&Load};
  SmallPtrSet<Value *, 8> Seen{&Load};
  while (!Work.empty())
    for (Use &U : Work.pop_back_val()->uses()) {
      auto *I = cast<Instruction>(U.getUser());
      if (isConsumed(U))
        return false;
      // Nothing that takes time may come between the holder's last use and this one.
      if (!liveAfter(Holder, *I)) {
        if (I->getParent() != Load.getParent() || isa<CallBase>(I))
          return false;
        for (Instruction *Before = I->getPrevNode(); Before && Before != &Load;
             Before = Before->getPrevNode())
          if (isa<CallBase>(Before) && !liveAfter(Holder, *Before))
            return false;
      }
      if (B.baseOf(I) != I && !B.rootsOf(I).empty() && Seen.insert(I).second)
        Work.push_back(I);
    }
  return true;
}

/// The best that can be said of \p I, as things stand.
Lenders::State Lenders::evaluate(Instruction &I) {
  SmallVector<Value *, 4> From;
  lendersOf(I, From);
  State Result = CallLong;
  if (auto *Load = dyn_cast<LoadInst>(&I)) {
    Value *Lender = From.front();
    if (stateOf(Lender) != CallLong) {
      Value *Holder = stateOf(Lender) == WhileHeld ? Holders.lookup(Lender) : Lender;
      if (!onlyReadWhileHeld(*Load, Holder))
        return Owned;
      Holders[Load] = Holder;
      Result = WhileHeld;
    }
  } else if (!all_of(From, [&](Value *V) { return V == &I || stateOf(V) == CallLong; })) {
    return Owned;
  }
  return isUsedAfterWrite(I) ? Owned : Result;
}

/// What starts the chain that lends \p I: parameters that the caller keeps, or the one object
/// that the function owns.
Roots Lenders::rootsOf(Instruction &I) {
  if (States.lookup(&I) == WhileHeld)
    return {Holders.lookup(&I)};
  Roots Result;
  SmallVector<Value *, 8> Work{&I};
  SmallPtrSet<Value *, 8> Seen;
  while (!Work.empty()) {
    Value *Next = Work.pop_back_val();
    if (isa<Constant>(Next) || !Seen.insert(Next).second)
      continue;
    if (isa<Argument>(Next))
      Result.push_back(Next);
    else
      lendersOf(*cast<Instruction>(Next), Work);
  }
  return Result;
}

LentValues Lenders::run() {
  for (Instruction &I : instructions(F))
    if (isCandidate(I))
      States[&I] = CallLong;
  SmallVector<Instruction *> Work;
  for (auto &[I, S] : States)
    Work.push_back(I);
  // What a value lends is among the uses of what is computed from it.
  while (!Work.empty()) {
    Instruction *I = Work.pop_back_val();
    const State Before = States.lookup(I);
    if (Before == Owned)
      continue;
    const State Now = std::min(Before, evaluate(*I));
    if (Now == Before)
      continue;
    States[I] = Now;
    SmallVector<Instruction *, 8> At;
    usesOf(*I, At);
    for (User *U : I->users())
      At.push_back(cast<Instruction>(U));
    for (Instruction *Use : At)
      if (States.count(Use))
        Work.push_back(Use);
  }
  LentValues Result;
  for (auto &[I, S] : States)
    if (S != Owned)
      Result[I] = rootsOf(*I);
  return Result;
}

LentValues cairn::lentValues(Function &F, const References &R, Bases &B,
                             const FieldWrites &Writes) {
  return Lenders(F, R, B, Writes).run();
}
