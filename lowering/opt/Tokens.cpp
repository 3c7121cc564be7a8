//===- Tokens.cpp - cairn-tokens: memory that the next round uses again --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function has one token for each header word of its cells. Where its objects lie on a heap that
// is said, what the token gets has to lie there too, which is tested. Where a token may not be null
// is found forwards, from the releases that set it to the calls and ends that it may not pass.
//
//===----------------------------------------------------------------------===//
#include "opt/Tokens.h"

#include "analysis/ForgetTypes.h"
#include "analysis/Shapes.h"
#include "analysis/Walked.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugProgramInstruction.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-tokens"

STATISTIC(NumTokens, "Number of releases whose memory waits for an allocation");
STATISTIC(NumSites, "Number of allocations that use waiting memory");

namespace {

/// Blocks in which a token may be.
constexpr unsigned kMostBlocks = 64;
/// Places where it is given back, and allocations that ask for it.
constexpr unsigned kMostEnds = 4, kMostSites = 4;
/// Releases of one class that set it.
constexpr unsigned kMostReleases = 8;
/// Instructions behind an allocation among which its first stores are looked for.
constexpr unsigned kReach = 32;

class Token {
public:
  Token(Function &F, uint32_t Word, Value *Heap, ArrayRef<CallInst *> Releases,
        OptimizationRemarkEmitter &ORE)
      : F(F), M(*F.getParent()), DL(M.getDataLayout()), Word(Word), Heap(Heap),
        Walked(isHeapWalked(M)), Releases(Releases.begin(), Releases.end()), ORE(ORE) {}
  bool run();

private:
  bool look(BasicBlock::iterator Begin, BasicBlock &Block);
  bool findSites();
  void ask(CallInst &Allocation, AllocaInst &Variable);
  CallInst *giveBack(IRBuilder<> &B, AllocaInst &Variable);

  Function &F;
  Module &M;
  const DataLayout &DL;
  const uint32_t Word; ///< The header word of the cells, without its tag.
  Value *const Heap;   ///< On which they have to lie; null for the default one.
  const bool Walked;
  const SmallVector<CallInst *, 4> Releases;
  OptimizationRemarkEmitter &ORE;
  SmallSetVector<CallInst *, 4> Sites;
  SmallSetVector<Instruction *, 4> Ends; ///< Before which the token is given back.
  SmallSetVector<BasicBlock *, 16> Open; ///< Blocks to whose start it may come.
};

} // namespace

static uint32_t wordOf(const CallInst &Cell) {
  auto *Word = dyn_cast<ConstantInt>(Cell.getArgOperand(1));
  return Word ? uint32_t(Word->getZExtValue()) & ~kMetaTagMask : 0;
}

/// An allocation whose object may lie in a cell of the header word, on some heap.
static bool fitsIn(const CallInst &Call, uint32_t Word) {
  const uint32_t Its = reusableWord(Call);
  return Its && ((Its ^ Word) & kMetaClassMask) == 0;
}

/// Whether a token may not pass \p I: a call of something that is no intrinsic, or an end. Where
/// the heap is walked, an allocation too; those that take the token are looked at before.
static bool ends(const Instruction &I, bool Walked) {
  if (isa<ReturnInst, UnreachableInst>(I))
    return true;
  auto *Call = dyn_cast<CallBase>(&I);
  const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
  return I.isEHPad() || (Call && !Managed && !isa<IntrinsicInst>(Call)) ||
         (Walked && Managed && (Managed->traits() & (kAllocates | kCreates | kContainer))) ||
         (I.isTerminator() && !isa<BranchInst, SwitchInst>(I));
}

/// Goes on from \p Begin. False if there is too much.
bool Token::look(BasicBlock::iterator Begin, BasicBlock &Block) {
  for (Instruction &I : make_range(Begin, Block.end())) {
    if (auto *Call = dyn_cast<CallInst>(&I);
        Call && fitsIn(*Call, Word) && heapOfNew(*Call) == Heap) {
      Sites.insert(Call); // behind it, the token is null
      return Sites.size() <= kMostSites;
    }
    if (ends(I, Walked)) {
      if (I.isEHPad())
        return false;
      Ends.insert(&I);
      return Ends.size() <= kMostEnds;
    }
  }
  for (BasicBlock *Next : successors(&Block))
    Open.insert(Next);
  return Sites.size() <= kMostSites && Open.size() <= kMostBlocks;
}

bool Token::findSites() {
  for (CallInst *Release : Releases)
    if (!look(std::next(Release->getIterator()), *Release->getParent()))
      return false;
  for (unsigned N = 0; N != Open.size(); ++N) // which grows
    if (!look(Open[N]->begin(), *Open[N]))
      return false;
  return !Sites.empty();
}

CallInst *Token::giveBack(IRBuilder<> &B, AllocaInst &Variable) {
  Value *Old = B.CreateLoad(Variable.getAllocatedType(), &Variable, "token");
  return B.CreateCall(managedIntrinsic(ManagedID::RefFreeCell).declare(M), {Old});
}

/// Variables that hold \p Old hold \p New from the start of \p On.
static void moveVariables(Function &F, Value &Old, Value &New, BasicBlock &On) {
  SmallVector<DbgVariableRecord *, 4> Here;
  for (Instruction &I : instructions(F))
    for (DbgVariableRecord &Variable : filterDbgVars(I.getDbgRecordRange()))
      if (is_contained(Variable.location_ops(), &Old)) {
        if (I.getParent() == cast<Instruction>(Old).getParent())
          Here.push_back(&Variable);
        else
          Variable.replaceVariableLocationOp(&Old, &New);
      }
  for (DbgVariableRecord *Variable : Here) {
    DbgVariableRecord *Again = Variable->clone();
    Again->replaceVariableLocationOp(&Old, &New);
    On.insertDbgRecordBefore(Again, On.getFirstInsertionPt());
  }
}

/// Makes the object in the token's memory, where there is some. The stores that fill it follow in
/// both arms, so that each is seen to fill it.
void Token::ask(CallInst &Allocation, AllocaInst &Variable) {
  const Descriptor D = *descriptorOf(Allocation).Known;
  const References R(M);
  auto *Null = ConstantPointerNull::get(cast<PointerType>(Allocation.getType()));
  SmallVector<Instruction *, 8> Fill;
  SmallSetVector<uint32_t, 8> Empty(D.Fields.begin(), D.Fields.end());
  SmallPtrSet<const Value *, 4> Addresses{&Allocation};
  for (Instruction *I = Allocation.getNextNode(); Fill.size() != kReach; I = I->getNextNode()) {
    auto *Store = dyn_cast<StoreInst>(I);
    auto *Step = dyn_cast<GetElementPtrInst>(I);
    if (Step && Step->getPointerOperand() == &Allocation && Step->hasAllConstantIndices() &&
        all_of(Step->users(), [&](const User *U) {
          return cast<Instruction>(U)->getParent() == I->getParent() && isa<StoreInst>(U);
        })) {
      Addresses.insert(Step);
    } else if (!Store || !Store->isSimple() || !Addresses.contains(Store->getPointerOperand()) ||
               Addresses.contains(Store->getValueOperand())) {
      break;
    } else if (auto Offset = offsetIn(&Allocation, Store->getPointerOperand(), DL);
               Offset && R.is(Store->getValueOperand())) {
      Empty.remove(uint32_t(*Offset));
    }
    Fill.push_back(I);
  }
  // An address that is needed later as well stays where both arms have met.
  if (any_of(Fill, [&](Instruction *I) {
        return any_of(I->users(), [&](const User *U) { return !is_contained(Fill, U); });
      })) {
    Fill.clear();
    Empty.insert(D.Fields.begin(), D.Fields.end());
  }
  Instruction *Behind = Fill.empty() ? Allocation.getNextNode() : Fill.back()->getNextNode();

  IRBuilder<> B(&Allocation);
  Value *Cell = B.CreateLoad(Allocation.getType(), &Variable, "token");
  Value *Any = B.CreateICmpNE(Cell, Null);
  BasicBlock *Before = Allocation.getParent();
  BasicBlock *Fresh = Before->splitBasicBlock(Allocation.getIterator(), "fresh");
  BasicBlock *On = Fresh->splitBasicBlock(Behind->getIterator(), "filled");
  BasicBlock *Again = BasicBlock::Create(F.getContext(), "again", &F, On);
  ReplaceInstWithInst(Before->getTerminator(), BranchInst::Create(Again, Fresh, Any));

  B.SetInsertPoint(Again);
  B.SetCurrentDebugLocation(Allocation.getDebugLoc());
  B.CreateStore(Null, &Variable);
  CallInst *Object = B.CreateCall(
      managedIntrinsic(ManagedID::RefReuseCell).declare(M),
      {Cell, B.getInt32(Word), headerWord(B, Allocation), B.getInt32(0), B.getFalse()});
  for (uint32_t Field : Empty)
    B.CreateAlignedStore(Null, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Object, Field),
                         DL.getPointerABIAlignment(R.space()));
  DenseMap<const Value *, Value *> Copies{{&Allocation, Object}};
  for (Instruction *I : Fill) {
    Instruction *Copy = I->clone();
    for (Use &U : Copy->operands())
      if (Value *Its = Copies.lookup(U.get()))
        U.set(Its);
    B.Insert(Copy);
    Copies[I] = Copy;
  }
  B.CreateBr(On);
  B.SetInsertPoint(On, On->begin());
  PHINode *Either = B.CreatePHI(Allocation.getType(), 2, Allocation.getName());
  Allocation.replaceUsesWithIf(
      Either, [&](const Use &U) { return !is_contained(Fill, cast<Instruction>(U.getUser())); });
  Either->addIncoming(&Allocation, Fresh);
  Either->addIncoming(Object, Again);
  moveVariables(F, Allocation, *Either, *On);
  ++NumSites;
}

bool Token::run() {
  if (!findSites())
    return false;
  ORE.emit([&] {
    return OptimizationRemark(DEBUG_TYPE, "Token", Releases.front())
           << "the memory waits for an object that is made later";
  });
  Type *Ref = Releases.front()->getArgOperand(0)->getType();
  IRBuilder<> B(&*F.getEntryBlock().getFirstInsertionPt());
  AllocaInst *Variable = B.CreateAlloca(Ref, DL.getAllocaAddrSpace(), nullptr, "token");
  Value *Null = ConstantPointerNull::get(cast<PointerType>(Ref));
  B.CreateStore(Null, Variable);
  for (Instruction *End : Ends) {
    B.SetInsertPoint(End);
    giveBack(B, *Variable);
    B.CreateStore(Null, Variable);
  }
  for (CallInst *Release : Releases) {
    B.SetInsertPoint(Release);
    Value *Cell = Release->getArgOperand(0);
    Instruction *Elsewhere = nullptr;
    if (Heap) {
      Value *IsOn = B.CreateCall(managedIntrinsic(ManagedID::RefIsOn).declare(M), {Cell, Heap});
      Instruction *Here;
      SplitBlockAndInsertIfThenElse(IsOn, Release, &Here, &Elsewhere);
      B.SetInsertPoint(Here);
      B.SetCurrentDebugLocation(Release->getDebugLoc());
    }
    giveBack(B, *Variable);
    B.CreateStore(Cell, Variable);
    if (Elsewhere)
      Release->moveBefore(*Elsewhere->getParent(), Elsewhere->getIterator());
    else
      Release->eraseFromParent();
    ++NumTokens;
  }
  for (CallInst *Site : Sites)
    ask(*Site, *Variable);
  DominatorTree DT(F);
  PromoteMemToReg({Variable}, DT);
  return true;
}

/// The heaps of allocations whose objects may lie in a cell of the header word.
static SmallSetVector<Value *, 2> heapsIn(Function &F, uint32_t Word) {
  SmallSetVector<Value *, 2> Heaps;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I); Call && fitsIn(*Call, Word))
      Heaps.insert(heapOfNew(*Call));
  return Heaps;
}

bool cairn::passTokens(Function &F, FunctionAnalysisManager &FAM) {
  if (F.isDeclaration() || F.hasOptNone() || F.hasMinSize() || !F.hasFnAttribute(kCountsInserted))
    return false;
  if (!isCalled(*F.getParent(), ManagedID::RefFreeCell))
    return false;
  MapVector<uint32_t, SmallVector<CallInst *, 4>> Releases;
  for (Instruction &I : instructions(F)) {
    if (!isManaged(&I, ManagedID::RefFreeCell) || !isa<CallInst>(I))
      continue;
    auto *Cell = dyn_cast<CallInst>(cast<CallInst>(I).getArgOperand(0));
    if (Cell && isManaged(Cell, ManagedID::RefTakeCell) && wordOf(*Cell))
      Releases[wordOf(*Cell)].push_back(cast<CallInst>(&I));
  }
  bool Changed = false;
  auto &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  for (auto &[Word, All] : Releases)
    if (All.size() <= kMostReleases)
      for (Value *Heap : heapsIn(F, Word))
        if (Token(F, Word, Heap, All, ORE).run()) {
          Changed = true;
          break;
        }
  return Changed;
}

PreservedAnalyses TokensPass::run(Module &M, ModuleAnalysisManager &MAM) {
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  bool Changed = false;
  for (Function &F : M)
    Changed |= passTokens(F, FAM);
  if (!Changed)
    return PreservedAnalyses::all();
  forgetTypes(M);
  return PreservedAnalyses::none();
}
