//===- NullFields.cpp - Managed fields start as null ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Most constructors write all fields in the block that allocates. That is seen by a walk
// over a few instructions; DSE, which sees all that can be seen, needs MemorySSA and
// post-dominators, and is for functions where something is left for it.
//
//===----------------------------------------------------------------------===//
#include "NullFields.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

/// Instructions after an allocation that are looked at.
static constexpr unsigned kReach = 64;

namespace {

/// The managed fields of one new object.
class Object {
public:
  Object(CallInst &Alloc, ArrayRef<uint32_t> Fields)
      : Alloc(Alloc), DL(Alloc.getModule()->getDataLayout()), Open(Fields) {}

  /// Drops the fields that the program writes in this block before anything could read
  /// them.
  void dropOverwritten();
  /// Whether a store further on may overwrite one that is left.
  bool mayBeOverwritten() const;
  ArrayRef<uint32_t> open() const { return Open; }

private:
  bool isOurs(const Value *V) const {
    return V->getType()->isPointerTy() && getUnderlyingObject(V) == &Alloc;
  }
  bool covers(const StoreInst &Store, uint32_t Field) const;

  CallInst &Alloc;
  const DataLayout &DL;
  SmallVector<uint32_t, 8> Open;
};

} // namespace

bool Object::covers(const StoreInst &Store, uint32_t Field) const {
  int64_t Offset = 0;
  const Value *Base = GetPointerBaseWithConstantOffset(Store.getPointerOperand(), Offset, DL);
  const TypeSize Size = DL.getTypeStoreSize(Store.getValueOperand()->getType());
  return Base == &Alloc && !Size.isScalable() && Offset >= 0 && uint64_t(Offset) <= Field &&
         Field + DL.getPointerSize() <= uint64_t(Offset) + Size.getFixedValue();
}

void Object::dropOverwritten() {
  unsigned Left = kReach;
  for (Instruction *I = Alloc.getNextNode(); I && Left-- && !Open.empty(); I = I->getNextNode()) {
    if (isa<GetElementPtrInst>(I) || isa<DbgInfoIntrinsic>(I))
      continue;
    if (auto *Store = dyn_cast<StoreInst>(I); Store && Store->isSimple()) {
      erase_if(Open, [&](uint32_t Field) { return covers(*Store, Field); });
      if (isOurs(Store->getValueOperand()))
        return; // whoever loads it may read the fields
      continue;
    }
    // Nobody else has the object yet; what leaves the block, or reads it, ends that.
    if (I->isTerminator() || I->mayThrow() || !I->willReturn() ||
        any_of(I->operands(), [&](const Use &U) { return isOurs(U.get()); }))
      return;
  }
}

bool Object::mayBeOverwritten() const {
  SmallVector<const Value *> Pointers{&Alloc};
  while (!Pointers.empty())
    for (const User *U : Pointers.pop_back_val()->users()) {
      if (isa<GetElementPtrInst>(U))
        Pointers.push_back(U);
      else if (isa<AnyMemIntrinsic>(U))
        return true;
      else if (auto *Store = dyn_cast<StoreInst>(U))
        if (any_of(Open, [&](uint32_t Field) { return covers(*Store, Field); }))
          return true;
    }
  return false;
}

NullStores cairn::storeNulls(CallInst &Alloc, ArrayRef<uint32_t> Fields, bool Try, bool Optimise) {
  Object New(Alloc, Fields);
  Instruction *At = Alloc.getNextNode();
  if (Try) {
    IRBuilder<> B(At);
    At = SplitBlockAndInsertIfThen(B.CreateIsNotNull(&Alloc), At, /*Unreachable=*/false);
  } else if (Optimise) {
    New.dropOverwritten();
    if (New.open().empty())
      return NullStores::None;
  }
  const bool Perhaps = New.mayBeOverwritten();
  IRBuilder<> B(At);
  B.SetCurrentDebugLocation(Alloc.getDebugLoc());
  auto *Null = ConstantPointerNull::get(B.getPtrTy());
  for (uint32_t Field : New.open())
    B.CreateAlignedStore(Null, B.CreateConstInBoundsGEP1_32(B.getInt8Ty(), &Alloc, Field),
                         Alloc.getModule()->getDataLayout().getPointerABIAlignment(0));
  return Perhaps ? NullStores::Perhaps : NullStores::Needed;
}
