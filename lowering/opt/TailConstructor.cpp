//===- TailConstructor.cpp - cairn-tail: recursion below a constructor --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first hole is a variable of the function's, the root. Each way out of the loop fills the
// hole with what it would have returned, and returns the root.
//
//   entry:  hole = &root
//   loop:   hole, parameters = φ
//   arm:    a = ..., but for a.next; *hole = a; hole = &a.next; parameters = ...; to loop
//   return: *hole = v; return root
//
//===----------------------------------------------------------------------===//
#include "opt/TailConstructor.h"

#include "analysis/Shapes.h"
#include "ir/Managed.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-tail"

STATISTIC(NumLoops, "Number of functions that became loops");

namespace {

/// A call of the function itself whose result goes into an object that is returned.
struct Arm {
  CallInst *Call;
  StoreInst *Store;
  Instruction *Object;
};

class TailLoops {
public:
  TailLoops(Function &F, OptimizationRemarkEmitter &ORE)
      : F(F), M(*F.getParent()), R(M), DL(M.getDataLayout()), ORE(ORE) {}
  bool run();

private:
  bool isEligible() const;
  std::optional<Arm> armAt(CallInst &Call, const char *&Why) const;
  bool mayMoveAbove(const Instruction &I, const CallInst &Call) const;
  bool returns(const BasicBlock &Block, const Value &V) const;
  void finishBefore(const Arm &A);
  void makeLoop(ArrayRef<Arm> Arms);

  Function &F;
  Module &M;
  const References R;
  const DataLayout &DL;
  OptimizationRemarkEmitter &ORE;
};

} // namespace

/// The cell or object whose memory \p Pointer lies in, if this function alone knows it.
static bool isOwnMemory(const Value *Pointer) {
  const Value *Base = Pointer->stripInBoundsOffsets();
  const auto *Call = dyn_cast<CallBase>(Base);
  const ManagedInfo *I = Call ? calledManaged(*Call) : nullptr;
  return I && (isCell(Base) || I->ID == ManagedID::RefReuseCell || I->allocates());
}

/// Whether nothing changes if \p I, which stands behind the call, runs before it.
bool TailLoops::mayMoveAbove(const Instruction &I, const CallInst &Call) const {
  if (any_of(I.operands(), [&](const Use &U) { return U.get() == &Call; }))
    return false;
  if (auto *Load = dyn_cast<LoadInst>(&I))
    return Load->isSimple() && isOwnMemory(Load->getPointerOperand());
  if (auto *Store = dyn_cast<StoreInst>(&I))
    return Store->isSimple() && isOwnMemory(Store->getPointerOperand());
  if (auto *Other = dyn_cast<CallBase>(&I)) {
    const ManagedInfo *Managed = calledManaged(*Other);
    if (!Managed)
      return false;
    switch (Managed->ID) {
    case ManagedID::RefReuseCell:
    case ManagedID::RefIncref:
    case ManagedID::New:
    case ManagedID::NewTagged:
      return true;
    case ManagedID::RefTag:
      return isCell(Other->getArgOperand(0));
    default:
      return false;
    }
  }
  // The call may not come back, so that a division by zero behind it is none of the program's.
  return isSafeToSpeculativelyExecute(&I) && !I.mayReadFromMemory() && !isa<PHINode>(I);
}

/// Whether \p Block ends with a return of \p V, and does nothing else behind it.
bool TailLoops::returns(const BasicBlock &Block, const Value &V) const {
  if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator()))
    return Return->getReturnValue() == &V;
  const BasicBlock *Next = Block.getSingleSuccessor();
  if (!Next)
    return false;
  const auto *Return = dyn_cast<ReturnInst>(Next->getFirstNonPHIOrDbg());
  const auto *Phi = Return ? dyn_cast_or_null<PHINode>(Return->getReturnValue()) : nullptr;
  return Phi && Phi->getParent() == Next && Phi->getIncomingValueForBlock(&Block) == &V;
}

std::optional<Arm> TailLoops::armAt(CallInst &Call, const char *&Why) const {
  Why = "its result is not just put into a new object";
  if (!Call.hasOneUse() || Call.isMustTailCall() || Call.hasOperandBundles())
    return std::nullopt;
  auto *Store = dyn_cast<StoreInst>(Call.user_back());
  if (!Store || Store->getParent() != Call.getParent() || Store->getValueOperand() != &Call ||
      !Store->isSimple())
    return std::nullopt;
  auto *Object = dyn_cast<CallInst>(Store->getPointerOperand()->stripInBoundsOffsets());
  if (!Object || isCell(Object) || !isOwnMemory(Object) ||
      !offsetIn(Object, Store->getPointerOperand(), DL))
    return std::nullopt;
  Why = "the object that gets its result is not what is returned";
  if (!returns(*Call.getParent(), *Object))
    return std::nullopt;
  Why = "something behind it cannot be done before";
  for (const Instruction *I = Call.getNextNode(); !I->isTerminator(); I = I->getNextNode())
    if (I != Store && !mayMoveAbove(*I, Call))
      return std::nullopt;
  return Arm{&Call, Store, Object};
}

bool TailLoops::isEligible() const {
  // What would be released on the way out of an exception has no place in a loop.
  return R.is(F.getReturnType()) && resultOwnership(F, R) == Ownership::Owned && F.doesNotThrow() &&
         !F.isVarArg() && !F.hasFnAttribute(Attribute::Naked) &&
         none_of(F.args(),
                 [](const Argument &A) {
                   return A.hasPassPointeeByValueCopyAttr() || A.hasSwiftErrorAttr() ||
                          A.hasStructRetAttr();
                 }) &&
         none_of(instructions(F), [](const Instruction &I) {
           auto *Call = dyn_cast<CallInst>(&I);
           return isa<AllocaInst>(I) || (Call && Call->isMustTailCall());
         });
}

/// Moves what stands behind the call before it; the store goes.
void TailLoops::finishBefore(const Arm &A) {
  Instruction *I = A.Call->getNextNode();
  while (!I->isTerminator()) {
    Instruction *Next = I->getNextNode();
    if (I != A.Store)
      I->moveBefore(*A.Call->getParent(), A.Call->getIterator());
    I = Next;
  }
}

void TailLoops::makeLoop(ArrayRef<Arm> Arms) {
  LLVMContext &C = F.getContext();
  BasicBlock *Loop = &F.getEntryBlock();
  BasicBlock *Entry = BasicBlock::Create(C, "entry", &F, Loop);
  Type *Ref = F.getReturnType();
  IRBuilder<> B(Entry);
  AllocaInst *Root = B.CreateAlloca(Ref, DL.getAllocaAddrSpace(), nullptr, "root");
  Value *First = B.CreateAddrSpaceCast(Root, Ref, "root.hole");
  B.CreateBr(Loop);

  B.SetInsertPoint(Loop, Loop->begin());
  SmallVector<PHINode *, 8> Phis;
  for (Argument &A : F.args()) {
    PHINode *Phi = B.CreatePHI(A.getType(), unsigned(Arms.size()) + 1, A.getName());
    A.replaceAllUsesWith(Phi);
    Phi->addIncoming(&A, Entry);
    Phis.push_back(Phi);
  }
  PHINode *Hole = B.CreatePHI(Ref, unsigned(Arms.size()) + 1, "hole");
  Hole->addIncoming(First, Entry);

  const Align Alignment = DL.getPointerABIAlignment(R.space());
  for (const Arm &A : Arms) {
    finishBefore(A);
    BasicBlock *Block = A.Call->getParent();
    Instruction *End = Block->getTerminator();
    for (BasicBlock *Next : successors(End))
      Next->removePredecessor(Block, /*KeepOneInputPHIs=*/true);
    B.SetInsertPoint(A.Call);
    B.CreateAlignedStore(A.Object, Hole, Alignment);
    const uint64_t Offset = *offsetIn(A.Object, A.Store->getPointerOperand(), DL);
    Value *Next = B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), A.Object, Offset, "next.hole");
    B.CreateBr(Loop);
    for (auto [Phi, Arg] : zip_equal(Phis, A.Call->args()))
      Phi->addIncoming(Arg, Block);
    Hole->addIncoming(Next, Block);
    A.Store->eraseFromParent();
    A.Call->eraseFromParent();
    End->dropDbgRecords(); // they have no place behind the last instruction
    End->eraseFromParent();
    Block->deleteTrailingDbgRecords();
  }
  for (BasicBlock &Block : F)
    if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator())) {
      B.SetInsertPoint(Return);
      B.CreateAlignedStore(Return->getReturnValue(), Hole, Alignment);
      Return->setOperand(0, B.CreateAlignedLoad(Ref, First, Alignment, "made"));
    }
}

bool TailLoops::run() {
  SmallVector<Arm, 4> Arms;
  for (User *U : F.users()) {
    auto *Call = dyn_cast<CallInst>(U);
    if (!Call || Call->getFunction() != &F || Call->getCalledFunction() != &F)
      continue;
    const char *Why = "the function may throw, has variables of its own, or has a tail call";
    std::optional<Arm> A = isEligible() ? armAt(*Call, Why) : std::nullopt;
    if (A)
      Arms.push_back(*A);
    else
      ORE.emit([&] {
        return OptimizationRemarkMissed(DEBUG_TYPE, "Recursion", Call)
               << "the call stays a recursion: " << Why;
      });
  }
  if (Arms.empty())
    return false;
  ORE.emit([&] {
    return OptimizationRemark(DEBUG_TYPE, "Loop", Arms.front().Call)
           << "the recursion is a loop: what it makes is put into the object that was made before";
  });
  makeLoop(Arms);
  ++NumLoops;
  return true;
}

bool cairn::makeTailLoops(Function &F, FunctionAnalysisManager &FAM) {
  if (F.isDeclaration() || F.hasOptNone() || !F.hasFnAttribute(kCountsInserted))
    return false;
  // Its users are all over the module, and not at hand as its own instructions are.
  if (none_of(instructions(F), [&](const Instruction &I) {
        auto *Call = dyn_cast<CallInst>(&I);
        return Call && Call->getCalledFunction() == &F;
      }))
    return false;
  return TailLoops(F, FAM.getResult<OptimizationRemarkEmitterAnalysis>(F)).run();
}

PreservedAnalyses TailConstructorPass::run(Function &F, FunctionAnalysisManager &FAM) {
  return makeTailLoops(F, FAM) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
