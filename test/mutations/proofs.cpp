//===- proofs.cpp - What shows that a mutation is harmless ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "proofs.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/Passes/PassBuilder.h"

#include <optional>

using namespace llvm;

CallInst *countAt(Instruction &I) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  return Callee && (Callee->getName() == incref() || Callee->getName() == decref()) ? Call
                                                                                    : nullptr;
}

/// Whether \p I changes an object's count, and no reference.
static bool isShareInto(const Instruction &I) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  return Callee && Callee->getName() == "cairn.ref.share.into";
}

const Value *rootOf(const Value *V) {
  while (auto *Op = dyn_cast<Operator>(V)) {
    if (Op->getOpcode() != Instruction::GetElementPtr && Op->getOpcode() != Instruction::Freeze &&
        Op->getOpcode() != Instruction::AddrSpaceCast)
      break;
    V = Op->getOperand(0);
  }
  return V;
}

/// Whether two addresses are so many bytes from the same value, or computed from the same operands
/// in the same way.
static bool isSameAddress(const Value *A, const Value *B, const DataLayout &DL) {
  if (A == B)
    return true;
  APInt AtA(DL.getIndexTypeSizeInBits(A->getType()), 0);
  APInt AtB(DL.getIndexTypeSizeInBits(B->getType()), 0);
  if (AtA.getBitWidth() == AtB.getBitWidth() &&
      A->stripAndAccumulateConstantOffsets(DL, AtA, true) ==
          B->stripAndAccumulateConstantOffsets(DL, AtB, true) &&
      AtA == AtB)
    return true;
  const auto *L = dyn_cast<GetElementPtrInst>(A), *R = dyn_cast<GetElementPtrInst>(B);
  return L && R && L->isIdenticalTo(R);
}

const Value *contentOf(const Value *V) {
  const auto *Load = dyn_cast<LoadInst>(V);
  if (!Load || !Load->isSimple())
    return V;
  const DataLayout &DL = Load->getModule()->getDataLayout();
  // What other stores wrote, which may be there.
  SmallVector<const Value *, 2> Others;
  auto Found = [&](const Value *Known) {
    Known = contentOf(Known);
    return all_of(Others, [&](const Value *Other) { return contentOf(Other) == Known; }) ? Known
                                                                                         : V;
  };
  const Instruction *I = Load;
  for (const BasicBlock *Block = Load->getParent();;) {
    while ((I = I->getPrevNode())) {
      const auto *Before = dyn_cast<LoadInst>(I);
      if (Before && Before->getType() == Load->getType() &&
          isSameAddress(Before->getPointerOperand(), Load->getPointerOperand(), DL))
        return Found(Before);
      const auto *Store = dyn_cast<StoreInst>(I);
      if (Store && Store->getValueOperand()->getType() == Load->getType() &&
          isSameAddress(Store->getPointerOperand(), Load->getPointerOperand(), DL))
        return Found(Store->getValueOperand());
      if (Store && Store->isSimple() && Store->getValueOperand()->getType() == Load->getType()) {
        Others.push_back(Store->getValueOperand());
        continue;
      }
      // A finaliser, which a release may run, stores references only into objects that it made.
      const CallInst *Count = countAt(const_cast<Instruction &>(*I));
      const bool InObject = Load->getPointerAddressSpace() != 0;
      if (I->mayWriteToMemory() && !isShareInto(*I) &&
          !(Count && (InObject || Count->getCalledFunction()->getName() == incref())))
        return V;
    }
    const BasicBlock *From = Block->getSinglePredecessor();
    if (!From || From == Load->getParent())
      return V;
    Block = From;
    I = Block->getTerminator();
    if (I->mayWriteToMemory())
      return V;
  }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

struct MemoryProofs::Analyses {
  explicit Analyses(Function &F) {
    PassBuilder PB;
    PB.registerModuleAnalyses(MAM);
    PB.registerCGSCCAnalyses(CGAM);
    PB.registerFunctionAnalyses(FAM);
    PB.registerLoopAnalyses(LAM);
    PB.crossRegisterProxies(LAM, FAM, CGAM, MAM);
    AA = &FAM.getResult<AAManager>(F);
  }
  LoopAnalysisManager LAM;
  FunctionAnalysisManager FAM;
  CGSCCAnalysisManager CGAM;
  ModuleAnalysisManager MAM;
  AAResults *AA;
};

MemoryProofs::MemoryProofs(Function &F) : A(std::make_unique<Analyses>(F)) {}
MemoryProofs::~MemoryProofs() = default;

static bool isNull(const Value *V) { return isa<ConstantPointerNull>(V); }

static bool isAllocation(const Value *V) {
  const auto *Call = dyn_cast<CallInst>(V);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  return Callee && Callee->getName().starts_with(PlainCounts ? "cairn.alloc" : "cairn.ref.alloc");
}

/// Whether \p I writes zeros, and nothing else.
static bool writesZeros(const Instruction &I) {
  if (const auto *Store = dyn_cast<StoreInst>(&I))
    return isNull(Store->getValueOperand());
  const auto *Set = dyn_cast<MemSetInst>(&I);
  const auto *Byte = Set ? dyn_cast<ConstantInt>(Set->getValue()) : nullptr;
  return Byte && Byte->isZero();
}

bool MemoryProofs::readsNull(const LoadInst &Load) const {
  const DataLayout &DL = Load.getModule()->getDataLayout();
  const Value *Address = Load.getPointerOperand();
  APInt At(DL.getIndexTypeSizeInBits(Address->getType()), 0);
  const Value *Root = Address->stripAndAccumulateConstantOffsets(DL, At, true);
  // An address that a loop computes again is another one in each round.
  if (!Load.isSimple() || !Load.getType()->isPointerTy() ||
      (!isAllocation(Root) && !isa<Argument, AllocaInst>(Root)))
    return false;
  const MemoryLocation Place = MemoryLocation::get(&Load);
  /// Whether \p I says what is there, and that it is null; nothing: it says nothing.
  auto Ask = [&](const Instruction &I) -> std::optional<bool> {
    if (&I == Root)
      return isAllocation(Root);
    if (countAt(const_cast<Instruction &>(I)) || isShareInto(I))
      return std::nullopt;
    if (const auto *Store = dyn_cast<StoreInst>(&I)) {
      if (A->AA->alias(MemoryLocation::get(Store), Place) == AliasResult::MustAlias)
        return isNull(Store->getValueOperand());
    } else if (const auto *Set = dyn_cast<MemSetInst>(&I); Set && writesZeros(I)) {
      APInt From(At.getBitWidth(), 0);
      const auto *Length = dyn_cast<ConstantInt>(Set->getLength());
      if (Length && DL.getIndexTypeSizeInBits(Set->getRawDest()->getType()) == At.getBitWidth() &&
          Set->getRawDest()->stripAndAccumulateConstantOffsets(DL, From, true) == Root &&
          From.sle(At) && (At + DL.getPointerSize()).sle(From + Length->getZExtValue()))
        return true;
    }
    // Zeros that may be there are null as well.
    if (!writesZeros(I) && isModSet(A->AA->getModRefInfo(&I, Place)))
      return false;
    return std::nullopt;
  };
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const Instruction *> Work = {&Load};
  while (!Work.empty()) {
    const Instruction *I = Work.pop_back_val();
    const BasicBlock *Block = I->getParent();
    std::optional<bool> Is = I == &Load ? std::nullopt : Ask(*I);
    while (!Is && (I = I->getPrevNode()))
      Is = Ask(*I);
    if (Is && !*Is)
      return false;
    if (Is)
      continue;
    if (pred_empty(Block))
      return false;
    for (const BasicBlock *From : predecessors(Block))
      if (Seen.insert(From).second)
        Work.push_back(From->getTerminator());
  }
  return true;
}

bool MemoryProofs::isUnread(StoreInst &Store) const {
  const DataLayout &DL = Store.getModule()->getDataLayout();
  const Value *Address = Store.getPointerOperand();
  APInt At(DL.getIndexTypeSizeInBits(Address->getType()), 0);
  if (!isa<AllocaInst>(Address->stripAndAccumulateConstantOffsets(DL, At, true)))
    return false;
  const MemoryLocation Place = MemoryLocation::get(&Store);
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const Instruction *> Work = {Store.getNextNode()};
  while (!Work.empty()) {
    const Instruction *I = Work.pop_back_val();
    const BasicBlock *Block = I->getParent();
    bool Over = false;
    for (; I && !Over; I = I->getNextNode()) {
      if (isRefSet(A->AA->getModRefInfo(I, Place)))
        return false;
      const auto *Other = dyn_cast<StoreInst>(I);
      Over = Other && A->AA->alias(MemoryLocation::get(Other), Place) == AliasResult::MustAlias;
    }
    if (!Over)
      for (const BasicBlock *To : successors(Block))
        if (Seen.insert(To).second)
          Work.push_back(&To->front());
  }
  return true;
}

std::string staysInEndingFrame(StoreInst &Store, const Value *Other, const MemoryProofs &Proofs) {
  const auto *Load = dyn_cast<LoadInst>(Other);
  if (!Load || Load->getPointerOperand() != Store.getPointerOperand() ||
      Load->getParent() != Store.getParent() || !isa<AllocaInst>(rootOf(Load->getPointerOperand())))
    return "";
  for (const Instruction *I = Load->getNextNode(); I != &Store; I = I->getNextNode())
    if (!I || I->mayWriteToMemory())
      return "";
  return Proofs.isUnread(Store)
             ? "the slot's unit is taken out, and nobody reads the slot before its frame ends"
             : "";
}
