//===- Plan.cpp - What is known of each call before it is expanded --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/Plan.h"

#include "analysis/Allocations.h"
#include "cairn/abi.h"
#include "expand/Fibers.h"
#include "ir/Managed.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/SimplifyQuery.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// Whether what a call of the function allocates is its thread's when it is freed. A
/// coroutine or a fiber may go on in another thread.
static bool mayOwn(const Function &F) { return !F.isPresplitCoroutine() && !mayChangeThread(F); }

/// The runtime writes the header word of a type that it must number into the descriptor, for
/// the expansion to read. A constant would lie in read-only memory; then every allocation
/// would look the number up. What a section's name says is the program's affair.
static void makeWritable(Value &Type) {
  auto *Descriptor = dyn_cast<GlobalVariable>(getUnderlyingObject(&Type, /*MaxLookup=*/0));
  if (Descriptor && Descriptor->hasInitializer() && !Descriptor->hasSection() &&
      !Descriptor->hasAvailableExternallyLinkage())
    Descriptor->setConstant(false);
}

#ifndef NDEBUG
/// What Plan.h says of a site.
static void check(const Site &S) {
  const IntrinsicInfo &I = *S.I;
  const unsigned First = binOf(I.is(kRawBlock) ? kRaw : kObject, 0);
  assert(calledIntrinsic(*S.Call) == &I && "a site is a call of its intrinsic");
  assert(S.Call->getFunctionType() == I.type(*S.Call->getModule()) &&
         "cairn-import has checked the signature");
  assert((!S.Type || I.is(kTyped)) && "only a typed allocation has a descriptor");
  assert((!S.Bin || I.is(kAllocates)) && "only an allocation takes from a bin");
  assert((!S.Bin || (*S.Bin >= First && *S.Bin < First + kClasses)) &&
         "an allocation takes from a bin of its own kind");
  assert((!S.Bin || !S.Type || *S.Bin == First + classOf(S.Type->slotBytes())) &&
         "a typed allocation takes from the bin of its descriptor's size");
  assert((!S.Own || *S.Own < kBins) && "there is such a bin");
  assert((!(S.Own || S.NonNull || S.Leaf) || !(I.is(kAllocates) || I.isCall())) &&
         "only an operation has an operand that something is known of");
  assert((!S.Leaf || !S.Own || *S.Own >= binOf(kObject, 0)) && "a leaf is an object");
}
#endif

void cairn::plan(Function &F, FunctionAnalysisManager &FAM, Descriptors &Types,
                 SmallVectorImpl<Site> &Sites, bool Calls) {
  // The analyses are made for a function that has such a question only.
  auto IsNonNull = [&](const Value *V, CallInst *At) {
    return isKnownNonZero(V, SimplifyQuery(F.getParent()->getDataLayout(),
                                           &FAM.getResult<DominatorTreeAnalysis>(F),
                                           &FAM.getResult<AssumptionAnalysis>(F), At));
  };
  const bool Immediates = mayBeImmediates(*F.getParent());
  for (CallInst *Call : intrinsicCalls(F)) {
    const IntrinsicInfo &I = *calledIntrinsic(*Call);
    Site S{Call, &I};
    if (I.is(kTyped)) {
      S.Type = Types.of(*Call).Known;
      if (S.Type && !S.Type->Meta)
        makeWritable(*Call->getArgOperand(I.typeArg()));
    }
    if (Calls && !I.is(kRawBlock)) {
      S.Called = I.ID == IntrinsicID::Incref || I.ID == IntrinsicID::Decref ||
                 I.ID == IntrinsicID::IsUnique;
    } else if (I.is(kAllocates)) {
      S.Bin = Allocation{Call, &I}.bin();
    } else if (!I.isCall()) {
      const Value *Object = Call->getArgOperand(0);
      S.NonNull = !I.is(kRawBlock) && IsNonNull(Object, Call);
      if (const Allocation From = allocationOf(Object)) {
        // The bins of a heap that is an operand are not the thread's.
        if (mayOwn(F) && !From.I->is(kHeap))
          S.Own = From.bin();
        S.Leaf = From.isLeaf();
      } else {
        S.Immediate = Immediates && !I.is(kRawBlock);
      }
    }
#ifndef NDEBUG
    check(S);
#endif
    Sites.push_back(std::move(S));
  }
}
