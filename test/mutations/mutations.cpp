//===- mutations.cpp - Faults to plant in counts ----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "mutations.h"
#include "proofs.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Attributes.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static constexpr unsigned kSpace = 77;

const char *nameOf(MutationKind Kind) {
  static const char *const Names[] = {
      "delete a count",
      "duplicate a count",
      "incref for decref, decref for incref",
      "count another reference",
      "count a sibling's field",
      "move a count up over one instruction",
      "move a count down over one instruction",
      "release before the last use",
      "change a parameter's mode",
      "change a result's mode",
      "swap the counts of two arms",
      "drop an edge's counts",
      "store another reference",
      "delete a free.cell",
      "free a cell twice",
      "free a cell before its last use",
      "count a cell, or what becomes one",
      "keep another field",
      "another header word",
      "swap the arms of is.last",
      "ask is.last of another reference",
  };
  return Names[unsigned(Kind)];
}

static bool isDecref(const CallInst &Count) {
  return Count.getCalledFunction()->getName() == decref();
}

static std::string textOf(const Value &V) {
  std::string Text;
  raw_string_ostream(Text) << V;
  return StringRef(Text).trim().str();
}

/// A count that is in no block refers to nothing.
static void takeOut(CallInst &Count) {
  Count.setArgOperand(0, PoisonValue::get(Count.getArgOperand(0)->getType()));
  Count.removeFromParent();
}

static void putBack(CallInst &Count, Value *Of, Instruction &Before) {
  Count.insertBefore(Before.getIterator());
  Count.setArgOperand(0, Of);
}

namespace {

class Planter {
public:
  explicit Planter(Function &F) : F(F), DT(F), Memory(F) {
    for (Instruction &I : instructions(F))
      if (CallInst *Count = countAt(I)) {
        Counts.push_back(Count);
        Counted.insert(rootOf(Count->getArgOperand(0)));
      }
    findDoomed();
  }

  std::vector<Mutation> run() {
    for (CallInst *Count : Counts) {
      remove(*Count);
      duplicate(*Count);
      invert(*Count);
      operands(*Count);
      moves(*Count);
      releaseEarly(*Count);
    }
    if (!PlainCounts)
      modes();
    arms();
    edges();
    stores();
    return std::move(All);
  }

private:
  void add(MutationKind Kind, const Instruction &At, std::string Harmless,
           std::function<void()> Make, std::function<void()> TakeBack) {
    All.push_back({Kind, &F, textOf(At) + " in " + At.getParent()->getName().str(),
                   std::move(Harmless), std::move(Make), std::move(TakeBack)});
  }

  /// By its type; or, of plain pointers, what is counted.
  bool isReference(const Value *V) const {
    if (!V->getType()->isPointerTy())
      return false;
    return PlainCounts ? Counted.contains(V) : V->getType()->getPointerAddressSpace() == kSpace;
  }

  void findDoomed() {
    for (bool Changed = true; Changed;) {
      Changed = false;
      for (BasicBlock &B : F)
        if (!Doomed.contains(&B) &&
            (isa<UnreachableInst>(B.getTerminator()) ||
             (!succ_empty(&B) &&
              all_of(successors(&B), [&](BasicBlock *To) { return Doomed.contains(To); }))))
          Changed = Doomed.insert(&B).second;
    }
  }

  /// Why a count of \p V at \p At is nothing.
  std::string noCount(const Value *V, const Instruction &At) {
    if (isa<Constant>(rootOf(V)))
      return "counts of null and static objects do nothing";
    if (!DT.isReachableFromEntry(At.getParent()))
      return "not reached";
    return isNullHere(V, At) ? "null on this path" : "";
  }

  /// Whether \p V is null at \p At, by a test that dominates it or by what was stored.
  bool isNullHere(const Value *V, const Instruction &At) {
    const Value *Known = contentOf(V);
    if (auto *Load = dyn_cast<LoadInst>(Known); Load && Memory.readsNull(*Load))
      return true;
    return isa<ConstantPointerNull>(Known) || (Known != V && isEqualHere(Known, nullptr, At)) ||
           isEqualHere(V, nullptr, At);
  }

  /// Whether \p A and \p B are one object at \p At.
  bool isSameHere(const Value *A, const Value *B, const Instruction &At) {
    return contentOf(rootOf(A)) == contentOf(rootOf(B)) || isEqualHere(rootOf(A), rootOf(B), At);
  }

  /// Whether a test that dominates \p At says that \p V is \p To, which is null without one.
  bool isEqualHere(const Value *V, const Value *To, const Instruction &At) {
    for (const User *U : V->users()) {
      auto *Compare = dyn_cast<ICmpInst>(U);
      if (!Compare || !Compare->isEquality())
        continue;
      const Value *Other = Compare->getOperand(Compare->getOperand(0) == V ? 1 : 0);
      if (To ? Other != To : !isa<ConstantPointerNull>(Other))
        continue;
      for (const User *By : Compare->users())
        if (auto *Branch = dyn_cast<BranchInst>(By); Branch && Branch->isConditional()) {
          bool Equal = Compare->getPredicate() == ICmpInst::ICMP_EQ;
          BasicBlockEdge Edge(Branch->getParent(), Branch->getSuccessor(Equal ? 0 : 1));
          if (Edge.isSingleEdge() && DT.dominates(Edge, At.getParent()))
            return true;
        }
    }
    return false;
  }

  std::string lostOnlyWhereNothingIsReleased(const CallInst &Count) {
    return Doomed.contains(Count.getParent()) ? "before unreachable, where nothing is released"
                                              : "";
  }

  void remove(CallInst &Count) {
    std::string Harmless = noCount(Count.getArgOperand(0), Count);
    if (Harmless.empty() && isDecref(Count))
      Harmless = lostOnlyWhereNothingIsReleased(Count);
    Instruction *Next = Count.getNextNode();
    Value *Of = Count.getArgOperand(0);
    add(
        MutationKind::DeleteCount, Count, Harmless, [&Count] { takeOut(Count); },
        [&Count, Next, Of] { putBack(Count, Of, *Next); });
  }

  void duplicate(CallInst &Count) {
    std::string Harmless = noCount(Count.getArgOperand(0), Count);
    if (Harmless.empty() && !isDecref(Count))
      Harmless = lostOnlyWhereNothingIsReleased(Count);
    auto Copy = std::make_shared<Instruction *>(nullptr);
    add(
        MutationKind::DuplicateCount, Count, Harmless,
        [&Count, Copy] {
          *Copy = Count.clone();
          (*Copy)->insertBefore(Count.getIterator());
        },
        [Copy] { (*Copy)->eraseFromParent(); });
  }

  void invert(CallInst &Count) {
    Module &M = *F.getParent();
    Function *Old = Count.getCalledFunction();
    FunctionCallee New =
        M.getOrInsertFunction(isDecref(Count) ? incref() : decref(), Old->getFunctionType());
    std::string Harmless = noCount(Count.getArgOperand(0), Count);
    if (Harmless.empty() && isDecref(Count))
      Harmless = lostOnlyWhereNothingIsReleased(Count);
    add(
        MutationKind::InvertCount, Count, Harmless, [&Count, New] { Count.setCalledFunction(New); },
        [&Count, Old] { Count.setCalledFunction(Old); });
  }

  /// The reference nearest before \p Count that is another value, and the field nearest before
  /// it that is read from the same object as its operand.
  void operands(CallInst &Count) {
    Value *Now = Count.getArgOperand(0);
    Value *Other = nullptr, *Sibling = nullptr;
    auto *Load = dyn_cast<LoadInst>(rootOf(Now));
    auto Consider = [&](Value &V) {
      if (!isReference(&V) || rootOf(&V) != &V || &V == rootOf(Now))
        return;
      Other = &V;
      auto *Field = dyn_cast<LoadInst>(&V);
      if (Load && Field &&
          rootOf(Field->getPointerOperand()) == rootOf(Load->getPointerOperand()) &&
          Field->getPointerOperand() != Load->getPointerOperand())
        Sibling = &V;
    };
    for (Argument &A : F.args())
      Consider(A);
    for (Instruction &I : instructions(F))
      if (DT.dominates(&I, &Count))
        Consider(I);
    auto Change = [&](MutationKind Kind, Value *To) {
      std::string Old = noCount(Now, Count), New = noCount(To, Count);
      if (Old.empty() && isSameHere(Now, To, Count))
        Old = New = "the same object";
      add(
          Kind, Count, !Old.empty() && !New.empty() ? Old : "",
          [&Count, To] { Count.setArgOperand(0, To); },
          [&Count, Now] { Count.setArgOperand(0, Now); });
      All.back().Where += " for " + textOf(*To);
    };
    if (Other)
      Change(MutationKind::OtherOperand, Other);
    if (Sibling)
      Change(MutationKind::SiblingField, Sibling);
  }

  /// Whether \p I has to do with the object of \p V.
  static bool concerns(const Instruction &I, const Value *V) {
    if (isa<CallBase>(I) && !isa<DbgInfoIntrinsic>(I))
      return true;
    return any_of(I.operands(), [&](const Use &U) { return rootOf(U) == rootOf(V); });
  }

  void moves(CallInst &Count) {
    const Value *V = Count.getArgOperand(0);
    Instruction *Before = Count.getPrevNode(), *After = Count.getNextNode();
    const std::string Order = "no unit is counted otherwise: only the order of two steps changes";
    if (Before && !isa<PHINode>(Before) && Before != rootOf(V) && !isa<LandingPadInst>(Before) &&
        !is_contained(Count.operands(), Before))
      add(
          MutationKind::MoveUp, Count, Order,
          [&Count, Before] { Count.moveBefore(*Before->getParent(), Before->getIterator()); },
          [&Count, After] { Count.moveBefore(*After->getParent(), After->getIterator()); });
    if (!After->isTerminator())
      add(
          MutationKind::MoveDown, Count, Order,
          [&Count, After] {
            Count.moveBefore(*After->getParent(), std::next(After->getIterator()));
          },
          [&Count, After] { Count.moveBefore(*After->getParent(), After->getIterator()); });
  }

  /// Whether \p V was read from a field, or is one of such and of parameters.
  static bool isLent(const Value *V) {
    auto *Phi = dyn_cast<PHINode>(V);
    return isa<LoadInst>(V) || (Phi && all_of(Phi->incoming_values(), [](const Use &U) {
                                  return isa<LoadInst, Argument>(rootOf(U));
                                }));
  }

  // Before the instruction that uses its object last.
  void releaseEarly(CallInst &Count) {
    if (!isDecref(Count))
      return;
    const Value *V = rootOf(Count.getArgOperand(0));
    Instruction *After = Count.getNextNode();
    for (Instruction *I = Count.getPrevNode(); I && I != V && !isa<PHINode>(I);
         I = I->getPrevNode()) {
      bool Uses = (isa<LoadInst>(I) && rootOf(I->getOperand(0)) == V) ||
                  (isa<StoreInst>(I) && rootOf(I->getOperand(1)) == V) ||
                  (isa<CallBase>(I) && !isa<DbgInfoIntrinsic>(I) &&
                   any_of(cast<CallBase>(I)->args(), [&](const Use &U) { return rootOf(U) == V; }));
      if (!Uses || is_contained(Count.operands(), I))
        continue;
      std::string Harmless = noCount(V, Count);
      if (Harmless.empty() && isLent(V))
        Harmless = kLent;
      add(
          MutationKind::ReleaseBeforeUse, Count, Harmless,
          [&Count, I] { Count.moveBefore(*I->getParent(), I->getIterator()); },
          [&Count, After] { Count.moveBefore(*After->getParent(), After->getIterator()); });
      return;
    }
  }

  void modes() {
    LLVMContext &C = F.getContext();
    const AttributeList Old = F.getAttributes();
    auto Set = [&](MutationKind Kind, unsigned Index, StringRef Name, const std::string &Where) {
      AttributeList New = Old.removeAttributeAtIndex(C, Index, "cairn-owned")
                              .removeAttributeAtIndex(C, Index, "cairn-borrowed")
                              .addAttributeAtIndex(C, Index, Attribute::get(C, Name));
      All.push_back({Kind, &F, Where, "", [this, New] { F.setAttributes(New); },
                     [this, Old] { F.setAttributes(Old); }});
    };
    for (Argument &A : F.args())
      if (isReference(&A))
        Set(MutationKind::ParameterMode, AttributeList::FirstArgIndex + A.getArgNo(),
            Old.hasParamAttr(A.getArgNo(), "cairn-owned") ? "cairn-borrowed" : "cairn-owned",
            textOf(A));
    if (F.getReturnType()->isPointerTy() && F.getReturnType()->getPointerAddressSpace() == kSpace)
      Set(MutationKind::ResultMode, AttributeList::ReturnIndex,
          Old.hasRetAttr("cairn-borrowed") ? "cairn-owned" : "cairn-borrowed", "result");
  }

  // The first count of each arm gets the other's operand.
  void arms() {
    for (BasicBlock &B : F) {
      auto *Branch = dyn_cast<BranchInst>(B.getTerminator());
      if (!Branch || !Branch->isConditional())
        continue;
      CallInst *First[2] = {};
      for (unsigned N : {0u, 1u})
        if (BasicBlock *Arm = Branch->getSuccessor(N); Arm->getSinglePredecessor() == &B)
          for (Instruction &I : *Arm)
            if ((First[N] = countAt(I)))
              break;
      CallInst *L = First[0], *R = First[1];
      if (L && R) {
        Value *X = L->getArgOperand(0), *Y = R->getArgOperand(0);
        Function *InL = L->getCalledFunction(), *InR = R->getCalledFunction();
        if ((X == Y && InL == InR) || !DT.dominates(X, R) || !DT.dominates(Y, L))
          continue;
        std::string Harmless = noCount(X, *L).empty() || noCount(Y, *R).empty() ||
                                       noCount(X, *R).empty() || noCount(Y, *L).empty()
                                   ? ""
                                   : "both do nothing";
        add(
            MutationKind::SwapArms, *L, Harmless,
            [=] {
              L->setArgOperand(0, Y);
              R->setArgOperand(0, X);
              L->setCalledFunction(InR);
              R->setCalledFunction(InL);
            },
            [=] {
              L->setArgOperand(0, X);
              R->setArgOperand(0, Y);
              L->setCalledFunction(InL);
              R->setCalledFunction(InR);
            });
        continue;
      }
      CallInst *Only = L ? L : R;
      BasicBlock *Other = Branch->getSuccessor(L ? 1 : 0);
      if (!Only || Other->getSinglePredecessor() != &B ||
          !DT.dominates(Only->getArgOperand(0), Branch))
        continue;
      Instruction *Back = Only->getNextNode();
      std::string Harmless = noCount(Only->getArgOperand(0), *Only);
      if (Harmless.empty() &&
          noCount(Only->getArgOperand(0), *Other->getTerminator()).empty() == false &&
          Doomed.contains(Only->getParent()))
        Harmless = "both do nothing";
      add(
          MutationKind::SwapArms, *Only, Harmless,
          [=] { Only->moveBefore(*Other, Other->getFirstInsertionPt()); },
          [=] { Only->moveBefore(*Back->getParent(), Back->getIterator()); });
    }
  }

  // A block with nothing but counts is an edge.
  void edges() {
    for (BasicBlock &B : F) {
      SmallVector<CallInst *> Here;
      SmallVector<Value *> Of;
      bool Only = B.getSinglePredecessor() && B.getSingleSuccessor();
      for (Instruction &I : B)
        if (CallInst *Count = countAt(I)) {
          Here.push_back(Count);
          Of.push_back(Count->getArgOperand(0));
        } else {
          Only &= I.isTerminator();
        }
      if (!Only || Here.empty())
        continue;
      std::string Harmless = "counts of null and static objects do nothing";
      for (CallInst *Count : Here)
        if (noCount(Count->getArgOperand(0), *Count).empty())
          Harmless = Doomed.contains(&B) ? "before unreachable, where nothing is released" : "";
      Instruction *End = B.getTerminator();
      add(
          MutationKind::DropEdge, *Here.front(), Harmless,
          [Here] {
            for (CallInst *Count : Here)
              takeOut(*Count);
          },
          [Here, Of, End] {
            for (auto [Count, V] : zip(Here, Of))
              putBack(*Count, V, *End);
          });
    }
  }

  // Another reference goes into the field.
  void stores() {
    for (Instruction &I : instructions(F)) {
      auto *Store = dyn_cast<StoreInst>(&I);
      if (!Store || !isReference(Store->getValueOperand()))
        continue;
      Value *Now = Store->getValueOperand(), *Other = nullptr;
      for (Argument &A : F.args())
        if (isReference(&A) && &A != rootOf(Now))
          Other = &A;
      for (Instruction &J : instructions(F))
        if (isReference(&J) && rootOf(&J) == &J && &J != rootOf(Now) && DT.dominates(&J, Store))
          Other = &J;
      if (!Other)
        continue;
      add(
          MutationKind::OtherStored, I, staysInEndingFrame(*Store, Other, Memory),
          [Store, Other] { Store->setOperand(0, Other); },
          [Store, Now] { Store->setOperand(0, Now); });
      All.back().Where += " with " + textOf(*Other);
    }
  }

  Function &F;
  DominatorTree DT;
  const MemoryProofs Memory;
  SmallVector<CallInst *> Counts;
  SmallPtrSet<const Value *, 16> Counted; ///< The roots of what has a count.
  DenseSet<const BasicBlock *> Doomed;
  std::vector<Mutation> All;
};

} // namespace

std::vector<Mutation> mutationsOf(Function &F) {
  // The planter lives as long as what it made, which refers to the function alone.
  auto P = std::make_shared<Planter>(F);
  std::vector<Mutation> All = P->run();
  for (Mutation &M : All)
    M.Make = [P, Make = std::move(M.Make)] { Make(); };
  for (Mutation &M : cellMutationsOf(F))
    All.push_back(std::move(M));
  return All;
}
