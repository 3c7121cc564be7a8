//===- CountOps.cpp - Programs that count their operations ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/CountOps.h"

#include "cairn/abi.h"
#include "expand/FastPath.h"
#include "ir/Intrinsics.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

/// Whether it may make a copy of an object.
static bool makesCell(IntrinsicID ID) {
  return ID == IntrinsicID::OwnCell || ID == IntrinsicID::OwnTaggedCell ||
         ID == IntrinsicID::OwnCellOn || ID == IntrinsicID::OwnTaggedCellOn;
}

static std::optional<uint32_t> kindOf(const IntrinsicInfo &I) {
  if (I.ID == IntrinsicID::Incref)
    return kCountIncref;
  if (I.ID == IntrinsicID::Decref)
    return kCountDecref;
  if (makesCell(I.ID) || (I.is(kAllocates | kCreates) && !I.is(kRawBlock)))
    return kCountAllocation;
  return std::nullopt;
}

/// The function's CountedFunction (cairn/abi.h), with its name.
static GlobalVariable *record(Function &F) {
  Module &M = *F.getParent();
  IRBuilder<> B(M.getContext());
  GlobalVariable *Name = B.CreateGlobalString(F.getName(), "cairn.counted.name", 0, &M);
  auto *Type = StructType::get(B.getPtrTy(), B.getPtrTy(), B.getInt64Ty(), B.getInt64Ty(),
                               B.getInt64Ty(), B.getInt64Ty(), B.getInt32Ty(), B.getInt32Ty());
  SmallVector<Constant *, 8> Fields{Name};
  for (auto *T : drop_begin(Type->elements()))
    Fields.push_back(Constant::getNullValue(T));
  return new GlobalVariable(M, Type, /*isConstant=*/false, GlobalValue::InternalLinkage,
                            ConstantStruct::get(Type, Fields), "cairn.counted");
}

void cairn::countOperations(Function &F, FastPath &Paths) {
  GlobalVariable *Record = nullptr;
  for (CallInst *Call : intrinsicCalls(F)) {
    const IntrinsicInfo &I = *calledIntrinsic(*Call);
    const std::optional<uint32_t> Kind = kindOf(I);
    if (!Kind)
      continue;
    if (!Record)
      Record = record(F);
    IRBuilder<> B(Call);
    // A cell that is not the object itself is a copy.
    if (makesCell(I.ID)) {
      const bool Tagged =
          I.ID == IntrinsicID::OwnTaggedCell || I.ID == IntrinsicID::OwnTaggedCellOn;
      Value *IsLast = B.CreateCall(Paths.get(FastPathID::IsLast),
                                   {Call->getArgOperand(0), Call->getArgOperand(1),
                                    B.getInt32(Tagged ? ~0u : ~kMetaTagMask)});
      if (Call->arg_size() == 3)
        IsLast =
            B.CreateAnd(IsLast, B.CreateCall(Paths.get(FastPathID::IsOn),
                                             {Call->getArgOperand(0), Call->getArgOperand(2)}));
      B.SetInsertPoint(SplitBlockAndInsertIfThen(B.CreateNot(IsLast), Call, /*Unreachable=*/false));
    }
    Value *Object =
        *Kind == kCountAllocation ? ConstantPointerNull::get(B.getPtrTy()) : Call->getArgOperand(0);
    FunctionCallee Count = Paths.get(FastPathID::CountOperation);
    SmallVector<Value *, 4> Args{Record, B.getInt32(*Kind), Object};
    if (Paths.isChecked())
      Args.push_back(ConstantPointerNull::get(B.getPtrTy()));
    B.CreateCall(Count, Args)->setCallingConv(cast<Function>(Count.getCallee())->getCallingConv());
  }
}
