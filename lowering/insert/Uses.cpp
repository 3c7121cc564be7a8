//===- Uses.cpp - What a function does with each reference ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Uses.h"

#include "insert/Parts.h"
#include "insert/Refusals.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

/// Makes one of what several φ of a block take on the same edge.
static void mergeEdges(SmallVectorImpl<EdgeUse> &Uses) {
  llvm::sort(Uses, [](const EdgeUse &A, const EdgeUse &B) {
    return std::pair(A.From, A.To) < std::pair(B.From, B.To);
  });
  size_t Kept = 0;
  for (const EdgeUse &Use : Uses) {
    if (Kept && Uses[Kept - 1].From == Use.From && Uses[Kept - 1].To == Use.To)
      Uses[Kept - 1].Consumes += Use.Consumes;
    else
      Uses[Kept++] = Use;
  }
  Uses.truncate(Kept);
}

RootUses::RootUses(const Flow &G, Bases &B, const LentValues &Lent, const FieldMoves *Moves,
                   Refusals &Errors)
    : G(G), B(B), Lent(Lent), Moves(Moves), Errors(Errors), F(Errors.function()),
      R(Errors.references()) {
  defineParameters();
  for (unsigned Block = 0; Block != G.size(); ++Block) {
    for (Instruction &I : *G.block(Block))
      visit(I, Block);
    lendOnEdges(Block);
  }
  // What a loop carries is defined after the φ that takes it.
  for (unsigned Block = 0; Block != G.size(); ++Block)
    for (PHINode &Phi : G.block(Block)->phis())
      visitEdges(Phi, Block);
  for (Root &Of : Roots)
    mergeEdges(Of.EdgeUses);
}

void RootUses::define(Value &V, Root::Kind How, unsigned Block, bool AtStart) {
  Index[&V] = unsigned(Roots.size());
  Roots.push_back({&V, How, Block, AtStart});
}

void RootUses::defineParameters() {
  for (Argument &A : F.args())
    if (R.is(&A))
      define(A,
             parameterOwnership(F, A.getArgNo(), R) == Ownership::Owned ? Root::Owned
                                                                        : Root::Borrowed,
             0, true);
    else if (R.in(A.getType()))
      checkParts(A, F.getEntryBlock().front());
}

/// An aggregate that comes with units has to be taken apart, each reference once.
void RootUses::checkParts(Value &Whole, Instruction &At) {
  if (!isTakenApart(Whole, R))
    Errors.refuse(At, "an aggregate of references that is not taken apart right where it comes "
                      "from; run cairn-slots before");
}

void RootUses::defineExtract(Instruction &I, unsigned Block) {
  Value *From = I.getOperand(0);
  if (auto *A = dyn_cast<Argument>(From))
    define(I,
           parameterOwnership(F, A->getArgNo(), R) == Ownership::Owned ? Root::Owned
                                                                       : Root::Borrowed,
           Block, false);
  else if (auto *Call = dyn_cast<CallBase>(From))
    define(I, resultOwnership(*Call, R) == Ownership::Owned ? Root::Owned : Root::Lent, Block,
           false);
  else
    Errors.refuse(I, "a reference is taken out of an aggregate that is no parameter and no "
                     "result of a call; run cairn-slots before");
}

void RootUses::defineResult(Instruction &I, unsigned Block) {
  auto *Call = dyn_cast<CallBase>(&I);
  if (Call && R.in(I.getType()) && !R.is(&I))
    return checkParts(I, I);
  if (!R.is(&I) || B.baseOf(&I) != &I)
    return;
  if (isa<ExtractValueInst, ExtractElementInst>(I))
    return defineExtract(I, Block);
  if (auto *Invoke = dyn_cast<InvokeInst>(&I)) {
    if (std::optional<unsigned> Next = G.numberOf(Invoke->getNormalDest()))
      define(I, resultOwnership(*Call, R) == Ownership::Owned ? Root::Owned : Root::Lent, *Next,
             true);
  } else if (Call) {
    define(I, resultOwnership(*Call, R) == Ownership::Owned ? Root::Owned : Root::Lent, Block,
           false);
  } else if (isa<LoadInst>(I) && isCell(B.baseOf(cast<LoadInst>(I).getPointerOperand()))) {
    define(I, Root::Owned, Block, false); // the field's own unit
  } else if (Moves && Moves->isMoved(&I)) {
    define(I, Root::Owned, Block, false);
  } else if (Lent.count(&I)) {
    define(I, Root::Borrowed, Block, isa<PHINode>(I));
  } else if (isa<PHINode>(I)) {
    define(I, Root::Owned, Block, true);
  } else if (isa<LoadInst, SelectInst, FreezeInst>(I)) {
    define(I, Root::Lent, Block, false);
  } else {
    define(I, Root::Borrowed, Block, false);
  }
}

Root *RootUses::find(Value *V) {
  auto Found = Index.find(V);
  return Found == Index.end() ? nullptr : &Roots[Found->second];
}

/// The root that \p V is, if its unit can be taken; null if it needs none.
Root *RootUses::ownRoot(Value *V, Instruction &At) {
  if (isa<Constant>(V))
    return nullptr;
  if (B.isInterior(V)) {
    Errors.refuse(At, "a pointer into an object is kept as a reference; keep the object's own "
                      "reference, and an offset beside it");
    return nullptr;
  }
  Value *Base = B.baseOf(V);
  return Lent.lookup(Base).Constant ? nullptr : find(Base);
}

RootUse &RootUses::useOf(Root &Of, Instruction &At, unsigned Block) {
  if (Of.Uses.empty() || Of.Uses.back().At != &At)
    Of.Uses.push_back({&At, Block, 0, false});
  return Of.Uses.back();
}

void RootUses::borrow(Value *V, Instruction &At, unsigned Block) {
  if (isa<Constant, BasicBlock, MetadataAsValue>(V))
    return;
  if (B.conflicts(V))
    Errors.refuse(At, "a plain pointer that may point into one of several objects of a loop, and "
                      "it cannot be seen which one has to live; choose between the references, "
                      "and borrow from the one that was chosen");
  for (Value *From : B.rootsOf(V)) {
    if (Root *Of = find(From))
      useOf(*Of, At, Block).Borrows = true;
    borrowLenders(From, At, Block);
  }
}

/// What lends \p V has to live as long as it.
void RootUses::borrowLenders(Value *V, Instruction &At, unsigned Block) {
  auto Found = Lent.find(V);
  if (Found == Lent.end())
    return;
  for (Value *Lender : Found->second.Roots)
    if (Root *Of = find(Lender))
      useOf(*Of, At, Block).Borrows = true;
}

void RootUses::consume(Value *V, Instruction &At, unsigned Block) {
  const bool Complete = forEachPart(V, R, [&](Value *Part) {
    if (Root *Of = ownRoot(Part, At)) {
      ++useOf(*Of, At, Block).Consumes;
      borrowLenders(Of->V, At, Block);
    }
  });
  if (!Complete)
    Errors.refuse(At, "an aggregate of references that is not put together from its parts; run "
                      "cairn-slots before");
}

void RootUses::visit(Instruction &I, unsigned Block) {
  if (auto *Call = dyn_cast<CallBase>(&I)) {
    visitCall(*Call, Block);
  } else if (auto *Return = dyn_cast<ReturnInst>(&I)) {
    visitReturn(*Return, Block);
  } else if (auto *Store = dyn_cast<StoreInst>(&I)) {
    borrow(Store->getPointerOperand(), I, Block);
    if (R.is(Store->getValueOperand()))
      consume(Store->getValueOperand(), I, Block);
    else
      borrow(Store->getValueOperand(), I, Block);
  } else if (!isa<PHINode>(I) && !B.isDerived(&I)) {
    for (Value *Operand : I.operands())
      borrow(Operand, I, Block);
  }
  defineResult(I, Block);
}

void RootUses::visitCall(CallBase &Call, unsigned Block) {
  if (const ManagedInfo *M = calledManaged(Call))
    if (M->ID == ManagedID::RefIncref || M->ID == ManagedID::RefDecref ||
        M->ID == ManagedID::RefShareInto) {
      Errors.refuse(Call, "a count that is written by hand, in a function whose counts are "
                          "inserted; take it out, or give the function the attribute "
                          "\"cairn-counts-inserted\" and write all of its counts");
      return;
    }
  for (unsigned N = 0; N != Call.arg_size(); ++N) {
    Value *Arg = Call.getArgOperand(N);
    if (argumentOwnership(Call, N, R) == Ownership::Owned)
      consume(Arg, Call, Block);
    else
      borrow(Arg, Call, Block);
  }
  for (unsigned N = Call.arg_size(); N != Call.getNumOperands(); ++N)
    borrow(Call.getOperand(N), Call, Block);
}

void RootUses::visitReturn(ReturnInst &Return, unsigned Block) {
  Value *V = Return.getReturnValue();
  if (!V)
    return;
  if (resultOwnership(F, R) == Ownership::Owned)
    return consume(V, Return, Block);
  borrow(V, Return, Block);
  if (!R.in(V->getType()))
    return;
  bool Outlives = true;
  if (!forEachPart(V, R, [&](Value *Part) { Outlives &= outlivesFrame(Part); }) || !Outlives)
    Errors.refuse(Return, "the function lends its result, but nothing keeps the object alive when "
                          "it returns; take \"cairn-borrowed\" off the result");
}

/// Whether a parameter that is borrowed, or memory outside of the frame, keeps \p V alive.
bool RootUses::outlivesFrame(Value *V) {
  SmallVector<Value *, 8> Worklist{V};
  SmallPtrSet<Value *, 8> Seen;
  while (!Worklist.empty()) {
    Value *Lent = Worklist.pop_back_val();
    if (isa<Constant>(Lent) || !Seen.insert(Lent).second)
      continue;
    Value *Base = B.baseOf(Lent);
    const Root *Of = Base ? find(Base) : nullptr;
    if (!Of) {
      if (isa<AllocaInst>(getUnderlyingObject(Lent)))
        return false;
    } else if (auto *Phi = dyn_cast<PHINode>(Base)) {
      append_range(Worklist, Phi->incoming_values());
    } else if (Of->How == Root::Owned) {
      return false;
    } else if (auto *Load = dyn_cast<LoadInst>(Base)) {
      Worklist.push_back(Load->getPointerOperand());
    } else if (auto *Call = dyn_cast<CallBase>(Base)) {
      for (Value *Arg : Call->args())
        if (R.is(Arg))
          Worklist.push_back(Arg);
    } else if (isa<SelectInst, FreezeInst>(Base)) {
      for (Value *Operand : cast<Instruction>(Base)->operands())
        if (R.is(Operand))
          Worklist.push_back(Operand);
    }
  }
  return true;
}

/// A φ that has a count takes one on its edges of what is lent, which has to live until then.
void RootUses::lendOnEdges(unsigned Block) {
  BasicBlock *From = G.block(Block);
  for (unsigned Next : G.successors(Block))
    for (PHINode &Phi : G.block(Next)->phis())
      if (R.is(&Phi) && !Lent.count(&Phi))
        borrowLenders(Phi.getIncomingValueForBlock(From), *From->getTerminator(), Block);
}

void RootUses::visitEdges(PHINode &Phi, unsigned Block) {
  if (!R.is(&Phi) || Lent.count(&Phi))
    return;
  SmallPtrSet<BasicBlock *, 8> Seen;
  for (unsigned N = 0; N != Phi.getNumIncomingValues(); ++N) {
    BasicBlock *Source = Phi.getIncomingBlock(N);
    const std::optional<unsigned> From = G.numberOf(Source);
    if (!From || !Seen.insert(Source).second)
      continue;
    Root *Of = ownRoot(Phi.getIncomingValue(N), Phi);
    if (!Of)
      continue;
    Of->EdgeUses.push_back({*From, Block, 1});
  }
}
