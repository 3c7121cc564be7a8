//===- Patterns.cpp - What clang writes into uninitialised variables --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "import/Patterns.h"

#include "ir/Managed.h"
#include "ir/Marks.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// Whether clang has written \p I because the program initialises nothing there.
static bool isOwnInitialisation(const Instruction &I) {
  const MDNode *Notes = I.getMetadata(LLVMContext::MD_annotation);
  return Notes && any_of(Notes->operands(), [](const MDOperand &Each) {
           const auto *Text = dyn_cast<MDString>(Each);
           return Text && Text->getString() == "auto-init";
         });
}

bool cairn::clearPatterns(Module &M) {
  const References R(M);
  SmallSetVector<GlobalVariable *, 4> Patterns;
  bool Changed = false;
  auto IsWithReferences = [&](Value *Pointer) {
    Value *Base = getUnderlyingObject(Pointer);
    if (auto *Variable = dyn_cast<AllocaInst>(Base))
      return R.in(Variable->getAllocatedType());
    // The variable that a function returns may be its caller's.
    auto *Result = dyn_cast<Argument>(Base);
    return Result && Result->hasStructRetAttr() && R.in(Result->getParamStructRetType());
  };
  for (Function &F : M) {
    if (F.hasFnAttribute(kCountsInserted))
      continue;
    for (Instruction &I : make_early_inc_range(instructions(F))) {
      if (!isOwnInitialisation(I))
        continue;
      if (auto *Store = dyn_cast<StoreInst>(&I)) {
        if (!IsWithReferences(Store->getPointerOperand()))
          continue;
        Store->setOperand(0, Constant::getNullValue(Store->getValueOperand()->getType()));
      } else if (auto *Set = dyn_cast<MemSetInst>(&I)) {
        if (!IsWithReferences(Set->getRawDest()))
          continue;
        Set->setValue(ConstantInt::get(Set->getValue()->getType(), 0));
      } else if (auto *Copy = dyn_cast<MemCpyInst>(&I)) {
        if (!IsWithReferences(Copy->getRawDest()))
          continue;
        if (auto *From = dyn_cast<GlobalVariable>(getUnderlyingObject(Copy->getRawSource())))
          Patterns.insert(From);
        IRBuilder<> B(Copy);
        B.CreateMemSet(Copy->getRawDest(), B.getInt8(0), Copy->getLength(), Copy->getDestAlign());
        Copy->eraseFromParent();
      }
      Changed = true;
    }
  }
  for (GlobalVariable *Pattern : Patterns) {
    Pattern->removeDeadConstantUsers();
    if (Pattern->hasLocalLinkage() && Pattern->use_empty())
      Pattern->eraseFromParent();
  }
  return Changed;
}
