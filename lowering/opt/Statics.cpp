//===- Statics.cpp - cairn-statics: constants that are no allocations --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of each allocation with a known type and tag, the stores that follow it in its block are
// collected. They must come before every other use of the object, and all of them be constants,
// or choices between two by one condition. Then the object is built as a global. That may make
// constants of what is stored elsewhere, so all allocations are looked at until nothing changes.
//
//===----------------------------------------------------------------------===//
#include "opt/Statics.h"

#include "analysis/Mutations.h"
#include "cairn/abi.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

#include <map>

using namespace llvm;
using namespace cairn;

#define DEBUG_TYPE "cairn-statics"

STATISTIC(NumStatic, "Number of allocations that became static objects");
STATISTIC(NumObjects, "Number of static objects made");

/// An object with more stores, or more bytes, is not looked at.
constexpr unsigned kMostStores = 64;
constexpr uint64_t kMostBytes = 4096;

static constexpr const char *kSection = "cairn_static";
static constexpr const char *kBegin = "cairn_static_begin_"; ///< Of cairn/static.h.

namespace {

/// What is stored at an offset, if the condition holds and if it does not.
struct Piece {
  Constant *True = nullptr, *False = nullptr;
};
using Payload = std::map<uint64_t, Piece>;

/// An allocation that may become a constant.
struct Candidate {
  CallInst *Call;
  Descriptor Type;
  uint8_t Tag;
  Payload Contents = {};
  Value *Condition = nullptr;                 ///< Null: the contents do not depend on one.
  SmallVector<Instruction *, 4> Initial = {}; ///< The stores, in their order.
};

class Statics {
public:
  Statics(Module &M, FunctionAnalysisManager &FAM) : M(M), FAM(FAM), R(M), DL(M.getDataLayout()) {}
  bool run();

private:
  std::optional<Candidate> candidate(Instruction &I) const;
  bool readStores(Candidate &C) const;
  bool addStore(Candidate &C, StoreInst &Store) const;
  bool addPiece(Candidate &C, Value *V, uint64_t Offset) const;
  bool isUsedBefore(const Candidate &C, const Instruction &Last) const;
  bool isReadThroughSteps(const Candidate &C) const;
  Constant *objectOf(const Candidate &C, bool IfTrue);
  void replace(Candidate &C);
  bool look(Function &F, SmallVectorImpl<Candidate> &Found) const;
  void missed(const Candidate &C, const char *Why);

  Module &M;
  FunctionAnalysisManager &FAM;
  const References R;
  const DataLayout &DL;
  mutable Descriptors Types;
  std::map<std::pair<uint32_t, Constant *>, GlobalVariable *> Made;
};

} // namespace

std::optional<Candidate> Statics::candidate(Instruction &I) const {
  auto *Call = dyn_cast<CallInst>(&I);
  const ManagedInfo *Managed = Call ? calledManaged(*Call) : nullptr;
  if (!Managed || (Managed->ID != ManagedID::New && Managed->ID != ManagedID::NewTagged))
    return std::nullopt;
  const DescriptorRead Read = Types.of(*Call);
  if (!Read.Known || Read.Known->HasFinalizer || !Read.Known->Meta ||
      Read.Known->Meta & (kMetaRegistered | kMetaArray) || Read.Known->Size > kMostBytes)
    return std::nullopt;
  Candidate C{Call, *Read.Known, 0};
  if (Managed->ID == ManagedID::NewTagged) {
    auto *Tag = dyn_cast<ConstantInt>(Call->getArgOperand(1));
    if (!Tag)
      return std::nullopt;
    C.Tag = uint8_t(Tag->getZExtValue());
  }
  return C;
}

/// What \p V is if \p Condition, which is found, holds, and if not: a constant, a choice between
/// two, or a cast of one. Null if it is something else.
static Piece pieceOf(Value *V, Value *&Condition, const DataLayout &DL) {
  if (auto *K = dyn_cast<Constant>(V))
    return {K, K};
  if (V->getType()->isIntegerTy(1) && !isa<CastInst>(V)) {
    Condition = V;
    return {ConstantInt::getTrue(V->getType()), ConstantInt::getFalse(V->getType())};
  }
  if (auto *Select = dyn_cast<SelectInst>(V)) {
    auto *True = dyn_cast<Constant>(Select->getTrueValue());
    auto *False = dyn_cast<Constant>(Select->getFalseValue());
    Condition = Select->getCondition();
    return True && False && Condition->getType()->isIntegerTy(1) ? Piece{True, False} : Piece();
  }
  auto *Cast = dyn_cast<CastInst>(V);
  const Piece From = Cast && Cast->getType()->isIntOrIntVectorTy()
                         ? pieceOf(Cast->getOperand(0), Condition, DL)
                         : Piece();
  if (!From.True)
    return {};
  auto Fold = [&](Constant *K) {
    return ConstantFoldCastOperand(Cast->getOpcode(), K, Cast->getType(), DL);
  };
  const Piece Folded{Fold(From.True), Fold(From.False)};
  return Folded.True && Folded.False ? Folded : Piece();
}

bool Statics::addPiece(Candidate &C, Value *V, uint64_t Offset) const {
  Value *Condition = nullptr;
  const Piece P = pieceOf(V, Condition, DL);
  if (!P.True || (Condition && C.Condition && C.Condition != Condition))
    return false;
  const uint64_t Size = DL.getTypeStoreSize(V->getType()).getKnownMinValue();
  auto After = C.Contents.lower_bound(Offset);
  const auto Ends = [&](const auto &At) {
    return At.first + DL.getTypeStoreSize(At.second.True->getType()).getKnownMinValue();
  };
  // What overlaps in another way is too strange.
  if (After != C.Contents.end() && After->first < Offset + Size &&
      (After->first != Offset || Ends(*After) != Offset + Size))
    return false;
  if (After != C.Contents.begin() && Ends(*std::prev(After)) > Offset)
    return false;
  C.Condition = Condition ? Condition : C.Condition;
  C.Contents[Offset] = P;
  return true;
}

bool Statics::addStore(Candidate &C, StoreInst &Store) const {
  APInt Offset(DL.getIndexTypeSizeInBits(Store.getPointerOperandType()), 0);
  const Value *Base =
      Store.getPointerOperand()->stripAndAccumulateConstantOffsets(DL, Offset, true);
  Type *T = Store.getValueOperand()->getType();
  if (Base != C.Call || Offset.isNegative() || !Store.isSimple() || T->isAggregateType() ||
      isa<ScalableVectorType>(T))
    return false;
  const uint64_t At = Offset.getZExtValue();
  return At + DL.getTypeStoreSize(T) <= C.Type.Size && R.is(T) == C.Type.isField(At) &&
         addPiece(C, Store.getValueOperand(), At);
}

/// Whether the object is used by anything but its stores before \p Last, the last of them.
bool Statics::isUsedBefore(const Candidate &C, const Instruction &Last) const {
  SmallVector<const Value *, 4> Work{C.Call};
  while (!Work.empty())
    for (const User *U : Work.pop_back_val()->users()) {
      const auto *I = cast<Instruction>(U);
      if (isa<GetElementPtrInst>(I) && I->getOperand(0)->getType() == I->getType()) {
        Work.push_back(I);
        continue;
      }
      // What is in another block comes after the end of this one.
      if (I->getParent() == Last.getParent() && !is_contained(C.Initial, I) && !isa<PHINode>(I) &&
          I->comesBefore(&Last))
        return true;
    }
  return false;
}

/// Whether anything but the stores uses an address that is computed from the object.
bool Statics::isReadThroughSteps(const Candidate &C) const {
  SmallVector<const Value *, 4> Work;
  auto AddSteps = [&](const Value *V) {
    for (const User *U : V->users())
      if (isa<GetElementPtrInst>(U))
        Work.push_back(U);
  };
  AddSteps(C.Call);
  while (!Work.empty()) {
    const Value *Step = Work.pop_back_val();
    AddSteps(Step);
    if (any_of(Step->users(), [&](const User *U) {
          return !isa<GetElementPtrInst>(U) && !is_contained(C.Initial, U);
        }))
      return true;
  }
  return false;
}

bool Statics::readStores(Candidate &C) const {
  SmallVector<Value *, 4> Work{C.Call};
  while (!Work.empty()) {
    Value *Pointer = Work.pop_back_val();
    for (Use &U : Pointer->uses()) {
      auto *I = cast<Instruction>(U.getUser());
      if (isa<GetElementPtrInst>(I) && Pointer->getType() == I->getType()) {
        Work.push_back(I);
      } else if (auto *Store = dyn_cast<StoreInst>(I)) {
        if (U.getOperandNo() != StoreInst::getPointerOperandIndex()) {
          // The object itself may be stored, but not a pointer into it.
          if (Pointer != C.Call)
            return false;
          continue;
        }
        if (Store->getParent() != C.Call->getParent() || C.Initial.size() == kMostStores)
          return false;
        C.Initial.push_back(Store);
      } else if (isa<LoadInst>(I)) {
        continue;
      } else if (Pointer != C.Call || isManaged(I, ManagedID::RefSetTag) ||
                 isa<MemIntrinsic, AtomicRMWInst, AtomicCmpXchgInst>(I)) {
        return false;
      }
    }
  }
  llvm::sort(C.Initial, [](Instruction *A, Instruction *B) { return A->comesBefore(B); });
  for (Instruction *Store : C.Initial)
    if (!addStore(C, *cast<StoreInst>(Store)))
      return false;
  if (C.Initial.empty())
    return true;
  // Nor has a choice an address before it is made.
  return !isUsedBefore(C, *C.Initial.back()) && !(C.Condition && isReadThroughSteps(C));
}

/// The static object of the contents, as a reference.
Constant *Statics::objectOf(const Candidate &C, bool IfTrue) {
  LLVMContext &Context = M.getContext();
  Type *Byte = Type::getInt8Ty(Context), *Word = Type::getInt32Ty(Context);
  SmallVector<Constant *, 8> Parts;
  uint64_t At = 0;
  auto PadTo = [&](uint64_t Offset) {
    if (Offset > At)
      Parts.push_back(ConstantAggregateZero::get(ArrayType::get(Byte, Offset - At)));
    At = Offset;
  };
  for (const auto &[Offset, P] : C.Contents) {
    Constant *V = IfTrue ? P.True : P.False;
    if (V->isNullValue()) // so are the gaps
      continue;
    PadTo(Offset);
    // As a plain pointer: what a static object refers to is not counted.
    if (R.is(V))
      V = isa<ConstantPointerNull, UndefValue>(V)
              ? Constant::getNullValue(PointerType::get(Context, 0))
              : cast<Constant>(V->stripPointerCasts());
    Parts.push_back(V);
    At += DL.getTypeStoreSize(V->getType());
  }
  PadTo(C.Type.Size);
  Constant *Contents = ConstantStruct::getAnon(Context, Parts, /*Packed=*/true);
  const uint32_t Meta = (C.Type.Meta & ~kMetaTagMask) | uint32_t(C.Tag) << kMetaTagShift;
  GlobalVariable *&G = Made[{Meta, Contents}];
  if (!G) {
    Constant *Header[] = {ConstantInt::get(Word, kStaticMark), ConstantInt::get(Word, C.Type.Size),
                          ConstantInt::get(Word, uint32_t(kImmortal)), ConstantInt::get(Word, Meta),
                          Contents};
    Constant *Object = ConstantStruct::getAnon(Context, Header, /*Packed=*/true);
    G = new GlobalVariable(M, Object->getType(), /*isConstant=*/false, GlobalValue::InternalLinkage,
                           Object, "cairn.constant");
    G->setSection(kSection);
    G->setAlignment(Align(16));
    ++NumObjects;
  }
  Constant *Start = ConstantExpr::getInBoundsGetElementPtr(
      Byte, G, ArrayRef<Constant *>{ConstantInt::get(Type::getInt64Ty(Context), kStaticPrefix)});
  return ConstantExpr::getAddrSpaceCast(Start, PointerType::get(Context, R.space()));
}

void Statics::replace(Candidate &C) {
  FAM.getResult<OptimizationRemarkEmitterAnalysis>(*C.Call->getFunction()).emit([&] {
    return OptimizationRemark(DEBUG_TYPE, "Static", C.Call)
           << "an allocation became "
           << (C.Condition ? "a choice between two static objects" : "a static object")
           << ": its contents are constants";
  });
  Value *New = objectOf(C, true);
  if (C.Condition) {
    // The condition may have been computed after the object was allocated.
    auto *Select = SelectInst::Create(C.Condition, New, objectOf(C, false), "constant",
                                      std::next(C.Initial.back()->getIterator()));
    Select->setDebugLoc(C.Call->getDebugLoc());
    New = Select;
  }
  for (Instruction *Store : C.Initial)
    Store->eraseFromParent();
  // Addresses that only the stores had.
  SmallVector<WeakTrackingVH, 4> Steps;
  for (User *U : C.Call->users())
    if (isa<GetElementPtrInst>(U))
      Steps.push_back(U);
  for (WeakTrackingVH &Step : Steps)
    RecursivelyDeleteTriviallyDeadInstructions(Step);
  for (User *U : make_early_inc_range(C.Call->users()))
    if (isManaged(U, ManagedID::RefTag)) {
      U->replaceAllUsesWith(ConstantInt::get(U->getType(), C.Tag));
      cast<Instruction>(U)->eraseFromParent();
    }
  C.Call->replaceAllUsesWith(New);
  C.Call->eraseFromParent();
  ++NumStatic;
}

bool Statics::look(Function &F, SmallVectorImpl<Candidate> &Found) const {
  for (Instruction &I : instructions(F))
    if (std::optional<Candidate> C = candidate(I); C && readStores(*C))
      Found.push_back(std::move(*C));
  return !Found.empty();
}

void Statics::missed(const Candidate &C, const char *Why) {
  FAM.getResult<OptimizationRemarkEmitterAnalysis>(*C.Call->getFunction()).emit([&] {
    return OptimizationRemarkMissed(DEBUG_TYPE, "NotStatic", C.Call)
           << "an allocation with constant contents is no static object: "
           << ore::NV("Reason", Why);
  });
}

bool Statics::run() {
  std::optional<Mutations> Changes;
  bool Changed = false;
  for (bool Again = true; std::exchange(Again, false);)
    for (Function &F : M) {
      SmallVector<Candidate> Found;
      if (F.isDeclaration() || F.hasFnAttribute(kCountsInserted) || F.hasOptNone() ||
          !look(F, Found))
        continue;
      if (!Changes)
        Changes.emplace(M, R);
      for (Candidate &C : Found)
        if (const char *Why = Changes->reason(C.Type)) {
          if (!Changed)
            missed(C, Why);
        } else {
          replace(C);
          Again = Changed = true;
        }
    }
  return Changed;
}

/// Adds what tells the library where the module's static objects are.
static void addConstructor(Module &M) {
  if (M.getFunction(kBegin))
    return;
  LLVMContext &Context = M.getContext();
  auto *Pointer = PointerType::get(Context, 0);
  auto Bound = [&](StringRef Name) {
    auto *G = cast<GlobalVariable>(M.getOrInsertGlobal(Name, Type::getInt8Ty(Context)));
    G->setLinkage(GlobalValue::ExternalWeakLinkage);
    G->setVisibility(GlobalValue::HiddenVisibility);
    return G;
  };
  GlobalVariable *From = Bound("__start_cairn_static"), *To = Bound("__stop_cairn_static");
  auto Add = [&](StringRef Name, StringRef Calls, Type *Result) {
    auto *F = Function::Create(FunctionType::get(Type::getVoidTy(Context), false),
                               GlobalValue::InternalLinkage, Name, M);
    F->addFnAttr(Attribute::NoUnwind);
    F->addFnAttr(kCountsInserted);
    IRBuilder<> B(BasicBlock::Create(Context, "", F));
    B.CreateCall(M.getOrInsertFunction(Calls, FunctionType::get(Result, {Pointer, Pointer}, false)),
                 {From, To});
    B.CreateRetVoid();
    return F;
  };
  appendToGlobalCtors(M, Add("cairn.static.begin", "cairn_static_add", Type::getInt1Ty(Context)),
                      101);
  if (!Triple(M.getTargetTriple()).isWasm()) // whose memory ends with the program
    appendToGlobalDtors(M, Add("cairn.static.end", "cairn_static_remove", Type::getVoidTy(Context)),
                        101);
}

PreservedAnalyses StaticsPass::run(Module &M, ModuleAnalysisManager &MAM) {
  const Triple Target(M.getTargetTriple());
  // Where the linker knows the bounds of a section.
  if (!Target.isOSBinFormatELF() && !Target.isOSBinFormatWasm())
    return PreservedAnalyses::all();
  FunctionAnalysisManager &FAM = MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  if (!Statics(M, FAM).run())
    return PreservedAnalyses::all();
  addConstructor(M);
  return PreservedAnalyses::none();
}
