//===- OutlineRest.cpp - cairn-rest: the end of a recursion apart *- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The *rest* of a call is what can be reached from behind it: the end of its block, and blocks
// that nothing else leads to. Only a block that returns, and does nothing besides, may be shared
// with others; the rest gets a copy of it.
//
// LLVM makes a jump of a call in tail position if its arguments are in registers and the caller
// has no variable that the callee might look at.
//
//===----------------------------------------------------------------------===//
#include "opt/OutlineRest.h"

#include "analysis/Recursion.h"
#include "ir/Managed.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-rest"

STATISTIC(NumRests, "Number of functions for what follows a recursion");

namespace {

/// Blocks that a rest may have.
constexpr unsigned kMostBlocks = 128;
/// Instructions of one that are moved.
constexpr unsigned kMostMoved = 2000;
/// Values that a rest gets as parameters: what has a register on all targets.
constexpr unsigned kMostParameters = 4;
constexpr unsigned kMostAddresses = 64;
/// Calls in a rest that may make a frame larger: what one alone needs is little.
constexpr unsigned kFewestCalls = 3;
/// Calls of the recursion in one function that are looked at.
constexpr unsigned kMostRecursions = 16;

class Outliner {
public:
  Outliner(Function &F, const Recursion &Calls, OptimizationRemarkEmitter &ORE)
      : F(F), M(*F.getParent()), Calls(Calls), ORE(ORE) {}
  bool run();

private:
  using Blocks = SmallSetVector<BasicBlock *, 16>;
  struct Rest {
    CallInst *Call = nullptr;
    Blocks Inside;                         ///< Without the end of the call's own block.
    SmallSetVector<Value *, 4> Parameters; ///< Values from before.
    /// Addresses from before, which the rest computes again, each behind the one it starts from.
    SmallSetVector<GetElementPtrInst *, 4> Addresses;
    bool needs(Value *V);
  };

  std::optional<Rest> restOf(CallInst &Call, const char *&Why) const;
  bool mayMove(const Instruction &I) const;
  BasicBlock *copyReturn(BasicBlock &Block, const Rest &R) const;
  Function *declare(const Rest &R) const;
  void moveDebugInfo(Function &New, const Rest &R) const;
  void outline(Rest &R);

  Function &F;
  Module &M;
  const Recursion &Calls;
  OptimizationRemarkEmitter &ORE;
};

} // namespace

/// Whether a block returns, and does nothing besides.
static bool onlyReturns(const BasicBlock &Block) {
  return isa<ReturnInst>(Block.getFirstNonPHIOrDbg());
}

/// False if there are too many.
bool Outliner::Rest::needs(Value *V) {
  SmallVector<GetElementPtrInst *, 4> Steps;
  while (auto *Step = dyn_cast<GetElementPtrInst>(V)) {
    if (!Step->hasAllConstantIndices() || Step->getType()->isVectorTy() ||
        isa<Constant>(Step->getPointerOperand()))
      break;
    Steps.push_back(Step);
    V = Step->getPointerOperand();
  }
  Addresses.insert(Steps.rbegin(), Steps.rend());
  Parameters.insert(V);
  return Parameters.size() <= kMostParameters && Addresses.size() <= kMostAddresses;
}

/// Whether a call needs registers that survive it, of whoever has values for afterwards.
static bool isHeavy(const Instruction &I) {
  auto *Call = dyn_cast<CallBase>(&I);
  if (!Call || isa<IntrinsicInst>(Call))
    return false;
  const ManagedInfo *Managed = calledManaged(*Call);
  return !Managed || Managed->allocates() || isOwnCell(&I) || isOwnTaggedCell(&I) ||
         Managed->ID == ManagedID::RefFreeCell || Managed->ID == ManagedID::RefDecref;
}

bool Outliner::mayMove(const Instruction &I) const {
  if (I.isEHPad() || I.getType()->isTokenTy())
    return false;
  if (I.isTerminator())
    return isa<BranchInst, SwitchInst, ReturnInst, UnreachableInst>(I);
  auto *Call = dyn_cast<CallInst>(&I);
  return !Call || (!Call->isMustTailCall() && !Call->isConvergent() && !Call->isInlineAsm() &&
                   !Call->hasOperandBundles());
}

std::optional<Outliner::Rest> Outliner::restOf(CallInst &Call, const char *&Why) const {
  Rest R;
  R.Call = &Call;
  unsigned Heavy = 0, Moved = 0;
  auto Look = [&](const Instruction &I) {
    if (auto *Other = dyn_cast<CallBase>(&I); Other && Calls.isPartOf(*Other)) {
      Why = "another call of the recursion follows";
      return false;
    }
    Heavy += isHeavy(I);
    Why = "something behind it has its place in this function";
    return ++Moved <= kMostMoved && mayMove(I);
  };
  for (const Instruction *I = Call.getNextNode(); I; I = I->getNextNode())
    if (!Look(*I))
      return std::nullopt;
  SmallVector<BasicBlock *, 16> Work(successors(Call.getParent()));
  while (!Work.empty()) {
    BasicBlock *Block = Work.pop_back_val();
    if (!R.Inside.insert(Block))
      continue;
    Why = "it is too large";
    if (R.Inside.size() > kMostBlocks)
      return std::nullopt;
    Why = "something behind it has its place in this function";
    if (Block == Call.getParent() || Block->hasAddressTaken())
      return std::nullopt;
    for (const Instruction &I : *Block)
      if (!Look(I))
        return std::nullopt;
    Work.append(succ_begin(Block), succ_end(Block));
  }
  Why = "it is small";
  if (Heavy < kFewestCalls)
    return std::nullopt;
  Why = "other ways lead to what follows";
  auto IsInside = [&](const BasicBlock *Block) {
    return Block == Call.getParent() || R.Inside.contains(const_cast<BasicBlock *>(Block));
  };
  for (BasicBlock *Block : R.Inside)
    if (!onlyReturns(*Block) && !all_of(predecessors(Block), IsInside))
      return std::nullopt;
  // What comes from before.
  Why = "too many values are needed behind it";
  auto IsMoved = [&](const Instruction &I) {
    return I.getParent() == Call.getParent() ? Call.comesBefore(&I) : IsInside(I.getParent());
  };
  auto Ask = [&](const Instruction &I) {
    for (const Use &U : I.operands()) {
      if (auto *Phi = dyn_cast<PHINode>(&I); Phi && !IsInside(Phi->getIncomingBlock(U)))
        continue;
      Value *V = U.get();
      auto *Before = dyn_cast<Instruction>(V);
      if ((isa<Argument>(V) || (Before && !IsMoved(*Before))) && !R.needs(V))
        return false;
    }
    return true;
  };
  for (const Instruction *I = Call.getNextNode(); I; I = I->getNextNode())
    if (!Ask(*I))
      return std::nullopt;
  for (const BasicBlock *Block : R.Inside)
    for (const Instruction &I : *Block)
      if (!Ask(I))
        return std::nullopt;
  for (Value *V : R.Parameters)
    if (!V->getType()->isIntOrPtrTy())
      return std::nullopt;
  return R;
}

/// Gives the rest its own copy of a block that returns for others as well.
BasicBlock *Outliner::copyReturn(BasicBlock &Block, const Rest &R) const {
  auto *Copy = BasicBlock::Create(F.getContext(), Block.getName(), &F, &Block);
  IRBuilder<> B(Copy);
  ValueToValueMapTy Map;
  for (PHINode &Phi : Block.phis()) {
    PHINode *New = B.CreatePHI(Phi.getType(), Phi.getNumIncomingValues(), Phi.getName());
    for (unsigned N = 0; N != Phi.getNumIncomingValues(); ++N)
      if (R.Inside.contains(Phi.getIncomingBlock(N)))
        New->addIncoming(Phi.getIncomingValue(N), Phi.getIncomingBlock(N));
    Map[&Phi] = New;
  }
  Instruction *Return = Block.getTerminator()->clone();
  B.Insert(Return);
  RemapInstruction(Return, Map, RF_IgnoreMissingLocals | RF_NoModuleLevelChanges);
  for (BasicBlock *From : SmallVector<BasicBlock *, 8>(predecessors(&Block)))
    if (R.Inside.contains(From))
      Block.removePredecessor(From, /*KeepOneInputPHIs=*/true);
  for (BasicBlock *From : R.Inside)
    From->getTerminator()->replaceSuccessorWith(&Block, Copy);
  return Copy;
}

/// The new function, without a body.
Function *Outliner::declare(const Rest &R) const {
  SmallVector<Type *, kMostParameters> Types;
  for (const Value *V : R.Parameters)
    Types.push_back(V->getType());
  auto *New =
      Function::Create(FunctionType::get(F.getReturnType(), Types, false),
                       GlobalValue::InternalLinkage, F.getAddressSpace(), F.getName() + ".rest");
  M.getFunctionList().insertAfter(F.getIterator(), New);
  New->setCallingConv(F.getCallingConv());
  const AttributeList Its = F.getAttributes();
  AttrBuilder Attributes(F.getContext(), Its.getFnAttrs());
  Attributes.removeAttribute(Attribute::AlwaysInline).removeAttribute(Attribute::InlineHint);
  // These speak of parameters, which are others now.
  Attributes.removeAttribute(Attribute::AllocSize).removeAttribute(Attribute::AllocKind);
  Attributes.addAttribute(Attribute::NoInline);
  New->setAttributes(AttributeList::get(
      F.getContext(), AttributeSet::get(F.getContext(), Attributes), Its.getRetAttrs(), {}));
  New->setSection(F.getSection());
  New->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  return New;
}

/// Variables whose values are in another function now have none that a debugger could show.
static void forgetOthers(Function &F) {
  auto IsElsewhere = [&](const Value *V) {
    auto *I = dyn_cast_or_null<Instruction>(V);
    auto *A = dyn_cast_or_null<Argument>(V);
    return (I && I->getFunction() != &F) || (A && A->getParent() != &F);
  };
  for (Instruction &I : instructions(F))
    for (DbgVariableRecord &Variable : filterDbgVars(I.getDbgRecordRange())) {
      if (any_of(Variable.location_ops(), IsElsewhere))
        Variable.setKillLocation();
      if (Variable.isDbgAssign() && IsElsewhere(Variable.getAddress()))
        Variable.setKillAddress();
    }
}

/// Instructions keep their lines: they are inlined into the new function, so to say.
void Outliner::moveDebugInfo(Function &New, const Rest &R) const {
  DISubprogram *Of = F.getSubprogram();
  if (!Of)
    return;
  LLVMContext &C = F.getContext();
  DIBuilder Builder(M, false, Of->getUnit());
  DISubprogram *Its = Builder.createFunction(
      Of->getUnit(), New.getName(), New.getName(), Of->getFile(), Of->getLine(),
      Builder.createSubroutineType(Builder.getOrCreateTypeArray({})), Of->getLine(),
      DINode::FlagArtificial,
      DISubprogram::SPFlagDefinition | DISubprogram::SPFlagOptimized |
          DISubprogram::SPFlagLocalToUnit);
  New.setSubprogram(Its);
  Builder.finalizeSubprogram(Its);
  const DebugLoc &At = R.Call->getDebugLoc();
  DILocation *Into = DILocation::getDistinct(C, At ? At.getLine() : 0, 0, Its);
  DenseMap<const MDNode *, MDNode *> Cache;
  auto Moved = [&](const DebugLoc &Old) -> DebugLoc {
    if (!Old)
      return Old;
    return DILocation::get(C, Old.getLine(), Old.getCol(), Old.getScope(),
                           DebugLoc::appendInlinedAt(Old, Into, C, Cache), Old.isImplicitCode());
  };
  for (Instruction &I : instructions(New)) {
    I.setDebugLoc(Moved(I.getDebugLoc()));
    updateLoopMetadataDebugLocations(I, [&](Metadata *Old) -> Metadata * {
      if (auto *Location = dyn_cast_or_null<DILocation>(Old))
        return Moved(Location).get();
      return Old;
    });
    for (DbgRecord &Record : I.getDbgRecordRange()) {
      Record.setDebugLoc(Moved(Record.getDebugLoc()));
      auto *Variable = dyn_cast<DbgVariableRecord>(&Record);
      for (auto [V, A] : zip_equal(R.Parameters, make_pointer_range(New.args())))
        if (Variable && is_contained(Variable->location_ops(), V))
          Variable->replaceVariableLocationOp(V, A);
    }
  }
  forgetOthers(New);
  forgetOthers(F);
}

void Outliner::outline(Rest &R) {
  BasicBlock *Block = R.Call->getParent();
  BasicBlock::iterator First = R.Call->getNextNode()->getIterator();
  First.setHeadBit(true); // with the debug records before it
  BasicBlock *Start = Block->splitBasicBlock(First, "rest");
  R.Inside.insert(Start);
  SmallVector<BasicBlock *, 4> Shared;
  for (BasicBlock *Each : R.Inside)
    if (Each != Start &&
        any_of(predecessors(Each), [&](BasicBlock *From) { return !R.Inside.contains(From); }))
      Shared.push_back(Each);
  for (BasicBlock *Each : Shared)
    R.Inside.remove(Each);
  for (BasicBlock *Each : Shared)
    R.Inside.insert(copyReturn(*Each, R));

  Function *New = declare(R);
  New->splice(New->end(), &F, Start->getIterator());
  for (BasicBlock *Each : R.Inside)
    if (Each != Start)
      New->splice(New->end(), &F, Each->getIterator());
  for (GetElementPtrInst *Step : reverse(R.Addresses)) {
    Instruction *Again = Step->clone();
    Again->insertBefore(Start->getFirstInsertionPt());
    Step->replaceUsesWithIf(
        Again, [&](const Use &U) { return cast<Instruction>(U.getUser())->getFunction() == New; });
  }
  for (auto [V, A] : zip_equal(R.Parameters, make_pointer_range(New->args()))) {
    A->setName(V->getName());
    V->replaceUsesWithIf(
        A, [&](const Use &U) { return cast<Instruction>(U.getUser())->getFunction() == New; });
  }
  moveDebugInfo(*New, R);

  Instruction *End = Block->getTerminator();
  IRBuilder<> B(End);
  B.SetCurrentDebugLocation(R.Call->getDebugLoc());
  CallInst *Tail = B.CreateCall(New, R.Parameters.getArrayRef());
  Tail->setCallingConv(New->getCallingConv());
  Tail->setTailCall();
  if (Tail->getType()->isVoidTy())
    B.CreateRetVoid();
  else
    B.CreateRet(Tail);
  End->eraseFromParent();
  ++NumRests;
}

/// Whether a call in tail position becomes a jump, and the function may be divided at all.
static bool mayBeDivided(const Function &F) {
  return !F.isVarArg() && !F.hasMinSize() && !F.hasAvailableExternallyLinkage() &&
         !F.hasFnAttribute(Attribute::Naked) && !F.isPresplitCoroutine() &&
         F.getFnAttribute("disable-tail-calls").getValueAsString() != "true" &&
         !F.callsFunctionThatReturnsTwice() &&
         none_of(F.args(),
                 [](const Argument &A) {
                   return A.hasPointeeInMemoryValueAttr() || A.hasSwiftErrorAttr() ||
                          A.hasNestAttr();
                 }) &&
         none_of(instructions(F), [](const Instruction &I) { return isa<AllocaInst>(I); });
}

bool Outliner::run() {
  SmallVector<CallInst *> Recursions;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I); Call && Calls.isPartOf(*Call))
      Recursions.push_back(Call);
  if (Recursions.empty() || Recursions.size() > kMostRecursions || !mayBeDivided(F))
    return false;
  bool Changed = false;
  for (CallInst *Call : Recursions) {
    const char *Why = "";
    std::optional<Rest> R;
    if (!Call->isMustTailCall())
      R = restOf(*Call, Why);
    if (!R) {
      ORE.emit([&] {
        return OptimizationRemarkMissed(DEBUG_TYPE, "InFrame", Call)
               << "what follows the call stays in the frame: " << Why;
      });
      continue;
    }
    ORE.emit([&] {
      return OptimizationRemark(DEBUG_TYPE, "Rest", Call)
             << "what follows the call of " << ore::NV("Callee", Call->getCalledFunction())
             << " is a function of its own";
    });
    outline(*R);
    Changed = true;
  }
  return Changed;
}

bool cairn::outlineRests(Function &F, const Recursion &Calls, FunctionAnalysisManager &FAM) {
  if (F.isDeclaration() || F.hasOptNone() || !F.hasFnAttribute(kCountsInserted) || !Calls.has(F) ||
      Triple(F.getParent()->getTargetTriple()).isWasm())
    return false;
  return Outliner(F, Calls, FAM.getResult<OptimizationRemarkEmitterAnalysis>(F)).run();
}

PreservedAnalyses OutlineRestPass::run(Module &M, ModuleAnalysisManager &MAM) {
  auto &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  const Recursion Calls(M);
  SmallVector<Function *> Before;
  for (Function &F : M)
    Before.push_back(&F);
  bool Changed = false;
  for (Function *F : Before)
    Changed |= outlineRests(*F, Calls, FAM);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
