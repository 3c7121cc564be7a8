//===- AtLink.cpp - Counts that a link inserts ------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/AtLink.h"

#include "import/Annotations.h"
#include "ir/Managed.h"
#include "ir/Marks.h"
#include "pipeline/MixedTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <array>

using namespace llvm;
using namespace cairn;

/// Those that `optnone` needs, and those that it excludes.
static constexpr Attribute::AttrKind kChanged[] = {Attribute::OptimizeNone, Attribute::NoInline,
                                                   Attribute::AlwaysInline, Attribute::MinSize,
                                                   Attribute::OptimizeForSize};

bool cairn::mayLeaveToLink(const Module &M) {
  return none_of(M, [](const Function &F) {
    return any_of(std::array{Attribute::SanitizeAddress, Attribute::SanitizeHWAddress,
                             Attribute::SanitizeMemory, Attribute::SanitizeThread},
                  [&](Attribute::AttrKind Kind) { return F.hasFnAttribute(Kind); });
  });
}

/// LLVM takes constants, null among them, for nothing that a variable need hold which nobody loads,
/// and leaves out their stores, in functions with `optnone` too. A store of a reference looks at
/// what the variable held, once it has counts.
static void keepVariables(Module &M, ArrayRef<Function *> Functions) {
  const References R(M);
  SmallSetVector<GlobalValue *, 8> Kept;
  for (GlobalVariable &V : M.globals())
    if (V.hasLocalLinkage() && !V.isConstant() && R.in(V.getValueType()))
      Kept.insert(&V);
  for (Function *F : Functions)
    for (Instruction &I : instructions(*F))
      if (auto *Store = dyn_cast<StoreInst>(&I); Store && R.in(Store->getValueOperand()->getType()))
        if (auto *V = dyn_cast<GlobalVariable>(getUnderlyingObject(Store->getPointerOperand()));
            V && V->hasLocalLinkage())
          Kept.insert(V);
  SmallVector<GlobalValue *, 8> Used;
  for (bool Compiler : {false, true})
    collectUsedGlobalVariables(M, Used, Compiler);
  for (GlobalValue *V : Used)
    Kept.remove(V);
  if (Kept.empty())
    return;
  appendToCompilerUsed(M, Kept.getArrayRef());
  NamedMDNode *List = M.getOrInsertNamedMetadata(kKeptVariables);
  for (GlobalValue *V : Kept)
    List->addOperand(MDNode::get(M.getContext(), ConstantAsMetadata::get(V)));
}

static void releaseVariables(Module &M) {
  NamedMDNode *List = M.getNamedMetadata(kKeptVariables);
  if (!List)
    return;
  SmallPtrSet<const Constant *, 8> Kept;
  for (const MDNode *Each : List->operands())
    if (Each->getNumOperands() == 1)
      if (auto *V = mdconst::dyn_extract_or_null<Constant>(Each->getOperand(0)))
        Kept.insert(cast<Constant>(V->stripPointerCasts()));
  List->eraseFromParent();
  removeFromUsedLists(M, [&](Constant *C) { return Kept.contains(C->stripPointerCasts()); });
}

void cairn::leaveToLink(Module &M, ArrayRef<Function *> Functions) {
  if (Functions.empty())
    return;
  for (Function *F : Functions) {
    SmallVector<StringRef, 4> Had;
    for (Attribute::AttrKind Kind : kChanged)
      if (F->hasFnAttribute(Kind)) {
        Had.push_back(Attribute::getNameFromAttrKind(Kind));
        F->removeFnAttr(Kind);
      }
    F->addFnAttr(kCountedAtLink, join(Had, " "));
    F->addFnAttr(Attribute::OptimizeNone);
    F->addFnAttr(Attribute::NoInline);
  }
  recordTypes(M, Functions);
  keepVariables(M, Functions);
  addMarker(M);
}

void cairn::takeFromCompile(Module &M) {
  takeVariables(M);
  releaseVariables(M);
  for (Function &F : M) {
    if (!F.hasFnAttribute(kCountedAtLink))
      continue;
    const StringRef Had = F.getFnAttribute(kCountedAtLink).getValueAsString();
    for (Attribute::AttrKind Kind : kChanged)
      F.removeFnAttr(Kind);
    for (StringRef Name : split(Had, ' '))
      if (is_contained(kChanged, Attribute::getAttrKindFromName(Name)))
        F.addFnAttr(Attribute::getAttrKindFromName(Name));
    F.removeFnAttr(kCountedAtLink);
  }
}
