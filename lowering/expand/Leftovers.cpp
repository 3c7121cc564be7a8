//===- Leftovers.cpp - What may be left of the intrinsics -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/Leftovers.h"

#include "ir/Diagnostics.h"
#include "ir/Intrinsics.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

void cairn::removeLeftovers(Module &M) {
  for (Function &F : make_early_inc_range(M)) {
    if (!F.isDeclaration() ||
        (!findIntrinsic(F.getName()) && !F.getName().starts_with("cairn_fast_")))
      continue;
    for (User *U : F.users())
      if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == &F)
        reportError(*Call, "a call of '" + F.getName() + "' is left after lowering");
    if (F.use_empty())
      F.eraseFromParent();
  }
}
