//===- SharedPaths.cpp - One copy of a fast path for many sites ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/SharedPaths.h"

#include "ir/Intrinsics.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// So many copies of a fast path are in one function at most, if what they do can be shared.
static constexpr unsigned kMostCopies = 1000;

/// Whether a copy for the site would be more than a call, or a few instructions without a branch.
static bool isShared(const Site &S) {
  if (S.I->is(kAllocates))
    return S.Bin || S.I->is(kRawBlock);
  switch (S.I->ID) {
  case IntrinsicID::Free:
  case IntrinsicID::FreeSized:
  case IntrinsicID::Incref:
  case IntrinsicID::Decref:
  case IntrinsicID::IsUnique:
  case IntrinsicID::ShareInto:
  case IntrinsicID::OwnCell:
  case IntrinsicID::OwnTaggedCell:
  case IntrinsicID::OwnCellOn:
  case IntrinsicID::OwnTaggedCellOn:
  case IntrinsicID::FreeCell:
    return !isa<ConstantPointerNull>(S.Call->getArgOperand(0));
  default:
    return false;
  }
}

/// Whether the function knows the operand, which is a constant. Objects and sizes it is given: no
/// code depends on them, but for the size of a block of the thread's own.
static bool isKnown(const Site &S, unsigned N) {
  const Value *Operand = S.Call->getArgOperand(N);
  if (!isa<Constant>(Operand))
    return false;
  if (S.I->is(kAllocates))
    return S.I->is(kTyped) || Operand->getType()->isPointerTy();
  return N != 0 && (S.I->ID != IntrinsicID::FreeSized || S.Own);
}

Function *SharedPaths::functionFor(const Site &S) {
  auto Optional = [](std::optional<unsigned> N) { return N ? *N + 1 : 0; };
  std::vector<uint64_t> Key = {unsigned(S.I->ID), Optional(S.Bin), Optional(S.Own),
                               unsigned(S.NonNull | S.Immediate << 1 | S.Leaf << 2),
                               S.Type ? S.Type->Meta : 0};
  for (unsigned N = 0; N != S.Call->arg_size(); ++N) {
    // Of a descriptor whose header word is known, no more is used than that.
    const bool Differs = isKnown(S, N) && !(S.Type && S.Type->Meta && N == S.I->typeArg());
    Key.push_back(Differs ? uint64_t(uintptr_t(S.Call->getArgOperand(N))) : 0);
  }
  Function *&F = Functions[std::move(Key)];
  if (F)
    return F;
  Module &M = *S.Call->getModule();
  SmallVector<Type *, 4> Params;
  for (auto [N, Operand] : enumerate(S.Call->args()))
    if (!isKnown(S, unsigned(N)))
      Params.push_back(Operand->getType());
  F = Function::createWithDefaultAttr(
      FunctionType::get(S.Call->getType(), Params, false), GlobalValue::InternalLinkage, 0,
      "cairn.called." + S.I->Name.drop_front(StringRef("cairn.").size()), &M);
  F->addFnAttr(Attribute::NoInline);
  F->addFnAttr(Attribute::NoUnwind);
  IRBuilder<> B(BasicBlock::Create(M.getContext(), "", F));
  SmallVector<Value *, 4> Operands;
  auto *Next = F->arg_begin();
  for (auto [N, Operand] : enumerate(S.Call->args()))
    Operands.push_back(isKnown(S, unsigned(N)) ? Operand.get() : Next++);
  Site Inner = S;
  Inner.Call = B.CreateCall(S.I->declare(M), Operands);
  Inner.Call->setTailCall();
  if (Inner.Call->getType()->isVoidTy())
    B.CreateRetVoid();
  else
    B.CreateRet(Inner.Call);
  Made.push_back(std::move(Inner));
  return F;
}

/// The sites in loops of this depth and of greater ones are copied: as many as may be.
static unsigned depthOfCopies(ArrayRef<unsigned> Depths) {
  SmallVector<unsigned, 8> Count;
  for (unsigned Depth : Depths) {
    if (Depth >= Count.size())
      Count.resize(Depth + 1);
    ++Count[Depth];
  }
  unsigned Depth = unsigned(Count.size());
  for (unsigned Copies = 0; Depth && Copies + Count[Depth - 1] <= kMostCopies; --Depth)
    Copies += Count[Depth - 1];
  return Depth;
}

void SharedPaths::share(Function &F, FunctionAnalysisManager &FAM, MutableArrayRef<Site> Sites) {
  if (Sites.size() <= kMostCopies)
    return;
  SmallVector<Site *> Candidates;
  for (Site &S : Sites)
    if (isShared(S))
      Candidates.push_back(&S);
  if (Candidates.size() <= kMostCopies)
    return;
  const LoopInfo &Loops = FAM.getResult<LoopAnalysis>(F);
  SmallVector<unsigned> Depths;
  for (const Site *S : Candidates)
    Depths.push_back(Loops.getLoopDepth(S->Call->getParent()));
  const unsigned Copied = depthOfCopies(Depths);
  for (auto [S, Depth] : zip_equal(Candidates, Depths)) {
    if (Depth >= Copied)
      continue;
    Function *Shared = functionFor(*S);
    SmallVector<OperandBundleDef, 1> Bundles;
    S->Call->getOperandBundlesAsDefs(Bundles);
    SmallVector<Value *, 4> Operands;
    for (auto [N, Operand] : enumerate(S->Call->args()))
      if (!isKnown(*S, unsigned(N)))
        Operands.push_back(Operand);
    CallInst *New = IRBuilder<>(S->Call).CreateCall(Shared, Operands, Bundles);
    New->setCallingConv(Shared->getCallingConv());
    New->setDoesNotThrow();
    New->setTailCall(S->Call->isTailCall());
    New->takeName(S->Call);
    S->Call->replaceAllUsesWith(New);
    S->Call->eraseFromParent();
    S->Call = nullptr;
  }
}
