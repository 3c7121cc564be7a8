//===- Bases.cpp - What a pointer was computed from -------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The values that the asked one is derived from are collected down to those whose roots are
// known. Then each gets its origin from its sources, in an order in which sources come first
// but for the cycles of φ, which are gone through again until nothing changes.
//
//===----------------------------------------------------------------------===//
#include "analysis/Bases.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;

/// Whether \p V is a call of LLVM's that returns its first argument as it is.
static bool isSamePointer(const Value *V) {
  const auto *Call = dyn_cast<IntrinsicInst>(V);
  if (!Call)
    return false;
  switch (Call->getIntrinsicID()) {
  case Intrinsic::launder_invariant_group:
  case Intrinsic::strip_invariant_group:
  case Intrinsic::ptr_annotation:
  case Intrinsic::ssa_copy:
    return true;
  default:
    return false;
  }
}

/// Whether \p V computes an address from its first operand.
static bool isAddress(const Instruction *I) {
  const auto *Call = dyn_cast<IntrinsicInst>(I);
  return isa<GetElementPtrInst, FreezeInst>(I) || isSamePointer(I) ||
         (Call && Call->getIntrinsicID() == Intrinsic::ptrmask) ||
         (isa<CastInst>(I) && I->getOperand(0)->getType()->isPtrOrPtrVectorTy());
}

bool Bases::mayPoint(Type *T) const {
  if (T->isPointerTy())
    return true;
  if (auto *Vector = dyn_cast<VectorType>(T))
    return mayPoint(Vector->getElementType());
  if (auto *Array = dyn_cast<ArrayType>(T))
    return mayPoint(Array->getElementType());
  if (auto *Struct = dyn_cast<StructType>(T))
    return any_of(Struct->elements(), [&](Type *Element) { return mayPoint(Element); });
  return false;
}

/// The values whose roots decide those of \p V; none if it is a root itself or has none.
void Bases::sourcesOf(Value *V, SmallVectorImpl<Value *> &Sources) const {
  auto *I = dyn_cast<Instruction>(V);
  if (!I || !mayPoint(I->getType()))
    return;
  const bool Reference = R.is(I);
  if (isAddress(I)) {
    Sources.push_back(I->getOperand(0));
  } else if (isa<InsertValueInst, InsertElementInst, ShuffleVectorInst>(I)) {
    Sources.append({I->getOperand(0), I->getOperand(1)});
  } else if (isa<ExtractValueInst, ExtractElementInst>(I)) {
    if (!Reference)
      Sources.push_back(I->getOperand(0));
  } else if (auto *Phi = dyn_cast<PHINode>(I)) {
    if (!Reference)
      append_range(Sources, Phi->incoming_values());
  } else if (auto *Select = dyn_cast<SelectInst>(I)) {
    if (!Reference)
      Sources.append({Select->getTrueValue(), Select->getFalseValue()});
  } else if (auto *Call = dyn_cast<CallBase>(I); Call && !Reference) {
    if (const ManagedInfo *M = calledManaged(*Call)) {
      if (M->ID == ManagedID::Borrow || M->ID == ManagedID::RefListData)
        Sources.push_back(Call->getArgOperand(0));
    } else if (!Call->returnDoesNotAlias()) {
      for (Use &Arg : Call->args())
        if (mayPoint(Arg->getType()) && !Call->doesNotCapture(Call->getArgOperandNo(&Arg)))
          Sources.push_back(Arg);
    }
  }
}

const Bases::Origin *Bases::known(Value *V) const { return Known.lookup(V); }

bool Bases::outlives(const Value *Root, const Instruction &Join) const {
  // A φ of the same block has changed when the join is there.
  const auto *I = dyn_cast<Instruction>(Root);
  return !I || !isa<PHINode>(Join) ||
         (I->getParent() != Join.getParent() && DT.dominates(I, Join.getParent()));
}

/// The origin of \p V by what is known of its sources now.
Bases::Origin Bases::originOf(Value *V) const {
  SmallVector<Value *, 4> Sources;
  sourcesOf(V, Sources);
  return originOf(V, Sources);
}

Bases::Origin Bases::originOf(Value *V, ArrayRef<Value *> Sources) const {
  Origin Result;
  auto Add = [&](Value *Root) {
    if (!Root)
      Result.Conflict = true;
    else if (!is_contained(Result.Roots, Root))
      Result.Roots.push_back(Root);
  };
  const auto *Join = isa<PHINode, SelectInst>(V) ? cast<Instruction>(V) : nullptr;
  Value *Keeper = Join ? Keepers.lookup(V) : nullptr;
  if (Keeper)
    Add(Keeper);
  for (Value *Source : Sources) {
    const Origin *From = known(Source);
    if (!From)
      continue;
    Result.Interior |= From->Interior;
    Result.Conflict |= From->Conflict;
    if (Keeper && From->Roots.size() == 1)
      continue;
    for (Value *Root : From->Roots)
      Add(Join && !outlives(Root, *Join) ? Keeper : Root);
  }
  if (auto *Step = dyn_cast<GetElementPtrInst>(V))
    Result.Interior |= !Step->hasAllZeroIndices();
  else if (isa<CallBase>(V) && !Result.Roots.empty())
    Result.Interior |= !isManaged(V, ManagedID::Borrow) && !isSamePointer(V);
  if (R.is(V) && (Result.Roots.empty() || (isa<FreezeInst>(V) && !Result.Interior))) {
    Result.Roots.assign({V});
    Result.Interior = false;
  }
  return Result;
}

const Bases::Origin &Bases::find(Value *V) {
  static const Origin None;
  if (!mayPoint(V->getType()))
    return None;
  if (const Origin *O = known(V))
    return *O;
  // Most values are roots, or computed from what was asked about before.
  SmallVector<Value *, 4> Sources;
  sourcesOf(V, Sources);
  if (all_of(Sources, [&](Value *Source) { return known(Source); })) {
    set(V, originOf(V, Sources));
    return *known(V);
  }
  // In the order in which the walk leaves them: sources first, but for cycles.
  SmallVector<Value *, 8> Order;
  SmallPtrSet<Value *, 8> Seen;
  SmallVector<std::pair<Value *, SmallVector<Value *, 2>>, 8> Stack;
  bool Cycles = false;
  auto Enter = [&](Value *Source) {
    if (known(Source) || !Seen.insert(Source).second)
      return;
    Stack.push_back({Source, {}});
    sourcesOf(Source, Stack.back().second);
    Cycles |= isa<PHINode>(Source);
  };
  Enter(V);
  while (!Stack.empty()) {
    if (Stack.back().second.empty()) {
      Order.push_back(Stack.pop_back_val().first);
      continue;
    }
    Enter(Stack.back().second.pop_back_val());
  }
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (Value *Derived : Order) {
      Origin New = originOf(Derived);
      const Origin *Old = known(Derived);
      if (Old && *Old == New)
        continue;
      set(Derived, std::move(New));
      Changed = Cycles;
    }
  }
  return *known(V);
}

Value *Bases::baseOf(Value *V) {
  const Origin &O = find(V);
  return O.Roots.size() == 1 ? O.Roots.front() : nullptr;
}

bool Bases::isDerived(Value *V) {
  auto *I = dyn_cast<Instruction>(V);
  if (!I || (isa<CallBase>(I) && !isAddress(I)))
    return false;
  if (isa<InsertValueInst, InsertElementInst, ExtractValueInst, ExtractElementInst>(I))
    return true;
  SmallVector<Value *, 4> Sources;
  sourcesOf(V, Sources);
  return !Sources.empty() && baseOf(V) != V;
}

void Bases::set(Value *V, Origin O) {
  Origin *&To = Known[V];
  if (!To)
    To = &Origins.emplace_back();
  *To = std::move(O);
}

void Bases::forget() {
  Known.clear();
  Origins.clear();
}
