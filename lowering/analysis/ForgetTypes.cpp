//===- ForgetTypes.cpp - Memory that holds two types in turn ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/ForgetTypes.h"

#include "ir/Managed.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

void cairn::forgetTypes(Module &M) {
  const References R(M);
  for (Function &F : M)
    if (!F.isDeclaration() && R.in(F))
      for (Instruction &I : instructions(F))
        for (unsigned Kind : {LLVMContext::MD_tbaa, LLVMContext::MD_tbaa_struct})
          I.setMetadata(Kind, nullptr);
}

/// Whether the memory at \p Pointer may belong to an object, or to a block of the heap.
static bool mayBeObject(const Value *Pointer) {
  const Value *Base = getUnderlyingObject(Pointer);
  auto *A = dyn_cast<Argument>(Base);
  return !isa<AllocaInst, GlobalVariable>(Base) &&
         !(A && (A->hasByValAttr() || A->hasStructRetAttr()));
}

static bool mayAccessObject(const Instruction &I) {
  if (const Value *Pointer = getLoadStorePointerOperand(&I))
    return mayBeObject(Pointer);
  auto *Call = dyn_cast<CallBase>(&I);
  return !Call || any_of(Call->args(), [](const Use &U) {
    return U->getType()->isPointerTy() && mayBeObject(U);
  });
}

static void forget(Function &F, ArrayRef<unsigned> Kinds) {
  for (Instruction &I : instructions(F))
    if (any_of(Kinds, [&](unsigned Kind) { return I.hasMetadata(Kind); }) && mayAccessObject(I))
      for (unsigned Kind : Kinds)
        I.setMetadata(Kind, nullptr);
}

void cairn::forgetTypesOfObjects(Function &F) {
  forget(F, {LLVMContext::MD_tbaa, LLVMContext::MD_tbaa_struct, LLVMContext::MD_alias_scope,
             LLVMContext::MD_noalias, LLVMContext::MD_invariant_load,
             LLVMContext::MD_invariant_group});
}

void cairn::forgetConstancy(Function &F) {
  forget(F, {LLVMContext::MD_invariant_load, LLVMContext::MD_invariant_group});
}
