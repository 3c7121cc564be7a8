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
  Reuser(Function &F, const DominatorTree &DT, ArrayRef<CallInst *> Cells, CellSites &Sites,
         OptimizationRemarkEmitter &ORE)
      : F(F), DL(F.getDataLayout()), DT(DT), Cells(Cells.begin(), Cells.end()), Sites(Sites),
        ORE(ORE) {}
  bool run();

private:
  /// A cell that an object may take, and how many of its fields stay as they are.
  struct Pair {
    unsigned Stay, Order;
    CallInst *Cell;
    unsigned Site;
  };

  static bool fits(const CallInst &Cell, const CellSite &Site) {
    return ((cellWord(Cell) ^ Site.Word) & kMetaClassMask) == 0 && heapOfCell(Cell) == Site.Heap;
  }
  bool reaches(const BasicBlock &From, const BasicBlock &To, const CallInst &Cell) const;
  bool mayBeUsed(const CallInst &Cell, const BasicBlock &Block) const;
  bool isFree(const CallInst &Cell, const CellSite &Site) const;
  unsigned fieldsThatStay(const CallInst &Cell, const CallInst &Allocation) const;
  void readBefore(CallInst &Cell, CallInst &Taker);
  void reuse(CallInst &Cell, const CellSite &Site);

  Function &F;
  const DataLayout &DL;
  const DominatorTree &DT;
  const SmallPtrSet<const CallInst *, 16> Cells;
  CellSites &Sites;
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
  // Calls of functions are visited after all allocations, and so may be on the way to one.
  return any_of(Used.lookup(&Cell), [&](const BasicBlock *User) {
    return User == &Block || reaches(*User, Block, Cell) || reaches(Block, *User, Cell);
  });
}

/// The reads of the payload of \p Cell.
static SmallVector<Instruction *, 8> readsOf(const CallInst &Cell) {
  SmallVector<Instruction *, 8> Reads;
  SmallVector<const Value *, 4> Pointers{&Cell};
  while (!Pointers.empty())
    for (const User *U : Pointers.pop_back_val()->users())
      if (auto *Step = dyn_cast<GetElementPtrInst>(U))
        Pointers.push_back(Step);
      else if (auto *Load = dyn_cast<LoadInst>(U))
        Reads.push_back(const_cast<LoadInst *>(Load));
  return Reads;
}

bool Reuser::isFree(const CallInst &Cell, const CellSite &Site) const {
  const BasicBlock &Block = *Site.Call->getParent();
  return DT.dominates(&Cell, Site.Call) && !reaches(Block, Block, Cell) &&
         !mayBeUsed(Cell, Block) &&
         (isReusable(*Site.Call) || Sites.mayWait(Cell, Site, readsOf(Cell)));
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

/// Moves the reads of the cell that may come after it is taken, in whose block the places are,
/// before that. All of them were there when the block was numbered.
void Reuser::readBefore(CallInst &Cell, CallInst &Taker) {
  SmallVector<Instruction *, 8> Late, LateAddresses;
  SmallVector<Value *, 4> Pointers{&Cell};
  while (!Pointers.empty())
    for (User *U : Pointers.pop_back_val()->users()) {
      auto *I = cast<Instruction>(U);
      const bool Address = isa<GetElementPtrInst>(I);
      if (Address)
        Pointers.push_back(I);
      const bool After = I->getParent() == Taker.getParent()
                             ? Places.lookup(&Taker) < Places.lookup(I)
                             : reaches(*Taker.getParent(), *I->getParent(), Cell);
      if (After && (Address || isa<LoadInst>(I) || isManaged(I, ManagedID::RefTag)))
        (Address ? LateAddresses : Late).push_back(I);
    }
  // An address comes before what is read there.
  LateAddresses.append(Late);
  Instruction *Start = Cell.getNextNode();
  for (Instruction *I : LateAddresses) {
    Instruction *Before = DT.dominates(Taker.getParent(), I->getParent()) ? &Taker : Start;
    I->moveBefore(*Before->getParent(), Before->getIterator());
  }
}

/// A new object's fields are null, where the program does not store them at once.
static void storeNulls(CallInst &Object, const Descriptor &D) {
  const References R(*Object.getModule());
  const DataLayout &DL = Object.getDataLayout();
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

void cairn::giveCell(Value &Cell, const CellSite &Site, Function *Variant) {
  Instruction &Old = *Site.Call;
  IRBuilder<> B(&Old);
  CallInst *New;
  std::optional<Descriptor> Made;
  if (Variant) {
    SmallVector<Value *, 8> Arguments(Site.Call->args());
    Arguments.push_back(&Cell);
    New = B.CreateCall(Variant, Arguments);
    New->setCallingConv(Site.Call->getCallingConv());
    New->setTailCallKind(Site.Call->getTailCallKind());
    New->setAttributes(Site.Call->getAttributes());
    New->copyMetadata(Old);
  } else {
    Made = descriptorOf(*Site.Call).Known;
    New = B.CreateCall(managedIntrinsic(ManagedID::RefReuseCell).declare(*Old.getModule()),
                       {&Cell, B.getInt32(cellWord(Cell)), headerWord(B, *Site.Call), B.getInt32(0),
                        B.getFalse()});
  }
  New->takeName(&Old);
  Old.replaceAllUsesWith(New);
  Old.eraseFromParent();
  if (Made)
    storeNulls(*New, *Made);
}

CellSite CellSites::at(CallInst &Call) const {
  return {&Call, reusableWord(Call, &Types), heapOfNew(Call)};
}

bool CellSites::mayWait(const Instruction &, const CellSite &, ArrayRef<Instruction *>) const {
  return true;
}

void Reuser::reuse(CallInst &Cell, const CellSite &Site) {
  readBefore(Cell, *Site.Call);
  Used[&Cell].push_back(Site.Call->getParent());
  Function *Variant = Sites.variantOf(Site, cellWord(Cell));
  ORE.emit([&] {
    OptimizationRemark Remark(DEBUG_TYPE, "Reused", Site.Call);
    if (Variant)
      return Remark << "the memory of " << ore::NV("Object", nameInRemarks(*Cell.getArgOperand(0)))
                    << " goes to " << ore::NV("Variant", Variant)
                    << ", which makes an object in it";
    return Remark << "the new object takes the memory of "
                  << ore::NV("Object", nameInRemarks(*Cell.getArgOperand(0)));
  });
  giveCell(Cell, Site, Variant);
  ++NumReused;
}

bool Reuser::run() {
  for (const CallInst *Cell : Cells)
    for (const Use &U : Cell->uses())
      if (auto *Call = dyn_cast<CallInst>(U.getUser());
          Call && (isManaged(Call, ManagedID::RefReuseCell) ||
                   cellWordOfArgument(*Call, Call->getArgOperandNo(&U))))
        Used[Cell].push_back(Call->getParent());
  bool Changed = false;
  SmallVector<CallInst *> Before; ///< Cells that were met, in their order.
  for (BasicBlock *Block : ReversePostOrderTraversal<Function *>(&F)) {
    SmallVector<CellSite, 4> Here;
    SmallVector<Pair, 8> Pairs;
    for (Instruction &I : *Block) {
      auto *Call = dyn_cast<CallInst>(&I);
      if (!Call)
        continue;
      if (Cells.contains(Call))
        Before.push_back(Call);
      const CellSite Site = Sites.at(*Call);
      if (!Site.Word)
        continue;
      for (size_t N = Before.size(), Left = kNearest; N && Left; --Left)
        if (CallInst *Cell = Before[--N]; fits(*Cell, Site) && isFree(*Cell, Site))
          Pairs.push_back(
              {fieldsThatStay(*Cell, *Call), unsigned(Pairs.size()), Cell, unsigned(Here.size())});
      Here.push_back(Site);
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
      if (CellSite &Site = Here[P.Site]; Site.Call && !mayBeUsed(*P.Cell, *Block)) {
        reuse(*P.Cell, Site);
        Site.Call = nullptr;
        Changed = true;
      }
  }
  return Changed;
}

bool cairn::reuseCells(Function &F, const DominatorTree &DT, ArrayRef<CallInst *> Cells,
                       CellSites &Sites, OptimizationRemarkEmitter &ORE) {
  return Reuser(F, DT, Cells, Sites, ORE).run();
}
