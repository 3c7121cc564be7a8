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
#include "expand/NullFields.h"

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
    return V->getType()->isPointerTy() && getUnderlyingObject(V, /*MaxLookup=*/0) == &Alloc;
  }
  /// Whether \p I is a plain store, or a fill or copy of a known length.
  bool writes(const Instruction &I) const;
  /// Whether what \p I writes has all of the field in it.
  bool covers(const Instruction &I, uint32_t Field) const;

  CallInst &Alloc;
  const DataLayout &DL;
  SmallVector<uint32_t, 8> Open;
};

} // namespace

bool Object::writes(const Instruction &I) const {
  if (auto *Store = dyn_cast<StoreInst>(&I))
    return Store->isSimple();
  auto *Fill = dyn_cast<MemIntrinsic>(&I);
  return Fill && !Fill->isVolatile() && isa<ConstantInt>(Fill->getLength());
}

bool Object::covers(const Instruction &I, uint32_t Field) const {
  const Value *To;
  TypeSize Size = TypeSize::getZero();
  if (auto *Store = dyn_cast<StoreInst>(&I)) {
    To = Store->getPointerOperand();
    Size = DL.getTypeStoreSize(Store->getValueOperand()->getType());
  } else {
    auto &Fill = cast<MemIntrinsic>(I);
    To = Fill.getRawDest();
    Size = TypeSize::getFixed(cast<ConstantInt>(Fill.getLength())->getZExtValue());
  }
  int64_t Offset = 0;
  return GetPointerBaseWithConstantOffset(To, Offset, DL) == &Alloc && !Size.isScalable() &&
         Offset >= 0 && uint64_t(Offset) <= Field &&
         Field + DL.getPointerSize() <= uint64_t(Offset) + Size.getFixedValue();
}

void Object::dropOverwritten() {
  unsigned Left = kReach;
  for (Instruction *I = Alloc.getNextNode(); I && Left-- && !Open.empty(); I = I->getNextNode()) {
    if (isa<GetElementPtrInst>(I) || isa<DbgInfoIntrinsic>(I))
      continue;
    if (writes(*I)) {
      // What is read comes first: a store of the object's own address lets others read it.
      if (isOurs(I->getOperand(isa<StoreInst>(I) ? 0 : 1)))
        return;
      erase_if(Open, [&](uint32_t Field) { return covers(*I, Field); });
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
      else if (auto *I = dyn_cast<Instruction>(U); I && (writes(*I) || isa<AnyMemIntrinsic>(I)))
        if (!writes(*I) || any_of(Open, [&](uint32_t Field) { return covers(*I, Field); }))
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
