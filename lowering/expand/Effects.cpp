//===- Effects.cpp - Forgetting what was inferred from the intrinsics --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever counts an object, or reaches a function that does, has `inaccessiblemem`
// among its effects, or nothing said of them. The names that stay (nounwind, willreturn,
// nosync, nofree) are as true of the expansion as of the intrinsic.
//
// `noalias` goes too: two pointers to one object that only count it are no conflict to a
// `restrict`, and are one when the count is a store.
//
//===----------------------------------------------------------------------===//
#include "expand/Effects.h"

#include "ir/Compat.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ModRef.h"

using namespace llvm;
using namespace cairn;

/// Of a parameter, or a result.
static const AttributeMask &memoryAttributes() {
  static const AttributeMask Mask = [] {
    AttributeMask M;
    for (auto Kind : {Attribute::ReadNone, Attribute::ReadOnly, Attribute::WriteOnly, kCaptures,
                      Attribute::NoAlias, Attribute::Initializes, Attribute::Writable})
      M.addAttribute(Kind);
    return M;
  }();
  return Mask;
}

static AttributeList withoutEffects(AttributeList A, LLVMContext &C, unsigned Params) {
  A = A.removeFnAttribute(C, Attribute::Memory);
  A = A.removeRetAttributes(C, memoryAttributes());
  for (unsigned I = 0; I != Params; ++I)
    A = A.removeParamAttributes(C, I, memoryAttributes());
  return A;
}

/// Direct callers of \p F.
static void addCallers(Function &F, SetVector<Function *> &Set) {
  for (User *U : F.users())
    if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == &F)
      Set.insert(Call->getFunction());
}

/// Whether a declaration says anything that may have been inferred from intrinsics.
static bool saysEffects(const Function &F) {
  return F.getMemoryEffects().getModRef(IRMemLocation::InaccessibleMem) != ModRefInfo::NoModRef &&
         F.getAttributes() != withoutEffects(F.getAttributes(), F.getContext(), F.arg_size());
}

void cairn::forgetEffects(Module &M, ArrayRef<Function *> Lowered,
                          function_ref<bool(const Function &)> IsLibrary) {
  SetVector<Function *> Affected(Lowered.begin(), Lowered.end());
  for (Function &F : M)
    if (F.isDeclaration() && !F.isIntrinsic() && saysEffects(F) && !IsLibrary(F))
      Affected.insert(&F);
  for (unsigned I = 0; I != Affected.size(); ++I)
    addCallers(*Affected[I], Affected);

  LLVMContext &C = M.getContext();
  for (Function *F : Affected) {
    F->setAttributes(withoutEffects(F->getAttributes(), C, F->arg_size()));
    for (User *U : F->users())
      if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == F)
        Call->setAttributes(withoutEffects(Call->getAttributes(), C, Call->arg_size()));
  }
}
