//===- EagerCall.cpp - Calls that are never bound lazily --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "EagerCall.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;
using namespace cairn;

static bool isSlowPath(const Function &F) {
  return F.getCallingConv() == CallingConv::PreserveMost;
}

void cairn::bindEagerly(Function &F) {
  if (!isSlowPath(F)) {
    F.removeFnAttr(Attribute::NonLazyBind);
    return;
  }
  F.addFnAttr(Attribute::NonLazyBind);
  // In a program that is not position-independent a front end takes what it only declares
  // for its own, and a call of that is bound lazily where it is a shared library's.
  if (F.isDeclaration())
    F.setDSOLocal(false);
}

/// In the large code model the code generator has no jump through the table: the address of
/// a shared library's function is that of an entry of the procedure linkage table, or is
/// computed in a register that the jump restores before it goes. A function's address in
/// writable data is its own, and is loaded at each call. The load is volatile: nothing
/// shall find out what it gives.
static void callThroughData(Function &F, ArrayRef<CallBase *> Calls) {
  Module &M = *F.getParent();
  auto *At = new GlobalVariable(M, F.getType(), /*isConstant=*/false, GlobalValue::InternalLinkage,
                                &F, F.getName() + ".address");
  for (CallBase *Call : Calls)
    Call->setCalledOperand(IRBuilder<>(Call).CreateLoad(F.getType(), At, /*isVolatile=*/true));
}

void cairn::callEagerly(Function &F) {
  if (!isSlowPath(F))
    return;
  SmallVector<CallBase *> Calls;
  for (Use &U : F.uses())
    if (auto *Call = dyn_cast<CallBase>(U.getUser()); Call && Call->isCallee(&U))
      Calls.push_back(Call);
  if (Calls.empty())
    return;
  Module &M = *F.getParent();
  if (M.getCodeModel() == CodeModel::Large)
    return callThroughData(F, Calls);
  // With the attributes that the module asks of every function, such as landing pads.
  Function *Jump = Function::createWithDefaultAttr(
      F.getFunctionType(), GlobalValue::InternalLinkage, 0, F.getName() + ".eager", &M);
  Jump->setCallingConv(F.getCallingConv());
  for (auto Kind : {Attribute::Cold, Attribute::NoInline, Attribute::NoUnwind,
                    Attribute::OptimizeForSize, Attribute::NoSanitizeCoverage})
    Jump->addFnAttr(Kind);
  for (CallBase *Call : Calls)
    Call->setCalledOperand(Jump);

  IRBuilder<> B(BasicBlock::Create(M.getContext(), "", Jump));
  SmallVector<Value *, 4> Args;
  for (Argument &A : Jump->args())
    Args.push_back(&A);
  CallInst *Call = B.CreateCall(&F, Args);
  Call->setCallingConv(F.getCallingConv());
  Call->setTailCallKind(CallInst::TCK_MustTail);
  if (Call->getType()->isVoidTy())
    B.CreateRetVoid();
  else
    B.CreateRet(Call);
  // Nobody may conclude what its arguments are, when the module is optimised once more: a
  // constant in the place of one would be put in a register that the convention keeps, and
  // LLVM restores that register before it jumps.
  appendToCompilerUsed(M, Jump);
}
