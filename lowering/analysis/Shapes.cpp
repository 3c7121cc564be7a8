//===- Shapes.cpp - The plain types that a module makes objects of --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Shapes.h"

#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

static std::optional<Descriptor> shapeOf(const CallBase &Call) {
  const ManagedInfo *Managed = calledManaged(Call);
  if (!Managed || !(Managed->traits() & kTyped) || Managed->traits() & kArray)
    return std::nullopt;
  std::optional<Descriptor> D = descriptorOf(Call).Known;
  if (!D || D->HasFinalizer || D->Meta & (kMetaRegistered | kMetaArray) ||
      !(D->Meta & kMetaClassMask))
    return std::nullopt;
  return D;
}

uint32_t Shapes::wordOf(const CallBase &Call) {
  const std::optional<Descriptor> D = shapeOf(Call);
  return D ? D->Meta & ~kMetaTagMask : 0;
}

Shapes::Shapes(const Module &M) {
  for (const Function &F : M)
    for (const Instruction &I : instructions(F))
      if (auto *Call = dyn_cast<CallBase>(&I))
        if (std::optional<Descriptor> D = shapeOf(*Call))
          Known.try_emplace(D->Meta & ~kMetaTagMask, *D);
}

std::optional<uint64_t> cairn::offsetIn(const Value *Object, const Value *Pointer,
                                        const DataLayout &DL) {
  APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
  const Value *Base =
      Pointer->stripAndAccumulateConstantOffsets(DL, Offset, /*AllowNonInbounds=*/true);
  if (Base != Object || Offset.isNegative())
    return std::nullopt;
  return Offset.getZExtValue();
}

bool cairn::fits(const Descriptor &D, uint64_t Offset, Type *T, const References &R,
                 const DataLayout &DL) {
  if (R.is(T))
    return D.isField(Offset);
  const TypeSize Bytes = DL.getTypeStoreSize(T);
  return !Bytes.isScalable() && !R.in(T) && Offset + Bytes.getFixedValue() <= D.Size &&
         none_of(D.Fields, [&](uint32_t Field) {
           return Field < Offset + Bytes.getFixedValue() && Offset < Field + DL.getPointerSize();
         });
}

bool cairn::letsOthersWrite(const Instruction &I, const Value &Object) {
  if (isa<GetElementPtrInst, LoadInst, ICmpInst>(I) || I.isDebugOrPseudoInst())
    return false;
  return any_of(I.operands(), [&](const Use &U) {
    if (isa<StoreInst>(I) && U.getOperandNo() == StoreInst::getPointerOperandIndex())
      return false;
    return U->getType()->isPtrOrPtrVectorTy() && getUnderlyingObject(U.get()) == &Object;
  });
}
