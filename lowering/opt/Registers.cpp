//===- Registers.cpp - cairn-registers: objects that stay in a function --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All uses of an allocation are looked at. If each is a load, a store, a test or a release, the
// object becomes a variable on the stack, which SROA splits into registers. One variable stands
// for the objects of all rounds of a loop: nothing but the allocation's own result refers to one,
// so nobody sees that of the round before.
//
// Where there are counts already, the object is never retained, so each release is the last one:
// there its fields are loaded, and released.
//
//===----------------------------------------------------------------------===//
#include "opt/Registers.h"

#include "cairn/abi.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Scalar/SROA.h"

#include <deque>

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-registers"

STATISTIC(NumRegisters, "Number of objects that became registers");

/// A larger object stays one.
constexpr uint64_t kMostBytes = 128;

namespace {

/// An allocation whose object may become a variable.
class Local {
public:
  Local(CallInst &Call, Descriptor Type, Value *Tag)
      : Call(Call), Type(std::move(Type)), Tag(Tag), DL(Call.getModule()->getDataLayout()),
        R(*Call.getModule()), Counted(Call.getFunction()->hasFnAttribute(kCountsInserted)) {}

  /// Null: it may; else why not.
  const char *reason();
  CallInst &allocation() const { return Call; }
  bool isReleased() const { return Released; }
  void replace();

private:
  const char *lookAt(Instruction &I, const Use &U);
  const char *lookAtAccess(Value *Pointer, llvm::Type *T) const;
  void replaceUse(Instruction &I, Value *Variable);
  void releaseFields(Instruction &Before, Value *Variable);

  CallInst &Call;
  const Descriptor Type;
  Value *Tag;
  const DataLayout &DL;
  const References R;
  const bool Counted;
  SmallVector<Instruction *, 8> Steps; ///< That compute addresses.
  SmallVector<Instruction *, 8> Uses;
  bool Released = false;
};

} // namespace

/// A reference is a field, and nothing else touches one.
const char *Local::lookAtAccess(Value *Pointer, llvm::Type *T) const {
  APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
  Pointer->stripAndAccumulateConstantOffsets(DL, Offset, true);
  const TypeSize Size = DL.getTypeStoreSize(T);
  if (Offset.isNegative() || Size.isScalable() ||
      Offset.getZExtValue() + Size.getFixedValue() > Type.Size)
    return "it is accessed outside of its payload";
  const uint64_t At = Offset.getZExtValue();
  if (R.is(T))
    return Type.isField(At) ? nullptr : "a reference is where its type has none";
  return none_of(Type.Fields,
                 [&](uint32_t Field) {
                   return Field < At + Size.getFixedValue() && At < Field + DL.getPointerSize();
                 })
             ? nullptr
             : "a reference in it is accessed as something else";
}

const char *Local::lookAt(Instruction &I, const Use &U) {
  if (auto *Load = dyn_cast<LoadInst>(&I))
    return Load->isSimple() ? lookAtAccess(U.get(), Load->getType()) : "it is read by a volatile";
  if (auto *Store = dyn_cast<StoreInst>(&I)) {
    if (U.getOperandNo() != StoreInst::getPointerOperandIndex())
      return "it is stored";
    return Store->isSimple() ? lookAtAccess(U.get(), Store->getValueOperand()->getType())
                             : "it is written by a volatile";
  }
  if (auto *Compare = dyn_cast<ICmpInst>(&I))
    return Compare->isEquality() && isa<ConstantPointerNull>(Compare->getOperand(1))
               ? nullptr
               : "it is compared";
  if (isa<ReturnInst>(I))
    return "it is returned";
  if (isa<PHINode, SelectInst>(I))
    return "it is one of several";
  auto *Callee = dyn_cast<CallInst>(&I);
  const ManagedInfo *M = Callee ? calledManaged(*Callee) : nullptr;
  if (M && M->ID == ManagedID::RefFreeCell && isManaged(U.get(), ManagedID::RefTakeCell)) {
    Released = true;
    return nullptr;
  }
  if (!M || U.get() != &Call)
    return isa<CallBase>(I) ? "it is passed to a call" : "its uses cannot be followed";
  switch (M->ID) {
  case ManagedID::RefDecref:
    Released = true;
    return nullptr;
  case ManagedID::RefTag:
  case ManagedID::RefIsUnique:
  case ManagedID::RefAssertUnique:
    return nullptr;
  case ManagedID::RefIsLast:
    return Tag && !isa<ConstantInt>(Tag) ? "its tag is known at run time only" : nullptr;
  case ManagedID::RefIncref:
    return "it has more than one count";
  default:
    return "it is passed to a call";
  }
}

const char *Local::reason() {
  const char *Found = Type.HasFinalizer        ? "its type has a finaliser"
                      : Type.Size > kMostBytes ? "it is too large"
                                               : nullptr;
  SmallVector<Instruction *, 8> Work{&Call};
  while (!Work.empty())
    for (Use &U : Work.pop_back_val()->uses()) {
      auto *I = cast<Instruction>(U.getUser());
      if (auto *Step = dyn_cast<GetElementPtrInst>(I)) {
        if (!Step->getType()->isPointerTy() || !Step->hasAllConstantIndices()) {
          Found = "an element of it is computed";
          continue;
        }
        Steps.push_back(Step);
        Work.push_back(Step);
        continue;
      }
      // The cell of the last reference is the object's memory.
      if (isManaged(I, ManagedID::RefTakeCell) && U.get() == &Call) {
        Steps.push_back(I);
        Work.push_back(I);
        continue;
      }
      // All uses are seen, so that a remark can tell whether it is released here at all.
      if (const char *Why = lookAt(*I, U); Why && !Found)
        Found = Why;
      Uses.push_back(I);
    }
  return Released || !Counted ? Found : "it is not released here";
}

void Local::releaseFields(Instruction &Before, Value *Variable) {
  IRBuilder<> B(&Before);
  llvm::Type *Reference = Call.getType();
  SmallVector<Value *, 4> Fields;
  for (uint32_t Field : Type.Fields)
    Fields.push_back(B.CreateLoad(
        Reference, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Variable, Field), "field"));
  Function *Decref = managedIntrinsic(ManagedID::RefDecref).declare(*Call.getModule());
  for (Value *Field : Fields)
    B.CreateCall(Decref, {Field});
}

void Local::replaceUse(Instruction &I, Value *Variable) {
  auto Is = [&](Value *V) {
    I.replaceAllUsesWith(V);
    I.eraseFromParent();
  };
  if (auto *Compare = dyn_cast<ICmpInst>(&I))
    return Is(ConstantInt::getBool(I.getType(), Compare->getPredicate() == ICmpInst::ICMP_NE));
  if (isManaged(&I, ManagedID::RefTag))
    return Is(Tag ? Tag : ConstantInt::get(I.getType(), 0));
  if (isManaged(&I, ManagedID::RefIsUnique))
    return Is(ConstantInt::getTrue(I.getType()));
  if (isManaged(&I, ManagedID::RefAssertUnique)) {
    I.eraseFromParent();
    return;
  }
  if (isManaged(&I, ManagedID::RefIsLast)) {
    const uint64_t Meta = Type.Meta | (Tag ? cast<ConstantInt>(Tag)->getZExtValue() : 0)
                                          << kMetaTagShift;
    const auto Operand = [&](unsigned N) {
      return cast<ConstantInt>(I.getOperand(N))->getZExtValue();
    };
    return Is(ConstantInt::getBool(I.getType(), ((Meta ^ Operand(1)) & Operand(2)) == 0));
  }
  const bool Frees = isManaged(&I, ManagedID::RefFreeCell); // whose fields were taken
  if (Frees || isManaged(&I, ManagedID::RefDecref)) {
    if (!Frees)
      releaseFields(I, Variable);
    I.eraseFromParent();
    return;
  }
  // A load or store.
  Value *Pointer = getLoadStorePointerOperand(&I);
  APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
  Pointer->stripAndAccumulateConstantOffsets(DL, Offset, true);
  IRBuilder<> B(&I);
  I.setOperand(isa<LoadInst>(I) ? LoadInst::getPointerOperandIndex()
                                : StoreInst::getPointerOperandIndex(),
               B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Variable, Offset.getZExtValue()));
}

void Local::replace() {
  IRBuilder<> B(&*Call.getFunction()->getEntryBlock().getFirstInsertionPt());
  AllocaInst *Variable = B.CreateAlloca(ArrayType::get(B.getInt8Ty(), Type.Size ? Type.Size : 1));
  Variable->setAlignment(Align(kMaxAlign));
  B.SetInsertPoint(&Call);
  auto Address = [&](uint64_t Offset) {
    return B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Variable, Offset);
  };
  uint64_t At = 0;
  auto ZeroTo = [&](uint64_t End) {
    if (End > At)
      B.CreateMemSet(Address(At), B.getInt8(0), End - At, MaybeAlign());
  };
  for (uint32_t Field : Type.Fields) {
    ZeroTo(Field);
    B.CreateStore(Constant::getNullValue(Call.getType()), Address(Field));
    At = Field + DL.getPointerSize();
  }
  ZeroTo(Type.Size);
  for (Instruction *I : Uses)
    replaceUse(*I, Variable);
  for (Instruction *Step : reverse(Steps))
    Step->eraseFromParent(); // which no use has any more
  Call.eraseFromParent();
  ++NumRegisters;
}

/// The allocations of \p F that may be looked at.
static std::deque<Local> allocationsIn(Function &F) {
  std::deque<Local> Found;
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallInst>(&I);
    const ManagedInfo *M = Call ? calledManaged(*Call) : nullptr;
    if (!M || (M->ID != ManagedID::New && M->ID != ManagedID::NewTagged))
      continue;
    const DescriptorRead Read = descriptorOf(*Call);
    if (Read.Known)
      Found.emplace_back(*Call, *Read.Known,
                         M->ID == ManagedID::NewTagged ? Call->getArgOperand(1) : nullptr);
  }
  return Found;
}

PreservedAnalyses RegistersPass::run(Function &F, FunctionAnalysisManager &FAM) {
  OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  bool Changed = false;
  SmallVector<std::pair<CallInst *, const char *>> Kept;
  // An object that only one in registers referred to may be the next.
  for (bool Again = true; std::exchange(Again, false);) {
    Kept.clear();
    std::deque<Local> Locals = allocationsIn(F);
    for (Local &L : Locals) {
      if (const char *Why = L.reason()) {
        if (L.isReleased())
          Kept.push_back({&L.allocation(), Why});
        continue;
      }
      ORE.emit([&] {
        return OptimizationRemark(DEBUG_TYPE, "Registers", &L.allocation())
               << "an object that stays in the function became values in registers";
      });
      L.replace();
      Again = Changed = true;
    }
    if (Again)
      FAM.invalidate(F, SROAPass(SROAOptions::PreserveCFG).run(F, FAM));
  }
  for (auto [Call, Why] : Kept)
    ORE.emit([&, Call = Call, Why = Why] {
      return OptimizationRemarkMissed(DEBUG_TYPE, "Kept", Call)
             << "an object that is released here is allocated: " << ore::NV("Reason", Why);
    });
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
