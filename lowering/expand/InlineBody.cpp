//===- InlineBody.cpp - A fast path's body in place of its call --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/InlineBody.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Analysis/InstructionSimplify.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

/// Whether an operand may make \p I, which was just copied, something simpler.
static bool maySimplify(const Instruction &I) {
  if (auto *Load = dyn_cast<LoadInst>(&I)) // of a table
    return isa<Constant>(Load->getPointerOperand());
  if (isa<CallInst>(I))
    return isa<IntrinsicInst>(I);
  return !isa<StoreInst, FenceInst>(I);
}

InlineBody::InlineBody(Function &F) : F(F) { IsPlain = prepare(); }

/// What LLVM adds to the calls of a body, if its arguments or its call have such attributes.
static bool haveAttributesToPropagate(const Function &F) {
  return any_of(F.args(), [](const Argument &A) {
    return A.hasByValAttr() || A.hasStructRetAttr() || A.hasInAllocaAttr() ||
           A.hasPreallocatedAttr() || A.hasNoAliasAttr();
  });
}

static bool hasReadOnlyParameter(const Function &F) {
  return any_of(F.args(), [](const Argument &A) { return A.onlyReadsMemory(); });
}

static bool isCallOfBody(const CallInst &Call) {
  const Function *Callee = Call.getCalledFunction();
  return Callee && !Callee->isDeclaration();
}

static bool isCopiable(const Instruction &I) {
  if (I.getDebugLoc() || I.hasDbgRecords())
    return false;
  if (I.isTerminator())
    return isa<BranchInst, ReturnInst>(I);
  // A call of another fast path is replaced in the body itself, which must not change then.
  if (auto *Call = dyn_cast<CallInst>(&I))
    return !isCallOfBody(*Call) && !Call->isMustTailCall() && !Call->hasOperandBundles() &&
           !isa<AssumeInst>(Call);
  return !isa<AllocaInst>(I) && !I.isEHPad();
}

bool InlineBody::prepare() {
  if (F.isVarArg() || F.hasGC() || F.hasPersonalityFn() || F.getSubprogram() ||
      haveAttributesToPropagate(F))
    return false;
  DenseMap<const BasicBlock *, unsigned> Order;
  for (BasicBlock &B : F)
    Order.try_emplace(&B, unsigned(Order.size()));
  DenseMap<const Value *, unsigned> Places;
  for (Argument &A : F.args())
    Places.try_emplace(&A, unsigned(Places.size()));
  for (BasicBlock &B : F) {
    Blocks.push_back({&B, unsigned(Steps.size()), 0});
    for (Instruction &I : B) {
      if (!isCopiable(I))
        return false;
      if (auto *Call = dyn_cast<CallInst>(&I)) {
        if (!isa<IntrinsicInst>(Call) && hasReadOnlyParameter(F))
          return false;
        if (F.doesNotThrow())
          Call->setDoesNotThrow();
      }
      const unsigned First = unsigned(Operands.size());
      // A value of a block that comes later has no place yet. No φ can have one: there are no
      // loops.
      if (!isa<PHINode>(I))
        for (Use &U : I.operands()) {
          if (auto Found = Places.find(U); Found != Places.end())
            Operands.push_back({U.getOperandNo(), Found->second});
          else if (isa<Instruction>(U))
            return false;
        }
      Places.try_emplace(&I, unsigned(Places.size()));
      Steps.push_back({&I, First, unsigned(Operands.size())});
    }
    Blocks.back().EndStep = unsigned(Steps.size());
    const Instruction *End = B.getTerminator();
    if (B.hasAddressTaken() || isa<ReturnInst>(End) != (&B == &F.back()))
      return false;
    for (unsigned N = 0; N != End->getNumSuccessors(); ++N)
      if (Order.lookup(End->getSuccessor(N)) <= Order.lookup(&B) ||
          (N && End->getSuccessor(N) == End->getSuccessor(0)))
        return false;
  }
  return true;
}

bool InlineBody::isForLLVM(const CallInst &Call) const {
  return !IsPlain || Call.hasOperandBundles() || !Call.getAttributes().isEmpty() ||
         Call.getFunction()->hasFnAttribute(Attribute::StrictFP);
}

/// The place in the source of what takes the place of \p Call. What a debugger takes for one
/// step together with the call is said of the call alone.
static DebugLoc placeOfInlined(const CallInst &Call) {
  const DILocation *At = Call.getDebugLoc().get();
  return At ? DILocation::get(At->getContext(), At->getLine(), At->getColumn(), At->getScope(),
                              At->getInlinedAt(), At->isImplicitCode())
            : nullptr;
}

/// Blocks are named by their numbers in the body.
class InlineBody::Copy {
public:
  Copy(const InlineBody &Body, CallInst &Call)
      : Body(Body), Call(Call), Before(Call.getParent()), Caller(*Before->getParent()),
        Query(Caller.getDataLayout()), Loc(placeOfInlined(Call)),
        Values(Body.F.arg_size() + Body.Steps.size()), Copies(Body.Blocks.size()) {}
  void run();

private:
  struct Edge {
    unsigned From, To;
    bool Alone; ///< No other goes out of From, where the branch is not written yet.
  };

  void split();
  /// Makes `Copies[N]` for the code of block \p N; false if control does not get there.
  bool enter(unsigned N);
  void copySteps(unsigned N);
  void copyPhi(PHINode &Phi, unsigned N, unsigned Place);
  void leave(unsigned N);
  void finish(const ReturnInst &Return, BasicBlock *In);

  /// The copy's value of \p V.
  Value *valueOf(Value *V) const;
  unsigned numberOf(const BasicBlock *B) const;
  template <typename InstT> InstT *append(InstT *I, BasicBlock *To) {
    // The call is behind what is copied to its block.
    I->insertInto(To, Call.getParent() == To ? Call.getIterator() : To->end());
    if (Loc)
      I->setDebugLoc(Loc);
    return I;
  }

  const InlineBody &Body;
  CallInst &Call;
  BasicBlock *const Before;    ///< Where the call was; the first block is copied to its end.
  BasicBlock *After = nullptr; ///< Begins with the call, and is there if there is a branch.
  Function &Caller;
  const SimplifyQuery Query;
  const DebugLoc Loc;
  SmallVector<Value *, 64> Values;
  SmallVector<BasicBlock *, 16> Copies; ///< Where a block's code ends; null: nowhere.
  SmallVector<Edge, 24> Edges;
  SmallVector<BranchInst *, 8> Branches; ///< Copies that lead to the body's blocks still.
};

/// There are few.
unsigned InlineBody::Copy::numberOf(const BasicBlock *B) const {
  return unsigned(find_if(Body.Blocks, [&](const Block &In) { return In.B == B; }) -
                  Body.Blocks.begin());
}

Value *InlineBody::Copy::valueOf(Value *V) const {
  if (auto *A = dyn_cast<Argument>(V))
    return Values[A->getArgNo()];
  if (auto *I = dyn_cast<Instruction>(V)) {
    const Block &In = Body.Blocks[numberOf(I->getParent())];
    for (unsigned N = In.FirstStep; N != In.EndStep; ++N)
      if (Body.Steps[N].I == I)
        return Values[Body.F.arg_size() + N];
  }
  return V;
}

void InlineBody::Copy::split() {
  After = Before->splitBasicBlock(Call.getIterator(), Body.F.getName() + ".exit");
  Before->getTerminator()->eraseFromParent();
}

bool InlineBody::Copy::enter(unsigned N) {
  if (N == 0) {
    Copies[0] = Before;
    return true;
  }
  const auto In = make_filter_range(Edges, [=](const Edge &E) { return E.To == N; });
  if (In.empty())
    return false;
  const Edge &First = *In.begin();
  if (First.Alone && std::next(In.begin()) == In.end()) {
    Copies[N] = Copies[First.From];
    return true;
  }
  const BasicBlock &Old = *Body.Blocks[N].B;
  if (isa<ReturnInst>(Old.getTerminator()))
    Copies[N] = After;
  else
    Copies[N] = BasicBlock::Create(Caller.getContext(),
                                   Old.hasName() ? Old.getName() + ".i" : Twine(), &Caller, After);
  for (const Edge &E : In)
    if (E.Alone)
      append(BranchInst::Create(Copies[N]), Copies[E.From]);
  return true;
}

void InlineBody::Copy::copyPhi(PHINode &Phi, unsigned N, unsigned Place) {
  SmallVector<std::pair<Value *, BasicBlock *>, 4> In;
  for (unsigned I = 0; I != Phi.getNumIncomingValues(); ++I) {
    const unsigned From = numberOf(Phi.getIncomingBlock(I));
    if (any_of(Edges, [=](const Edge &E) { return E.From == From && E.To == N; }))
      In.emplace_back(valueOf(Phi.getIncomingValue(I)), Copies[From]);
  }
  if (In.size() == 1) {
    Values[Place] = In.front().first;
    return;
  }
  auto *New = append(PHINode::Create(Phi.getType(), unsigned(In.size())), Copies[N]);
  for (auto [Value, From] : In)
    New->addIncoming(Value, From);
  Values[Place] = New;
}

void InlineBody::Copy::copySteps(unsigned N) {
  const auto Most = Call.isTailCall() ? CallInst::TCK_Tail : CallInst::TCK_None;
  const Block &Old = Body.Blocks[N];
  for (unsigned S = Old.FirstStep; S != Old.EndStep - 1; ++S) {
    const Step &Now = Body.Steps[S];
    const unsigned Place = unsigned(Body.F.arg_size()) + S;
    if (auto *Phi = dyn_cast<PHINode>(Now.I)) {
      copyPhi(*Phi, N, Place);
      continue;
    }
    Instruction *New = append(Now.I->clone(), Copies[N]);
    if (Now.I->hasName())
      New->setName(Now.I->getName() + ".i");
    for (unsigned O = Now.FirstOperand; O != Now.EndOperand; ++O)
      New->setOperand(Body.Operands[O].Number, Values[Body.Operands[O].Value]);
    Values[Place] = New;
    // Where the call is not the last thing that its function does, neither are the body's.
    if (auto *Inner = dyn_cast<CallInst>(New); Inner && !Inner->isNoTailCall())
      Inner->setTailCallKind(std::min(Most, Inner->getTailCallKind()));
    if (!maySimplify(*New))
      continue;
    if (Value *Simple = simplifyInstruction(New, Query)) {
      Values[Place] = Simple;
      if (isInstructionTriviallyDead(New))
        New->eraseFromParent();
    }
  }
}

void InlineBody::Copy::leave(unsigned N) {
  Instruction *End = Body.Steps[Body.Blocks[N].EndStep - 1].I;
  if (auto *Return = dyn_cast<ReturnInst>(End))
    return finish(*Return, Copies[N]);
  auto *Branch = cast<BranchInst>(End);
  if (Branch->isUnconditional()) {
    Edges.push_back({N, numberOf(Branch->getSuccessor(0)), true});
    return;
  }
  Value *Condition = valueOf(Branch->getCondition());
  if (auto *Known = dyn_cast<ConstantInt>(Condition)) {
    Edges.push_back({N, numberOf(Branch->getSuccessor(Known->isZero())), true});
    return;
  }
  if (!After)
    split();
  auto *New = append(cast<BranchInst>(Branch->clone()), Copies[N]);
  New->setCondition(Condition);
  Branches.push_back(New);
  for (const BasicBlock *To : Branch->successors())
    Edges.push_back({N, numberOf(To), false});
}

/// \p In: where the last block was copied to.
void InlineBody::Copy::finish(const ReturnInst &Return, BasicBlock *In) {
  for (BranchInst *Branch : Branches)
    for (unsigned I : {0, 1})
      Branch->setSuccessor(I, Copies[numberOf(Branch->getSuccessor(I))]);
  if (In != Call.getParent()) {
    In->replaceAllUsesWith(After);
    After->splice(After->begin(), In);
    In->eraseFromParent();
  }
  if (!Call.use_empty())
    Call.replaceAllUsesWith(valueOf(Return.getReturnValue()));
  Call.eraseFromParent();
}

void InlineBody::Copy::run() {
  for (auto [N, Argument] : enumerate(Call.args()))
    Values[N] = Argument;
  for (unsigned N = 0; N != Body.Blocks.size(); ++N)
    if (enter(N)) {
      copySteps(N);
      leave(N);
    }
}

const char *InlineBody::inlineAt(CallInst &Call) {
  if (isForLLVM(Call)) {
    InlineFunctionInfo Info;
    InlineResult Result = InlineFunction(Call, Info);
    return Result.isSuccess() ? nullptr : Result.getFailureReason();
  }
  Function &Caller = *Call.getFunction();
  if (Agreed.insert(&Caller).second)
    AttributeFuncs::mergeAttributesForInlining(Caller, F);
  Copy(*this, Call).run();
  return nullptr;
}
