//===- Keepers.cpp - References that keep joined pointers alive -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In rounds: a φ gets a keeper where it meets roots that do not outlive it, and those are then
// known to the φ behind it. Most functions need no round, and nearly all others one. A φ for
// which one keeper is not enough stays in conflict, which is refused where it is used.
//
//===----------------------------------------------------------------------===//
#include "insert/Keepers.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

constexpr unsigned kMostRounds = 8;

namespace {

class Keepers {
public:
  Keepers(Function &F, Bases &B, const References &R) : F(F), B(B), R(R) {}
  bool run();

private:
  SmallVector<PHINode *> conflicts();
  SmallVector<Value *, 2> lostRoots(PHINode &Phi, Value *Incoming);
  bool fill(PHINode &Phi, PHINode &Keeper);

  Function &F;
  Bases &B;
  const References &R;
  MapVector<PHINode *, PHINode *> Of; ///< The keeper of a φ.
};

} // namespace

/// The roots of what comes into \p Phi that do not outlive it.
SmallVector<Value *, 2> Keepers::lostRoots(PHINode &Phi, Value *Incoming) {
  SmallVector<Value *, 2> Lost;
  for (Value *Root : B.rootsOf(Incoming))
    if (!B.outlives(Root, Phi))
      Lost.push_back(Root);
  return Lost;
}

/// The φ in which a root is lost, and that have no keeper yet.
SmallVector<PHINode *> Keepers::conflicts() {
  SmallVector<PHINode *> Found;
  for (BasicBlock &Block : F)
    for (PHINode &Phi : Block.phis())
      if (!R.is(&Phi) && B.conflicts(&Phi) && !Of.contains(&Phi) &&
          any_of(Phi.incoming_values(), [&](Value *V) { return !lostRoots(Phi, V).empty(); }))
        Found.push_back(&Phi);
  return Found;
}

/// Gives the keeper what it keeps on each way. False: one is not enough.
bool Keepers::fill(PHINode &Phi, PHINode &Keeper) {
  bool Enough = true;
  for (unsigned N = 0; N != Phi.getNumIncomingValues(); ++N) {
    const SmallVector<Value *, 2> Lost = lostRoots(Phi, Phi.getIncomingValue(N));
    Enough &= Lost.size() <= 1;
    Keeper.addIncoming(Lost.empty() ? Constant::getNullValue(Keeper.getType()) : Lost.front(),
                       Phi.getIncomingBlock(N));
  }
  return Enough;
}

bool Keepers::run() {
  for (unsigned Round = 0; Round != kMostRounds; ++Round) {
    const SmallVector<PHINode *> Found = conflicts();
    if (Found.empty())
      break;
    for (PHINode *Phi : Found) {
      auto *Keeper =
          PHINode::Create(PointerType::get(F.getContext(), R.space()), Phi->getNumIncomingValues(),
                          Phi->getName() + ".keeper", Phi->getIterator());
      Keeper->setDebugLoc(Phi->getDebugLoc());
      Of[Phi] = Keeper;
    }
    for (PHINode *Phi : Found)
      B.setKeeper(*Phi, Of[Phi]);
  }
  SmallVector<PHINode *> NotEnough;
  for (auto &[Phi, Keeper] : Of)
    if (!fill(*Phi, *Keeper))
      NotEnough.push_back(Phi);
  for (PHINode *Phi : NotEnough)
    B.setKeeper(*Phi, nullptr);
  return !Of.empty();
}

bool cairn::addKeepers(Function &F, Bases &B, const References &R) {
  return Keepers(F, B, R).run();
}
