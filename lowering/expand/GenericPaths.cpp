//===- GenericPaths.cpp - What the fast paths must not claim ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/GenericPaths.h"

#include "expand/EagerCall.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Metadata.h"

using namespace llvm;
using namespace cairn;

void cairn::makeSignatureGeneric(Function &F) {
  if (F.isIntrinsic())
    return;
  AttributeMask Target;
  for (Attribute A : F.getAttributes().getFnAttrs())
    if (A.isStringAttribute())
      Target.addAttribute(A.getKindAsString());
  // What the bitcode's compiler deduced, and the inlined copy must not claim.
  Target.addAttribute(Attribute::UWTable);
  F.removeFnAttrs(Target);
  bindEagerly(F);
  if (!F.isDeclaration()) {
    F.setVisibility(GlobalValue::DefaultVisibility);
    F.setLinkage(GlobalValue::ExternalLinkage);
  }
}

void cairn::makeBodyGeneric(Function &F) {
  for (Instruction &I : instructions(F)) {
    I.dropUnknownNonDebugMetadata({LLVMContext::MD_prof});
    if (auto *Call = dyn_cast<CallBase>(&I)) {
      AttributeMask Target;
      for (Attribute A : Call->getAttributes().getFnAttrs())
        if (A.isStringAttribute())
          Target.addAttribute(A.getKindAsString());
      Target.addAttribute(Attribute::NoBuiltin);
      Call->removeFnAttrs(Target);
    }
  }
}
