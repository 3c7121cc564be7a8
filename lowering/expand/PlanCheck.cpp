//===- PlanCheck.cpp - Whether the plan of a lowering is right ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/PlanCheck.h"

#include "cairn/abi.h"
#include "expand/Fibers.h"
#include "ir/Intrinsics.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// The call of an intrinsic that a value comes from, through casts of pointers; or null.
static const CallInst *allocationOf(const Value *V) {
  auto *Call = dyn_cast<CallInst>(V->stripPointerCasts());
  const IntrinsicInfo *I = Call ? calledIntrinsic(*Call) : nullptr;
  return I && I->is(kAllocates) ? Call : nullptr;
}

/// Bytes of the slot that an allocation takes, if the module says how many.
static std::optional<uint64_t> slotBytesOf(const CallInst &Alloc, const IntrinsicInfo &I) {
  if (I.is(kTyped)) {
    auto Type = descriptorOf(Alloc).Known;
    return Type ? std::optional<uint64_t>(Type->slotBytes()) : std::nullopt;
  }
  auto *N = dyn_cast<ConstantInt>(Alloc.getArgOperand(I.countArg()));
  if (!N || N->getValue().ugt(kMaxSmall))
    return std::nullopt;
  return N->getZExtValue() + (I.is(kBytes) ? kHeaderSize : 0);
}

/// Why the operand's block is not the thread's own, of the bin that is planned; or null.
static const char *wrongOwn(const PlannedCall &P) {
  const CallInst *Alloc = allocationOf(P.Call->getArgOperand(0));
  if (!Alloc)
    return "its operand is no allocation of the function's";
  const IntrinsicInfo &From = *calledIntrinsic(*Alloc);
  const Function &F = *P.Call->getFunction();
  if (F.isPresplitCoroutine() || mayChangeThread(F))
    return "the function may go on in another thread";
  if (From.is(kHeap))
    return "its operand is of a heap that may not be the default one";
  if (From.is(kArray) || From.isCall())
    return "its operand is no slot of a bin that is known";
  std::optional<uint64_t> Bytes = slotBytesOf(*Alloc, From);
  if (!Bytes || *Bytes > kMaxSmall)
    return "its operand's size is not known to be small";
  unsigned Class = 0;
  while (sizeOfClass(Class) < *Bytes)
    ++Class;
  if (*P.Own != binOf(From.is(kRawBlock) ? kRaw : kObject, Class))
    return "its operand is of another bin";
  return nullptr;
}

static const char *wrongLeaf(const PlannedCall &P) {
  const CallInst *Alloc = allocationOf(P.Call->getArgOperand(0));
  if (!Alloc)
    return "its operand is not fresh";
  const IntrinsicInfo &From = *calledIntrinsic(*Alloc);
  if (From.is(kTyped) && !From.is(kArray)) {
    auto Type = descriptorOf(*Alloc).Known;
    return Type && Type->Fields.empty() && !Type->HasFinalizer
               ? nullptr
               : "its operand has fields or a finaliser, or may have";
  }
  return From.is(kBytes) ? nullptr : "its operand is no plain object";
}

static const char *wrongCall(const PlannedCall &P) {
  if (!P.Call || !P.I || calledIntrinsic(*P.Call) != P.I)
    return "the call is of another intrinsic";
  if (P.Type) {
    if (!P.I->is(kTyped))
      return "it takes no descriptor";
    auto Known = descriptorOf(*P.Call).Known;
    if (!Known || Known->encode() != P.Type->encode())
      return "its descriptor is another one";
  }
  bool TakesObject = !P.I->is(kAllocates) && !P.I->isCall();
  if ((P.NonNull || P.Leaf || P.Own) && !TakesObject)
    return "it takes no object";
  if (P.NonNull && isa<ConstantPointerNull>(P.Call->getArgOperand(0)->stripPointerCasts()))
    return "its operand is null";
  if (P.Leaf)
    if (const char *Why = wrongLeaf(P))
      return Why;
  return P.Own ? wrongOwn(P) : nullptr;
}

std::string cairn::wrongPlan(const Module &M, ArrayRef<PlannedCall> Plan) {
  auto Wrong = [](const CallInst *Call, const char *Why) {
    const IntrinsicInfo *I = Call ? calledIntrinsic(*Call) : nullptr;
    return ("plan of a call of '" + Twine(I ? StringRef(I->Name) : StringRef("?")) +
            "' in function '" + (Call ? Call->getFunction()->getName() : StringRef("?")) +
            "': " + Why)
        .str();
  };
  SmallPtrSet<const CallInst *, 32> Planned;
  for (const PlannedCall &P : Plan) {
    if (const char *Why = wrongCall(P))
      return Wrong(P.Call, Why);
    if (!Planned.insert(P.Call).second)
      return Wrong(P.Call, "it is planned twice");
  }
  for (const Function &F : M)
    for (const Instruction &I : instructions(F))
      if (auto *Call = dyn_cast<CallInst>(&I))
        if (calledIntrinsic(*Call) && !Planned.contains(Call))
          return Wrong(Call, "it is not planned");
  return "";
}
