//===- TagPaths.cpp - Each way asks for a tag once --------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks are looked at once, those before a block first. For each edge that was passed there are
// facts: for objects, the tags that the tests on all ways to it leave. They end where a tag may
// change. An edge back to a block that was not looked at has none, so that no fact outlives the
// name of its object.
//
//===----------------------------------------------------------------------===//
#include "expand/TagPaths.h"

#include "ir/Intrinsics.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/IR/ValueHandle.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/SSAUpdater.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

#include <bitset>
#include <optional>

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace cairn;

#define DEBUG_TYPE "cairn-tag-paths"

STATISTIC(NumCopied, "Number of blocks that are copied for what ways know of tags");
STATISTIC(NumKnown, "Number of tests of tags that are known");

namespace {

/// Instructions of a block that is copied, and of all copies in a function.
constexpr size_t kLongest = 12, kMostCopied = 160;
/// Blocks ahead of a place where ways meet, in which tests are looked for.
constexpr unsigned kFarthest = 12;
/// Blocks between a tag that is read and its test.
constexpr unsigned kMostBetween = 16;
/// Objects of whose tags something is known on an edge.
constexpr unsigned kMostFacts = 8;
/// Phis of tags, and phis of these.
constexpr unsigned kDeepest = 4;
constexpr unsigned kMostWays = 16;

using TagSet = std::bitset<256>;
using Facts = SmallVector<std::pair<const Value *, TagSet>, 4>;
using Blocks = SmallVector<BasicBlock *, 4>;

/// A branch or switch on the tag of an object.
struct Test {
  Value *Object = nullptr;
  SmallVector<CallInst *, 2> Tags; ///< The reads of the tag, one on each way.
  std::optional<CmpInst::Predicate> How;
  const ConstantInt *With = nullptr;
  bool Direct = true; ///< No phi is between.
};

class Paths {
public:
  explicit Paths(Function &F) : F(F) {}
  bool run();

private:
  bool readsTag(Value *V, Test &T, unsigned Depth) const;
  bool compares(Value *V, Test &T, unsigned Depth) const;
  const Instruction *lastChange(const BasicBlock &BB);
  bool isCurrent(const BasicBlock &BB, const Test &T);
  const Test *testIn(BasicBlock &BB);
  TagSet tagsTo(const BasicBlock &BB, const Test &T, const BasicBlock &To) const;
  BasicBlock *decide(BasicBlock &BB, const Test &T, const Facts &Known) const;
  bool mayCopy(const BasicBlock &BB);
  void separate(BasicBlock &BB);
  void testsAhead(BasicBlock &BB, SmallPtrSetImpl<BasicBlock *> &Seen, Blocks &Found);
  Facts meet(const BasicBlock &BB, ArrayRef<BasicBlock *> From) const;
  void visit(BasicBlock &BB);
  void split(BasicBlock &BB, ArrayRef<BasicBlock *> Ways);
  BasicBlock *copy(BasicBlock &BB, ArrayRef<BasicBlock *> From);
  void finish(BasicBlock &BB);
  void goOnlyTo(BasicBlock &BB, BasicBlock &To);

  Function &F;
  DenseMap<std::pair<const BasicBlock *, const BasicBlock *>, Facts> Edges;
  DenseSet<const BasicBlock *> Done;
  DenseMap<const BasicBlock *, const Instruction *> Changes;
  DenseMap<const BasicBlock *, std::optional<Test>> Tests;
  SmallVector<WeakTrackingVH, 16> Phis; ///< Those that copies needed.
  size_t Copied = 0;
  bool Changed = false;
};

} // namespace

static bool isTag(const Value *V) {
  const auto *Call = dyn_cast<CallInst>(V);
  const IntrinsicInfo *I = Call ? calledIntrinsic(*Call) : nullptr;
  return I && I->ID == IntrinsicID::Tag;
}

/// Whether some object may have another tag afterwards.
static bool mayChangeTags(const Instruction &I) {
  if (!I.mayWriteToMemory() || isa<StoreInst>(I) || I.isLifetimeStartOrEnd())
    return false;
  const auto *Call = dyn_cast<CallInst>(&I);
  const IntrinsicInfo *Its = Call ? calledIntrinsic(*Call) : nullptr;
  return !Its || Its->ID == IntrinsicID::SetTag ||
         Its->is(kReleases | kContainer | kCreates | kCell);
}

bool Paths::readsTag(Value *V, Test &T, unsigned Depth) const {
  if (isTag(V)) {
    auto *Call = cast<CallInst>(V);
    if (T.Object && T.Object != Call->getArgOperand(0))
      return false;
    T.Object = Call->getArgOperand(0);
    T.Tags.push_back(Call);
    return T.Tags.size() <= kMostWays;
  }
  auto *Phi = dyn_cast<PHINode>(V);
  T.Direct = false;
  return Phi && Depth < kDeepest &&
         all_of(Phi->incoming_values(), [&](Use &U) { return readsTag(U, T, Depth + 1); });
}

bool Paths::compares(Value *V, Test &T, unsigned Depth) const {
  if (auto *Compare = dyn_cast<ICmpInst>(V)) {
    auto *With = dyn_cast<ConstantInt>(Compare->getOperand(1));
    if (!With || (T.With && (T.With != With || T.How != Compare->getPredicate())))
      return false;
    T.With = With;
    T.How = Compare->getPredicate();
    return readsTag(Compare->getOperand(0), T, Depth);
  }
  auto *Phi = dyn_cast<PHINode>(V);
  T.Direct = false;
  return Phi && Depth < kDeepest &&
         all_of(Phi->incoming_values(), [&](Use &U) { return compares(U, T, Depth + 1); });
}

const Instruction *Paths::lastChange(const BasicBlock &BB) {
  auto [At, New] = Changes.try_emplace(&BB, nullptr);
  if (New)
    for (const Instruction &I : BB)
      if (mayChangeTags(I))
        At->second = &I;
  return At->second;
}

/// Whether the tags that were read are still the object's at the end of \p BB.
bool Paths::isCurrent(const BasicBlock &BB, const Test &T) {
  SmallPtrSet<const BasicBlock *, 16> Seen;
  SmallVector<const BasicBlock *, 16> Next{&BB};
  while (!Next.empty()) {
    const BasicBlock *At = Next.pop_back_val();
    if (!Seen.insert(At).second)
      continue;
    if (Seen.size() > kMostBetween)
      return false;
    const Instruction *Change = lastChange(*At);
    bool Read = false;
    for (const CallInst *Tag : T.Tags)
      if (Tag->getParent() == At) {
        if (Change && Tag->comesBefore(Change))
          return false;
        Read = true;
      }
    if (Read)
      continue;
    if (Change || pred_empty(At))
      return false;
    Next.append(pred_begin(At), pred_end(At));
  }
  return true;
}

const Test *Paths::testIn(BasicBlock &BB) {
  auto [At, New] = Tests.try_emplace(&BB);
  if (New) {
    Test T;
    bool Is = false;
    if (auto *Branch = dyn_cast<BranchInst>(BB.getTerminator()))
      Is = Branch->isConditional() && Branch->getSuccessor(0) != Branch->getSuccessor(1) &&
           compares(Branch->getCondition(), T, 0);
    else if (auto *Switch = dyn_cast<SwitchInst>(BB.getTerminator()))
      Is = readsTag(Switch->getCondition(), T, 0);
    if (Is && isCurrent(BB, T))
      At->second = std::move(T);
  }
  return At->second ? &*At->second : nullptr;
}

/// With which tags control goes from \p BB, which tests them, to \p To.
TagSet Paths::tagsTo(const BasicBlock &BB, const Test &T, const BasicBlock &To) const {
  TagSet Tags;
  if (auto *Switch = dyn_cast<SwitchInst>(BB.getTerminator())) {
    if (Switch->getDefaultDest() == &To)
      Tags.set();
    for (auto &Case : Switch->cases())
      Tags.set(Case.getCaseValue()->getZExtValue(), Case.getCaseSuccessor() == &To);
    return Tags;
  }
  const bool IfTrue = cast<BranchInst>(BB.getTerminator())->getSuccessor(0) == &To;
  for (unsigned Tag = 0; Tag != Tags.size(); ++Tag)
    Tags.set(Tag, ICmpInst::compare(APInt(8, Tag), T.With->getValue(), *T.How) == IfTrue);
  return Tags;
}

static const TagSet *factOf(const Facts &Known, const Value *Object) {
  const auto *Its = find_if(Known, [&](const auto &Each) { return Each.first == Object; });
  return Its == Known.end() ? nullptr : &Its->second;
}

/// Where the test sends all objects of which this is known; null if that is not one block.
BasicBlock *Paths::decide(BasicBlock &BB, const Test &T, const Facts &Known) const {
  const TagSet *Its = factOf(Known, T.Object);
  if (!Its)
    return nullptr;
  BasicBlock *Only = nullptr;
  for (BasicBlock *To : successors(&BB))
    if (To != Only && (tagsTo(BB, T, *To) & *Its).any()) {
      if (Only)
        return nullptr;
      Only = To;
    }
  return Only;
}

/// Whether \p BB is a few steps that only read and compute.
bool Paths::mayCopy(const BasicBlock &BB) {
  if (BB.isEHPad() || BB.hasAddressTaken() || lastChange(BB) ||
      !isa<BranchInst, SwitchInst>(BB.getTerminator()) || succ_size(&BB) > kMostWays)
    return false;
  size_t Size = 0;
  for (const Instruction &I : BB) {
    if (isa<PHINode>(I) || I.isDebugOrPseudoInst())
      continue;
    const auto *Call = dyn_cast<CallInst>(&I);
    if (++Size > kLongest || I.mayWriteToMemory() || isa<AllocaInst>(I) ||
        I.getType()->isTokenTy() || (Call && !isTag(Call)))
      return false;
  }
  return true;
}

/// Makes two branches of one that goes by two conditions, if a tag is one of them.
void Paths::separate(BasicBlock &BB) {
  auto *Branch = dyn_cast<BranchInst>(BB.getTerminator());
  Value *First, *Second;
  if (!Branch || !Branch->isConditional() || Branch->getSuccessor(0) == Branch->getSuccessor(1))
    return;
  const bool Both = match(Branch->getCondition(), m_LogicalAnd(m_Value(First), m_Value(Second)));
  if (!Both && !match(Branch->getCondition(), m_LogicalOr(m_Value(First), m_Value(Second))))
    return;
  Test Its;
  if (!compares(First, Its, 0) && !compares(Second, Its = {}, 0))
    return;
  BasicBlock *New = BasicBlock::Create(F.getContext(), "also", &F, BB.getNextNode());
  BasicBlock *Early = Branch->getSuccessor(Both); // where the first alone decides
  IRBuilder<> B(New);
  B.SetCurrentDebugLocation(Branch->getDebugLoc());
  B.CreateCondBr(Second, Branch->getSuccessor(0), Branch->getSuccessor(1));
  for (PHINode &Phi : Early->phis())
    Phi.addIncoming(Phi.getIncomingValueForBlock(&BB), New);
  for (PHINode &Phi : Branch->getSuccessor(!Both)->phis())
    Phi.replaceIncomingBlockWith(&BB, New);
  Value *Old = Branch->getCondition();
  Branch->setCondition(First);
  Branch->setSuccessor(!Both, New);
  Branch->setMetadata(LLVMContext::MD_prof, nullptr);
  RecursivelyDeleteTriviallyDeadInstructions(Old);
  Changed = true;
  separate(BB);
  separate(*New);
}

/// The blocks with tests that control may come to from \p BB, itself included, by blocks that may
/// be copied.
void Paths::testsAhead(BasicBlock &BB, SmallPtrSetImpl<BasicBlock *> &Seen, Blocks &Found) {
  if (Seen.size() == kFarthest || Done.contains(&BB) || !Seen.insert(&BB).second || !mayCopy(BB))
    return;
  if (testIn(BB))
    Found.push_back(&BB);
  for (BasicBlock *Next : successors(&BB))
    testsAhead(*Next, Seen, Found);
}

/// What is known on all edges from \p From to \p BB.
Facts Paths::meet(const BasicBlock &BB, ArrayRef<BasicBlock *> From) const {
  Facts Known;
  bool First = true;
  for (const BasicBlock *Way : From) {
    auto Its = Edges.find({Way, &BB});
    if (Its == Edges.end())
      return {};
    if (First)
      Known = Its->second;
    else
      erase_if(Known, [&](auto &Each) {
        const TagSet *Other = factOf(Its->second, Each.first);
        return !Other || (Each.second |= *Other).all();
      });
    First = false;
  }
  return Known;
}

static Blocks waysTo(BasicBlock &BB) {
  SmallSetVector<BasicBlock *, 4> Ways(pred_begin(&BB), pred_end(&BB));
  return Blocks(Ways.begin(), Ways.end());
}

/// Control goes from \p BB to \p To alone.
void Paths::goOnlyTo(BasicBlock &BB, BasicBlock &To) {
  Instruction *End = BB.getTerminator();
  bool Kept = false;
  for (BasicBlock *Next : successors(&BB)) {
    if (Next == &To && !Kept)
      Kept = true;
    else
      Next->removePredecessor(&BB, /*KeepOneInputPHIs=*/true);
  }
  auto *Branch = dyn_cast<BranchInst>(End);
  Value *Condition = Branch ? Branch->getCondition() : cast<SwitchInst>(End)->getCondition();
  IRBuilder<> B(End);
  B.CreateBr(&To);
  End->eraseFromParent();
  RecursivelyDeleteTriviallyDeadInstructions(Condition);
  Tests.clear();
  Changed = true;
  ++NumKnown;
}

/// Decides the test of \p BB if that can be, and says what is known on the edges that leave it.
void Paths::finish(BasicBlock &BB) {
  Done.insert(&BB);
  if (Changed && pred_size(&BB) == 1 && FoldSingleEntryPHINodes(&BB))
    Tests.clear();
  Facts Known = meet(BB, waysTo(BB));
  if (lastChange(BB))
    Known.clear();
  const Test *T = testIn(BB);
  if (BasicBlock *To = T ? decide(BB, *T, Known) : nullptr) {
    goOnlyTo(BB, *To);
    T = nullptr;
  }
  if (T && !T->Direct) { // the lowering compares only what a call has just read
    auto *Tag = cast<CallInst>(T->Tags.front()->clone());
    Instruction *End = BB.getTerminator();
    Tag->insertBefore(End->getIterator());
    Tag->setDebugLoc(End->getDebugLoc());
    Value *Old;
    if (auto *Switch = dyn_cast<SwitchInst>(End)) {
      Old = Switch->getCondition();
      Switch->setCondition(Tag);
    } else {
      auto *Branch = cast<BranchInst>(End);
      Old = Branch->getCondition();
      IRBuilder<> B(Branch);
      Branch->setCondition(B.CreateICmp(*T->How, Tag, const_cast<ConstantInt *>(T->With)));
    }
    RecursivelyDeleteTriviallyDeadInstructions(Old);
    Tests.clear();
    T = testIn(BB);
  }
  for (BasicBlock *To : successors(&BB)) {
    Facts &On = Edges[{&BB, To}];
    On = Known;
    if (!T)
      continue;
    erase_if(On, [&](const auto &Each) { return Each.first == T->Object; });
    TagSet Tags = tagsTo(BB, *T, *To);
    if (const TagSet *Its = factOf(Known, T->Object))
      Tags &= *Its;
    if (!Tags.all())
      On.push_back({T->Object, Tags});
    if (On.size() > kMostFacts)
      On.erase(On.begin());
  }
}

/// A copy of \p BB, to which the edges from \p From go.
BasicBlock *Paths::copy(BasicBlock &BB, ArrayRef<BasicBlock *> From) {
  ValueToValueMapTy Map;
  BasicBlock *New = CloneBasicBlock(&BB, Map, ".known", &F);
  New->moveAfter(&BB);
  for (Instruction &I : *New) {
    RemapDbgRecordRange(F.getParent(), I.getDbgRecordRange(), Map,
                        RF_NoModuleLevelChanges | RF_IgnoreMissingLocals);
    RemapInstruction(&I, Map, RF_NoModuleLevelChanges | RF_IgnoreMissingLocals);
  }
  auto Comes = [&](const BasicBlock *Way) { return is_contained(From, Way); };
  for (auto [Old, Its] : zip(BB.phis(), New->phis()))
    for (unsigned N = Old.getNumIncomingValues(); N--;)
      (Comes(Old.getIncomingBlock(N)) ? Old : Its).removeIncomingValue(N, false);
  for (BasicBlock *Way : From) {
    Way->getTerminator()->replaceSuccessorWith(&BB, New);
    Facts Known = std::move(Edges.find({Way, &BB})->second);
    Edges[{Way, New}] = std::move(Known);
  }
  SmallPtrSet<BasicBlock *, 4> Seen;
  for (BasicBlock *To : successors(New))
    if (Seen.insert(To).second)
      for (PHINode &Phi : To->phis())
        for (unsigned N = 0, End = Phi.getNumIncomingValues(); N != End; ++N)
          if (Phi.getIncomingBlock(N) == &BB) {
            Value *V = Phi.getIncomingValue(N);
            auto Its = Map.find(V);
            Phi.addIncoming(Its == Map.end() ? V : &*Its->second, New);
          }
  SmallVector<PHINode *, 8> Made;
  SSAUpdater Values(&Made);
  for (Instruction &I : BB) {
    SmallVector<Use *, 8> Outside;
    for (Use &U : I.uses()) {
      auto *User = cast<Instruction>(U.getUser());
      auto *Phi = dyn_cast<PHINode>(User);
      if ((Phi ? Phi->getIncomingBlock(U) : User->getParent()) != &BB)
        Outside.push_back(&U);
    }
    if (I.getType()->isVoidTy())
      continue;
    Values.Initialize(I.getType(), I.getName());
    Values.AddAvailableValue(&BB, &I);
    Values.AddAvailableValue(New, Map[&I]);
    for (Use *U : Outside)
      Values.RewriteUse(*U);
    Values.UpdateDebugValues(&I);
  }
  Phis.append(Made.begin(), Made.end());
  Copied += New->size();
  Tests.clear();
  Changed = true;
  ++NumCopied;
  return New;
}

/// Makes copies of \p BB where its \p Ways, of which none comes from below, differ in what they say
/// of the tests ahead.
void Paths::split(BasicBlock &BB, ArrayRef<BasicBlock *> Ways) {
  SmallPtrSet<BasicBlock *, 16> Seen;
  Blocks Ahead;
  testsAhead(BB, Seen, Ahead);
  if (Ahead.empty())
    return;
  SmallVector<std::pair<Blocks, Blocks>, 4> Kinds; // what the tests say, and the ways
  for (BasicBlock *Way : Ways) {
    Blocks Says;
    for (BasicBlock *At : Ahead)
      Says.push_back(decide(*At, *testIn(*At), Edges.find({Way, &BB})->second));
    auto *Its = find_if(Kinds, [&](const auto &Each) { return Each.first == Says; });
    if (Its == Kinds.end())
      Kinds.push_back({Says, {Way}});
    else
      Its->second.push_back(Way);
  }
  for (auto &[Says, From] : drop_begin(Kinds)) {
    if (Copied + BB.size() > kMostCopied)
      return;
    finish(*copy(BB, From));
  }
}

void Paths::visit(BasicBlock &BB) {
  Blocks Ways = waysTo(BB);
  if (Ways.empty() && !BB.isEntryBlock()) // no way leads there any more
    return;
  if (Ways.size() > 1 && Ways.size() <= kMostWays && mayCopy(BB) &&
      all_of(Ways, [&](BasicBlock *Way) {
        return Edges.contains({Way, &BB}) && isa<BranchInst, SwitchInst>(Way->getTerminator());
      }))
    split(BB, Ways);
  finish(BB);
}

bool Paths::run() {
  for (BasicBlock &BB : make_early_inc_range(F))
    separate(BB);
  const ReversePostOrderTraversal<Function *> Order(&F);
  for (BasicBlock *BB : Blocks(Order.begin(), Order.end()))
    visit(*BB);
  if (!Changed)
    return false;
  for (WeakTrackingVH &Phi : Phis)
    if (auto *Its = dyn_cast_or_null<PHINode>(Phi))
      RecursivelyDeleteDeadPHINode(Its);
  removeUnreachableBlocks(F);
  return true;
}

/// Whether two branches ask for the tag of one object.
static bool asksAgain(ArrayRef<CallInst *> Calls) {
  DenseMap<const Value *, unsigned> Branches;
  for (const CallInst *Call : Calls)
    if (isTag(Call))
      for (const User *U : Call->users()) {
        unsigned &Its = Branches[Call->getArgOperand(0)];
        Its += isa<SwitchInst>(U);
        if (isa<ICmpInst>(U))
          Its += U->getNumUses();
        if (Its > 1)
          return true;
      }
  return false;
}

bool cairn::splitTagPaths(Function &F, ArrayRef<CallInst *> Calls) {
  return !F.hasOptSize() && asksAgain(Calls) && Paths(F).run();
}
