//===- Elide.cpp - cairn-elide: allocations that nothing observes --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The uses of an allocation, and of pointers computed from it, are followed until one
// is found that keeps it: a load, an escape, a join with other pointers, a test of
// its count or tag, or a managed reference stored into it (whose release the drop
// would do). Otherwise all of them go. A constant descriptor without a finaliser is
// needed to know that a drop does nothing else.
//
//===----------------------------------------------------------------------===//
#include "opt/Elide.h"

#include "analysis/Allocations.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-elide"

namespace {

class Candidate {
public:
  Candidate(CallInst &Alloc, const IntrinsicInfo &I) : Alloc(Alloc), I(I) {}

  /// Whether all uses may go; else Keeper is one that may not.
  bool examine();
  void remove();
  bool isReleased() const { return Released; }
  const char *reason() const { return Reason; }
  Instruction *keeper() const { return Keeper; }

private:
  bool examineUse(Use &U, std::optional<uint64_t> Offset);
  bool examineCall(CallBase &Call, Use &U, std::optional<uint64_t> Offset);
  bool mayWriteField(std::optional<uint64_t> Offset, uint64_t Bytes) const;
  bool keep(Instruction &At, const char *Why) {
    Keeper = &At;
    Reason = Why;
    return false;
  }

  CallInst &Alloc;
  const IntrinsicInfo &I;
  Descriptor Type; ///< Of a typed allocation; no fields otherwise.
  SetVector<Instruction *> Dead;
  bool Released = false;
  const char *Reason = "";
  Instruction *Keeper = nullptr;
};

} // namespace

bool Candidate::mayWriteField(std::optional<uint64_t> Offset, uint64_t Bytes) const {
  const uint64_t Word = Alloc.getModule()->getDataLayout().getPointerSize();
  return any_of(Type.Fields, [&](uint64_t Field) {
    return !Offset || (Field < *Offset + Bytes && *Offset < Field + Word);
  });
}

bool Candidate::examine() {
  if (I.is(kTyped)) {
    DescriptorRead Read = descriptorOf(Alloc);
    if (!Read.Known)
      return false;
    Type = *Read.Known;
    if (Type.HasFinalizer)
      return keep(Alloc, "its type has a finaliser");
    if (I.is(kArray) && !Type.Fields.empty())
      return keep(Alloc, "it is an array with managed fields");
  }
  const DataLayout &DL = Alloc.getModule()->getDataLayout();
  SmallVector<std::pair<Instruction *, std::optional<uint64_t>>> Worklist{{&Alloc, 0}};
  // All uses are seen, so that a remark can tell whether it is released here at all.
  bool Ok = true;
  while (!Worklist.empty()) {
    auto [Pointer, Offset] = Worklist.pop_back_val();
    for (Use &U : Pointer->uses()) {
      auto *User = cast<Instruction>(U.getUser());
      if (auto *GEP = dyn_cast<GetElementPtrInst>(User)) {
        APInt Step(DL.getIndexTypeSizeInBits(GEP->getType()), 0);
        std::optional<uint64_t> At;
        if (Offset && GEP->accumulateConstantOffset(DL, Step) && !Step.isNegative())
          At = *Offset + Step.getZExtValue();
        if (Dead.insert(GEP))
          Worklist.push_back({GEP, At});
        continue;
      }
      Ok &= examineUse(U, Offset);
    }
  }
  return Ok;
}

bool Candidate::examineUse(Use &U, std::optional<uint64_t> Offset) {
  auto &User = *cast<Instruction>(U.getUser());
  if (auto *Store = dyn_cast<StoreInst>(&User)) {
    if (U.getOperandNo() != StoreInst::getPointerOperandIndex())
      return keep(User, "its address is stored");
    if (Store->isVolatile() || Store->isAtomic())
      return keep(User, "an atomic or volatile store goes into it");
    uint64_t Bytes = User.getModule()
                         ->getDataLayout()
                         .getTypeStoreSize(Store->getValueOperand()->getType())
                         .getKnownMinValue();
    auto *C = dyn_cast<Constant>(Store->getValueOperand());
    if (!(C && C->isNullValue()) && mayWriteField(Offset, Bytes))
      return keep(User, "a reference is stored into it");
    Dead.insert(&User);
    return true;
  }
  if (auto *Compare = dyn_cast<ICmpInst>(&User)) {
    if (Compare->isEquality() && U.get() == &Alloc &&
        isa<ConstantPointerNull>(Compare->getOperand(1 - U.getOperandNo()))) {
      Dead.insert(&User);
      return true;
    }
    return keep(User, "its address is compared");
  }
  if (auto *Call = dyn_cast<CallBase>(&User))
    return examineCall(*Call, U, Offset);
  if (isa<LoadInst>(User))
    return keep(User, "it is read");
  if (isa<ReturnInst>(User))
    return keep(User, "it is returned");
  return keep(User, "its uses cannot be followed");
}

bool Candidate::examineCall(CallBase &Call, Use &U, std::optional<uint64_t> Offset) {
  if (U.getUser()->isDroppable() || Call.isLifetimeStartOrEnd()) {
    Dead.insert(&Call);
    return true;
  }
  if (auto *Set = dyn_cast<MemSetInst>(&Call)) {
    // Filling with zero gives null references.
    auto *Byte = dyn_cast<Constant>(Set->getValue());
    if (Set->isVolatile() || (!(Byte && Byte->isNullValue()) && !Type.Fields.empty()))
      return keep(Call, "a reference may be stored into it");
    Dead.insert(&Call);
    return true;
  }
  if (auto *Transfer = dyn_cast<MemTransferInst>(&Call)) {
    if (U.getOperandNo() != 0 || Transfer->getRawSource() == U.get())
      return keep(Call, "it is read");
    if (Transfer->isVolatile() || !Type.Fields.empty())
      return keep(Call, "a reference may be stored into it");
    Dead.insert(&Call);
    return true;
  }
  const IntrinsicInfo *Callee = calledPlainForm(Call);
  if (!Callee || !Call.isArgOperand(&U) || U.getOperandNo() != 0)
    return keep(Call, "it is passed to a call");
  switch (Callee->ID) {
  case IntrinsicID::Decref:
  case IntrinsicID::Free:
  case IntrinsicID::FreeSized:
    // What is wrong stays wrong, for the runtime to report.
    if (objectOf(U.get()) != &Alloc || Callee->is(kRawBlock) != I.is(kRawBlock))
      return keep(Call, "it is released in a way that does not fit it");
    Released = true;
    break;
  case IntrinsicID::Incref:
  case IntrinsicID::SetTag:
    if (objectOf(U.get()) != &Alloc || I.is(kRawBlock))
      return keep(Call, "it is counted in a way that does not fit it");
    break;
  default:
    return keep(Call, "its header is read");
  }
  (void)Offset;
  Dead.insert(&Call);
  return true;
}

void Candidate::remove() {
  // Uses before what they use.
  for (Instruction *User : reverse(Dead)) {
    if (auto *Compare = dyn_cast<ICmpInst>(User))
      Compare->replaceAllUsesWith(
          ConstantInt::getBool(Compare->getType(), Compare->getPredicate() == ICmpInst::ICMP_NE));
    else if (!User->use_empty())
      User->replaceAllUsesWith(PoisonValue::get(User->getType()));
    User->eraseFromParent();
  }
  salvageDebugInfo(Alloc);
  if (!Alloc.use_empty())
    Alloc.replaceAllUsesWith(PoisonValue::get(Alloc.getType()));
  Alloc.eraseFromParent();
}

bool cairn::elideAllocations(Function &F, OptimizationRemarkEmitter &ORE) {
  SmallVector<CallInst *> Allocs;
  for (Instruction &Inst : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&Inst))
      if (const IntrinsicInfo *I = calledPlainForm(*Call);
          I && I->is(kAllocates) &&
          Call->getFunctionType() == Call->getCalledFunction()->getFunctionType())
        Allocs.push_back(Call);

  bool Changed = false;
  // The last first: an object stored in an earlier one goes before its holder is seen.
  for (CallInst *Call : reverse(Allocs)) {
    const IntrinsicInfo &I = *calledPlainForm(*Call);
    Candidate C(*Call, I);
    if (C.examine()) {
      ORE.emit([&] {
        return OptimizationRemark(DEBUG_TYPE, "Elided", Call)
               << "removed an allocation by '" << I.Name << "' that nothing observes";
      });
      C.remove();
      Changed = true;
    } else if (C.isReleased()) {
      ORE.emit([&] {
        return OptimizationRemarkMissed(DEBUG_TYPE, "Kept", C.keeper())
               << "kept an allocation by '" << I.Name << "' that is released here: " << C.reason();
      });
    }
  }
  return Changed;
}

PreservedAnalyses ElidePass::run(Function &F, FunctionAnalysisManager &FAM) {
  if (!elideAllocations(F, FAM.getResult<OptimizationRemarkEmitterAnalysis>(F)))
    return PreservedAnalyses::all();
  PreservedAnalyses PA;
  PA.preserveSet<CFGAnalyses>();
  return PA;
}
