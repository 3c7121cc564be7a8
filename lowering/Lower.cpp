//===- Lower.cpp - cairn-lower: expansion of the intrinsics -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In this order: stores of null into managed fields are made explicit, and those that
// the program overwrites are removed while the allocation still carries its
// attributes; then every call is planned, while what is known of its operands
// (non-null, fresh from an allocation) can still be seen; then all are replaced, the
// fast paths linked and inlined; then what was inferred from the intrinsics is
// forgotten, and the changed functions are cleaned up.
//
//===----------------------------------------------------------------------===//
#include "Lower.h"

#include "CleanUp.h"
#include "Descriptor.h"
#include "Diagnostics.h"
#include "Effects.h"
#include "Elide.h"
#include "FastPath.h"
#include "Fibers.h"
#include "Import.h"
#include "Intrinsics.h"
#include "NullFields.h"
#include "PlanCheck.h"
#include "Version.h"
#include "cairn/abi.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/SimplifyQuery.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Scalar/DeadStoreElimination.h"

#include <map>

using namespace llvm;
using namespace cairn;

namespace {

/// One call, and what is known at it before anything is replaced.
struct Site {
  CallInst *Call;
  const IntrinsicInfo *I;
  std::optional<Descriptor> Type;
  bool NonNull = false; ///< Of an operand that may be null.
  bool Leaf = false;    ///< decref: the operand is a fresh object without fields.
  /// Of a free or decref: the bin of the thread's that this function took the operand from.
  std::optional<unsigned> Own = std::nullopt;
};

class Lowering {
public:
  Lowering(Module &M, ModuleAnalysisManager &MAM, OptimizationLevel Level)
      : M(M), MAM(MAM), FAM(functionAnalyses()), Level(Level) {}

  bool run(const LoweringOptions &Options);

private:
  FunctionAnalysisManager &functionAnalyses() {
    return MAM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  }
  void prepare(Function &F);
  void plan(Function &F);
  void checkPlan() const; ///< In a debug build.
  void expand(const Site &S);
  Value *expandAlloc(IRBuilder<> &B, const Site &S);
  Value *expandBytes(IRBuilder<> &B, const Site &S, Value *Heap);
  Value *expandRaw(IRBuilder<> &B, const Site &S, Value *Heap);
  Value *expandOther(IRBuilder<> &B, const Site &S);
  Value *expandCall(IRBuilder<> &B, const Site &S);
  bool verify();

  /// A call of a fast path; integers are given the parameter's width.
  CallInst *call(IRBuilder<> &B, StringRef Name, ArrayRef<Value *> Args);
  Value *bins(IRBuilder<> &B, const Site &S);
  std::optional<unsigned> binOfAlloc(const CallInst &Alloc, const IntrinsicInfo &I) const;
  /// A free of a raw block that this function took from a bin.
  bool ownRaw(const Site &S) const {
    return S.Own && *S.Own < binOf(kObject, 0) && Paths->has("cairn_fast_free_own");
  }
  Value *number(uint64_t N) { return ConstantInt::get(Type::getInt64Ty(M.getContext()), N); }
  bool optimises(const Function &F) const {
    return Level != OptimizationLevel::O0 && !F.hasOptNone();
  }

  Module &M;
  ModuleAnalysisManager &MAM;
  FunctionAnalysisManager &FAM;
  OptimizationLevel Level;
  std::unique_ptr<FastPath> Paths;
  SmallVector<Site> Sites;
  std::map<const Function *, Expanded> Done;
  // Of the call that is being expanded.
  SmallVector<OperandBundleDef, 1> Bundles;
  bool Tail = false;
};

} // namespace

static SmallVector<CallInst *> intrinsicCalls(Function &F) {
  SmallVector<CallInst *> Calls;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I); Call && calledIntrinsic(*Call))
      Calls.push_back(Call);
  return Calls;
}

bool Lowering::run(const LoweringOptions &Options) {
  SmallVector<Function *> Work;
  for (Function &F : M)
    if (!F.isDeclaration() && !intrinsicCalls(F).empty())
      Work.push_back(&F);
  if (Work.empty())
    return false;
  Paths = FastPath::load(M, Options.BitcodePath);
  if (!Paths)
    return false;

  for (Function *F : Work)
    prepare(*F);
  for (Function *F : Work)
    plan(*F);
#if CAIRN_DEBUG
  checkPlan();
#endif
  for (const Site &S : Sites)
    expand(S);
  const bool Ok = Paths->inlineAll();
  for (Function *F : Work)
    if (Ok && mayChangeThread(*F))
      readThreadEachTime(*F);
  if (Ok && Options.RequireVersion)
    requireVersion(M);
  forgetEffects(M, Work, [&](const Function &F) {
    LibFunc Known;
    return FAM.getResult<TargetLibraryAnalysis>(*Work.front()).getLibFunc(F, Known);
  });
  // What whole-module alias analyses concluded is as old as the attributes.
  MAM.invalidate(M, PreservedAnalyses::none());
  functionAnalyses();
  for (Function *F : Work)
    if (Ok && optimises(*F))
      cleanUp(*F, FAM, Level, Done.find(F)->second);
  if (Ok)
    verify();
  return true;
}

/// Elides what can still be elided, and makes the null fields explicit.
void Lowering::prepare(Function &F) {
  bool Changed = false;
  if (optimises(F))
    Changed |= elideAllocations(F, FAM.getResult<OptimizationRemarkEmitterAnalysis>(F));
  bool Stores = false, Perhaps = false;
  for (CallInst *Call : intrinsicCalls(F)) {
    const IntrinsicInfo &I = *calledIntrinsic(*Call);
    if (!I.is(kTyped) || I.is(kArray))
      continue;
    DescriptorRead Read = descriptorOf(*Call);
    if (!Read.Known || Read.Known->Fields.empty())
      continue;
    const NullStores Added = storeNulls(*Call, Read.Known->Fields, I.is(kTry), optimises(F));
    Stores |= Added != NullStores::None;
    Perhaps |= Added == NullStores::Perhaps;
  }
  if (Changed || Stores)
    FAM.invalidate(F, PreservedAnalyses::none());
  if (Perhaps && optimises(F)) {
    FunctionPassManager FPM;
    FPM.addPass(DSEPass());
    FAM.invalidate(F, FPM.run(F, FAM));
  }
}

/// Whether what a call of the function allocates is its thread's when it is freed. A
/// coroutine or a fiber may go on in another thread.
static bool mayOwn(const Function &F) { return !F.isPresplitCoroutine() && !mayChangeThread(F); }

/// The bin of the default heap that an allocation is expanded to take from, if it takes
/// from one.
std::optional<unsigned> Lowering::binOfAlloc(const CallInst &Alloc, const IntrinsicInfo &I) const {
  if (!I.is(kAllocates) || I.is(kHeap) || I.is(kArray) || I.isCall())
    return std::nullopt;
  uint64_t Bytes;
  if (I.is(kTyped)) {
    auto Type = descriptorOf(Alloc).Known;
    if (!Type)
      return std::nullopt;
    Bytes = Type->slotBytes();
  } else {
    auto *C = dyn_cast<ConstantInt>(Alloc.getArgOperand(I.countArg()));
    if (!C || C->getValue().ugt(kMaxSmall))
      return std::nullopt;
    Bytes = C->getZExtValue() + (I.is(kBytes) ? kHeaderSize : 0);
  }
  if (Bytes > kMaxSmall)
    return std::nullopt;
  return binOf(I.is(kRawBlock) ? kRaw : kObject, classOf(Bytes));
}

/// The runtime writes the header word of a type that it must number into the descriptor, for
/// the expansion to read. A constant would lie in read-only memory; then every allocation
/// would look the number up. What a section's name says is the program's affair.
static void makeWritable(Value &Type) {
  auto *Descriptor = dyn_cast<GlobalVariable>(getUnderlyingObject(&Type, /*MaxLookup=*/0));
  if (Descriptor && Descriptor->hasInitializer() && !Descriptor->hasSection() &&
      !Descriptor->hasAvailableExternallyLinkage())
    Descriptor->setConstant(false);
}

void Lowering::plan(Function &F) {
  // Of a function that only allocates nothing is asked.
  auto IsNonNull = [&](const Value *V, CallInst *At) {
    return isKnownNonZero(V,
                          SimplifyQuery(M.getDataLayout(), &FAM.getResult<DominatorTreeAnalysis>(F),
                                        &FAM.getResult<AssumptionAnalysis>(F), At));
  };
  Expanded &In = Done.try_emplace(&F, Expanded(F)).first->second;
  for (CallInst *Call : intrinsicCalls(F)) {
    const IntrinsicInfo &I = *calledIntrinsic(*Call);
    Site S{Call, &I, std::nullopt};
    if (I.is(kTyped)) {
      S.Type = descriptorOf(*Call).Known;
      if (S.Type && !S.Type->Meta)
        makeWritable(*Call->getArgOperand(I.typeArg()));
    }
    In.add(*Call, I);
    if (!I.is(kAllocates) && !I.isCall()) {
      Value *Object = Call->getArgOperand(0);
      S.NonNull = !I.is(kRawBlock) && IsNonNull(Object, Call);
      auto *Alloc = dyn_cast<CallInst>(Object->stripPointerCasts());
      const IntrinsicInfo *From = Alloc ? calledIntrinsic(*Alloc) : nullptr;
      if (From && mayOwn(F))
        S.Own = binOfAlloc(*Alloc, *From);
      if (From && From->is(kTyped) && !From->is(kArray)) {
        auto Type = descriptorOf(*Alloc).Known;
        S.Leaf = Type && Type->isLeaf();
      } else if (From && From->is(kBytes)) {
        S.Leaf = isa<ConstantInt>(Alloc->getArgOperand(From->countArg()));
      }
    }
    Sites.push_back(std::move(S));
  }
}

void Lowering::checkPlan() const {
  SmallVector<PlannedCall> Plan;
  for (const Site &S : Sites)
    Plan.push_back({S.Call, S.I, S.Type, S.NonNull, S.Leaf, S.Own});
  if (std::string Wrong = wrongPlan(M, Plan); !Wrong.empty())
    report_fatal_error(Twine("cairn: assertion failed: ") + Wrong);
}

CallInst *Lowering::call(IRBuilder<> &B, StringRef Name, ArrayRef<Value *> Args) {
  FunctionCallee Callee = Paths->get(Name);
  SmallVector<Value *, 5> Widened;
  for (auto [Arg, Type] : zip_equal(Args, Callee.getFunctionType()->params()))
    Widened.push_back(Type->isIntegerTy() ? B.CreateZExtOrTrunc(Arg, Type) : Arg);
  CallInst *Call = B.CreateCall(Callee, Widened, Bundles);
  Call->setCallingConv(cast<Function>(Callee.getCallee())->getCallingConv());
  // Where the program could end with the call, it may end with the slow path.
  Call->setTailCall(Tail);
  return Call;
}

Value *Lowering::bins(IRBuilder<> &B, const Site &S) {
  if (!S.I->is(kHeap))
    return call(B, "cairn_fast_bins", {});
  return call(B, "cairn_fast_bins_of", {S.Call->getArgOperand(S.I->heapArg())});
}

Value *Lowering::expandAlloc(IRBuilder<> &B, const Site &S) {
  const IntrinsicInfo &I = *S.I;
  Value *Heap =
      I.is(kHeap) ? S.Call->getArgOperand(I.heapArg()) : ConstantPointerNull::get(B.getPtrTy());
  if (I.is(kRawBlock))
    return expandRaw(B, S, Heap);
  if (I.is(kBytes))
    return expandBytes(B, S, Heap);
  Value *Type = S.Call->getArgOperand(I.typeArg());
  if (I.is(kArray))
    return call(B, I.is(kTry) ? "cairn_fast_try_alloc_array" : "cairn_fast_alloc_array",
                {Type, S.Call->getArgOperand(I.countArg()), Heap});

  // The tag, where it lies in the header word.
  Value *Tag = B.getInt32(0);
  if (I.is(kTagged))
    Tag =
        B.CreateShl(B.CreateZExt(S.Call->getArgOperand(I.tagArg()), B.getInt32Ty()), kMetaTagShift);
  if (!S.Type || S.Type->slotBytes() > kMaxSmall)
    return call(B, I.is(kTry) ? "cairn_fast_try_alloc_type" : "cairn_fast_alloc_type",
                {Type, Tag, Heap});
  Value *Bin = number(binOf(kObject, classOf(S.Type->slotBytes())));
  if (S.Type->Meta)
    return call(B, I.is(kTry) ? "cairn_fast_try_alloc" : "cairn_fast_alloc",
                {bins(B, S), Bin, B.CreateOr(Tag, S.Type->Meta), Heap});
  return call(B, I.is(kTry) ? "cairn_fast_try_alloc_late" : "cairn_fast_alloc_late",
              {bins(B, S), Bin, Type, Tag, Heap});
}

Value *Lowering::expandBytes(IRBuilder<> &B, const Site &S, Value *Heap) {
  const bool Try = S.I->is(kTry);
  Value *N = S.Call->getArgOperand(S.I->countArg());
  auto *C = dyn_cast<ConstantInt>(N);
  if (!C || C->getValue().ugt(kMaxSmall - kHeaderSize))
    return call(B, Try ? "cairn_fast_try_alloc_bytes" : "cairn_fast_alloc_bytes", {N, Heap});
  Value *Bin = number(binOf(kObject, classOf(C->getZExtValue() + kHeaderSize)));
  return call(B, Try ? "cairn_fast_try_alloc" : "cairn_fast_alloc", {bins(B, S), Bin, N, Heap});
}

Value *Lowering::expandRaw(IRBuilder<> &B, const Site &S, Value *Heap) {
  Value *N = S.Call->getArgOperand(S.I->countArg());
  auto *C = dyn_cast<ConstantInt>(N);
  if (!C || C->getValue().ugt(kMaxSmall))
    return call(B, "cairn_fast_malloc_n", {bins(B, S), N, Heap});
  return call(B, "cairn_fast_malloc",
              {bins(B, S), number(binOf(kRaw, classOf(C->getZExtValue()))), Heap});
}

Value *Lowering::expandOther(IRBuilder<> &B, const Site &S) {
  Value *Object = S.Call->getArgOperand(0);
  switch (S.I->ID) {
  case IntrinsicID::Free:
    if (isa<ConstantPointerNull>(Object))
      return nullptr;
    if (ownRaw(S))
      return call(B, "cairn_fast_free_own", {bins(B, S), number(*S.Own), Object});
    return call(B, "cairn_fast_free", {Object});
  case IntrinsicID::FreeSized:
    if (isa<ConstantPointerNull>(Object))
      return nullptr;
    if (auto *C = dyn_cast<ConstantInt>(S.Call->getArgOperand(1));
        ownRaw(S) && C && C->getValue().ule(kMaxSmall) &&
        binOf(kRaw, classOf(C->getZExtValue())) == *S.Own)
      return call(B, "cairn_fast_free_own", {bins(B, S), number(*S.Own), Object});
    return call(B, "cairn_fast_free_sized", {Object, S.Call->getArgOperand(1)});
  case IntrinsicID::Incref:
    if (isa<ConstantPointerNull>(Object))
      return nullptr;
    return call(B, S.NonNull ? "cairn_fast_incref_nonnull" : "cairn_fast_incref", {Object});
  case IntrinsicID::Decref:
    if (isa<ConstantPointerNull>(Object))
      return nullptr;
    if (S.Leaf && S.NonNull && S.Own && Paths->has("cairn_fast_decref_leaf_own"))
      return call(B, "cairn_fast_decref_leaf_own", {bins(B, S), number(*S.Own), Object});
    if (S.Leaf && S.NonNull)
      return call(B, "cairn_fast_decref_leaf", {Object});
    return call(B, S.NonNull ? "cairn_fast_decref_nonnull" : "cairn_fast_decref", {Object});
  case IntrinsicID::IsUnique:
    return call(B, "cairn_fast_is_unique", {Object});
  case IntrinsicID::Share:
    return call(B, "cairn_fast_share", {Object});
  case IntrinsicID::Tag:
    return call(B, "cairn_fast_tag", {Object});
  case IntrinsicID::SetTag:
    return call(B, "cairn_fast_set_tag", {Object, S.Call->getArgOperand(1)});
  default:
    llvm_unreachable("an allocation");
  }
}

/// The C function that does it. One that creates takes the heap: null is the default one.
Value *Lowering::expandCall(IRBuilder<> &B, const Site &S) {
  const IntrinsicInfo &I = intrinsic(S.I->HeapForm);
  SmallVector<Value *, 4> Args;
  if (I.ID != S.I->ID)
    Args.push_back(ConstantPointerNull::get(B.getPtrTy()));
  append_range(Args, S.Call->args());
  FunctionType *Type = I.cType(M);
  for (auto [Arg, To] : zip_equal(Args, Type->params()))
    if (To->isIntegerTy())
      Arg = B.CreateZExtOrTrunc(Arg, To);
  CallInst *Call = B.CreateCall(M.getOrInsertFunction(I.CName, Type), Args, Bundles);
  Call->setDoesNotThrow();
  Call->setTailCall(Tail);
  return Call;
}

void Lowering::expand(const Site &S) {
  IRBuilder<> B(S.Call);
  // An exception handler's token goes with the call.
  Bundles.clear();
  if (auto Funclet = S.Call->getOperandBundle(LLVMContext::OB_funclet))
    Bundles.emplace_back(*Funclet);
  Tail = S.Call->isTailCall();
  Value *New = S.I->isCall()         ? expandCall(B, S)
               : S.I->is(kAllocates) ? expandAlloc(B, S)
                                     : expandOther(B, S);
  if (!S.Call->getType()->isVoidTy()) {
    New->takeName(S.Call);
    S.Call->replaceAllUsesWith(New);
  }
  S.Call->eraseFromParent();
}

bool Lowering::verify() {
  bool Ok = true;
  for (Function &F : make_early_inc_range(M)) {
    if (!findIntrinsic(F.getName()) && !F.getName().starts_with("cairn_fast_"))
      continue;
    for (User *U : F.users())
      if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == &F) {
        if (!F.isDeclaration())
          continue;
        reportError(*Call, "a call of '" + F.getName() + "' is left after lowering");
        Ok = false;
      }
    if (F.isDeclaration() && F.use_empty())
      F.eraseFromParent();
  }
  return Ok;
}

PreservedAnalyses LowerPass::run(Module &M, ModuleAnalysisManager &MAM) {
  bool Failed;
  bool Changed = importModule(M, Failed, /*Lowering=*/true);
  if (Changed)
    MAM.invalidate(M, PreservedAnalyses::none());
  if (!Failed)
    Changed |= Lowering(M, MAM, Level).run(Options);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
