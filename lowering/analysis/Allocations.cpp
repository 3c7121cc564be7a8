//===- Allocations.cpp - What a value says of the allocation it comes from --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Allocations.h"

#include "cairn/abi.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

const Value *cairn::objectOf(const Value *Reference) { return Reference->stripPointerCasts(); }

std::string cairn::nameInRemarks(const Value &Object) {
  if (Object.hasName())
    return Object.getName().str();
  if (const auto *A = dyn_cast<Argument>(&Object))
    return "parameter " + std::to_string(A->getArgNo() + 1);
  return "an object";
}

Allocation cairn::allocationOf(const Value *Reference) {
  auto *Call = dyn_cast<CallInst>(objectOf(Reference));
  const IntrinsicInfo *I = Call ? calledPlainForm(*Call) : nullptr;
  return I && I->is(kAllocates) ? Allocation{Call, I} : Allocation{};
}

std::optional<unsigned> Allocation::bin() const {
  if (I->is(kArray))
    return std::nullopt;
  uint64_t Bytes;
  if (I->is(kTyped)) {
    auto Type = descriptorOf(*Call).Known;
    if (!Type)
      return std::nullopt;
    Bytes = Type->slotBytes();
  } else {
    auto *C = dyn_cast<ConstantInt>(Call->getArgOperand(I->countArg()));
    if (!C || C->getValue().ugt(kMaxSmall))
      return std::nullopt;
    Bytes = C->getZExtValue() + (I->is(kBytes) ? kHeaderSize : 0);
  }
  if (Bytes > kMaxSmall)
    return std::nullopt;
  return binOf(I->is(kRawBlock) ? kRaw : kObject, classOf(Bytes));
}

bool Allocation::isLeaf() const {
  if (I->is(kTyped) && !I->is(kArray)) {
    auto Type = descriptorOf(*Call).Known;
    return Type && Type->isLeaf();
  }
  return I->is(kBytes) && isa<ConstantInt>(Call->getArgOperand(I->countArg()));
}
