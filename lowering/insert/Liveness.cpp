//===- Liveness.cpp - Where the units of references go ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Liveness.h"

#include "insert/Refusals.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-insert"

STATISTIC(NumMoves, "Number of units moved at a last use");

Liveness::Liveness(const Flow &G, const RootUses &Uses, Bases &B, Plan &P, Refusals &Errors)
    : G(G), B(B), P(P), Errors(Errors), Live(G), Ends(G.size()) {
  findEnds(Uses);
  std::vector<const Root *> Counted;
  for (const Root &Of : Uses.roots())
    if (Of.How == Root::Borrowed)
      borrowed(Of);
    else if (Of.How == Root::Owned || Of.hasUses())
      Counted.push_back(&Of);
  Live.forEach(Counted, [&](const Root &Of) { owned(Of); });
}

void Liveness::findEnds(const RootUses &Uses) {
  BitVector Defines(G.size());
  for (const Root &Of : Uses.roots())
    if (Of.Block != 0 || !isa<Argument>(Of.V))
      Defines.set(Of.Block);
  // Backwards, so that a loop is none: it may run for long.
  for (unsigned Block = G.size(); Block--;)
    Ends[Block] = !Defines[Block] && (G.successors(Block).empty()
                                          ? isa<UnreachableInst>(G.block(Block)->getTerminator())
                                          : all_of(G.successors(Block), [&](unsigned Next) {
                                              return Next > Block && Ends[Next];
                                            }));
}

/// How many units the φ of \p To take on this edge.
unsigned Liveness::takenOn(const Root &Of, unsigned From, unsigned To) const {
  const auto *At = llvm::lower_bound(Of.EdgeUses, std::pair(From, To),
                                     [](const EdgeUse &E, std::pair<unsigned, unsigned> Edge) {
                                       return std::pair(E.From, E.To) < Edge;
                                     });
  return At != Of.EdgeUses.end() && At->From == From && At->To == To ? At->Consumes : 0;
}

/// Whether a test at the end of \p From finds that the root is null, if \p To is next: null
/// needs no counts.
bool Liveness::isNullOn(const Root &Of, unsigned From, unsigned To) const {
  const auto *Branch = dyn_cast<BranchInst>(G.block(From)->getTerminator());
  if (!Branch || !Branch->isConditional() || G.successors(From).size() != 2)
    return false;
  const auto *Test = dyn_cast<ICmpInst>(Branch->getCondition());
  if (!Test || !Test->isEquality())
    return false;
  Value *Tested = Test->getOperand(0), *Other = Test->getOperand(1);
  if (isa<ConstantPointerNull>(Tested))
    std::swap(Tested, Other);
  const bool IfTrue = Test->getPredicate() == ICmpInst::ICMP_EQ;
  return isa<ConstantPointerNull>(Other) && B.baseOf(Tested) == Of.V && !B.isInterior(Tested) &&
         Branch->getSuccessor(IfTrue ? 0 : 1) == G.block(To);
}

void Liveness::borrowed(const Root &Of) {
  for (const RootUse &Use : Of.Uses)
    P.increfBefore(*Use.At, Of.V, Use.Consumes);
  for (const EdgeUse &Use : Of.EdgeUses)
    if (!isNullOn(Of, Use.From, Use.To))
      P.incref(*G.block(Use.From), *G.block(Use.To), Of.V, Use.Consumes);
}

bool Liveness::isLiveOut(const Root &Of, unsigned Block) const {
  return any_of(G.successors(Block),
                [&](unsigned Next) { return Live.isLiveIn(Next) || takenOn(Of, Block, Next); });
}

void Liveness::owned(const Root &Of) {
  if (Of.How == Root::Lent) {
    if (Of.AtStart)
      P.increfAtStart(*G.block(Of.Block), Of.V);
    else
      P.increfAfter(*cast<Instruction>(Of.V), Of.V);
  }
  for (unsigned Block : Live.blocks())
    inBlock(Of, Block);
}

void Liveness::inBlock(const Root &Of, unsigned Block) {
  const bool LiveOut = isLiveOut(Of, Block);
  ArrayRef<RootUse> Uses = Of.Uses;
  Uses = Uses.drop_front(size_t(
      partition_point(Uses, [&](const RootUse &Use) { return Use.Block < Block; }) - Uses.begin()));
  Uses = Uses.take_while([&](const RootUse &Use) { return Use.Block == Block; });
  bool LeavesWithUnit = LiveOut;
  if (!LiveOut && Uses.empty()) {
    if (Ends[Block])
      return;
    if (Of.AtStart)
      P.decrefAtStart(*G.block(Block), Of.V);
    else
      P.decrefAfter(*cast<Instruction>(Of.V), Of.V);
    return;
  }
  for (const RootUse &Use : Uses) {
    const bool Last = !LiveOut && &Use == &Uses.back();
    const bool Moves = Last && Use.Consumes && !Use.Borrows;
    P.increfBefore(*Use.At, Of.V, Use.Consumes - (Moves ? 1 : 0));
    NumMoves += Moves;
    if (!Last || Moves)
      continue;
    if (Use.At->isTerminator() && !isa<ReturnInst>(Use.At))
      LeavesWithUnit = true;
    else
      dropAfter(Of, Use);
  }
  if (LeavesWithUnit)
    onEdges(Of, Block);
}

void Liveness::onEdges(const Root &Of, unsigned Block) {
  for (unsigned Next : G.successors(Block)) {
    const unsigned Taken = takenOn(Of, Block, Next);
    const unsigned Needed = Taken + (Live.isLiveIn(Next) ? 1 : 0);
    if (Needed == 1 || isNullOn(Of, Block, Next))
      continue;
    if (Needed)
      P.incref(*G.block(Block), *G.block(Next), Of.V, Needed - 1);
    else if (!Ends[Next])
      P.decref(*G.block(Block), *G.block(Next), Of.V);
  }
}

void Liveness::dropAfter(const Root &Of, const RootUse &Last) {
  if (Ends[Last.Block])
    return;
  if (isa<ReturnInst>(Last.At))
    return P.decrefBefore(*Last.At, Of.V);
  Instruction &Next = *Last.At->getNextNode();
  if (isa<UnreachableInst>(Next))
    return;
  if (auto *Call = dyn_cast<CallInst>(Last.At)) {
    if (Call->isMustTailCall()) {
      Errors.refuse(*Call, "a call that must be a tail call borrows a reference that only this "
                           "function keeps alive, and nothing can be released after it; mark the "
                           "parameter \"cairn-owned\"");
      return;
    }
    if (Call->isTailCall())
      P.breakTailCall(*Call);
  }
  P.decrefAfter(*Last.At, Of.V);
}
