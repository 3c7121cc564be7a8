//===- OwnLife.cpp - Where a root is live by its own uses ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/OwnLife.h"

#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace cairn;

/// Blocks that isNear looks at.
constexpr unsigned kFarthest = 16;

struct OwnLife::Life {
  SmallPtrSet<const BasicBlock *, 16> In, Out; ///< Live where the block starts, and ends.
  DenseMap<const BasicBlock *, const Instruction *> Last; ///< The last use in the block.
};

OwnLife::OwnLife(const References &R, Bases &B, size_t Budget,
                 function_ref<bool(const PHINode &)> IsLent)
    : R(R), B(B), Budget(Budget), IsLent(IsLent) {}
OwnLife::~OwnLife() = default;

void OwnLife::forget(Value &Root) { Lives.erase(&Root); }

OwnLife::Life &OwnLife::lifeOf(Value &Root) {
  std::unique_ptr<Life> &L = Lives[&Root];
  if (!L) {
    L = std::make_unique<Life>();
    find(Root, *L);
  }
  return *L;
}

void OwnLife::find(Value &Root, Life &L) {
  const auto *Def = dyn_cast<Instruction>(&Root);
  const BasicBlock *Home = Def ? Def->getParent() : nullptr;
  SmallVector<const BasicBlock *, 16> Blocks;
  auto NeededIn = [&](const BasicBlock *Block) {
    if (Block != Home && L.In.insert(Block).second)
      Blocks.push_back(Block);
  };
  SmallVector<Value *, 8> Work{&Root};
  SmallPtrSet<Value *, 8> Seen{&Root};
  while (!Work.empty())
    for (Use &U : Work.pop_back_val()->uses()) {
      auto *I = cast<Instruction>(U.getUser());
      if (auto *Phi = dyn_cast<PHINode>(I); Phi && R.is(Phi)) {
        const BasicBlock *From = Phi->getIncomingBlock(U);
        if (!IsLent(*Phi)) {
          L.Out.insert(From);
          NeededIn(From);
        }
        continue;
      }
      if (B.isDerived(I)) {
        if (Seen.insert(I).second)
          Work.push_back(I);
        continue;
      }
      const Instruction *&Last = L.Last[I->getParent()];
      if (!Last || Last->comesBefore(I))
        Last = I;
      NeededIn(I->getParent());
    }
  while (!Blocks.empty())
    for (const BasicBlock *Before : predecessors(Blocks.pop_back_val())) {
      if (!Budget) {
        L = Life();
        return;
      }
      --Budget;
      L.Out.insert(Before);
      NeededIn(Before);
    }
}

bool OwnLife::isLiveAfter(Value &Root, const Instruction &At) {
  Life &L = lifeOf(Root);
  const Instruction *Last = L.Last.lookup(At.getParent());
  return L.Out.contains(At.getParent()) || (Last && At.comesBefore(Last));
}

bool OwnLife::isLiveInto(Value &Root, const BasicBlock &Block) {
  return lifeOf(Root).In.contains(&Block);
}

/// Whether a call takes no time to speak of.
static bool isCheap(const CallBase &Call) {
  const ManagedInfo *M = calledManaged(Call);
  if (!M)
    return isa<DbgInfoIntrinsic, AssumeInst>(Call) || Call.isLifetimeStartOrEnd() ||
           (isa<IntrinsicInst>(Call) && Call.doesNotAccessMemory());
  return M->ID == ManagedID::RefTag || M->ID == ManagedID::RefLength ||
         M->ID == ManagedID::RefIsUnique || M->ID == ManagedID::RefAssertUnique ||
         M->ID == ManagedID::Borrow;
}

/// Whether the root was live on each way to \p Until, or to the end of \p Block, with only cheap
/// instructions since. \p Around: the blocks from there to where the question was asked.
bool OwnLife::wasLive(Value &Root, Life &L, const BasicBlock &Block, const Instruction *Until,
                      SmallPtrSetImpl<const BasicBlock *> &Around, unsigned &Left) {
  if (!Left || !Around.insert(&Block).second)
    return false;
  --Left;
  const Instruction *Last = L.Last.lookup(&Block);
  const Instruction *I = Until ? Until->getPrevNode() : &Block.back();
  for (; I && !isa<PHINode>(I); I = I->getPrevNode()) {
    if (I == Last || I == &Root)
      break;
    if (auto *Call = dyn_cast<CallBase>(I); Call && !isCheap(*Call))
      return false;
  }
  const auto *Def = dyn_cast<Instruction>(&Root);
  bool Was = (I && !isa<PHINode>(I)) || (Def && Def->getParent() == &Block);
  if (!Was && !(pred_empty(&Block) && Def))
    Was = all_of(predecessors(&Block), [&](const BasicBlock *Before) {
      return L.Out.contains(Before) || wasLive(Root, L, *Before, nullptr, Around, Left);
    });
  Around.erase(&Block);
  return Was;
}

/// Whether \p Call borrows the root, and takes no count of it.
static bool borrows(const CallBase &Call, const Value &Root, Bases &B, const References &R) {
  bool Any = false;
  for (unsigned N = 0; N != Call.arg_size(); ++N)
    if (is_contained(B.rootsOf(Call.getArgOperand(N)), &Root)) {
      if (argumentOwnership(Call, N, R) == Ownership::Owned)
        return false;
      Any = true;
    }
  return Any;
}

bool OwnLife::isNear(Value &Root, const Instruction &At) {
  if (isLiveAfter(Root, At))
    return true;
  Life &L = lifeOf(Root);
  if (const auto *Call = dyn_cast<CallBase>(&At); Call && !isCheap(*Call))
    return borrows(*Call, Root, B, R);
  SmallPtrSet<const BasicBlock *, 8> Around;
  unsigned Left = kFarthest;
  return wasLive(Root, L, *At.getParent(), &At, Around, Left);
}
