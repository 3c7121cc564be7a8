//===- ReuseCells.cpp - Which new object gets which cell --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/ReuseCells.h"

#include "analysis/Allocations.h"
#include "analysis/Shapes.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-cells"

STATISTIC(NumReused, "Number of objects that are made in the memory of others");

/// Instructions after an allocation among which its first stores are looked for.
static constexpr unsigned kReach = 64;
/// Cells before an allocation among which one is looked for.
static constexpr unsigned kNearest = 64;
/// Blocks that may lie between a cell's use and another; farther apart they count as on one way.
static constexpr unsigned kFarthest = 256;

namespace {

class Reuser {
public:
  Reuser(Function &F, const DominatorTree &DT, ArrayRef<CallInst *> Cells,
         OptimizationRemarkEmitter &ORE)
      : F(F), M(*F.getParent()), R(M), DL(M.getDataLayout()), DT(DT),
        Cells(Cells.begin(), Cells.end()), ORE(ORE) {}
  void run();

private:
  /// A cell that an object may take, and how many of its fields stay as they are.
  struct Pair {
    unsigned Stay, Order;
    CallInst *Cell;
    unsigned Allocation;
  };

  static bool isOfClass(const CallInst &Cell, uint32_t Word) {
    const uint64_t Its = cast<ConstantInt>(Cell.getArgOperand(1))->getZExtValue();
    return ((Its ^ Word) & kMetaClassMask) == 0;
  }
  bool reaches(const BasicBlock &From, const BasicBlock &To, const CallInst &Cell) const;
  bool mayBeUsed(const CallInst &Cell, const BasicBlock &Block) const;
  bool isFree(const CallInst &Cell, const CallInst &Allocation) const;
  unsigned fieldsThatStay(const CallInst &Cell, const CallInst &Allocation) const;
  void readBefore(CallInst &Cell, CallInst &Allocation);
  void storeNulls(CallInst &Object, const Descriptor &D);
  void reuse(CallInst &Cell, CallInst &Allocation);

  Function &F;
  Module &M;
  const References R;
  const DataLayout &DL;
  const DominatorTree &DT;
  const SmallPtrSet<const CallInst *, 16> Cells;
  OptimizationRemarkEmitter &ORE;
  DenseMap<const CallInst *, SmallVector<const BasicBlock *, 2>> Used;
  /// Of the block's instructions, as they were before it got new ones: LLVM's own order would be
  /// made anew for each of these.
  DenseMap<const Instruction *, unsigned> Places;
};

} // namespace

/// Whether \p To comes after the end of \p From while the cell is the same.
bool Reuser::reaches(const BasicBlock &From, const BasicBlock &To, const CallInst &Cell) const {
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const BasicBlock *, 16> Next(successors(&From));
  while (!Next.empty()) {
    const BasicBlock *Block = Next.pop_back_val();
    if (Block == Cell.getParent() || !Seen.insert(Block).second)
      continue;
    if (Block == &To || Seen.size() > kFarthest)
      return true;
    Next.append(succ_begin(Block), succ_end(Block));
  }
  return false;
}

/// Whether another object may have the cell on a way to \p Block.
bool Reuser::mayBeUsed(const CallInst &Cell, const BasicBlock &Block) const {
  return any_of(Used.lookup(&Cell), [&](const BasicBlock *Before) {
    return Before == &Block || reaches(*Before, Block, Cell);
  });
}

bool Reuser::isFree(const CallInst &Cell, const CallInst &Allocation) const {
  const BasicBlock &Block = *Allocation.getParent();
  return DT.dominates(&Cell, &Allocation) && !reaches(Block, Block, Cell) &&
         !mayBeUsed(Cell, Block);
}

/// The address of each store into \p Object, at a constant offset, that \p Visit is called with.
static void storesInto(const Value &Object, const DataLayout &DL,
                       function_ref<void(StoreInst &, uint64_t)> Visit) {
  SmallVector<const Value *, 4> Pointers{&Object};
  while (!Pointers.empty())
    for (const User *U : Pointers.pop_back_val()->users())
      if (auto *Step = dyn_cast<GetElementPtrInst>(U))
        Pointers.push_back(Step);
      else if (auto *Store = dyn_cast<StoreInst>(U))
        if (auto Offset = offsetIn(&Object, Store->getPointerOperand(), DL))
          Visit(*const_cast<StoreInst *>(Store), *Offset);
}

unsigned Reuser::fieldsThatStay(const CallInst &Cell, const CallInst &Allocation) const {
  unsigned N = 0;
  storesInto(Allocation, DL, [&](StoreInst &Store, uint64_t Offset) {
    auto *Load = dyn_cast<LoadInst>(Store.getValueOperand());
    N += Load && offsetIn(&Cell, Load->getPointerOperand(), DL) == Offset;
  });
  return N;
}

/// Moves the reads of the cell that may come after the allocation, in whose block the places are,
/// before it. All of them were there when the block was numbered.
void Reuser::readBefore(CallInst &Cell, CallInst &Allocation) {
  SmallVector<Instruction *, 8> Late, LateAddresses;
  SmallVector<Value *, 4> Pointers{&Cell};
  while (!Pointers.empty())
    for (User *U : Pointers.pop_back_val()->users()) {
      auto *I = cast<Instruction>(U);
      const bool Address = isa<GetElementPtrInst>(I);
      if (Address)
        Pointers.push_back(I);
      const bool After = I->getParent() == Allocation.getParent()
                             ? Places.lookup(&Allocation) < Places.lookup(I)
                             : reaches(*Allocation.getParent(), *I->getParent(), Cell);
      if (After && (Address || isa<LoadInst>(I) || isManaged(I, ManagedID::RefTag)))
        (Address ? LateAddresses : Late).push_back(I);
    }
  // An address comes before what is read there.
  LateAddresses.append(Late);
  Instruction *Start = Cell.getNextNode();
  for (Instruction *I : LateAddresses) {
    Instruction *Before =
        DT.dominates(Allocation.getParent(), I->getParent()) ? &Allocation : Start;
    I->moveBefore(*Before->getParent(), Before->getIterator());
  }
}

/// A new object's fields are null, where the program does not store them at once.
void Reuser::storeNulls(CallInst &Object, const Descriptor &D) {
  SmallVector<uint32_t, 8> Open(D.Fields);
  unsigned Left = kReach;
  for (Instruction *I = Object.getNextNode(); I && Left-- && !Open.empty(); I = I->getNextNode()) {
    if (letsOthersWrite(*I, Object))
      break;
    // What reads a field before it is stored finds null there.
    if (auto *Load = dyn_cast<LoadInst>(I);
        Load && getUnderlyingObject(Load->getPointerOperand()) == &Object)
      break;
    if (auto *Store = dyn_cast<StoreInst>(I)) {
      auto Offset = offsetIn(&Object, Store->getPointerOperand(), DL);
      if (!Store->isSimple() ||
          (!Offset && getUnderlyingObject(Store->getPointerOperand()) == &Object))
        break; // it may be any field
      if (Offset && R.is(Store->getValueOperand()))
        erase_if(Open, [&](uint32_t Field) { return Field == *Offset; });
      continue;
    }
    auto *Call = dyn_cast<CallInst>(I);
    const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
    const bool Makes = Managed && (Managed->allocates() || Managed->ID == ManagedID::RefReuseCell);
    if (I->isTerminator() || (Call && !Makes))
      break;
  }
  IRBuilder<> B(Object.getNextNode());
  B.SetCurrentDebugLocation(Object.getDebugLoc());
  auto *Null = ConstantPointerNull::get(cast<PointerType>(Object.getType()));
  for (uint32_t Field : Open)
    B.CreateAlignedStore(Null, B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), &Object, Field),
                         DL.getPointerABIAlignment(R.space()));
}

void Reuser::reuse(CallInst &Cell, CallInst &Allocation) {
  readBefore(Cell, Allocation);
  Used[&Cell].push_back(Allocation.getParent());
  const Descriptor D = *descriptorOf(Allocation).Known;
  IRBuilder<> B(&Allocation);
  CallInst *Object = B.CreateCall(
      managedIntrinsic(ManagedID::RefReuseCell).declare(M),
      {&Cell, Cell.getArgOperand(1), headerWord(B, Allocation), B.getInt32(0), B.getFalse()});
  Object->takeName(&Allocation);
  ORE.emit([&] {
    return OptimizationRemark(DEBUG_TYPE, "Reused", &Allocation)
           << "the new object takes the memory of "
           << ore::NV("Object", nameInRemarks(*Cell.getArgOperand(0)));
  });
  Allocation.replaceAllUsesWith(Object);
  Allocation.eraseFromParent();
  storeNulls(*Object, D);
  ++NumReused;
}

void Reuser::run() {
  SmallVector<CallInst *> Before; ///< Cells that were met, in their order.
  for (BasicBlock *Block : ReversePostOrderTraversal<Function *>(&F)) {
    SmallVector<CallInst *, 4> Allocations;
    SmallVector<Pair, 8> Pairs;
    for (Instruction &I : *Block) {
      auto *Call = dyn_cast<CallInst>(&I);
      if (!Call)
        continue;
      if (Cells.contains(Call))
        Before.push_back(Call);
      const uint32_t Word = isReusable(*Call) ? Shapes::wordOf(*Call) : 0;
      if (!Word)
        continue;
      for (size_t N = Before.size(), Left = kNearest; N && Left; --Left)
        if (CallInst *Cell = Before[--N]; isOfClass(*Cell, Word) && isFree(*Cell, *Call))
          Pairs.push_back({fieldsThatStay(*Cell, *Call), unsigned(Pairs.size()), Cell,
                           unsigned(Allocations.size())});
      Allocations.push_back(Call);
    }
    Places.clear();
    if (!Pairs.empty())
      for (Instruction &I : *Block)
        Places[&I] = unsigned(Places.size());
    // The best pair first; among equals the first object, and the last cell.
    llvm::sort(Pairs, [](const Pair &A, const Pair &B) {
      return std::pair(B.Stay, A.Order) < std::pair(A.Stay, B.Order);
    });
    for (const Pair &P : Pairs)
      if (CallInst *&New = Allocations[P.Allocation]; New && !mayBeUsed(*P.Cell, *Block)) {
        reuse(*P.Cell, *New);
        New = nullptr;
      }
  }
}

void cairn::reuseCells(Function &F, const DominatorTree &DT, ArrayRef<CallInst *> Cells,
                       OptimizationRemarkEmitter &ORE) {
  Reuser(F, DT, Cells, ORE).run();
}
