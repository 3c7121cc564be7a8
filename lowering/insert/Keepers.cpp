//===- Keepers.cpp - References that keep joined pointers alive -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function without a conflict, as most are, needs no keeper. In one with conflicts, every φ and
// select that meets roots gets one. It holds the root of what was taken, if that has one, or the
// one that does not outlive the join. If there are more, what was taken stays a conflict, and is
// refused where it is used.
//
//===----------------------------------------------------------------------===//
#include "insert/Keepers.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

namespace {

class Keepers {
public:
  Keepers(Function &F, Bases &B, const References &R) : F(F), B(B), R(R) {}
  bool run();

private:
  SmallVector<Instruction *> findJoins();
  Value *kept(Instruction &Join, Value *Taken);

  Function &F;
  Bases &B;
  const References &R;
  SmallPtrSet<Instruction *, 8> NotEnough;
};

} // namespace

/// The joins that need keepers; none if nothing is in conflict.
SmallVector<Instruction *> Keepers::findJoins() {
  SmallVector<Instruction *> Joins;
  bool Conflict = false;
  for (Instruction &I : instructions(F))
    if (isa<PHINode, SelectInst>(I) && !R.is(&I)) {
      Conflict |= B.conflicts(&I);
      if (B.conflicts(&I) || !B.rootsOf(&I).empty())
        Joins.push_back(&I);
    }
  return Conflict ? Joins : SmallVector<Instruction *>();
}

/// What the keeper of \p Join holds if \p Taken was taken.
Value *Keepers::kept(Instruction &Join, Value *Taken) {
  Value *Kept = nullptr;
  const ArrayRef<Value *> Roots = B.rootsOf(Taken);
  for (Value *Root : Roots)
    if (Roots.size() == 1 || !B.outlives(Root, Join)) {
      if (Kept)
        NotEnough.insert(&Join);
      Kept = Root;
    }
  return Kept ? Kept : Constant::getNullValue(PointerType::get(F.getContext(), R.space()));
}

bool Keepers::run() {
  const SmallVector<Instruction *> Joins = findJoins();
  if (Joins.empty())
    return false;
  Constant *Null = Constant::getNullValue(PointerType::get(F.getContext(), R.space()));
  SmallVector<std::pair<Instruction *, Instruction *>> Of;
  for (Instruction *Join : Joins) {
    Instruction *Keeper;
    if (auto *Phi = dyn_cast<PHINode>(Join))
      Keeper = PHINode::Create(Null->getType(), Phi->getNumIncomingValues());
    else
      Keeper = SelectInst::Create(cast<SelectInst>(Join)->getCondition(), Null, Null);
    Keeper->setName(Join->getName() + ".keeper");
    Keeper->insertBefore(Join->getIterator());
    Keeper->setDebugLoc(Join->getDebugLoc());
    Of.push_back({Join, Keeper});
    B.setKeeper(*Join, Keeper);
  }
  B.forget();
  for (auto [Join, Keeper] : Of) {
    if (auto *Phi = dyn_cast<PHINode>(Join)) {
      for (unsigned N = 0; N != Phi->getNumIncomingValues(); ++N)
        cast<PHINode>(Keeper)->addIncoming(kept(*Phi, Phi->getIncomingValue(N)),
                                           Phi->getIncomingBlock(N));
    } else {
      Keeper->setOperand(1, kept(*Join, Join->getOperand(1)));
      Keeper->setOperand(2, kept(*Join, Join->getOperand(2)));
    }
  }
  for (Instruction *Join : NotEnough)
    B.setKeeper(*Join, nullptr);
  B.forget();
  return true;
}

bool cairn::addKeepers(Function &F, Bases &B, const References &R) {
  return Keepers(F, B, R).run();
}
