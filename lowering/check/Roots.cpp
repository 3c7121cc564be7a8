//===- Roots.cpp - References, and what is computed from them ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Roots.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/GetElementPtrTypeIterator.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

Roots::Roots(const Function &F, bool Plain)
    : F(F), Refs(*F.getParent()), Plain(Plain), DL(F.getParent()->getDataLayout()) {
  track();
  number();
  findLive();
}

//===----------------------------------------------------------------------===//
// From a pointer to its root
//===----------------------------------------------------------------------===//

Offset Roots::plus(Offset O, const GEPOperator &GEP) {
  for (auto I = gep_type_begin(GEP), E = gep_type_end(GEP); I != E; ++I) {
    const Value *Index = I.getOperand();
    if (StructType *Struct = I.getStructTypeOrNull()) {
      auto *Field = dyn_cast<ConstantInt>(Index);
      if (!Field) // A vector of pointers.
        return {O.Bytes, &GEP};
      O.Bytes += DL.getStructLayout(Struct)->getElementOffset(Field->getZExtValue());
      continue;
    }
    TypeSize Stride = I.getSequentialElementStride(DL);
    if (Stride.isScalable())
      return {O.Bytes, &GEP};
    if (auto *Constant = dyn_cast<ConstantInt>(Index)) {
      O.Bytes += Constant->getValue().sextOrTrunc(64).getZExtValue() * Stride.getFixedValue();
      continue;
    }
    auto &Symbol = Symbols[{O.Symbol, Index, Stride.getFixedValue()}];
    if (!Symbol)
      Symbol = std::make_unique<char>();
    O.Symbol = Symbol.get();
  }
  return O;
}

/// What \p V is computed from, if it is the same object; null for a root.
static const Value *oneStep(const Value *V) {
  if (auto *Op = dyn_cast<Operator>(V)) {
    switch (Op->getOpcode()) {
    case Instruction::GetElementPtr:
    case Instruction::BitCast:
    case Instruction::AddrSpaceCast:
    case Instruction::Freeze:
      return Op->getOperand(0);
    default:
      break;
    }
  }
  if (auto *Call = dyn_cast<CallBase>(V)) {
    if (isManaged(Call, ManagedID::Borrow))
      return Call->getArgOperand(0);
    switch (Call->getIntrinsicID()) {
    case Intrinsic::threadlocal_address:
    case Intrinsic::launder_invariant_group:
    case Intrinsic::strip_invariant_group:
    case Intrinsic::ssa_copy:
    case Intrinsic::ptrmask:
      return Call->getArgOperand(0);
    default:
      break;
    }
  }
  return nullptr;
}

Place Roots::strip(const Value *V) {
  const Value *From = V->getType()->isPointerTy() || isa<FreezeInst>(V) ? oneStep(V) : nullptr;
  if (!From)
    return {V, {}};
  Place P = of(From);
  // A plain pointer that becomes a reference borrows: it is a root, unless it came from one.
  if (isa<AddrSpaceCastInst>(V) && Refs.is(V) && !tracks(P.Root) && !isa<Constant>(P.Root))
    return {V, {}};
  if (auto *GEP = dyn_cast<GEPOperator>(V))
    P.At = plus(P.At, *GEP);
  return P;
}

Place Roots::of(const Value *V) {
  if (auto Known = Places.find(V); Known != Places.end())
    return Known->second;
  Place P = strip(V);
  Places[V] = P;
  return P;
}

bool Roots::tracks(const Value *Root) const {
  if (isa<Constant>(Root))
    return false;
  return Extra.contains(Root) || (!Plain && Refs.in(Root->getType()));
}

//===----------------------------------------------------------------------===//
// Which roots are tracked
//===----------------------------------------------------------------------===//

// Plain pointers that come from references: their phis and selects are roots of their own.
void Roots::track() {
  if (Plain)
    return trackPlain();
  SmallVector<const Value *> Work;
  for (const Instruction &I : instructions(F))
    if (I.getType()->isPointerTy() && !Refs.is(&I) &&
        (isManaged(&I, ManagedID::Borrow) || isManaged(&I, ManagedID::Release) ||
         (isa<AddrSpaceCastInst>(I) && Refs.is(I.getOperand(0))))) {
      Work.push_back(&I);
      if (isManaged(&I, ManagedID::Release))
        Extra.insert(&I);
    }
  DenseSet<const Value *> Seen;
  while (!Work.empty()) {
    const Value *V = Work.pop_back_val();
    if (!Seen.insert(V).second)
      continue;
    for (const User *U : V->users()) {
      if (isa<PHINode, SelectInst>(U) && U->getType()->isPointerTy()) {
        Extra.insert(U);
        Work.push_back(U);
      } else if (U->getType()->isPointerTy() && oneStep(U) == V) {
        Work.push_back(U);
      }
    }
  }
}

/// Whether \p Call says of the plain pointer \p Arg, or of its result, who owns it.
static bool isMarked(const CallBase &Call, int Arg) {
  const AttributeList List = Call.getAttributes();
  const Function *Callee = Call.getCalledFunction();
  for (StringRef Name : {kOwned, kBorrowed}) {
    if (Arg < 0 ? List.hasRetAttr(Name) || (Callee && Callee->getAttributes().hasRetAttr(Name))
                : List.hasParamAttr(Arg, Name) || (Callee && unsigned(Arg) < Callee->arg_size() &&
                                                   Callee->getAttributes().hasParamAttr(Arg, Name)))
      return true;
  }
  return false;
}

// Plain pointers that are counted here, or that something else says are references, and what stands
// in the same place.
void Roots::trackPlain() {
  SmallVector<const Value *> Work;
  auto Add = [&](const Value *V) {
    if (V->getType()->isPointerTy())
      Work.push_back(of(V).Root);
  };
  std::map<std::tuple<const Value *, uint64_t, const void *>, SmallVector<const Value *, 4>> Places;
  auto PlaceOf = [&](const Value *Address) -> SmallVector<const Value *, 4> & {
    const Place P = of(Address);
    return Places[{P.Root, P.At.Bytes, P.At.Symbol}];
  };
  for (const Instruction &I : instructions(F)) {
    const Value *Address = getLoadStorePointerOperand(&I);
    auto *Store = dyn_cast<StoreInst>(&I);
    const Value *V = Store ? Store->getValueOperand() : &I;
    if (Address && V->getType()->isPointerTy() && !isa<Constant>(V))
      PlaceOf(Address).push_back(V);
  }
  for (const Argument &A : F.args())
    if (F.getAttributes().hasParamAttr(A.getArgNo(), kOwned) ||
        F.getAttributes().hasParamAttr(A.getArgNo(), kBorrowed))
      Add(&A);
  const bool Returns =
      F.getAttributes().hasRetAttr(kOwned) || F.getAttributes().hasRetAttr(kBorrowed);
  for (const Instruction &I : instructions(F)) {
    if (auto *Return = dyn_cast<ReturnInst>(&I); Return && Returns && Return->getReturnValue())
      Add(Return->getReturnValue());
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call)
      continue;
    const IntrinsicInfo *Known = calledIntrinsic(*Call);
    if (isMarked(*Call, -1) || (Known && Known->is(kAllocates | kCreates) && !Known->is(kRawBlock)))
      Add(Call);
    const bool Counts =
        Known && (Known->ID == IntrinsicID::Incref || Known->ID == IntrinsicID::Decref);
    for (unsigned Arg = 0; Arg != Call->arg_size(); ++Arg)
      if (Counts || isMarked(*Call, Arg))
        Add(Call->getArgOperand(Arg));
  }
  while (!Work.empty()) {
    const Value *V = Work.pop_back_val();
    if (isa<Constant, AllocaInst>(V) || !Extra.insert(V).second)
      continue;
    if (auto *Phi = dyn_cast<PHINode>(V))
      for_each(Phi->incoming_values(), Add);
    if (auto *Load = dyn_cast<LoadInst>(V))
      for_each(PlaceOf(Load->getPointerOperand()), Add);
    if (auto *Select = dyn_cast<SelectInst>(V))
      for (const Value *Arm : {Select->getTrueValue(), Select->getFalseValue()})
        Add(Arm);
    SmallVector<const Value *> Same = {V};
    while (!Same.empty())
      for (const Use &Use : Same.pop_back_val()->uses()) {
        const User *U = Use.getUser();
        if (auto *Store = dyn_cast<StoreInst>(U); Store && Use.getOperandNo() == 0)
          for_each(PlaceOf(Store->getPointerOperand()), Add);
        if (isa<PHINode, SelectInst>(U) && U->getType()->isPointerTy())
          Add(U);
        else if (U->getType()->isPointerTy() && oneStep(U))
          Same.push_back(U);
      }
  }
}

//===----------------------------------------------------------------------===//
// Leaves and names
//===----------------------------------------------------------------------===//

ArrayRef<uint64_t> Roots::leaves(Type *T) {
  if (auto Known = Leaves.find(T); Known != Leaves.end())
    return Known->second;
  SmallVector<uint64_t, 1> Found;
  auto Add = [&](Type *Element, uint64_t At) {
    for (uint64_t Leaf : SmallVector<uint64_t, 8>(leaves(Element)))
      Found.push_back(At + Leaf);
  };
  if (T->isPointerTy()) {
    if (Plain ? T->getPointerAddressSpace() == 0 : Refs.is(T))
      Found.push_back(0);
  } else if (!Plain && Refs.in(T)) {
    if (auto *Vector = dyn_cast<FixedVectorType>(T)) {
      uint64_t Size = DL.getTypeAllocSize(Vector->getElementType()).getFixedValue();
      for (unsigned I = 0; I != Vector->getNumElements(); ++I)
        Add(Vector->getElementType(), I * Size);
    } else if (auto *Array = dyn_cast<ArrayType>(T)) {
      uint64_t Size = DL.getTypeAllocSize(Array->getElementType()).getFixedValue();
      for (uint64_t I = 0; I != Array->getNumElements(); ++I)
        Add(Array->getElementType(), I * Size);
    } else if (auto *Struct = dyn_cast<StructType>(T)) {
      const StructLayout *Layout = DL.getStructLayout(Struct);
      for (unsigned I = 0; I != Struct->getNumElements(); ++I)
        Add(Struct->getElementType(I), Layout->getElementOffset(I));
    }
  }
  return Leaves[T] = std::move(Found);
}

unsigned Roots::leafIndex(Type *T, ArrayRef<unsigned> Indices) {
  unsigned Before = 0;
  for (unsigned Index : Indices) {
    if (auto *Struct = dyn_cast<StructType>(T)) {
      for (unsigned I = 0; I != Index; ++I)
        Before += leaves(Struct->getElementType(I)).size();
      T = Struct->getElementType(Index);
    } else {
      T = cast<ArrayType>(T)->getElementType();
      Before += Index * leaves(T).size();
    }
  }
  return Before;
}

// A plain phi or select of pointers that came from references has no leaf by its type.
unsigned Roots::leafCount(const Value *Root) {
  return Root->getType()->isPointerTy() ? 1 : leaves(Root->getType()).size();
}

void Roots::number() {
  auto Add = [&](const Value &V) {
    if (!tracks(&V) || of(&V).Root != &V)
      return;
    Names[&V] = Values.size();
    Values.append(leafCount(&V), &V);
  };
  for (const Argument &A : F.args())
    Add(A);
  for (const BasicBlock *B : ReversePostOrderTraversal<const Function *>(&F))
    for (const Instruction &I : *B)
      Add(I);
}

//===----------------------------------------------------------------------===//
// Liveness
//===----------------------------------------------------------------------===//

// From each use back to the definition.
void Roots::findLive() {
  DenseMap<const BasicBlock *, DenseSet<const Value *>> Seen;
  SmallVector<const BasicBlock *> Work;
  auto Use = [&](const Value *V, const BasicBlock *B) {
    const Value *Root = of(V).Root;
    auto Name = Names.find(Root);
    if (Name == Names.end())
      return;
    auto *Defined = dyn_cast<Instruction>(Root);
    const BasicBlock *Home = Defined ? Defined->getParent() : &F.getEntryBlock();
    Work.push_back(B);
    while (!Work.empty()) {
      const BasicBlock *Into = Work.pop_back_val();
      if (Into == Home || !Seen[Into].insert(Root).second)
        continue;
      Live[Into].push_back(Name->second);
      append_range(Work, predecessors(Into));
    }
  };
  for (const BasicBlock *B : ReversePostOrderTraversal<const Function *>(&F))
    for (const Instruction &I : *B) {
      if (auto *Phi = dyn_cast<PHINode>(&I)) {
        for (unsigned N = 0; N != Phi->getNumIncomingValues(); ++N)
          Use(Phi->getIncomingValue(N), Phi->getIncomingBlock(N));
        continue;
      }
      for (const Value *Operand : I.operands())
        if (!isa<Constant, BasicBlock, MetadataAsValue>(Operand))
          Use(Operand, B);
    }
  for (auto &[B, Names] : Live)
    sort(Names);
}

ArrayRef<unsigned> Roots::liveInto(const BasicBlock *B) const {
  auto Known = Live.find(B);
  return Known == Live.end() ? ArrayRef<unsigned>() : ArrayRef<unsigned>(Known->second);
}
