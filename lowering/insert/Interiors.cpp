//===- Interiors.cpp - Pointers into objects --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A join is a φ, select or freeze of references. One that getelementptr feeds may point into
// the middle of an object. If all that meets there points into the same object, that object is
// its base, and only offsets are joined. Else the join gets another beside it for bases.
//
// Which is the case is found as constants are found: what meets is unknown at first, then one
// value, then several, in which case the join is a base itself.
//
//===----------------------------------------------------------------------===//
#include "insert/Interiors.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/Utils/Local.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

namespace {

class Interiors {
public:
  explicit Interiors(Refusals &E)
      : F(E.function()), R(E.references()), DL(F.getParent()->getDataLayout()) {}
  bool run();

private:
  bool simplify();
  void findJoins();
  void findBases();
  void split();

  /// The values that meet in a join.
  static SmallVector<Value *, 4> operandsOf(Instruction *Join);
  Value *rootOf(Value *V);
  Value *baseOf(Value *V);
  Value *offsetOf(Value *V);

  Function &F;
  const References &R;
  const DataLayout &DL;
  SetVector<Instruction *> Joins;
  SmallPtrSet<Value *, 16> Feeding; ///< GEPs that joins are computed from.
  /// Of each join: the only value that meets, itself, or null for unknown.
  DenseMap<Value *, Value *> Roots;
  DenseMap<Value *, Value *> BaseOf, OffsetOf;
};

} // namespace

SmallVector<Value *, 4> Interiors::operandsOf(Instruction *Join) {
  if (auto *Phi = dyn_cast<PHINode>(Join))
    return SmallVector<Value *, 4>(Phi->incoming_values());
  if (auto *Select = dyn_cast<SelectInst>(Join))
    return {Select->getTrueValue(), Select->getFalseValue()};
  return {Join->getOperand(0)};
}

static bool isJoin(const Value *V) { return isa<PHINode, SelectInst, FreezeInst>(V); }

/// Steps that go nowhere: no offset, or to a plain pointer and back.
bool Interiors::simplify() {
  bool Changed = false;
  for (Instruction &I : make_early_inc_range(instructions(F))) {
    Value *Same = nullptr;
    if (auto *GEP = dyn_cast<GetElementPtrInst>(&I);
        GEP && R.is(GEP) && GEP->hasAllZeroIndices() && R.is(GEP->getPointerOperand()))
      Same = GEP->getPointerOperand();
    else if (auto *Cast = dyn_cast<AddrSpaceCastInst>(&I); Cast && R.is(Cast))
      if (auto *Back = dyn_cast<AddrSpaceCastInst>(Cast->getOperand(0));
          Back && R.is(Back->getOperand(0)))
        Same = Back->getOperand(0);
    if (!Same)
      continue;
    I.replaceAllUsesWith(Same);
    I.eraseFromParent();
    Changed = true;
  }
  return Changed;
}

/// Finds what getelementptr feeds.
void Interiors::findJoins() {
  SmallVector<Value *> Work;
  SmallPtrSet<Value *, 32> Seen;
  for (Instruction &I : instructions(F))
    if (isa<GetElementPtrInst>(I) && R.is(&I) && Seen.insert(&I).second)
      Work.push_back(&I);
  while (!Work.empty())
    for (User *U : Work.pop_back_val()->users())
      if (isJoin(U) && R.is(U) && Joins.insert(cast<Instruction>(U)) && Seen.insert(U).second)
        Work.push_back(U);
  // In the function's order, so that the output does not depend on the order of uses.
  for (Instruction *Join : Joins)
    append_range(Work, operandsOf(Join));
  while (!Work.empty())
    if (auto *GEP = dyn_cast<GetElementPtrInst>(Work.pop_back_val());
        GEP && R.is(GEP) && Feeding.insert(GEP).second)
      Work.push_back(GEP->getPointerOperand());
}

/// What \p V is computed from: past getelementptr, and past joins that have one root.
Value *Interiors::rootOf(Value *V) {
  while (auto *GEP = dyn_cast<GetElementPtrInst>(V)) {
    if (auto It = BaseOf.find(V); It != BaseOf.end()) {
      V = It->second;
      break;
    }
    V = GEP->getPointerOperand();
  }
  auto It = Roots.find(V);
  return It == Roots.end() ? V : It->second;
}

void Interiors::findBases() {
  // The end of each chain of getelementptr, so that a chain is walked once.
  for (BasicBlock *BB : ReversePostOrderTraversal<Function *>(&F))
    for (Instruction &I : *BB)
      if (Feeding.contains(&I)) {
        Value *Pointer = I.getOperand(0);
        auto It = BaseOf.find(Pointer);
        BaseOf[&I] = It == BaseOf.end() ? Pointer : It->second;
      }
  DenseMap<Value *, SmallVector<Instruction *, 2>> Followers;
  for (Instruction *Join : Joins) {
    Roots[Join] = nullptr;
    for (Value *V : operandsOf(Join)) {
      auto It = BaseOf.find(V);
      Followers[It == BaseOf.end() ? V : It->second].push_back(Join);
    }
  }
  SetVector<Instruction *> Work(Joins.begin(), Joins.end());
  while (!Work.empty()) {
    Instruction *Join = Work.pop_back_val();
    Value *Root = nullptr;
    for (Value *V : operandsOf(Join)) {
      Value *From = rootOf(V);
      if (!From || From == Join)
        continue;
      if (Root && Root != From) {
        Root = Join;
        break;
      }
      Root = From;
    }
    // What was several stays so: a join never goes back to fewer.
    Value *&Old = Roots[Join];
    if (!Root || Root == Old || Old == Join)
      continue;
    Old = Old ? Join : Root;
    if (auto It = Followers.find(Join); It != Followers.end())
      Work.insert(It->second.begin(), It->second.end());
  }
}

Value *Interiors::baseOf(Value *V) {
  if (auto It = BaseOf.find(V); It != BaseOf.end() && !isJoin(V))
    V = It->second; // The end of a chain of getelementptr.
  if (auto It = Roots.find(V); It != Roots.end() && It->second && It->second != V)
    V = It->second;
  auto It = BaseOf.find(V);
  return It == BaseOf.end() ? V : It->second;
}

Value *Interiors::offsetOf(Value *V) {
  auto It = OffsetOf.find(V);
  return It == OffsetOf.end()
             ? Constant::getNullValue(DL.getIndexType(PointerType::get(F.getContext(), R.space())))
             : It->second;
}

void Interiors::split() {
  Type *Index = DL.getIndexType(PointerType::get(F.getContext(), R.space()));
  // New joins first, then what they are made of: φ may come before their operands.
  SmallVector<Instruction *> New;
  for (Instruction *Join : Joins) {
    IRBuilder<> B(Join);
    auto Beside = [&](Type *T, const Twine &Name) -> Instruction * {
      if (auto *Phi = dyn_cast<PHINode>(Join))
        return B.CreatePHI(T, Phi->getNumIncomingValues(), Name);
      Value *None = PoisonValue::get(T);
      if (auto *Select = dyn_cast<SelectInst>(Join))
        return B.Insert(SelectInst::Create(Select->getCondition(), None, None), Name);
      return B.Insert(new FreezeInst(None), Name);
    };
    if (Roots.lookup(Join) == Join || !Roots.lookup(Join))
      BaseOf[Join] = Beside(Join->getType(), Join->getName() + ".base");
    OffsetOf[Join] = Beside(Index, Join->getName() + ".offset");
  }
  for (BasicBlock *BB : ReversePostOrderTraversal<Function *>(&F))
    for (Instruction &I : make_early_inc_range(*BB))
      if (Feeding.contains(&I)) {
        IRBuilder<> B(&I);
        auto &GEP = cast<GetElementPtrInst>(I);
        Value *Step = emitGEPOffset(&B, DL, &GEP);
        Value *Before = offsetOf(GEP.getPointerOperand());
        auto *C = dyn_cast<Constant>(Before);
        OffsetOf[&I] =
            C && C->isNullValue() ? Step : B.CreateAdd(Before, B.CreateSExtOrTrunc(Step, Index));
      }
  auto Fill = [&](Value *To, Instruction *Join, auto Of) {
    SmallVector<Value *, 4> From;
    for (Value *V : operandsOf(Join))
      From.push_back(Of(V));
    if (auto *Phi = dyn_cast<PHINode>(To))
      for (auto [V, Block] : zip_equal(From, cast<PHINode>(Join)->blocks()))
        Phi->addIncoming(V, Block);
    else
      for (unsigned N = 0, At = isa<SelectInst>(To) ? 1 : 0; N != From.size(); ++N)
        cast<Instruction>(To)->setOperand(At + N, From[N]);
  };
  for (Instruction *Join : Joins) {
    if (Value *Own = BaseOf.lookup(Join))
      Fill(Own, Join, [&](Value *V) { return baseOf(V); });
    Fill(OffsetOf[Join], Join, [&](Value *V) { return offsetOf(V); });
  }
  SmallVector<std::pair<Instruction *, Value *>> Sums;
  for (Instruction *Join : Joins) {
    BasicBlock *BB = Join->getParent();
    IRBuilder<> B(BB, isa<PHINode>(Join) ? BB->getFirstInsertionPt() : Join->getIterator());
    B.SetCurrentDebugLocation(Join->getDebugLoc());
    Sums.push_back({Join, B.CreatePtrAdd(baseOf(Join), OffsetOf[Join])});
  }
  for (auto [Join, Sum] : Sums) {
    Sum->takeName(Join);
    Join->replaceAllUsesWith(Sum);
  }
  for (auto [Join, Sum] : Sums) {
    // The same field of whatever it is.
    if (auto *Offset = dyn_cast<PHINode>(OffsetOf[Join]))
      if (Value *Same = Offset->hasConstantValue(); isa_and_nonnull<ConstantInt>(Same)) {
        Offset->replaceAllUsesWith(Same);
        Offset->eraseFromParent();
      }
    Join->eraseFromParent();
  }
}

bool Interiors::run() {
  bool Changed = simplify();
  findJoins();
  if (Joins.empty())
    return Changed;
  findBases();
  split();
  return true;
}

bool cairn::splitInteriors(Refusals &Errors) { return Interiors(Errors).run(); }
