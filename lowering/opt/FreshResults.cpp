//===- FreshResults.cpp - Results that nobody else has ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All functions start as such that return fresh objects, of a header word that their first
// returned object gives them. One that returns anything else is taken out, until none is. Of the
// heap on which all these objects lie something is known if it is a constant.
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
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-fresh"

STATISTIC(NumTaken, "Number of results whose memory is taken over without a test");

namespace {

/// What is known of all objects that a function returns.
struct Result {
  uint32_t Word = 0;           ///< Their header word; 0 while none is known.
  const Value *Heap = nullptr; ///< A constant, if one says for all of them where they lie.
  bool operator==(const Result &Other) const { return Word == Other.Word && Heap == Other.Heap; }
};
using Results = DenseMap<const Function *, Result>;

class Returned {
public:
  explicit Returned(const Results &Known) : Known(Known) {}
  /// Of all that \p F returns but null; nothing if it returns what is not fresh, or has several
  /// header words.
  std::optional<Result> resultOf(const Function &F);

private:
  bool add(const Value *V);
  bool isUnseen(const Value &Object) const;

  const Results &Known;
  SmallPtrSet<const Value *, 8> Seen;
  Result Found;
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
  Result Its;
  if (isManaged(Call, ManagedID::RefReuseCell)) {
    // A tag that is put into the word leaves the rest of it as it was.
    if (auto *Becomes = dyn_cast<ConstantInt>(Call->getArgOperand(2)))
      Its.Word = uint32_t(Becomes->getZExtValue()) & ~kMetaTagMask;
    Its.Heap = heapOfCell(*Call->getArgOperand(0));
  } else if (calledManaged(*Call)) {
    Its = {Shapes::wordOf(*Call), heapOfNew(*Call)};
  } else if (const Function *Callee = Call->getCalledFunction()) {
    auto Of = Known.find(Callee);
    if (Of == Known.end())
      return false;
    if (!Of->second.Word)
      return true; // of a function that is not known yet: nothing speaks against it
    Its = Of->second;
  }
  if (!Its.Word || (Found.Word && Found.Word != Its.Word))
    return false;
  if (!isa_and_nonnull<Constant>(Its.Heap) || (Found.Word && Found.Heap != Its.Heap))
    Its.Heap = nullptr;
  Found = Its;
  return true;
}

std::optional<Result> Returned::resultOf(const Function &F) {
  for (const BasicBlock &Block : F)
    if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator()))
      if (!add(Return->getReturnValue()))
        return std::nullopt;
  return Found;
}

static Results freshResults(const Module &M) {
  const References R(M);
  Results Known;
  for (const Function &F : M)
    if (F.hasExactDefinition() && R.is(F.getReturnType()) && F.hasFnAttribute(kCountsInserted))
      Known[&F] = {};
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
    const Result Before = Found->second;
    const std::optional<Result> Now = Returned(Known).resultOf(*F);
    if (Now == Before)
      continue;
    // Of what is known, the heap goes first.
    const bool IsMore = Now && !Before.Word;
    if (IsMore || (Now && Now->Word == Before.Word && !Now->Heap))
      Found->second = *Now;
    else
      Known.erase(Found);
    for (const User *U : F->users())
      if (auto *Call = dyn_cast<CallBase>(U))
        Work.push_back(Call->getFunction());
  }
  return Known;
}

bool cairn::takeFreshResults(Module &M) {
  SmallVector<User *> Cells;
  for (ManagedID ID : {ManagedID::RefOwnCell, ManagedID::RefOwnCellOn})
    if (Function *Own = M.getFunction(managedIntrinsic(ID).Name))
      append_range(Cells, Own->users());
  if (Cells.empty())
    return false;
  const Results Known = freshResults(M);
  bool Changed = false;
  for (User *U : Cells) {
    auto *Cell = dyn_cast<CallInst>(U);
    auto *From = Cell ? dyn_cast<CallInst>(Cell->getArgOperand(0)) : nullptr;
    auto *Word = Cell ? dyn_cast<ConstantInt>(Cell->getArgOperand(1)) : nullptr;
    if (!From || !Word || !From->getCalledFunction())
      continue;
    const Result Its = Known.lookup(From->getCalledFunction());
    Value *Heap = heapOfCell(*Cell);
    if (Its.Word != Word->getZExtValue() || (Heap && Its.Heap != Heap))
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
    CallInst *Taken =
        CallInst::Create(managedIntrinsic(ManagedID::RefTakeCell).declare(M), {From, Word});
    Taken->setDebugLoc(Cell->getDebugLoc());
    ReplaceInstWithInst(Cell, Taken);
    ++NumTaken;
    Changed = true;
  }
  return Changed;
}
