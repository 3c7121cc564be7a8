//===- SpillCells.cpp - cairn-spill: cells hold what waits for a recursion --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks at the *line* of a cell only: the instructions that follow it, in its block and in those
// that come after it on the only way, up to the one that uses the cell's memory. What is used
// behind the line is used behind all of it.
//
// A call that may unwind to a landing pad here ends the line, so that a pad finds each reference
// where the insertion left it.
//
//===----------------------------------------------------------------------===//
#include "opt/SpillCells.h"

#include "analysis/Recursion.h"
#include "analysis/Shapes.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "opt/KeepFields.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-spill"

STATISTIC(NumLate, "Number of fields of cells that are read behind a recursion");
STATISTIC(NumSpilled, "Number of results of calls that wait in a cell");

namespace {

/// Instructions behind a cell that are looked at.
constexpr unsigned kFarthest = 256;
/// Uses of a value that are looked at.
constexpr unsigned kMostUses = 256;

/// A read of the cell's payload.
struct Read {
  LoadInst *Load;
  uint64_t Begin, End; ///< Bytes of the payload.
};

class Spiller {
public:
  Spiller(CallInst &Cell, const Recursion &Calls, const References &R, const DataLayout &DL,
          OptimizationRemarkEmitter &ORE)
      : Cell(Cell), Calls(Calls), R(R), DL(DL), ORE(ORE) {}
  bool run();

private:
  bool findUses();
  void layLine();
  unsigned firstUse(const Value &V) const;
  Instruction *lastCallBefore(unsigned Use, unsigned From) const;
  bool readLate(LoadInst &Load);
  bool isFree(unsigned Bit, unsigned From) const;
  bool spill(CallInst &V);

  CallInst &Cell;
  const Recursion &Calls;
  const References &R;
  const DataLayout &DL;
  OptimizationRemarkEmitter &ORE;
  SmallVector<Read, 8> Reads;
  SmallVector<CallInst *, 4> Objects; ///< That are made of the cell.
  SmallVector<Instruction *, 32> Line;
  DenseMap<const Value *, unsigned> At; ///< Where in the line.
  uint32_t Used = 0;                    ///< The fields that something was put into.
};

} // namespace

/// Whether \p U is a call of a function whose parameter is the cell.
static bool takesCell(const User &U, const CallInst &Cell) {
  auto *Call = dyn_cast<CallBase>(&U);
  return Call && none_of(Call->args(), [&](const Use &Arg) {
           return Arg.get() == &Cell && !cellWordOfArgument(*Call, Call->getArgOperandNo(&Arg));
         });
}

/// False if the cell is used in a way that is not known here.
bool Spiller::findUses() {
  SmallVector<Value *, 4> Pointers{&Cell};
  unsigned Left = kMostUses;
  while (!Pointers.empty())
    for (User *U : Pointers.pop_back_val()->users()) {
      if (!Left--)
        return false;
      auto *Load = dyn_cast<LoadInst>(U);
      auto *Call = dyn_cast<CallInst>(U);
      if (isa<GetElementPtrInst>(U)) {
        Pointers.push_back(U);
      } else if (Load) {
        const auto Offset = offsetIn(&Cell, Load->getPointerOperand(), DL);
        const TypeSize Size = DL.getTypeStoreSize(Load->getType());
        if (!Offset || !Load->isSimple() || Size.isScalable())
          return false;
        Reads.push_back({Load, *Offset, *Offset + Size.getFixedValue()});
      } else if (isManaged(U, ManagedID::RefReuseCell) &&
                 isa<ConstantInt>(Call->getArgOperand(3))) {
        Objects.push_back(Call);
      } else if (!isManaged(U, ManagedID::RefFreeCell) && !isManaged(U, ManagedID::RefTag) &&
                 !takesCell(*U, Cell)) {
        return false;
      }
    }
  return true;
}

void Spiller::layLine() {
  Line.clear();
  At.clear();
  Instruction *I = &Cell;
  while (Line.size() != kFarthest) {
    At[I] = unsigned(Line.size());
    Line.push_back(I);
    if (!I->isTerminator()) {
      I = I->getNextNode();
      if (is_contained(I->operands(), &Cell) && !isa<LoadInst, GetElementPtrInst>(I) &&
          !isManaged(I, ManagedID::RefTag))
        return; // the memory is used
      continue;
    }
    BasicBlock *Next = I->getParent()->getSingleSuccessor();
    if (isa<InvokeInst>(I) || !Next || Next == Cell.getParent() || !Next->getSinglePredecessor())
      return;
    I = &*Next->begin();
  }
}

/// Where \p V is used first; the line's end, if that is not in it.
unsigned Spiller::firstUse(const Value &V) const {
  unsigned First = unsigned(Line.size());
  for (const User *U : V.users())
    if (auto Found = At.find(U); Found != At.end())
      First = std::min(First, Found->second);
  return First;
}

/// The last call of the recursion between two places of the line.
Instruction *Spiller::lastCallBefore(unsigned Use, unsigned From) const {
  for (unsigned N = Use; N-- > From + 1;)
    if (auto *Call = dyn_cast<CallInst>(Line[N]); Call && Calls.isPartOf(*Call))
      return Call;
  return nullptr;
}

bool Spiller::readLate(LoadInst &Load) {
  const auto From = At.find(&Load);
  if (From == At.end() || Load.hasNUsesOrMore(kMostUses))
    return false;
  Instruction *Call = lastCallBefore(firstUse(Load), From->second);
  if (!Call)
    return false;
  Load.moveAfter(Call);
  ++NumLate;
  return true;
}

/// Whether a field's reference was read and used up at \p From, and nobody asks for it later.
bool Spiller::isFree(unsigned Bit, unsigned From) const {
  const uint64_t Begin = uint64_t(Bit) * DL.getPointerSize(R.space()),
                 End = Begin + DL.getPointerSize(R.space());
  if (Used >> Bit & 1)
    return false;
  for (const CallInst *Object : Objects)
    if (cast<ConstantInt>(Object->getArgOperand(3))->getZExtValue() >> Bit & 1)
      return false;
  auto IsBefore = [&](const Value *V) {
    auto Found = At.find(V);
    return Found != At.end() && Found->second <= From;
  };
  return all_of(Reads, [&](const Read &Each) {
    return Each.End <= Begin || End <= Each.Begin ||
           (IsBefore(Each.Load) && !Each.Load->hasNUsesOrMore(kMostUses) &&
            all_of(Each.Load->users(), IsBefore));
  });
}

bool Spiller::spill(CallInst &V) {
  const unsigned From = At.lookup(&V);
  if (V.use_empty() || V.hasNUsesOrMore(kMostUses))
    return false;
  Instruction *Call = lastCallBefore(firstUse(V), From);
  if (!Call)
    return false;
  const auto Word = cast<ConstantInt>(Cell.getArgOperand(1))->getZExtValue();
  for (unsigned Bit = 0; Bit != kMetaBitmapWords; ++Bit) {
    if (!(Word >> Bit & 1) || !isFree(Bit, From))
      continue;
    Used |= 1u << Bit;
    ORE.emit([&] {
      return OptimizationRemark(DEBUG_TYPE, "Spilled", &V)
             << "the result waits in the memory of an object that is taken apart for the call of "
             << ore::NV("Callee", cast<CallInst>(Call)->getCalledFunction());
    });
    IRBuilder<> B(V.getNextNode());
    B.SetCurrentDebugLocation(V.getDebugLoc());
    const Align Alignment = DL.getPointerABIAlignment(R.space());
    const uint64_t Offset = uint64_t(Bit) * DL.getPointerSize(R.space());
    auto Address = [&]() -> Value * {
      return Offset ? B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), &Cell, Offset) : &Cell;
    };
    StoreInst *Store = B.CreateAlignedStore(&V, Address(), Alignment);
    B.SetInsertPoint(Call->getNextNode());
    B.SetCurrentDebugLocation(Call->getDebugLoc());
    LoadInst *Again = B.CreateAlignedLoad(V.getType(), Address(), Alignment, V.getName());
    V.replaceUsesWithIf(Again, [&](const Use &U) { return U.getUser() != Store; });
    ++NumSpilled;
    return true;
  }
  ORE.emit([&] {
    return OptimizationRemarkMissed(DEBUG_TYPE, "NoField", &V)
           << "the result waits in the frame for a recursion: the object that is taken apart has "
              "no field for it";
  });
  return false;
}

bool Spiller::run() {
  layLine();
  const auto IsRecursive = [&](Instruction *I) {
    auto *Call = dyn_cast<CallInst>(I);
    return Call && Calls.isPartOf(*Call);
  };
  if (!isa<ConstantInt>(Cell.getArgOperand(1)) || none_of(Line, IsRecursive) || !findUses())
    return false;
  bool Changed = false;
  for (const Read &Each : Reads)
    Changed |= readLate(*Each.Load);
  if (Changed)
    layLine();
  // Where a result is put, the line does not change for the others.
  for (Instruction *I : Line)
    if (auto *V = dyn_cast<CallInst>(I); V && V != &Cell && R.is(V) && !calledManaged(*V) &&
                                         !V->isMustTailCall() &&
                                         resultOwnership(*V, R) == Ownership::Owned)
      Changed |= spill(*V);
  return Changed;
}

bool cairn::spillIntoCells(Function &F, const Recursion &Calls, FunctionAnalysisManager &FAM) {
  if (F.isDeclaration() || F.hasOptNone() || !F.hasFnAttribute(kCountsInserted) || !Calls.has(F))
    return false;
  const References R(*F.getParent());
  SmallVector<CallInst *> Cells;
  for (Instruction &I : instructions(F))
    if (isCell(&I) && isa<CallInst>(I))
      Cells.push_back(cast<CallInst>(&I));
  bool Changed = false;
  for (CallInst *Cell : Cells)
    Changed |= Spiller(*Cell, Calls, R, F.getParent()->getDataLayout(),
                       FAM.getResult<OptimizationRemarkEmitterAnalysis>(F))
                   .run();
  if (Changed)
    keepFields(F);
  return Changed;
}

PreservedAnalyses SpillCellsPass::run(Module &M, ModuleAnalysisManager &MAM) {
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  const Recursion Calls(M);
  bool Changed = false;
  for (Function &F : M)
    Changed |= spillIntoCells(F, Calls, FAM);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
