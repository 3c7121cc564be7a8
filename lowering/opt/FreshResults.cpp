//===- FreshResults.cpp - Results that nobody else has ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All functions start as such that return fresh objects, of a header word that their first
// returned object gives them. One that returns anything else is taken out, until none is.
//
//===----------------------------------------------------------------------===//
#include "opt/FreshResults.h"

#include "analysis/Shapes.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-fresh"

STATISTIC(NumTaken, "Number of results whose memory is taken over without a test");

namespace {

using Words = DenseMap<const Function *, uint32_t>;

class Returned {
public:
  explicit Returned(const Words &Known) : Known(Known) {}
  /// The header word of all that \p F returns but null, or 0 while none is known; nothing if it
  /// returns anything else.
  std::optional<uint32_t> wordOf(const Function &F);

private:
  bool add(const Value *V);
  bool isUnseen(const Value &Object) const;

  const Words &Known;
  SmallPtrSet<const Value *, 8> Seen;
  uint32_t Word = 0;
};

} // namespace

/// Whether the object, which the function returns, is only written to or read otherwise.
bool Returned::isUnseen(const Value &Object) const {
  SmallVector<const Value *, 8> Work{&Object};
  SmallPtrSet<const Value *, 8> Pointers{&Object};
  while (!Work.empty()) {
    const Value *Pointer = Work.pop_back_val();
    for (const Use &U : Pointer->uses()) {
      const User *I = U.getUser();
      if (isa<GetElementPtrInst, PHINode>(I)) {
        if (Pointers.insert(I).second)
          Work.push_back(I);
      } else if (isa<StoreInst>(I)) {
        if (U.getOperandNo() != StoreInst::getPointerOperandIndex())
          return false;
      } else if (!isa<LoadInst, ReturnInst, ICmpInst>(I) && !isManaged(I, ManagedID::RefTag)) {
        return false;
      }
    }
  }
  return true;
}

bool Returned::add(const Value *V) {
  if (!Seen.insert(V).second || isa<ConstantPointerNull>(V))
    return true;
  if (auto *Phi = dyn_cast<PHINode>(V))
    return all_of(Phi->incoming_values(), [&](const Value *From) { return add(From); });
  const auto *Call = dyn_cast<CallInst>(V);
  if (!Call || !isUnseen(*Call))
    return false;
  uint32_t Its = 0;
  if (isManaged(Call, ManagedID::RefReuseCell)) {
    // A tag that is put into the word leaves the rest of it as it was.
    if (auto *Becomes = dyn_cast<ConstantInt>(Call->getArgOperand(2)))
      Its = uint32_t(Becomes->getZExtValue()) & ~kMetaTagMask;
  } else if (calledManaged(*Call)) {
    Its = Shapes::wordOf(*Call);
  } else if (const Function *Callee = Call->getCalledFunction()) {
    auto Found = Known.find(Callee);
    if (Found == Known.end())
      return false;
    if (!Found->second)
      return true; // of a function that is not known yet: nothing speaks against it
    Its = Found->second;
  }
  if (!Its || (Word && Word != Its))
    return false;
  Word = Its;
  return true;
}

std::optional<uint32_t> Returned::wordOf(const Function &F) {
  for (const BasicBlock &Block : F)
    if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator()))
      if (!add(Return->getReturnValue()))
        return std::nullopt;
  return Word;
}

static Words freshResults(const Module &M) {
  const References R(M);
  Words Known;
  for (const Function &F : M)
    if (F.hasExactDefinition() && R.is(F.getReturnType()) && F.hasFnAttribute(kCountsInserted))
      Known[&F] = 0;
  // Words are found first, then the best guess only loses. Who returns a result is looked at again
  // when more is known of it.
  SmallVector<const Function *> Work;
  for (const Function &F : M)
    if (Known.count(&F))
      Work.push_back(&F);
  while (!Work.empty()) {
    const Function *F = Work.pop_back_val();
    auto Found = Known.find(F);
    if (Found == Known.end())
      continue;
    const uint32_t Before = Found->second;
    const std::optional<uint32_t> Word = Returned(Known).wordOf(*F);
    if (Word == Before)
      continue;
    if (Word && !Before)
      Found->second = *Word;
    else
      Known.erase(Found);
    for (const User *U : F->users())
      if (auto *Call = dyn_cast<CallBase>(U))
        Work.push_back(Call->getFunction());
  }
  return Known;
}

bool cairn::takeFreshResults(Module &M) {
  Function *Own = M.getFunction(managedIntrinsic(ManagedID::RefOwnCell).Name);
  if (!Own)
    return false;
  const Words Known = freshResults(M);
  bool Changed = false;
  for (User *U : make_early_inc_range(Own->users())) {
    auto *Cell = dyn_cast<CallInst>(U);
    auto *From = Cell ? dyn_cast<CallInst>(Cell->getArgOperand(0)) : nullptr;
    auto *Word = Cell ? dyn_cast<ConstantInt>(Cell->getArgOperand(1)) : nullptr;
    if (!From || !Word || !From->getCalledFunction() ||
        Known.lookup(From->getCalledFunction()) != Word->getZExtValue())
      continue;
    // Nobody has retained it, or passed it on.
    SmallVector<const Value *, 4> Work{From};
    bool Unseen = true;
    while (!Work.empty())
      for (const User *Other : Work.pop_back_val()->users()) {
        if (isa<GetElementPtrInst>(Other))
          Work.push_back(Other);
        else
          Unseen &= Other == Cell || isa<LoadInst, ICmpInst>(Other) ||
                    isManaged(Other, ManagedID::RefTag);
      }
    if (!Unseen)
      continue;
    Cell->setCalledFunction(managedIntrinsic(ManagedID::RefTakeCell).declare(M));
    ++NumTaken;
    Changed = true;
  }
  return Changed;
}
