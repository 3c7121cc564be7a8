//===- ForgetTypes.cpp - Memory that holds two types in turn ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/ForgetTypes.h"

#include "ir/Managed.h"
#include "llvm/IR/InstIterator.h"
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
