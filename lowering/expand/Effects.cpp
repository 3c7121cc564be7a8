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
#include "ir/Managed.h"
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

/// Of a function or a call.
static const AttributeMask &functionAttributes(EffectsOf What) {
  static const AttributeMask Headers = [] {
    AttributeMask M;
    M.addAttribute(Attribute::Memory);
    return M;
  }();
  static const AttributeMask Releases = [] {
    AttributeMask M;
    M.addAttribute(Attribute::Memory);
    // A finaliser is the program's code.
    for (auto Kind : {Attribute::NoFree, Attribute::NoSync, Attribute::NoCallback,
                      Attribute::WillReturn, Attribute::Speculatable})
      M.addAttribute(Kind);
    return M;
  }();
  return What == EffectsOf::Headers ? Headers : Releases;
}

/// Of a parameter or result that is a reference, where objects are freed: it may be gone
/// before the function ends, and a result has a count of its own.
static const AttributeMask &referenceAttributes() {
  static const AttributeMask Mask = [] {
    AttributeMask M;
    for (auto Kind : {Attribute::NoFree, Attribute::Returned, Attribute::Dereferenceable,
                      Attribute::DereferenceableOrNull})
      M.addAttribute(Kind);
    return M;
  }();
  return Mask;
}

namespace {

/// Takes effects out of attributes.
class Forgetting {
public:
  Forgetting(const Module &M, EffectsOf What) : R(M), C(M.getContext()), What(What) {}
  AttributeList without(const Function &F) const {
    return without(F.getAttributes(), F.getReturnType(), F.getFunctionType()->params());
  }
  AttributeList without(const CallBase &Call) const {
    SmallVector<Type *, 8> Types;
    for (const Use &U : Call.args())
      Types.push_back(U->getType());
    return without(Call.getAttributes(), Call.getType(), Types);
  }
  /// Whether a declaration says anything that may have been inferred from intrinsics.
  bool saysEffects(const Function &F) const {
    return F.isDeclaration() && !F.isIntrinsic() && !isReservedName(F.getName()) &&
           F.getMemoryEffects().getModRef(IRMemLocation::InaccessibleMem) != ModRefInfo::NoModRef &&
           F.getAttributes() != without(F);
  }
  bool isOfReferences(const CallBase &Call) const { return R.in(Call.getFunctionType()); }

private:
  AttributeList without(AttributeList A, Type *Result, ArrayRef<Type *> Params) const;

  const References R;
  LLVMContext &C;
  const EffectsOf What;
};

} // namespace

AttributeList Forgetting::without(AttributeList A, Type *Result, ArrayRef<Type *> Params) const {
  auto Strip = [&](unsigned Index, Type *T) {
    A = A.removeAttributesAtIndex(C, Index, memoryAttributes());
    if (What == EffectsOf::Releases && R.in(T))
      A = A.removeAttributesAtIndex(C, Index, referenceAttributes());
  };
  A = A.removeFnAttributes(C, functionAttributes(What));
  Strip(AttributeList::ReturnIndex, Result);
  for (auto [I, T] : enumerate(Params))
    Strip(AttributeList::FirstArgIndex + unsigned(I), T);
  return A;
}

/// Direct callers of \p F.
static void addCallers(Function &F, SetVector<Function *> &Set) {
  for (User *U : F.users())
    if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == &F)
      Set.insert(Call->getFunction());
}

void cairn::forgetEffects(Module &M, ArrayRef<Function *> Lowered, EffectsOf What,
                          function_ref<bool(const Function &)> IsLibrary) {
  const Forgetting Forget(M, What);
  SetVector<Function *> Affected(Lowered.begin(), Lowered.end());
  for (Function &F : M)
    if (Forget.saysEffects(F) && !IsLibrary(F))
      Affected.insert(&F);
  for (unsigned I = 0; I != Affected.size(); ++I)
    addCallers(*Affected[I], Affected);

  for (Function *F : Affected) {
    F->setAttributes(Forget.without(*F));
    for (User *U : F->users())
      if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == F)
        Call->setAttributes(Forget.without(*Call));
  }
  // What an indirect call says is the frontend's.
  if (What == EffectsOf::Releases)
    for (Function *F : Lowered)
      for (Instruction &I : instructions(F))
        if (auto *Call = dyn_cast<CallBase>(&I);
            Call && !Call->getCalledFunction() && Forget.isOfReferences(*Call))
          Call->setAttributes(Forget.without(*Call));
}
