//===- Edges.cpp - Where the counts of an edge are written ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is dropped on all edges into a block is dropped where the block starts. The rest goes to
// the start of a block with one predecessor, to the end of a block with one successor, or into
// a block of its own in the middle of the edge. Unwind edges and those of an indirect branch have
// no middle. A landing pad has one predecessor, though (insert/Unwind.h), and the target of an
// indirect branch is refused if only some of its edges have counts.
//
//===----------------------------------------------------------------------===//
#include "insert/Plan.h"

#include "insert/Refusals.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"

using namespace llvm;
using namespace cairn;

Instruction &cairn::firstPlaceIn(BasicBlock &Block) {
  BasicBlock::iterator I = Block.getFirstInsertionPt();
  if (Block.isEntryBlock())
    while (isa<AllocaInst>(*I))
      ++I;
  return *I;
}

/// The block's one predecessor, through however many edges.
static bool hasOnePredecessor(const BasicBlock &Block) {
  return Block.getUniquePredecessor() != nullptr;
}

static bool hasOneSuccessor(const Instruction &Terminator) {
  return Terminator.getNumSuccessors() != 0 &&
         all_of(successors(&Terminator),
                [&](const BasicBlock *Next) { return Next == Terminator.getSuccessor(0); });
}

/// Whether a block can be put in the middle of the edge.
static bool canSplit(const Instruction &From, const BasicBlock &To) {
  return !isa<IndirectBrInst>(From) && !To.isEHPad();
}

/// Sends all ways from \p From to \p To to \p Middle, and lets the φ of \p To think so.
static void redirect(Instruction &From, BasicBlock &To, BasicBlock &Middle) {
  for (unsigned N = 0; N != From.getNumSuccessors(); ++N)
    if (From.getSuccessor(N) == &To)
      From.setSuccessor(N, &Middle);
}

/// Moves what the φ of \p To have for \p From to \p Middle; one entry stands for all.
static void moveIncoming(BasicBlock &To, BasicBlock &From, BasicBlock &Middle) {
  for (PHINode &Phi : To.phis()) {
    bool First = true;
    for (unsigned N = Phi.getNumIncomingValues(); N--;)
      if (Phi.getIncomingBlock(N) == &From) {
        if (std::exchange(First, false))
          Phi.setIncomingBlock(N, &Middle);
        else
          Phi.removeIncomingValue(N, /*DeletePHIIfEmpty=*/false);
      }
  }
}

void Plan::settle(Instruction &From, BasicBlock &To, Counts &C) {
  if (hasOnePredecessor(To))
    return Gaps[&firstPlaceIn(To)].append(C);
  if (hasOneSuccessor(From))
    return Gaps[&From].append(C);
  BasicBlock &Source = *From.getParent();
  auto *Middle =
      BasicBlock::Create(To.getContext(), Source.getName() + ".counts", To.getParent(), &To);
  BranchInst *Jump = BranchInst::Create(&To, Middle);
  Jump->setDebugLoc(From.getDebugLoc());
  // A loop's properties are at the branch to its header.
  if (MDNode *Loop = From.getMetadata(LLVMContext::MD_loop); Loop && From.getNumSuccessors() == 2) {
    Jump->setMetadata(LLVMContext::MD_loop, Loop);
    From.setMetadata(LLVMContext::MD_loop, nullptr);
  }
  redirect(From, To, *Middle);
  moveIncoming(To, Source, *Middle);
  Gaps[Jump].append(C);
}

void Plan::hoistCommon(BasicBlock &To, ArrayRef<EdgeCounts> Edges) {
  // One edge a terminator: several ways from one block to another are one.
  SmallPtrSet<Instruction *, 8> Ways;
  for (BasicBlock *From : predecessors(&To))
    Ways.insert(From->getTerminator());
  if (Ways.size() == 1 || Edges.size() != Ways.size())
    return;
  MapVector<Value *, unsigned> On;
  for (auto &[E, C] : Edges)
    for (const Count &Each : C->Decrefs)
      ++On[Each.V];
  SmallPtrSet<Value *, 8> Common;
  Counts &Start = Gaps[&firstPlaceIn(To)];
  for (auto &[V, N] : On)
    if (N == Edges.size()) {
      Common.insert(V);
      Start.Decrefs.push_back(*find_if(Edges.front().second->Decrefs,
                                       [V = V](const Count &Each) { return Each.V == V; }));
    }
  for (auto &[E, C] : Edges)
    erase_if(C->Decrefs, [&](const Count &Each) { return Common.contains(Each.V); });
}

bool Plan::settleEdges(Refusals &Errors) {
  MapVector<BasicBlock *, SmallVector<EdgeCounts, 4>> Into;
  for (auto &[E, C] : Edges)
    Into[E.second].push_back({E, &C});
  for (auto &[To, List] : Into) {
    hoistCommon(*To, List);
    erase_if(List, [](const EdgeCounts &E) { return E.second->empty(); });
  }
  // All errors come before the first change.
  bool Possible = true;
  for (auto &[To, List] : Into)
    for (auto &[E, C] : List)
      if (!hasOnePredecessor(*To) && !canSplit(*E.first, *To)) {
        Errors.refuse(*E.first,
                      "a reference is released or passed on by only some of the ways into '" +
                          To->getName() + "', and nothing can be put on this one; " +
                          "give the branch a target that no other branch has");
        Possible = false;
      }
  if (!Possible)
    return false;
  for (auto &[To, List] : Into)
    for (auto &[E, C] : List)
      settle(*E.first, *To, *C);
  Edges.clear();
  return true;
}
