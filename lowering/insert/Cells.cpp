//===- Cells.cpp - cairn-cells: objects that die give their memory away --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Candidates are values that the function owns, or may own: parameters, results of calls, and
// what was loaded from a cell, so that the children of a cell are looked at after it. For each
// allocation of the right class the blocks above it are tried, up to the candidate's definition.
// Then the same is done for calls that may take a cell, with what no allocation got.
//
// Blocks that can be reached from a place without passing the candidate's definition are
// "behind" it. A place that is behind itself lies in a loop in which the value stays the same,
// and is none.
//
//===----------------------------------------------------------------------===//
#include "insert/Cells.h"

#include "analysis/Allocations.h"
#include "analysis/ForgetTypes.h"
#include "analysis/Recursion.h"
#include "analysis/Shapes.h"
#include "analysis/Walked.h"
#include "cairn/abi.h"
#include "insert/CellVariants.h"
#include "insert/Modes.h"
#include "insert/OwnedTogether.h"
#include "insert/ReuseCells.h"
#include "ir/Managed.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-cells"

STATISTIC(NumCells, "Number of objects whose memory functions take over");
STATISTIC(NumOwned, "Number of parameters that are owned for their memory");

namespace {

/// Blocks that may be behind a place.
constexpr unsigned kMostBehind = 256;
/// Blocks above an allocation that are tried.
constexpr unsigned kHighest = 64;
/// Allocations that a candidate's memory is offered to.
constexpr unsigned kMostTried = 64;
/// Candidates of a function that are looked at.
constexpr unsigned kMostValues = 1024;
/// The sum of the lengths of the blocks that cells are put into: LLVM numbers a block's
/// instructions anew after that.
constexpr size_t kMostNumbered = size_t(1) << 22;
/// Uses of a value that are looked at.
constexpr unsigned kMostUses = 512;

/// A read of a candidate's payload, or of its tag.
struct Read {
  Instruction *I;
  uint64_t Offset;
  LoadInst *load() const { return dyn_cast<LoadInst>(I); }
};

/// What a function does with a candidate.
struct Reads {
  SmallVector<Read, 8> All;
  SmallVector<const Use *, 8> Others; ///< Uses that are no reads.
};

struct Place {
  BasicBlock *Block;
  Instruction *Before;
  SmallVector<Read, 8> Inside; ///< Reads behind it.
  /// Fields that were loaded before, and are used behind it.
  SmallVector<Read, 4> Earlier;
};

using Blocks = SmallPtrSet<const BasicBlock *, 16>;

class Cells {
public:
  Cells(Function &F, const Shapes &Known, const FieldWrites &Writes, const Recursion &Cycles,
        CellSites &Takers, OptimizationRemarkEmitter &ORE)
      : F(F), M(*F.getParent()), R(M), DL(M.getDataLayout()), Known(Known), Writes(Writes),
        Cycles(Cycles), Takers(Takers), ORE(ORE) {}
  bool run();

private:
  Reads readsOf(Value &V) const;
  bool behind(const BasicBlock &From, const Value &V, Blocks &Result) const;
  std::optional<Place> placeIn(BasicBlock &Block, Value &V, const Reads &Of) const;
  bool isAfter(const Use &U, const Place &P, const Blocks &Behind) const;
  bool usedAfter(const Value &V, const Place &P, const Blocks &Behind, bool &Dominated) const;
  const Instruction *writeBetween(const Instruction &From, const Instruction &To,
                                  bool Anything) const;
  bool sortReads(Place &P, const Reads &Of, const Blocks &Behind) const;
  bool isThere(Value &V, const Reads &Of, const Place &P) const;
  uint32_t wordFor(const Reads &Of, const Place &P, uint32_t Wanted) const;
  std::optional<SmallVector<Argument *, 4>> toOwn(Value &V) const;
  ArrayRef<CellSite> behindIn(const BasicBlock &Block, ArrayRef<CellSite> All,
                              const Value &V) const;
  bool mayWait(const Place &P, const CellSite &Site) const;
  bool mayBeInVain(const BasicBlock &Block, const CellSite &Site);
  bool consider(Value &V);
  void take(Value &V, const Place &P, uint32_t Word, Value *Heap);
  void replaceAfter(Value &Old, Value &New, Instruction &Start, const Place &P,
                    const Blocks &Behind);
  void missed(const Value &V, StringRef Name, StringRef Why);

  Function &F;
  Module &M;
  const References R;
  const DataLayout &DL;
  const Shapes &Known;
  const FieldWrites &Writes;
  const Recursion &Cycles;
  CellSites &Takers;
  OptimizationRemarkEmitter &ORE;
  DominatorTree DT;
  MapVector<BasicBlock *, SmallVector<CellSite, 2>> Sites;
  /// By the class of a header word, and a heap: the blocks from which a way to the end passes no
  /// site of them.
  DenseMap<std::pair<uint32_t, Value *>, DenseSet<const BasicBlock *>> Past;
  SmallVector<Value *> Work;
  SmallVector<CallInst *> Taken;
  size_t Numbered = 0;
};

} // namespace

static const BasicBlock &homeOf(const Value &V) {
  if (auto *A = dyn_cast<Argument>(&V))
    return A->getParent()->getEntryBlock();
  return *cast<Instruction>(V).getParent();
}

/// The block in which a use happens.
static const BasicBlock &blockOf(const Use &U) {
  if (auto *Phi = dyn_cast<PHINode>(U.getUser()))
    return *Phi->getIncomingBlock(U);
  return *cast<Instruction>(U.getUser())->getParent();
}

Reads Cells::readsOf(Value &V) const {
  Reads Result;
  SmallVector<Value *, 4> Pointers{&V};
  unsigned Left = kMostUses;
  while (!Pointers.empty())
    for (const Use &U : Pointers.pop_back_val()->uses()) {
      if (!Left--)
        return {};
      auto *I = cast<Instruction>(U.getUser());
      auto *Load = dyn_cast<LoadInst>(I);
      auto *Step = dyn_cast<GetElementPtrInst>(I);
      if (Step && Step->hasAllConstantIndices() && offsetIn(&V, Step, DL))
        Pointers.push_back(Step);
      else if (Load && Load->isSimple())
        Result.All.push_back({Load, *offsetIn(&V, Load->getPointerOperand(), DL)});
      else if (isManaged(I, ManagedID::RefTag) && U.get() == &V)
        Result.All.push_back({I, 0});
      else if (isa<GetElementPtrInst, CastInst>(I) ||
               (isa<CallBase>(I) && I->getType()->isPtrOrPtrVectorTy() && !R.is(I)))
        return {}; // an address that may be used anywhere
      else
        Result.Others.push_back(&U);
    }
  return Result;
}

/// The blocks that are behind the end of \p From; false if there are too many.
bool Cells::behind(const BasicBlock &From, const Value &V, Blocks &Result) const {
  const BasicBlock *Home = isa<Argument>(V) ? nullptr : &homeOf(V);
  SmallVector<const BasicBlock *, 16> Next(successors(&From));
  while (!Next.empty()) {
    const BasicBlock *Block = Next.pop_back_val();
    if (Block == Home || !Result.insert(Block).second)
      continue;
    if (Result.size() > kMostBehind)
      return false;
    Next.append(succ_begin(Block), succ_end(Block));
  }
  return true;
}

/// Whether a use happens at the place or behind it.
bool Cells::isAfter(const Use &U, const Place &P, const Blocks &Behind) const {
  const BasicBlock &Block = blockOf(U);
  if (&Block != P.Block)
    return Behind.contains(&Block);
  const auto *I = cast<Instruction>(U.getUser());
  return isa<PHINode>(I) || I == P.Before || P.Before->comesBefore(I);
}

/// Whether \p V, or an address in it, is used behind the place; \p Dominated is cleared if one
/// such use can also be reached in another way.
bool Cells::usedAfter(const Value &V, const Place &P, const Blocks &Behind, bool &Dominated) const {
  bool Any = false;
  for (const Use &U : V.uses()) {
    if (isAfter(U, P, Behind)) {
      Any = true;
      Dominated &= DT.dominates(P.Block, &blockOf(U));
    } else if (auto *Step = dyn_cast<GetElementPtrInst>(U.getUser())) {
      Any |= usedAfter(*Step, P, Behind, Dominated);
    }
  }
  return Any;
}

/// What may overwrite a reference, or with \p Anything whatever an object holds, on a way from
/// \p From to \p To, which it dominates. Any instruction of the function, if there are too many.
const Instruction *Cells::writeBetween(const Instruction &From, const Instruction &To,
                                       bool Anything) const {
  if (Anything ? !Writes.anyChange(F) : !Writes.any(F))
    return nullptr;
  auto In = [&](BasicBlock::const_iterator Start,
                BasicBlock::const_iterator End) -> const Instruction * {
    const Instruction *Last = nullptr;
    for (const Instruction &I : make_range(Start, End))
      if (Anything ? Writes.mayChange(I) : Writes.mayOverwrite(I))
        Last = &I;
    return Last;
  };
  const BasicBlock *Home = From.getParent();
  if (Home == To.getParent())
    return In(From.getIterator(), To.getIterator());
  if (const Instruction *I = In(To.getParent()->begin(), To.getIterator()))
    return I;
  Blocks Seen;
  SmallVector<const BasicBlock *, 16> Next(predecessors(To.getParent()));
  while (!Next.empty()) {
    const BasicBlock *Block = Next.pop_back_val();
    if (Block == Home || !Seen.insert(Block).second)
      continue;
    if (Seen.size() > kHighest)
      return Block->getTerminator();
    if (const Instruction *I = In(Block->begin(), Block->end()))
      return I;
    Next.append(pred_begin(Block), pred_end(Block));
  }
  return In(From.getIterator(), Home->end());
}

/// Finds which reads are behind the place; false if they rule it out.
bool Cells::sortReads(Place &P, const Reads &Of, const Blocks &Behind) const {
  P.Inside.clear();
  P.Earlier.clear();
  for (const Read &Each : Of.All) {
    const BasicBlock *At = Each.I->getParent();
    const bool Inside =
        At == P.Block ? Each.I == P.Before || P.Before->comesBefore(Each.I) : Behind.contains(At);
    if (Inside) {
      if (!DT.dominates(P.Block, At))
        return false;
      P.Inside.push_back(Each);
      continue;
    }
    if (!R.is(Each.I))
      continue;
    bool Dominated = true;
    if (!usedAfter(*Each.I, P, Behind, Dominated))
      continue;
    if (!Dominated || !DT.dominates(Each.I, P.Before) || writeBetween(*Each.I, *P.Before, false))
      return false;
    P.Earlier.push_back(Each);
  }
  return true;
}

std::optional<Place> Cells::placeIn(BasicBlock &Block, Value &V, const Reads &Of) const {
  if (Block.isEHPad())
    return std::nullopt;
  Blocks Behind;
  if (!behind(Block, V, Behind) || Behind.contains(&Block))
    return std::nullopt;
  Place P{&Block, nullptr, {}, {}};
  auto *Def = dyn_cast<Instruction>(&V);
  if (Def && Def->getParent() == &Block)
    P.Before = Def->getNextNode();
  else
    P.Before = &*Block.getFirstInsertionPt();
  while (isa<AllocaInst>(P.Before))
    P.Before = P.Before->getNextNode();
  // Behind whatever is no read.
  for (const Use *U : Of.Others) {
    const BasicBlock &At = blockOf(*U);
    if (Behind.contains(&At))
      return std::nullopt;
    if (&At != &Block)
      continue;
    auto *I = cast<Instruction>(U->getUser());
    if (isa<PHINode>(I) || I->isTerminator())
      return std::nullopt;
    if (I == P.Before || P.Before->comesBefore(I))
      P.Before = I->getNextNode();
  }
  // Behind whatever may change what is read of it: the cell may be a copy.
  for (bool Good = false; !Good;) {
    if (!sortReads(P, Of, Behind))
      return std::nullopt;
    Good = true;
    for (const Read &Each : P.Inside)
      if (const Instruction *I = writeBetween(*P.Before, *Each.I, !R.is(Each.I))) {
        if (I->getParent() != &Block || I->isTerminator())
          return std::nullopt;
        P.Before = const_cast<Instruction *>(I)->getNextNode();
        Good = false;
        break;
      }
  }
  if (P.Inside.empty() && P.Earlier.empty())
    return std::nullopt;
  if (!isThere(V, Of, P))
    return std::nullopt;
  return P;
}

/// Whether \p V is no null at the place: it was read before, is read there, or was tested.
bool Cells::isThere(Value &V, const Reads &Of, const Place &P) const {
  if (any_of(Of.All, [&](const Read &Each) { return DT.dominates(Each.I, P.Before); }))
    return true;
  for (const Instruction *I = P.Before; I; I = I->getNextNode()) {
    if (any_of(P.Inside, [&](const Read &Each) { return Each.I == I; }))
      return true;
    if (!isGuaranteedToTransferExecutionToSuccessor(I))
      break;
  }
  return isKnownNonZero(&V, SimplifyQuery(DL, &DT, nullptr, P.Before));
}

/// The header word of what is read, of the class of \p Wanted: 0 if that is not known.
uint32_t Cells::wordFor(const Reads &Of, const Place &P, uint32_t Wanted) const {
  auto Fits = [&](const Descriptor &D) {
    return D.Align <= 8 && all_of(Of.All, [&](const Read &Each) {
             const bool Counts = Each.I == P.Before || DT.dominates(Each.I, P.Before) ||
                                 DT.dominates(P.Before, Each.I);
             return !Each.load() || !Counts || fits(D, Each.Offset, Each.I->getType(), R, DL);
           });
  };
  if (Fits(Known.of(Wanted)))
    return Wanted;
  uint32_t Found = 0;
  for (const auto &[Word, D] : Known)
    if ((Word & kMetaClassMask) == (Wanted & kMetaClassMask) && Fits(D)) {
      if (Found)
        return 0;
      Found = Word;
    }
  return Found;
}

/// The parameters that have to become owned for \p V to be the function's own; nothing if it cannot
/// be.
std::optional<SmallVector<Argument *, 4>> Cells::toOwn(Value &V) const {
  auto *A = dyn_cast<Argument>(&V);
  if (!A || parameterOwnership(F, A->getArgNo(), R) == Ownership::Owned)
    return SmallVector<Argument *, 4>();
  SmallVector<Argument *, 4> Together = ownedTogether(*A, Cycles, R);
  return Together.empty() ? std::nullopt : std::optional(std::move(Together));
}

void Cells::missed(const Value &V, StringRef Name, StringRef Why) {
  ORE.emit([&] {
    OptimizationRemarkMissed Remark(DEBUG_TYPE, Name, homeOf(V).getTerminator());
    return Remark << "memory of " << ore::NV("Object", nameInRemarks(V))
                  << " is not used again: " << Why;
  });
}

/// Uses of \p Old behind the place become uses of \p New, also where they are of an address in it.
void Cells::replaceAfter(Value &Old, Value &New, Instruction &Start, const Place &P,
                         const Blocks &Behind) {
  for (Use &U : make_early_inc_range(Old.uses())) {
    auto *Step = dyn_cast<GetElementPtrInst>(U.getUser());
    if (isAfter(U, P, Behind)) {
      U.set(&New);
    } else if (Step) {
      bool Dominated;
      if (!usedAfter(*Step, P, Behind, Dominated))
        continue;
      Instruction *Copy = Step->clone();
      Copy->insertBefore(Start.getIterator());
      Copy->setOperand(0, &New);
      replaceAfter(*Step, *Copy, Start, P, Behind);
    }
  }
}

void Cells::take(Value &V, const Place &P, uint32_t Word, Value *Heap) {
  Blocks Behind;
  behind(*P.Block, V, Behind);
  const Descriptor &D = Known.of(Word);
  IRBuilder<> B(P.Before);
  B.SetCurrentDebugLocation(
      (P.Inside.empty() ? P.Earlier.front() : P.Inside.front()).I->getDebugLoc());
  SmallVector<Value *, 3> Operands{&V, B.getInt32(Word)};
  if (Heap)
    Operands.push_back(Heap);
  const ManagedID Own = Heap ? ManagedID::RefOwnCellOn : ManagedID::RefOwnCell;
  CallInst *Cell = B.CreateCall(managedIntrinsic(Own).declare(M), Operands, V.getName() + ".cell");
  DenseMap<uint64_t, LoadInst *> Fields;
  for (uint32_t Offset : D.Fields) {
    Value *At = Offset ? B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Cell, Offset) : Cell;
    LoadInst *Load = B.CreateAlignedLoad(V.getType(), At, DL.getPointerABIAlignment(R.space()));
    Fields[Offset] = Load;
    Work.push_back(Load);
  }
  for (const Read &Each : P.Earlier)
    replaceAfter(*Each.I, *Fields.lookup(Each.Offset), *P.Before, P, Behind);
  for (const Read &Each : P.Inside) {
    if (R.is(Each.I)) {
      Each.I->replaceAllUsesWith(Fields.lookup(Each.Offset));
      Each.I->eraseFromParent();
    } else if (LoadInst *Load = Each.load()) {
      IRBuilder<> At(Load);
      Load->setOperand(
          0, Each.Offset ? At.CreateConstInBoundsGEP1_64(At.getInt8Ty(), Cell, Each.Offset) : Cell);
    } else {
      Each.I->setOperand(0, Cell);
    }
  }
  Taken.push_back(Cell);
  Numbered += Cell->getParent()->size();
  ++NumCells;
}

/// The first of those in \p Block, in its order, that come after \p V, which dominates the block.
ArrayRef<CellSite> Cells::behindIn(const BasicBlock &Block, ArrayRef<CellSite> All,
                                   const Value &V) const {
  auto *Def = dyn_cast<Instruction>(&V);
  if (!Def || Def->getParent() != &Block)
    return All;
  return All.drop_front(size_t(
      partition_point(All, [&](const CellSite &Each) { return Each.Call->comesBefore(Def); }) -
      All.begin()));
}

bool Cells::mayWait(const Place &P, const CellSite &Site) const {
  SmallVector<Instruction *, 8> Reads;
  for (const Read &Each : concat<const Read>(P.Inside, P.Earlier))
    if (Each.load())
      Reads.push_back(Each.I);
  return Takers.mayWait(*P.Before, Site, Reads);
}

/// Whether the function may end, from the start of \p Block, without coming to a site of the class
/// and heap of \p Site. Where the object has other owners, the cell would be a copy that nothing
/// needs.
bool Cells::mayBeInVain(const BasicBlock &Block, const CellSite &Site) {
  const uint32_t Class = Site.Word & kMetaClassMask;
  auto [Found, New] = Past.try_emplace({Class, Site.Heap});
  if (New) {
    SmallVector<const BasicBlock *, 16> Next;
    for (const BasicBlock &BB : F)
      if (succ_empty(&BB) && !isa<UnreachableInst>(BB.getTerminator()))
        Next.push_back(&BB);
    while (!Next.empty()) {
      const BasicBlock *BB = Next.pop_back_val();
      auto Its = Sites.find(const_cast<BasicBlock *>(BB));
      const bool Takes = Its != Sites.end() && any_of(Its->second, [&](const CellSite &Each) {
                           return (Each.Word & kMetaClassMask) == Class && Each.Heap == Site.Heap;
                         });
      if (!Takes && Found->second.insert(BB).second)
        Next.append(pred_begin(BB), pred_end(BB));
    }
  }
  return Found->second.contains(&Block);
}

/// Whether a function is called in \p Block, before \p End if that is in it.
static bool calls(const BasicBlock &Block, const Instruction *End) {
  return any_of(
      make_range(Block.begin(), End->getParent() == &Block ? End->getIterator() : Block.end()),
      [](const Instruction &I) {
        auto *Call = dyn_cast<CallBase>(&I);
        return Call && !calledManaged(*Call) && !isa<IntrinsicInst>(Call);
      });
}

bool Cells::consider(Value &V) {
  SmallVector<const CellSite *, 16> Nearest;
  for (auto &[Block, All] : Sites)
    if (DT.dominates(&homeOf(V), Block))
      for (const CellSite &New : behindIn(*Block, All, V).take_front(kMostTried - Nearest.size()))
        Nearest.push_back(&New);
  bool Changed = false;
  const size_t First = Taken.size();
  for (const CellSite *Each : Nearest) {
    const CellSite &New = *Each;
    BasicBlock *Block = New.Call->getParent();
    // A cell of the block's own was made for an allocation before.
    if (any_of(drop_begin(Taken, First),
               [&](CallInst *Cell) { return DT.dominates(Cell->getParent(), Block); }))
      continue;
    const Reads Of = readsOf(V);
    if (Of.All.empty())
      return Changed;
    std::optional<Place> Best;
    uint32_t Word = 0;
    unsigned Left = kHighest;
    bool Calls = false;
    for (auto *Node = DT.getNode(Block); Node && Left--; Node = Node->getIDom()) {
      Calls |= calls(*Node->getBlock(), New.Call);
      if (!Calls && mayBeInVain(*Node->getBlock(), New))
        continue;
      std::optional<Place> P = placeIn(*Node->getBlock(), V, Of);
      if (P && DT.dominates(P->Before, New.Call) && mayWait(*P, New))
        if (uint32_t Its = wordFor(Of, *P, New.Word)) {
          Best = std::move(P);
          Word = Its;
        }
      if (Node->getBlock() == &homeOf(V))
        break;
    }
    if (!Best)
      continue;
    const auto Parameters = toOwn(V);
    if (!Parameters) {
      missed(V, "Borrowed", "a caller, or a call of the function itself, keeps the parameter");
      return Changed;
    }
    ORE.emit([&] {
      return OptimizationRemark(DEBUG_TYPE, "Cell", New.Call)
             << "the last reference of " << ore::NV("Object", nameInRemarks(V))
             << " leaves its memory to an object that is made "
             << (isReusable(*New.Call) ? "here" : "by the function that is called here");
    });
    for (Argument *A : *Parameters) {
      A->addAttr(Attribute::get(F.getContext(), kOwned));
      tellOwned(*A, "its memory goes to a new object");
      ++NumOwned;
    }
    take(V, *Best, Word, New.Heap);
    Changed = true;
  }
  return Changed;
}

bool Cells::run() {
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallInst>(&I);
    if (!Call)
      continue;
    if (const CellSite Site = Takers.at(*Call); Site.Word)
      Sites[Call->getParent()].push_back(Site);
    if (isOwnCell(Call))
      Taken.push_back(Call);
  }
  if (Sites.empty())
    return false;
  DT.recalculate(F);
  for (Argument &A : F.args())
    if (R.is(&A))
      Work.push_back(&A);
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I); Call && R.is(Call) && !calledManaged(*Call) &&
                                             resultOwnership(*Call, R) == Ownership::Owned &&
                                             !Call->isMustTailCall())
      Work.push_back(Call);
  bool Changed = false;
  for (size_t N = 0; N != Work.size() && N != kMostValues && Numbered < kMostNumbered;
       ++N) // which grows
    Changed |= consider(*Work[N]);
  return reuseCells(F, DT, Taken, Takers, ORE) || Changed;
}

bool cairn::placeCells(Module &M, FieldWrites &Writes, FunctionAnalysisManager &FAM) {
  // An immediate has no header to compare. Nor may a cell wait where the heap is walked; what
  // waits for no call is found after the insertion (opt/Tokens.h).
  if (mayBeImmediates(M) || isHeapWalked(M))
    return false;
  const Shapes Known(M);
  if (Known.empty())
    return false;
  const References R(M);
  SmallVector<Function *> Functions;
  for (Function &F : M)
    if (!F.isDeclaration() && !F.hasFnAttribute(kCountsInserted) && !F.hasOptNone() &&
        !F.callsFunctionThatReturnsTwice() && R.in(F))
      Functions.push_back(&F);
  const Recursion Cycles(M);
  bool Changed = false;
  auto PlaceFor = [&](CellSites &Takers) {
    for (Function *F : Functions)
      Changed |= Cells(*F, Known, Writes, Cycles, Takers,
                       FAM.getResult<OptimizationRemarkEmitterAnalysis>(*F))
                     .run();
  };
  CellSites Allocations;
  PlaceFor(Allocations);
  if (CellVariants Variants(M, Cycles); Variants.any()) {
    PlaceFor(Variants);
    if (Variants.makeBodies())
      Writes = fieldWrites(M, FAM);
  }
  if (Changed)
    forgetTypes(M);
  return Changed;
}

PreservedAnalyses CellsPass::run(Module &M, ModuleAnalysisManager &MAM) {
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  FieldWrites Writes = fieldWrites(M, FAM);
  return placeCells(M, Writes, FAM) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
