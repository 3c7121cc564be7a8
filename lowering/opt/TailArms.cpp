//===- TailArms.cpp - Recursions whose result is returned in an object --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "opt/TailArms.h"

#include "analysis/Shapes.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-tail"

/// Instructions that are copied for one arm.
static constexpr unsigned kMostCopied = 32;
/// Calls of a function that are looked at for ways that part behind them.
static constexpr size_t kMostCalls = 64;
/// Uses of an object that are looked at.
static constexpr unsigned kMostUses = 64;

/// The cell or object whose memory \p Pointer lies in, if the function has made it or taken it
/// over; else null.
static const CallInst *ownMemory(const Value *Pointer) {
  auto *Call = dyn_cast<CallInst>(Pointer->stripInBoundsOffsets());
  const ManagedInfo *I = Call ? calledManaged(*Call) : nullptr;
  const bool Own = I && (isCell(Call) || I->ID == ManagedID::RefReuseCell || I->allocates());
  return Own ? Call : nullptr;
}

namespace {

/// Whether nobody but the function, and whom it returns to, can come to know an object.
class Unknown {
public:
  bool is(const Value &Object) { return Seen.contains(&Object) || (enter(Object) && walk()); }

private:
  bool enter(const Value &V) {
    if (Seen.insert(&V).second)
      Work.push_back(&V);
    return true;
  }
  bool walk();
  bool mayUse(const Use &U);

  SmallPtrSet<const Value *, 8> Seen;
  SmallVector<const Value *, 8> Work;
};

} // namespace

/// Whether a value is only returned, by itself or as a part of a structure.
static bool isReturned(const Instruction &I) {
  return all_of(I.users(), [](const User *By) {
    return isa<ReturnInst>(By) ||
           (isa<InsertValueInst>(By) && isReturned(*cast<InsertValueInst>(By)));
  });
}

bool Unknown::mayUse(const Use &U) {
  auto *I = cast<Instruction>(U.getUser());
  if (isa<GetElementPtrInst>(I))
    return enter(*I);
  if (isa<LoadInst, ICmpInst, ReturnInst>(I))
    return true;
  if (auto *Store = dyn_cast<StoreInst>(I)) {
    if (Store->getValueOperand() != U.get())
      return true;
    const CallInst *Holder = ownMemory(Store->getPointerOperand());
    return Holder && enter(*Holder);
  }
  if (isa<PHINode, InsertValueInst>(I))
    return isReturned(*I);
  auto *Call = dyn_cast<CallInst>(I);
  const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
  if (!Managed)
    return false;
  switch (Managed->ID) {
  case ManagedID::RefReuseCell: // under another name, with uses of its own
    return enter(*Call);
  case ManagedID::RefTag:
  case ManagedID::RefIncref:
  case ManagedID::RefFreeCell:
    return true;
  default:
    return false;
  }
}

bool Unknown::walk() {
  unsigned Left = kMostUses;
  while (!Work.empty())
    for (const Use &U : Work.pop_back_val()->uses())
      if (!Left-- || !mayUse(U))
        return false;
  return true;
}

/// Whether an instruction may run before a call that it stands behind, if it needs nothing of it.
static bool mayMove(const Instruction &I) {
  if (isa<LoadInst, StoreInst>(I)) {
    const CallInst *Memory = ownMemory(getLoadStorePointerOperand(&I));
    // A cell that another function gets, on another way, is no more this one's.
    return Memory && (isCell(Memory) || Unknown().is(*Memory)) && !I.isVolatile() && !I.isAtomic();
  }
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

/// Whether \p I touches the field of an object, at an offset, that is filled later.
static bool touches(const Instruction &I, const Value &Object, uint64_t Offset,
                    const DataLayout &DL) {
  const Value *At = getLoadStorePointerOperand(&I);
  if (!At || At->stripInBoundsOffsets() != &Object)
    return false;
  const std::optional<uint64_t> Its = offsetIn(&Object, At, DL);
  const TypeSize Size = DL.getTypeStoreSize(getLoadStoreType(const_cast<Instruction *>(&I)));
  return !Its || Size.isScalable() ||
         (*Its < Offset + DL.getPointerSize() && Offset < *Its + Size.getFixedValue());
}

/// What is returned at the end of \p Block; null if that is not seen.
static Value *returnedFrom(const BasicBlock &Block) {
  if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator()))
    return Return->getReturnValue();
  const BasicBlock *Next = Block.getSingleSuccessor();
  const auto *Return = Next ? dyn_cast<ReturnInst>(Next->getFirstNonPHIOrDbg()) : nullptr;
  const auto *Phi = Return ? dyn_cast_or_null<PHINode>(Return->getReturnValue()) : nullptr;
  return Phi && Phi->getParent() == Next ? Phi->getIncomingValueForBlock(&Block) : nullptr;
}

static bool onlyReturns(const BasicBlock &Block) {
  return isa<ReturnInst>(Block.getFirstNonPHIOrDbg());
}

/// Whether a block may be copied to the end of one that goes to it: all in it may move, and what
/// it defines is used in it, or comes into phis from it.
static bool mayCopy(const BasicBlock &Block, unsigned &Left) {
  if (Block.hasAddressTaken() ||
      (!isa<ReturnInst>(Block.getTerminator()) && !Block.getSingleSuccessor()))
    return false;
  for (const Instruction &I : Block) {
    if (!isa<PHINode>(I) && !I.isTerminator() && !I.isDebugOrPseudoInst() &&
        (!mayMove(I) || !Left--))
      return false;
    for (const Use &U : I.uses()) {
      auto *User = cast<Instruction>(U.getUser());
      auto *Phi = dyn_cast<PHINode>(User);
      if ((Phi ? Phi->getIncomingBlock(U) : User->getParent()) != &Block)
        return false;
    }
  }
  return true;
}

/// Puts a copy of what \p Block goes to at its end.
static void copySuccessor(BasicBlock &Block) {
  BasicBlock &Next = *Block.getSingleSuccessor();
  Instruction *End = Block.getTerminator();
  ValueToValueMapTy Map;
  for (PHINode &Phi : Next.phis())
    Map[&Phi] = Phi.getIncomingValueForBlock(&Block);
  for (Instruction &I : make_range(Next.getFirstNonPHIIt(), Next.end())) {
    if (I.isDebugOrPseudoInst())
      continue;
    Instruction *Copy = I.clone();
    Copy->insertBefore(End->getIterator());
    Copy->setName(I.getName());
    RemapInstruction(Copy, Map, RF_IgnoreMissingLocals | RF_NoModuleLevelChanges);
    Map[&I] = Copy;
  }
  for (BasicBlock *After : successors(&Next))
    for (PHINode &Phi : After->phis()) {
      Value *V = Phi.getIncomingValueForBlock(&Next);
      auto Known = Map.find(V);
      Phi.addIncoming(Known == Map.end() ? V : static_cast<Value *>(Known->second), &Block);
    }
  Next.removePredecessor(&Block, /*KeepOneInputPHIs=*/true);
  End->dropDbgRecords();
  End->eraseFromParent();
}

/// Makes one block of what follows a call until the function returns, if that is little and may
/// move.
static void straighten(BasicBlock &Block) {
  SmallPtrSet<const BasicBlock *, 4> Seen{&Block};
  unsigned Left = kMostCopied;
  const BasicBlock *Last = &Block;
  unsigned Steps = 0;
  while (!isa<ReturnInst>(Last->getTerminator())) {
    Last = Last->getSingleSuccessor();
    if (!Last || !Seen.insert(Last).second)
      return;
    if (onlyReturns(*Last))
      break;
    if (!mayCopy(*Last, Left))
      return;
    ++Steps;
  }
  while (Steps--)
    if (!MergeBlockIntoPredecessor(Block.getSingleSuccessor()))
      copySuccessor(Block);
}

/// Whether \p I only takes the result of \p Call apart, or puts together what is returned.
static bool isOfResult(const Instruction &I, const CallInst &Call) {
  return isa<InsertValueInst>(I) || (isa<ExtractValueInst>(I) && I.getOperand(0) == &Call);
}

/// The references of what \p Call returns; nothing if one is not used just once.
static std::optional<SmallVector<Value *, 2>> partsOf(CallInst &Call, unsigned Count) {
  if (!Call.getType()->isStructTy() ||
      (Call.hasOneUse() && isa<ReturnInst, PHINode>(Call.user_back())))
    return Call.hasOneUse() ? std::optional(SmallVector<Value *, 2>{&Call}) : std::nullopt;
  SmallVector<Value *, 2> Parts(Count);
  for (User *U : Call.users()) {
    auto *Part = dyn_cast<ExtractValueInst>(U);
    if (!Part || Part->getNumIndices() != 1 || !Part->hasOneUse() || Parts[*Part->idx_begin()])
      return std::nullopt;
    Parts[*Part->idx_begin()] = Part;
  }
  return is_contained(Parts, nullptr) ? std::nullopt : std::optional(std::move(Parts));
}

/// Whether \p I may be on a way from the call to the end of an arm.
static bool mayFollow(const Instruction &I) {
  return isa<PHINode, InsertValueInst, ReturnInst>(I) || I.isDebugOrPseudoInst() || mayMove(I) ||
         (isa<BranchInst>(I) && cast<BranchInst>(I).isUnconditional());
}

/// Whether each way from \p Block may be the end of an arm.
static bool leadsToReturn(const BasicBlock *Block) {
  for (unsigned Steps = 0; Block && Steps != 8; ++Steps, Block = Block->getSingleSuccessor()) {
    if (!all_of(*Block, mayFollow))
      return false;
    if (isa<ReturnInst>(Block->getTerminator()))
      return true;
  }
  return false;
}

/// Where the ways part behind a call, and its result does not say which is taken, gives each way a
/// call of its own. Whether it did; \p Call is the first one then, and the other is \p Other.
static bool partWays(CallInst *&Call, CallInst *&Other) {
  BasicBlock &Block = *Call->getParent();
  auto *Branch = dyn_cast<BranchInst>(Block.getTerminator());
  if (!Branch || !Branch->isConditional() || Branch->getSuccessor(0) == Branch->getSuccessor(1) ||
      Call->isMustTailCall() || Call->hasOperandBundles())
    return false;
  BasicBlock *Ways[] = {Branch->getSuccessor(0), Branch->getSuccessor(1)};
  SmallVector<Instruction *, 4> Its{Call};
  for (Instruction *I = Call->getNextNode(); I != Branch; I = I->getNextNode())
    if (isa<ExtractValueInst>(I) && I->getOperand(0) == Call)
      Its.push_back(I);
    else if (!I->isDebugOrPseudoInst() && !mayMove(*I))
      return false;
  for (BasicBlock *Way : Ways)
    if (Way->getSinglePredecessor() != &Block || Way->isEHPad() || !leadsToReturn(Way))
      return false;
  for (Instruction *I : Its)
    for (const Use &U : I->uses()) {
      auto *User = cast<Instruction>(U.getUser());
      auto *Phi = dyn_cast<PHINode>(User);
      const BasicBlock *At = Phi ? Phi->getIncomingBlock(U) : User->getParent();
      if (At != Ways[0] && At != Ways[1] && !is_contained(Its, User))
        return false;
    }
  CallInst *Calls[2];
  for (unsigned N = 0; N != 2; ++N) {
    ValueToValueMapTy Map;
    Instruction *First = &*Ways[N]->getFirstInsertionPt();
    for (Instruction *I : Its) {
      Instruction *Copy = I->clone();
      Copy->insertBefore(First->getIterator());
      Copy->setName(I->getName());
      RemapInstruction(Copy, Map, RF_IgnoreMissingLocals | RF_NoModuleLevelChanges);
      Map[I] = Copy;
      I->replaceUsesWithIf(Copy, [&](Use &U) {
        auto *User = cast<Instruction>(U.getUser());
        auto *Phi = dyn_cast<PHINode>(User);
        return (Phi ? Phi->getIncomingBlock(U) : User->getParent()) == Ways[N];
      });
    }
    Calls[N] = cast<CallInst>(static_cast<Value *>(Map[Call]));
  }
  for (Instruction *I : reverse(Its))
    I->eraseFromParent();
  Call = Calls[0];
  Other = Calls[1];
  return true;
}

static std::optional<TailArm> armAt(CallInst &Call, const References &R, const char *&Why) {
  BasicBlock &Block = *Call.getParent();
  const Function &F = *Call.getFunction();
  const DataLayout &DL = F.getDataLayout();
  Why = "its result is not just put into a new object";
  if (Call.isMustTailCall() || Call.hasOperandBundles())
    return std::nullopt;
  const std::optional<SmallVector<Value *, 2>> Results =
      partsOf(Call, referencesIn(Call.getType(), R));
  if (!Results || any_of(*Results, [](const Value *V) {
        return !isa<StoreInst, PHINode, ReturnInst, InsertValueInst>(*V->user_begin());
      }))
    return std::nullopt;
  straighten(Block);
  Value *Returned = returnedFrom(Block);
  if (!Returned)
    return std::nullopt;
  TailArm A{&Call, {}, {}};
  for (unsigned N = 0; N != referencesIn(F.getReturnType(), R); ++N) {
    Value *Made = Returned;
    if (Returned != &Call && F.getReturnType()->isStructTy())
      Made = FindInsertedValue(Returned, N);
    A.Made.push_back(Made);
  }
  SmallVector<std::pair<const CallInst *, uint64_t>, 2> Fields;
  for (Value *Result : *Results) {
    if (Returned == &Call) {
      for (unsigned N = 0; N != A.Made.size(); ++N)
        A.Parts.push_back({nullptr, N});
      A.Made.assign(A.Made.size(), nullptr);
      break;
    }
    if (auto *Its = find(A.Made, Result); Its != A.Made.end()) {
      *Its = nullptr;
      A.Parts.push_back({nullptr, unsigned(Its - A.Made.begin())});
      continue;
    }
    auto *Store = dyn_cast<StoreInst>(*Result->user_begin());
    if (!Store || Store->getParent() != &Block || Store->getValueOperand() != Result ||
        !Store->isSimple())
      return std::nullopt;
    const CallInst *Object = ownMemory(Store->getPointerOperand());
    if (!Object || isCell(Object))
      return std::nullopt;
    const std::optional<uint64_t> Offset = offsetIn(Object, Store->getPointerOperand(), DL);
    if (!Offset)
      return std::nullopt;
    Fields.push_back({Object, *Offset});
    A.Parts.push_back({Store, 0});
  }
  Why = "what is returned is no new object";
  for (unsigned N = 0; N != A.Made.size(); ++N) {
    const bool OfResult =
        any_of(A.Parts, [&](const TailArm::Part &Each) { return !Each.Store && Each.As == N; });
    if (!OfResult && (!A.Made[N] || ((!ownMemory(A.Made[N]) || isCell(A.Made[N])) &&
                                     !(A.Made.size() > 1 && isa<ConstantPointerNull>(A.Made[N])))))
      return std::nullopt;
  }
  Why = "another function may know the object that gets its result";
  for (auto [Object, Offset] : Fields)
    if (!Unknown().is(*Object))
      return std::nullopt;
  Why = "something behind it cannot be done before";
  for (const Instruction *I = Call.getNextNode(); !I->isTerminator(); I = I->getNextNode()) {
    const bool Stores = any_of(A.Parts, [&](const TailArm::Part &Each) { return Each.Store == I; });
    if (!Stores && !I->isDebugOrPseudoInst() && !isOfResult(*I, Call) &&
        (!mayMove(*I) ||
         any_of(Fields, [&](auto &Field) { return touches(*I, *Field.first, Field.second, DL); })))
      return std::nullopt;
  }
  return A;
}

/// References of a structure whose places are passed.
static constexpr unsigned kMostReferences = 4;

unsigned cairn::referencesIn(const Type *T, const References &R) {
  if (R.is(T))
    return 1;
  const auto *Struct = dyn_cast<StructType>(T);
  const bool Fits = Struct && Struct->getNumElements() <= kMostReferences &&
                    all_of(Struct->elements(), [&](const Type *Each) { return R.is(Each); });
  return Fits ? Struct->getNumElements() : 0;
}

bool cairn::mayFillHole(const Function &F, const References &R) {
  // What would be released on the way out of an exception has no place in a loop.
  return referencesIn(F.getReturnType(), R) && resultOwnership(F, R) == Ownership::Owned &&
         F.doesNotThrow() && !F.isVarArg() && !F.hasFnAttribute(Attribute::Naked) &&
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

SmallVector<TailArm, 4> cairn::tailArms(Function &F, const References &R,
                                        function_ref<bool(const CallInst &)> IsWanted,
                                        OptimizationRemarkEmitter &ORE) {
  SmallVector<CallInst *, 8> Calls;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I); Call && IsWanted(*Call))
      Calls.push_back(Call);
  SmallVector<TailArm, 4> Arms;
  const bool May = !Calls.empty() && mayFillHole(F, R);
  for (size_t N = 0; N != Calls.size(); ++N) { // which grows
    CallInst *Call = Calls[N], *Other;
    if (May && N < kMostCalls && partWays(Call, Other))
      Calls.push_back(Other);
    const char *Why = "the function may throw, has variables of its own, or has a tail call";
    std::optional<TailArm> A = May ? armAt(*Call, R, Why) : std::nullopt;
    if (A)
      Arms.push_back(*A);
    else
      ORE.emit([&] {
        return OptimizationRemarkMissed(DEBUG_TYPE, "Recursion", Call)
               << "the call stays a recursion: " << Why;
      });
  }
  return Arms;
}

void cairn::finishBefore(const TailArm &A) {
  Instruction *I = A.Call->getNextNode();
  while (!I->isTerminator()) {
    Instruction *Next = I->getNextNode();
    if (!isOfResult(*I, *A.Call) &&
        none_of(A.Parts, [&](const TailArm::Part &Each) { return Each.Store == I; }))
      I->moveBefore(*A.Call->getParent(), A.Call->getIterator());
    I = Next;
  }
}
