//===- CellVariants.cpp - Functions that are given a cell -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which functions take cells of a class is a greatest fixpoint: all of some size do, until one has
// a way through it on which nothing takes the cell. So functions that call each other in a cycle
// are found together. Of these, some have to make an object.
//
//===----------------------------------------------------------------------===//
#include "insert/CellVariants.h"

#include "analysis/Recursion.h"
#include "analysis/Shapes.h"
#include "cairn/abi.h"
#include "insert/Variants.h"
#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-cells"

STATISTIC(NumVariants, "Number of variants of functions that are given a cell");

/// A function of more instructions or blocks takes no cell, nor one with more sites.
static constexpr unsigned kLargest = 1000, kMostBlocks = 256, kMostSites = 32;
/// Instructions that are added to a module.
static constexpr size_t kMostAdded = 4000;
/// Instructions between a cell and the call that takes it, where a recursion is between them.
static constexpr unsigned kFarthest = 256;

static bool mayTake(const Function &F, const References &R) {
  return F.hasExactDefinition() && !F.isVarArg() && !F.hasOptNone() && !F.hasMinSize() &&
         !F.hasFnAttribute(kCountsInserted) && !F.hasFnAttribute(Attribute::Naked) &&
         !F.isPresplitCoroutine() && !F.callsFunctionThatReturnsTwice() &&
         F.size() <= kMostBlocks && F.getInstructionCount() <= kLargest && R.in(F);
}

/// Whether control may come from the end of \p From to \p To.
static bool reaches(const BasicBlock &From, const BasicBlock &To) {
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const BasicBlock *, 16> Next(successors(&From));
  while (!Next.empty()) {
    const BasicBlock *Block = Next.pop_back_val();
    if (!Seen.insert(Block).second)
      continue;
    if (Block == &To)
      return true;
    Next.append(succ_begin(Block), succ_end(Block));
  }
  return false;
}

/// Whether a call of a function with a body may call a variant of it.
static bool mayCallVariant(const CallInst &Call) {
  const Function *Callee = Call.getCalledFunction();
  return Callee && Call.getFunctionType() == Callee->getFunctionType() && !Call.isMustTailCall() &&
         !Call.hasOperandBundles();
}

bool CellVariants::takes(const Candidate &Each, const Class &Of) const {
  if (Each.Word)
    return ((Each.Word ^ Of.Word) & kMetaClassMask) == 0 && Each.Heap == Of.Heap;
  return Of.Takers.contains(Each.Call->getCalledFunction());
}

/// What may be a site for some class.
CellVariants::Calls CellVariants::candidatesIn(Function &F, Descriptors &Types) {
  Calls Found;
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallInst>(&I);
    if (!Call)
      continue;
    const uint32_t Word = reusableWord(*Call, &Types);
    Value *Heap = heapOfNew(*Call);
    // What heap a parameter names, a caller does not know.
    if (Heap ? Word && isa<Constant>(Heap)
             : Word || (mayCallVariant(*Call) && Call->getCalledFunction()->hasExactDefinition()))
      Found.push_back({Call, Word, Heap});
  }
  return Found;
}

/// The calls that get the cell in a variant of \p F: none is in a loop, and at most one is on each
/// way. Allocations come first, for they are the last that a cell is passed to.
CellVariants::Calls CellVariants::sitesIn(ArrayRef<Candidate> Candidates, const Class &Of) const {
  Calls Found, Functions, Chosen;
  for (const Candidate &Each : Candidates)
    if (takes(Each, Of))
      (Each.Word ? Found : Functions).push_back(Each);
  Found.append(Functions);
  if (Found.size() > kMostSites)
    return {};
  for (const Candidate &Each : Found) {
    const BasicBlock &At = *Each.Call->getParent();
    if (!reaches(At, At) && none_of(Chosen, [&](const Candidate &Other) {
          const BasicBlock &Its = *Other.Call->getParent();
          return &Its == &At || reaches(At, Its) || reaches(Its, At);
        }))
      Chosen.push_back(Each);
  }
  return Chosen;
}

/// Whether each way through \p F passes one of \p Sites, or ends the program.
template <typename SitesT> static bool passesOne(const Function &F, const SitesT &Sites) {
  SmallPtrSet<const BasicBlock *, 16> Seen;
  for (const auto &Site : Sites)
    Seen.insert(Site.Call->getParent());
  SmallVector<const BasicBlock *, 16> Next{&F.getEntryBlock()};
  while (!Next.empty()) {
    const BasicBlock *Block = Next.pop_back_val();
    if (!Seen.insert(Block).second)
      continue;
    if (succ_empty(Block) && !isa<UnreachableInst>(Block->getTerminator()))
      return false;
    Next.append(succ_begin(Block), succ_end(Block));
  }
  return true;
}

/// The functions that take cells, of those that are taken for such now.
void CellVariants::findTakers(Class &Of, const Candidates &All) const {
  SmallVector<Function *, 16> Work;
  for (const auto &[F, Its] : reverse(All))
    if (Of.Takers.contains(F))
      Work.push_back(F);
  while (!Work.empty()) {
    Function *F = Work.pop_back_val();
    if (!Of.Takers.contains(F) || passesOne(*F, sitesIn(All.find(F)->second, Of)))
      continue;
    Of.Takers.erase(F);
    for (User *U : F->users())
      if (auto *Call = dyn_cast<CallInst>(U); Call && Of.Takers.contains(Call->getFunction()))
        Work.push_back(Call->getFunction());
  }
}

/// Takes out what only passes cells around, and never comes to an allocation.
bool CellVariants::dropEndless(Class &Of, const Candidates &All) const {
  Functions Ends;
  for (bool Changed = true; Changed;) {
    Changed = false;
    for (const auto &[F, Its] : All)
      if (Of.Takers.contains(F) && !Ends.contains(F) &&
          any_of(sitesIn(Its, Of), [&](const Candidate &Each) {
            return Each.Word || Ends.contains(Each.Call->getCalledFunction());
          }))
        Changed = Ends.insert(F).second;
  }
  if (Ends.size() == Of.Takers.size())
    return false;
  Of.Takers = std::move(Ends);
  return true;
}

CellVariants::ClassKey CellVariants::keyOf(uint32_t Word, Value *Heap) const {
  return {Word & kMetaClassMask, Numbers.lookup(Heap)};
}

CellVariants::CellVariants(Module &M, const Recursion &Cycles) : M(M), Cycles(Cycles) {
  const References R(M);
  Candidates All;
  Descriptors Types;
  for (Function &F : M) {
    if (!mayTake(F, R))
      continue;
    Calls Its = candidatesIn(F, Types);
    for (const Candidate &Each : Its)
      if (Each.Word) {
        Numbers.try_emplace(Each.Heap, unsigned(Numbers.size()));
        Takers.try_emplace(keyOf(Each.Word, Each.Heap), Class{Each.Word, Each.Heap, {}});
      }
    if (!Its.empty())
      All[&F] = std::move(Its);
  }
  for (auto &[Key, Of] : Takers) {
    for (auto &[F, Its] : All)
      Of.Takers.insert(F);
    do
      findTakers(Of, All);
    while (dropEndless(Of, All));
  }
  std::erase_if(Takers, [](const auto &Each) { return Each.second.Takers.empty(); });
}

CellSite CellVariants::at(CallInst &Call) const {
  if (Added <= kMostAdded && mayCallVariant(Call))
    for (const auto &[Key, Of] : Takers)
      if (Of.Takers.contains(Call.getCalledFunction()))
        return {&Call, Of.Word, Of.Heap};
  return {&Call, 0, nullptr};
}

/// The last parameter of a variant is its cell.
static void markCell(Function &Variant, uint32_t Word) {
  const unsigned Last = unsigned(Variant.arg_size()) - 1;
  LLVMContext &C = Variant.getContext();
  Variant.addParamAttr(Last, Attribute::get(C, kOwned));
  Variant.addParamAttr(Last, Attribute::get(C, kCellParameter, std::to_string(Word)));
}

Function *CellVariants::variantOf(const CellSite &Site, uint32_t Word) {
  Function &F = *Site.Call->getCalledFunction();
  Function *&Variant = Made[{&F, {Word, Site.Heap}}];
  if (Variant)
    return Variant;
  SmallVector<Type *, 8> Types(F.getFunctionType()->params());
  Types.push_back(PointerType::get(M.getContext(), referenceSpace(M)));
  Variant =
      Function::Create(FunctionType::get(F.getReturnType(), Types, false),
                       GlobalValue::InternalLinkage, F.getAddressSpace(), F.getName() + ".cell");
  M.getFunctionList().insertAfter(F.getIterator(), Variant);
  markCell(*Variant, Word);
  Added += F.getInstructionCount();
  ++NumVariants;
  return Variant;
}

//===----------------------------------------------------------------------===//
// Waiting for a recursion
//===----------------------------------------------------------------------===//

/// The instructions from \p Start up to \p End, if no branch lies between them.
static SmallVector<const Instruction *, 32> lineBetween(const Instruction &Start,
                                                        const Instruction &End) {
  SmallVector<const Instruction *, 32> Line;
  for (const Instruction *I = &Start; Line.size() != kFarthest;) {
    if (I == &End)
      return Line;
    Line.push_back(I);
    if (!I->isTerminator()) {
      I = I->getNextNode();
      continue;
    }
    const BasicBlock *Next = I->getParent()->getSingleSuccessor();
    if (!Next || Next == Start.getParent() || !Next->getSinglePredecessor())
      break;
    I = &Next->front();
  }
  return {};
}

/// Whether a call of a cycle may lie on a way from \p Start to \p End, which it dominates.
static bool mayRecur(const Instruction &Start, const Instruction &End, const Recursion &Cycles) {
  if (!Cycles.has(*Start.getFunction()))
    return false;
  auto Recurs = [&](const Instruction &I) {
    auto *Call = dyn_cast<CallBase>(&I);
    return Call && Call != &End && Cycles.isPartOf(*Call);
  };
  SmallPtrSet<const BasicBlock *, 16> Seen{Start.getParent()};
  SmallVector<const BasicBlock *, 16> Next{End.getParent()};
  while (!Next.empty()) {
    const BasicBlock *Block = Next.pop_back_val();
    if (!Seen.insert(Block).second)
      continue;
    if (any_of(*Block, Recurs))
      return true;
    Next.append(pred_begin(Block), pred_end(Block));
  }
  return any_of(make_range(Start.getIterator(), Start.getParent()->end()), Recurs);
}

bool CellVariants::mayWait(const Instruction &Start, const CellSite &Site,
                           ArrayRef<Instruction *> Reads) const {
  if (&Start == Site.Call)
    return true;
  const auto Line = lineBetween(Start, *Site.Call);
  if (Line.empty())
    return !mayRecur(Start, *Site.Call, Cycles);
  DenseMap<const Value *, unsigned> At;
  for (const Instruction *I : Line)
    At[I] = unsigned(At.size());
  auto IsUsedUntil = [&](const User *U, unsigned Last) {
    auto Found = At.find(U);
    return Found != At.end() && Found->second <= Last;
  };
  auto WaitsAt = [&](unsigned Call) {
    // A field that is read late.
    if (any_of(Reads, [&](const Instruction *Read) {
          return !Read->use_empty() &&
                 none_of(Read->users(), [&](const User *U) { return IsUsedUntil(U, Call); });
        }))
      return true;
    // An earlier result, in the place of a field that was used up before.
    for (unsigned N = 0; N != Call; ++N) {
      auto *Earlier = dyn_cast<CallInst>(Line[N]);
      if (!Earlier || calledManaged(*Earlier) ||
          all_of(Earlier->users(), [&](const User *U) { return IsUsedUntil(U, Call); }))
        continue;
      if (any_of(Reads, [&](const Instruction *Read) {
            return Read->getType() == Earlier->getType() &&
                   all_of(Read->users(), [&](const User *U) { return IsUsedUntil(U, N); });
          }))
        return true;
    }
    return false;
  };
  for (unsigned N = 0; N != Line.size(); ++N)
    if (auto *Call = dyn_cast<CallBase>(Line[N]);
        Call && Cycles.isPartOf(*Call) && (isa<InvokeInst>(Call) || !WaitsAt(N)))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

void CellVariants::makeBody(Function &F, uint32_t Word, Value *Heap, Function &Variant) {
  const Class &Of = Takers.at(keyOf(Word, Heap));
  Descriptors Types;
  const Calls Sites = sitesIn(candidatesIn(F, Types), Of);
  ValueToValueMapTy Map;
  for (auto [Old, New] :
       zip_first(make_pointer_range(F.args()), make_pointer_range(Variant.args()))) {
    New->setName(Old->getName());
    Map[Old] = New;
  }
  SmallVector<ReturnInst *, 4> Returns;
  CloneFunctionInto(&Variant, &F, Map, CloneFunctionChangeType::LocalChangesOnly, Returns);
  makeInternal(Variant);
  markCell(Variant, Word);
  Argument *Cell = Variant.getArg(Variant.arg_size() - 1);
  Cell->setName("cell");
  for (const Candidate &Each : Sites) {
    const CellSite Site{cast<CallInst>(Map[Each.Call]), Of.Word, Heap};
    if (Each.Word)
      giveCell(*Cell, Site, nullptr);
    else if (Added <= kMostAdded)
      giveCell(*Cell, Site, variantOf(Site, Word));
  }
}

bool CellVariants::makeBodies() {
  for (size_t N = 0; N != Made.size(); ++N) { // which grows
    const auto [Of, Variant] = Made.begin()[N];
    makeBody(*Of.first, Of.second.first, Of.second.second, *Variant);
  }
  return !Made.empty();
}
