//===- Promote.cpp - Variables that fit into registers ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's PromoteMemToReg does the work, on variables of one reference. A structure or array
// whose references are accessed at constant offsets only gives each of them a variable first;
// the rest of it stays one. So a level without optimisation releases what it releases with.
//
//===----------------------------------------------------------------------===//
#include "insert/StackSlots.h"

#include "insert/Copies.h"
#include "insert/RefFields.h"
#include "ir/Marks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

using namespace llvm;
using namespace cairn;

namespace {

/// All that is done with one variable.
struct Uses {
  struct Access {
    Instruction *I;
    uint64_t Offset, Size;
  };
  SmallVector<Access, 8> Refs, Others;
  SmallVector<Instruction *, 4> Lifetimes;
  bool Escapes = false; ///< Or is accessed at an offset that varies, or volatile.
};

} // namespace

static Uses usesOf(AllocaInst &Variable, const References &R, const DataLayout &DL) {
  Uses Out;
  SmallVector<std::pair<Value *, int64_t>, 8> Work{{&Variable, 0}};
  while (!Work.empty()) {
    auto [V, Offset] = Work.pop_back_val();
    for (Use &U : V->uses()) {
      auto *I = cast<Instruction>(U.getUser());
      Type *T = nullptr;
      if (auto *Load = dyn_cast<LoadInst>(I)) {
        Out.Escapes |= !Load->isSimple();
        T = Load->getType();
      } else if (auto *Store = dyn_cast<StoreInst>(I);
                 Store && U.getOperandNo() == StoreInst::getPointerOperandIndex()) {
        Out.Escapes |= !Store->isSimple();
        T = Store->getValueOperand()->getType();
      } else if (auto *GEP = dyn_cast<GetElementPtrInst>(I)) {
        APInt Step(DL.getIndexTypeSizeInBits(GEP->getType()), 0);
        if (!GEP->getType()->isPointerTy() || !GEP->accumulateConstantOffset(DL, Step))
          Out.Escapes = true;
        else
          Work.push_back({GEP, int64_t(uint64_t(Offset) + uint64_t(Step.getSExtValue()))});
        continue;
      } else if (I->isLifetimeStartOrEnd()) {
        Out.Lifetimes.push_back(I);
        continue;
      } else if (auto *Memory = dyn_cast<MemIntrinsic>(I);
                 Memory && isa<ConstantInt>(Memory->getLength())) {
        Out.Others.push_back(
            {I, uint64_t(Offset), cast<ConstantInt>(Memory->getLength())->getZExtValue()});
        continue;
      } else {
        Out.Escapes = true;
        continue;
      }
      if (Offset < 0 || !T->isSized() || T->isScalableTy())
        Out.Escapes = true;
      else
        (R.is(T) ? Out.Refs : Out.Others)
            .push_back({I, uint64_t(Offset), DL.getTypeStoreSize(T).getFixedValue()});
    }
  }
  return Out;
}

/// Describes the \p Size bytes at \p Offset of what \p Old describes, at the address \p New.
static void describePart(DbgVariableRecord &Old, uint64_t Offset, uint64_t Size, AllocaInst &New) {
  DIExpression *Expression = Old.getExpression();
  std::optional<uint64_t> Bits = Old.getFragmentSizeInBits();
  if (Bits && Offset * 8 >= *Bits)
    return;
  if (!Bits || Offset != 0 || *Bits != Size * 8) {
    auto Part = DIExpression::createFragmentExpression(Expression, unsigned(Offset) * 8,
                                                       unsigned(Size) * 8);
    if (!Part)
      return;
    Expression = *Part;
  }
  DbgVariableRecord *Copy = Old.clone();
  Copy->setExpression(Expression);
  Copy->replaceVariableLocationOp(0u, &New);
  Old.getMarker()->insertDbgRecord(Copy, &Old);
}

/// Gives each reference of \p Variable a variable of its own, and returns them.
static SmallVector<AllocaInst *, 4> split(AllocaInst &Variable, const Uses &All,
                                          ArrayRef<uint64_t> Offsets, const References &R,
                                          const DataLayout &DL) {
  IRBuilder<> B(&Variable);
  const uint64_t Word = DL.getPointerSize(R.space());
  Type *Ref = PointerType::get(Variable.getContext(), R.space());
  DenseMap<uint64_t, AllocaInst *> Parts;
  SmallVector<AllocaInst *, 4> Out;
  for (uint64_t Offset : Offsets) {
    AllocaInst *Part = B.CreateAlloca(Ref, nullptr, Variable.getName() + "." + Twine(Offset));
    Part->setAlignment(Align(Word));
    Parts[Offset] = Part;
    Out.push_back(Part);
  }
  // What is left has no references in it.
  AllocaInst *Rest = nullptr;
  if (!All.Others.empty()) {
    const uint64_t Size = cast<ConstantInt>(Variable.getArraySize())->getZExtValue() *
                          DL.getTypeAllocSize(Variable.getAllocatedType()).getFixedValue();
    Rest = B.CreateAlloca(ArrayType::get(B.getInt8Ty(), Size));
    Rest->setAlignment(Variable.getAlign());
    Rest->takeName(&Variable);
  }
  for (DbgVariableRecord *Declare : findDVRDeclares(&Variable)) {
    uint64_t Done = 0;
    auto Gap = [&](uint64_t End) {
      if (Rest && Done < End) {
        // A value at an address: a variable that is declared anywhere has no other values.
        DbgVariableRecord *Copy = DbgVariableRecord::createDbgVariableRecord(
            Rest, Declare->getVariable(),
            DIExpression::prepend(Declare->getExpression(), DIExpression::DerefAfter,
                                  int64_t(Done)),
            Declare->getDebugLoc());
        Declare->getMarker()->insertDbgRecord(Copy, Declare);
        describePart(*Copy, Done, End - Done, *Rest);
        Copy->eraseFromParent();
      }
    };
    for (uint64_t Offset : Offsets) {
      Gap(Offset);
      describePart(*Declare, Offset, Word, *Parts[Offset]);
      Done = Offset + Word;
    }
    if (auto Bits = Declare->getFragmentSizeInBits())
      Gap(*Bits / 8);
    Declare->eraseFromParent();
  }
  SmallVector<WeakTrackingVH, 8> Addresses;
  for (const Uses::Access &A : All.Refs) {
    Use &Address = A.I->getOperandUse(isa<StoreInst>(A.I) ? 1 : 0);
    Addresses.push_back(Address.get());
    Address.set(Parts[A.Offset]);
  }
  if (Rest)
    Variable.replaceAllUsesWith(Rest);
  Addresses.push_back(&Variable);
  RecursivelyDeleteTriviallyDeadInstructionsPermissive(Addresses);
  return Out;
}

/// Takes the lifetime markers away. A slot's references are released where its life ends: what
/// an inlined function leaves there must not wait for the end of its caller.
static void endLifetimes(AllocaInst &Variable, const Uses &All, bool Slot, const References &R) {
  for (Instruction *I : All.Lifetimes) {
    if (Slot && cast<IntrinsicInst>(I)->getIntrinsicID() == Intrinsic::lifetime_end)
      storeNulls(Variable, *I, /*Starts=*/false, R);
    I->eraseFromParent();
  }
}

/// Puts \p Variable, or parts of it, into \p Promotable. Says whether anything changed.
static bool prepare(AllocaInst &Variable, Refusals &Errors,
                    SmallVectorImpl<AllocaInst *> &Promotable) {
  const References &R = Errors.references();
  const DataLayout &DL = Variable.getModule()->getDataLayout();
  const uint64_t Word = DL.getPointerSize(R.space());
  Uses All = usesOf(Variable, R, DL);
  const bool Changed = !All.Lifetimes.empty();
  const bool Declared = R.in(Variable.getAllocatedType());
  SmallVector<uint64_t, 8> Offsets;
  for (const Uses::Access &A : All.Refs)
    Offsets.push_back(A.Offset);
  sort(Offsets);
  Offsets.erase(unique(Offsets), Offsets.end());
  // Memory that is declared as bytes, or accessed beyond its type.
  for (const Uses::Access &A : All.Others) {
    auto *Next = lower_bound(Offsets, A.Offset >= Word - 1 ? A.Offset - (Word - 1) : 0);
    if (Next == Offsets.end() || *Next >= A.Offset + A.Size)
      continue;
    // A long variable that is filled at the start stays in memory.
    All.Escapes |= A.I->hasMetadata(kMovesNone);
    if (!A.I->hasMetadata(kMovesNone)) {
      Errors.refuse(*A.I, "memory on the stack that holds a reference is accessed as something "
                          "else; declare the variable as a structure with references");
      return Changed;
    }
  }
  for (unsigned N = 1; N < Offsets.size(); ++N)
    if (Offsets[N] - Offsets[N - 1] < Word) {
      Errors.refuse(*All.Refs.front().I, "references overlap in this variable on the stack");
      return Changed;
    }
  if (All.Escapes || !isa<ConstantInt>(Variable.getArraySize())) {
    if (!Declared && !All.Refs.empty())
      Errors.refuse(*All.Refs.front().I,
                    "a reference in a variable that is not declared to hold one, and whose address "
                    "escapes or varies; declare it as a structure or array of references");
    else if (!Variable.isStaticAlloca())
      Errors.refuse(Variable, "a variable with references that is not in the function's first "
                              "block, and whose address escapes; put it at the top of the function "
                              "or use an object");
    else if (Declared)
      endLifetimes(Variable, All, /*Slot=*/true, R);
    return Changed;
  }
  if (Offsets.empty() && !Declared)
    return false;
  endLifetimes(Variable, All, /*Slot=*/false, R);
  if (R.is(Variable.getAllocatedType()) && !Variable.isArrayAllocation() && All.Others.empty() &&
      isAllocaPromotable(&Variable)) {
    Promotable.push_back(&Variable);
    return Changed;
  }
  append_range(Promotable, split(Variable, All, Offsets, R, DL));
  return true;
}

/// Whether \p V is a plain pointer that was computed from a reference, perhaps by way of one of
/// the variables in \p Holders.
static bool comesFromReference(Value *V, const SmallSetVector<AllocaInst *, 8> &Holders,
                               const References &R) {
  SmallVector<Value *, 8> Work{V};
  SmallPtrSet<Value *, 8> Seen;
  while (!Work.empty()) {
    V = Work.pop_back_val();
    if (!Seen.insert(V).second)
      continue;
    if (R.is(V) || isManaged(V, ManagedID::Borrow) || isManaged(V, ManagedID::RefListData))
      return true;
    if (auto *Load = dyn_cast<LoadInst>(V)) {
      if (Holders.contains(dyn_cast<AllocaInst>(Load->getPointerOperand())))
        return true;
    } else if (auto *GEP = dyn_cast<GEPOperator>(V)) {
      Work.push_back(GEP->getPointerOperand());
    } else if (isa<AddrSpaceCastOperator, FreezeInst>(V)) {
      Work.push_back(cast<User>(V)->getOperand(0));
    } else if (isa<PHINode, SelectInst>(V)) {
      append_range(Work, cast<User>(V)->operands());
    }
  }
  return false;
}

/// The variables with a plain pointer that keeps an object alive. In memory nobody sees it.
static SmallSetVector<AllocaInst *, 8> plainHolders(Function &F, const References &R) {
  SmallVector<StoreInst *, 16> Stores;
  for (Instruction &I : instructions(F))
    if (auto *Store = dyn_cast<StoreInst>(&I))
      if (Type *T = Store->getValueOperand()->getType(); T->isPointerTy() && !R.in(T))
        if (auto *Variable = dyn_cast<AllocaInst>(Store->getPointerOperand());
            Variable && Variable->getAllocatedType() == T && isAllocaPromotable(Variable))
          Stores.push_back(Store);
  SmallSetVector<AllocaInst *, 8> Holders;
  for (size_t Before = 0; !Stores.empty();) {
    for (StoreInst *Store : Stores)
      if (comesFromReference(Store->getValueOperand(), Holders, R))
        Holders.insert(cast<AllocaInst>(Store->getPointerOperand()));
    if (Holders.size() == Before)
      break;
    Before = Holders.size();
  }
  return Holders;
}

bool cairn::promoteVariables(Refusals &Errors) {
  Function &F = Errors.function();
  const References &R = Errors.references();
  SmallSetVector<AllocaInst *, 16> Variables;
  for (Instruction &I : instructions(F)) {
    if (auto *Variable = dyn_cast<AllocaInst>(&I); Variable && R.in(Variable->getAllocatedType()))
      Variables.insert(Variable);
    auto *Store = dyn_cast<StoreInst>(&I);
    if (R.is(Store ? Store->getValueOperand() : &I))
      if (const Value *Pointer = getLoadStorePointerOperand(&I))
        if (auto *Variable = dyn_cast<AllocaInst>(getUnderlyingObject(Pointer)))
          Variables.insert(const_cast<AllocaInst *>(Variable));
  }
  SmallVector<AllocaInst *> Promotable;
  bool Changed = false;
  for (AllocaInst *Variable : Variables) {
    Changed |= prepare(*Variable, Errors, Promotable);
    if (Errors.refused())
      return Changed;
  }
  std::optional<DominatorTree> DT;
  if (!Promotable.empty())
    PromoteMemToReg(Promotable, DT.emplace(F));
  // After the references are in registers, so that what comes from them is seen.
  SmallSetVector<AllocaInst *, 8> Holders = plainHolders(F, R);
  if (!Holders.empty())
    PromoteMemToReg(Holders.getArrayRef(), DT ? *DT : DT.emplace(F));
  if (Promotable.empty() && Holders.empty())
    return Changed;
  // A variable that is read before it is written is null.
  Constant *Null = Constant::getNullValue(PointerType::get(F.getContext(), R.space()));
  for (Instruction &I : instructions(F))
    for (Use &U : I.operands())
      if (isa<UndefValue>(U) && R.is(U.get()))
        U.set(Null);
  return true;
}
