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
// A function whose arms call others of its cycle, `g` from `f` and `f` from `g`, leaves its body to
// `f.hole`, which gets the first hole from its caller. A call in an arm is a jump then.
//
//   f(x):            root; f.hole(x, &root); return root
//   f.hole(x, hole): ... a = ..., but for a.next; *hole = a; jump to g.hole(y, &a.next)
//
//===----------------------------------------------------------------------===//
#include "opt/TailConstructor.h"

#include "analysis/Recursion.h"
#include "analysis/Shapes.h"
#include "ir/Compat.h"
#include "ir/Managed.h"
#include "opt/TailArms.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-tail"

STATISTIC(NumLoops, "Number of functions that became loops");
STATISTIC(NumJumps, "Number of calls between functions that became jumps");

/// Arguments that have registers: numbers and pointers, and floating point numbers.
static constexpr unsigned kMostWords = 6, kMostFloats = 8;

namespace {

class TailLoops {
public:
  TailLoops(Module &M, FunctionAnalysisManager &FAM)
      : M(M), R(M), DL(M.getDataLayout()), FAM(FAM), Calls(M) {}
  bool run();

private:
  using Arms = SmallVector<TailArm, 4>;

  void findArms(Function &F);
  void chooseHoles();
  Function *withHole(const Function *F) const { return Holes.lookup(F); }
  bool becomesLoop(const Function &F, const TailArm &A) const;
  bool becomesJump(const Function &F, const TailArm &A) const;
  using Places = SmallVector<Value *, 2>;

  Places makeRoots(IRBuilder<> &B, unsigned Count) const;
  Value *made(IRBuilder<> &B, const Places &Roots, Type *T) const;
  void takeBody(Function &F, Function &New);
  void callWithRoot(Function &F, Function &New);
  void remark(Function &F, ArrayRef<TailArm> All);
  void write(Function &Body, Function &F, ArrayRef<TailArm> All);

  Module &M;
  const References R;
  const DataLayout &DL;
  FunctionAnalysisManager &FAM;
  const Recursion Calls;
  MapVector<Function *, Arms> Found;
  DenseMap<const Function *, Function *> Holes; ///< The forms that get the hole.
};

} // namespace

/// Whether all arguments of \p F, and its holes, have registers on all targets. LLVM 22 loses those
/// on the stack when it makes a jump to a function that has more of them than the caller.
static bool hasRegistersLeft(const Function &F, const References &R) {
  unsigned Words = referencesIn(F.getReturnType(), R), Floats = 0;
  for (const Argument &A : F.args()) {
    const Type *T = A.getType();
    if (T->isFloatTy() || T->isDoubleTy())
      ++Floats;
    else if (T->isPointerTy() || (T->isIntegerTy() && T->getIntegerBitWidth() <= 64))
      ++Words;
    else
      return false;
  }
  return Words <= kMostWords && Floats <= kMostFloats;
}

/// Whether the body of \p F may become another function's, which is called by jumps.
static bool mayGiveBody(const Function &F, const References &R) {
  return hasRegistersLeft(F, R) && F.hasExactDefinition() && !F.hasOptNone() &&
         F.hasFnAttribute(kCountsInserted) && mayFillHole(F, R) && !F.isPresplitCoroutine() &&
         !F.callsFunctionThatReturnsTwice() &&
         F.getFnAttribute("disable-tail-calls").getValueAsString() != "true" &&
         none_of(F, [](const BasicBlock &Block) { return Block.hasAddressTaken(); }) &&
         none_of(F.args(), [](const Argument &A) {
           return A.hasNestAttr() || A.hasAttribute(Attribute::SwiftSelf) ||
                  A.hasAttribute(Attribute::SwiftAsync);
         });
}

void TailLoops::findArms(Function &F) {
  if (F.isDeclaration() || F.hasOptNone() || !F.hasFnAttribute(kCountsInserted) || !Calls.has(F))
    return;
  auto IsWanted = [&](const CallInst &Call) { return Calls.isPartOf(Call); };
  Arms All = tailArms(F, R, IsWanted, FAM.getResult<OptimizationRemarkEmitterAnalysis>(F));
  if (!All.empty())
    Found[&F] = std::move(All);
}

/// Which functions get the hole from whoever calls them: those that another calls in an arm with
/// an object. From there on, those that are called in its place.
void TailLoops::chooseHoles() {
  if (tripleOf(M).isWasm()) // a call in tail position has a frame
    return;
  SmallVector<Function *, 8> Work;
  auto Want = [&](const TailArm &A, const Function &F) {
    Function *Callee = A.Call->getCalledFunction();
    if (Callee != &F && !Holes.contains(Callee) && mayGiveBody(*Callee, R)) {
      Holes[Callee] = nullptr;
      Work.push_back(Callee);
    }
  };
  for (auto &[F, All] : Found)
    for (const TailArm &A : All)
      if (A.fills())
        Want(A, *F);
  while (!Work.empty()) {
    Function *F = Work.pop_back_val();
    if (auto Its = Found.find(F); Its != Found.end())
      for (const TailArm &A : Its->second)
        Want(A, *F);
  }
}

bool TailLoops::becomesLoop(const Function &F, const TailArm &A) const {
  return A.Call->getCalledFunction() == &F;
}

bool TailLoops::becomesJump(const Function &F, const TailArm &A) const {
  // A result that the function returns as it is needs no hole, unless the function has one.
  return !becomesLoop(F, A) && Holes.contains(A.Call->getCalledFunction()) &&
         (A.fills() || Holes.contains(&F));
}

/// A function like \p F that returns nothing, and has the holes as its last parameters.
static Function *declareWithHole(Function &F, const References &R) {
  LLVMContext &C = F.getContext();
  SmallVector<Type *, 8> Types(F.getFunctionType()->params());
  Types.append(referencesIn(F.getReturnType(), R), PointerType::get(C, R.space()));
  auto *New =
      Function::Create(FunctionType::get(Type::getVoidTy(C), Types, false),
                       GlobalValue::InternalLinkage, F.getAddressSpace(), F.getName() + ".hole");
  F.getParent()->getFunctionList().insertAfter(F.getIterator(), New);
  // A call may be a jump whatever the parameters of caller and callee are.
  New->setCallingConv(CallingConv::Tail);
  if (F.hasPersonalityFn()) // of the body that moves
    New->setPersonalityFn(F.getPersonalityFn());
  const AttributeList Its = F.getAttributes();
  AttrBuilder Attributes(C, Its.getFnAttrs());
  Attributes.removeAttribute(Attribute::AlwaysInline).removeAttribute(Attribute::Memory);
  Attributes.removeAttribute(Attribute::AllocSize).removeAttribute(Attribute::AllocKind);
  SmallVector<AttributeSet, 8> Parameters;
  for (unsigned N = 0; N != F.arg_size(); ++N)
    Parameters.push_back(Its.getParamAttrs(N).removeAttribute(C, Attribute::Returned));
  New->setAttributes(
      AttributeList::get(C, AttributeSet::get(C, Attributes), AttributeSet(), Parameters));
  New->setSection(F.getSection());
  New->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  if (F.hasGC())
    New->setGC(F.getGC());
  return New;
}

/// Moves all blocks of \p F to \p New, with the function's debug information.
void TailLoops::takeBody(Function &F, Function &New) {
  New.setSubprogram(F.getSubprogram());
  New.splice(New.end(), &F);
  for (Argument &Hole : drop_begin(New.args(), F.arg_size()))
    Hole.setName("hole");
  for (auto [Old, Its] : zip(make_pointer_range(F.args()), make_pointer_range(New.args()))) {
    Its->setName(Old->getName());
    Old->replaceAllUsesWith(Its);
  }
  F.setSubprogram(nullptr);
}

/// Variables for the references that \p Body returns.
TailLoops::Places TailLoops::makeRoots(IRBuilder<> &B, unsigned Count) const {
  Type *Ref = PointerType::get(B.getContext(), R.space());
  Places Roots;
  while (Count--) {
    AllocaInst *Root = B.CreateAlloca(Ref, DL.getAllocaAddrSpace(), nullptr, "root");
    Roots.push_back(B.CreateAddrSpaceCast(Root, Ref, "root.hole"));
  }
  return Roots;
}

/// What is in the variables, as the value that a function with the result \p T returns.
Value *TailLoops::made(IRBuilder<> &B, const Places &Roots, Type *T) const {
  Type *Ref = PointerType::get(B.getContext(), R.space());
  const Align Alignment = DL.getPointerABIAlignment(R.space());
  Value *Whole = PoisonValue::get(T);
  for (unsigned N = 0; N != Roots.size(); ++N) {
    Value *Made = B.CreateAlignedLoad(Ref, Roots[N], Alignment, "made");
    Whole = T->isStructTy() ? B.CreateInsertValue(Whole, Made, N) : Made;
  }
  return Whole;
}

/// What is left of \p F.
void TailLoops::callWithRoot(Function &F, Function &New) {
  IRBuilder<> B(BasicBlock::Create(F.getContext(), "entry", &F));
  const Places Roots = makeRoots(B, referencesIn(F.getReturnType(), R));
  SmallVector<Value *, 8> Arguments(make_pointer_range(F.args()));
  append_range(Arguments, Roots);
  B.CreateCall(&New, Arguments)->setCallingConv(New.getCallingConv());
  B.CreateRet(made(B, Roots, F.getReturnType()));
}

/// Writes the arms of \p F into \p Body: the function itself, or the form that has its blocks and
/// gets the hole.
void TailLoops::write(Function &Body, Function &F, ArrayRef<TailArm> All) {
  LLVMContext &C = Body.getContext();
  const bool HasRoot = &Body == &F;
  Type *Ref = PointerType::get(C, R.space()), *Result = F.getReturnType();
  const unsigned Count = referencesIn(Result, R);
  const Align Alignment = DL.getPointerABIAlignment(R.space());
  const unsigned Rounds =
      unsigned(count_if(All, [&](const TailArm &A) { return becomesLoop(F, A); }));
  BasicBlock *Loop = &Body.getEntryBlock();
  BasicBlock *Entry = BasicBlock::Create(C, "entry", &Body, Loop);
  IRBuilder<> B(Entry);
  Places First;
  if (HasRoot)
    First = makeRoots(B, Count);
  else
    for (Argument &Hole : drop_begin(Body.args(), Body.arg_size() - Count))
      First.push_back(&Hole);
  B.CreateBr(Loop);

  SmallVector<PHINode *, 8> Phis;
  Places Targets = First;
  if (Rounds) {
    B.SetInsertPoint(Loop, Loop->begin());
    for (Argument &A : Body.args()) {
      if (is_contained(First, &A))
        continue;
      PHINode *Phi = B.CreatePHI(A.getType(), Rounds + 1, A.getName());
      A.replaceAllUsesWith(Phi);
      Phi->addIncoming(&A, Entry);
      Phis.push_back(Phi);
    }
    for (Value *&Hole : Targets) {
      PHINode *Phi = B.CreatePHI(Ref, Rounds + 1, "hole");
      Phi->addIncoming(Hole, Entry);
      Phis.push_back(Phi);
      Hole = Phi;
    }
  }

  SmallPtrSet<const BasicBlock *, 4> Done;
  for (const TailArm &A : All) {
    const bool Again = becomesLoop(F, A);
    if (!Again && !becomesJump(F, A))
      continue;
    finishBefore(A);
    BasicBlock *Block = A.Call->getParent();
    Instruction *End = Block->getTerminator();
    for (BasicBlock *Next : successors(End))
      Next->removePredecessor(Block, /*KeepOneInputPHIs=*/true);
    B.SetInsertPoint(A.Call);
    B.SetCurrentDebugLocation(A.Call->getDebugLoc());
    SmallVector<Value *, 8> Arguments(A.Call->args());
    for (auto [Made, Hole] : zip_equal(A.Made, Targets))
      if (Made)
        B.CreateAlignedStore(Made, Hole, Alignment);
    for (const TailArm::Part &Part : A.Parts) {
      if (!Part.Store) {
        Arguments.push_back(Targets[Part.As]);
        continue;
      }
      Value *Place = Part.Store->getPointerOperand();
      Value *Object = Place->stripInBoundsOffsets();
      Arguments.push_back(B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Object,
                                                       *offsetIn(Object, Place, DL), "next.hole"));
      Part.Store->eraseFromParent();
    }
    if (Again) {
      B.CreateBr(Loop);
      for (auto [Phi, V] : zip_equal(Phis, Arguments))
        Phi->addIncoming(V, Block);
    } else {
      Function *Callee = withHole(A.Call->getCalledFunction());
      CallInst *Jump = B.CreateCall(Callee, Arguments);
      Jump->setCallingConv(Callee->getCallingConv());
      if (HasRoot) {
        B.CreateRet(made(B, First, Result));
      } else {
        Jump->setTailCallKind(CallInst::TCK_MustTail);
        B.CreateRetVoid();
      }
      ++NumJumps;
    }
    Done.insert(Block);
    // What took the result apart has no use any more.
    for (const Instruction *Last = A.Call->getPrevNode(); &Block->back() != Last;) {
      Instruction &I = Block->back();
      I.dropDbgRecords(); // they have no place behind the last instruction
      if (!I.use_empty())
        I.replaceAllUsesWith(PoisonValue::get(I.getType()));
      I.eraseFromParent();
    }
    Block->deleteTrailingDbgRecords();
  }
  EliminateUnreachableBlocks(Body); // shared by arms, which had all ways to it
  for (BasicBlock &Block : Body) {
    auto *Return = dyn_cast<ReturnInst>(Block.getTerminator());
    Value *V = Return ? Return->getReturnValue() : nullptr;
    if (!V || Done.contains(&Block))
      continue;
    B.SetInsertPoint(Return);
    for (unsigned N = 0; N != Count; ++N)
      B.CreateAlignedStore(Result->isStructTy() ? B.CreateExtractValue(V, N) : V, Targets[N],
                           Alignment);
    if (HasRoot) {
      Return->setOperand(0, made(B, First, Result));
    } else {
      B.CreateRetVoid();
      Return->eraseFromParent();
    }
  }
  NumLoops += Rounds != 0;
}

void TailLoops::remark(Function &F, ArrayRef<TailArm> All) {
  OptimizationRemarkEmitter &ORE = FAM.getResult<OptimizationRemarkEmitterAnalysis>(F);
  bool Loop = false;
  for (const TailArm &A : All)
    if (A.fills() && !becomesLoop(F, A) && !becomesJump(F, A))
      ORE.emit([&] {
        return OptimizationRemarkMissed(DEBUG_TYPE, "Recursion", A.Call)
               << "the call stays a recursion: " << ore::NV("Callee", A.Call->getCalledFunction())
               << " cannot be given the place of its result";
      });
    else if (becomesJump(F, A))
      ORE.emit([&] {
        return OptimizationRemark(DEBUG_TYPE, "Jump", A.Call)
               << "the call of " << ore::NV("Callee", A.Call->getCalledFunction())
               << " is a jump: what it makes is put into the object that was made before";
      });
    else if (A.fills() && !std::exchange(Loop, true))
      ORE.emit([&] {
        return OptimizationRemark(DEBUG_TYPE, "Loop", A.Call)
               << "the recursion is a loop: what it makes is put into the object that was made "
                  "before";
      });
}

bool TailLoops::run() {
  for (Function &F : M)
    findArms(F);
  chooseHoles();
  for (auto &[F, All] : Found)
    remark(*F, All);
  // LLVM makes a loop of a function that has no object to fill.
  Found.remove_if([&](auto &Each) {
    Function *F = Each.first;
    return !Holes.contains(F) && none_of(Each.second, [&](const TailArm &A) {
      return A.fills() && (becomesLoop(*F, A) || Holes.contains(A.Call->getCalledFunction()));
    });
  });
  if (Found.empty() && Holes.empty())
    return false;
  for (Function &F : make_early_inc_range(M))
    if (auto Its = Holes.find(&F); Its != Holes.end()) {
      Its->second = declareWithHole(F, R);
      Found.insert({&F, {}});
    }
  for (auto &[F, All] : Found) {
    Function *New = withHole(F);
    if (New)
      takeBody(*F, *New);
    write(New ? *New : *F, *F, All);
    if (New)
      callWithRoot(*F, *New);
  }
  return true;
}

bool cairn::makeTailLoops(Module &M, FunctionAnalysisManager &FAM) {
  return TailLoops(M, FAM).run();
}

PreservedAnalyses TailConstructorPass::run(Module &M, ModuleAnalysisManager &MAM) {
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  return makeTailLoops(M, FAM) ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
