//===- Expand.cpp - Replacing one planned call ------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/Expand.h"

#include "cairn/abi.h"
#include "expand/CheckSites.h"
#include "expand/FastPath.h"
#include "expand/Plan.h"
#include "ir/Intrinsics.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace cairn;

using Path = FastPathID;

namespace {

/// An operation on an object or a block: its operands are those of the fast path.
struct Operation {
  IntrinsicID ID;
  Path MayBeNull; ///< Of an operand of which nothing is known.
  Path NonNull;
  bool SkipsNull; ///< Nothing is done to a null that is a constant.
  /// The same where the operand may be an immediate.
  std::optional<Path> Word = std::nullopt;
  std::optional<Path> WordNonNull = std::nullopt;
};

constexpr Operation kOperations[] = {
    {IntrinsicID::Free, Path::Free, Path::Free, true},
    {IntrinsicID::FreeSized, Path::FreeSized, Path::FreeSized, true},
    {IntrinsicID::Incref, Path::Incref, Path::IncrefNonNull, true, Path::IncrefWord,
     Path::IncrefWordNonNull},
    {IntrinsicID::Decref, Path::Decref, Path::DecrefNonNull, true, Path::DecrefWord,
     Path::DecrefWordNonNull},
    {IntrinsicID::IsUnique, Path::IsUnique, Path::IsUnique, false, Path::IsUniqueWord,
     Path::IsUniqueWord},
    {IntrinsicID::AssertUnique, Path::AssertUnique, Path::AssertUnique, true},
    {IntrinsicID::ShareInto, Path::ShareInto, Path::ShareInto, false},
    {IntrinsicID::CopyFields, Path::CopyFields, Path::CopyFields, false},
    {IntrinsicID::ReadFields, Path::ReadFields, Path::ReadFields, false},
    {IntrinsicID::FillFields, Path::FillFields, Path::FillFields, false},
    {IntrinsicID::Share, Path::Share, Path::Share, false, Path::ShareWord, Path::ShareWord},
    {IntrinsicID::Tag, Path::Tag, Path::Tag, false},
    {IntrinsicID::SetTag, Path::SetTag, Path::SetTag, false},
    {IntrinsicID::IsLast, Path::IsLast, Path::IsLast, false},
    {IntrinsicID::OwnCell, Path::OwnCell, Path::OwnCell, false},
    {IntrinsicID::OwnTaggedCell, Path::OwnTaggedCell, Path::OwnTaggedCell, false},
    {IntrinsicID::OwnCellOn, Path::OwnCellOn, Path::OwnCellOn, false},
    {IntrinsicID::OwnTaggedCellOn, Path::OwnTaggedCellOn, Path::OwnTaggedCellOn, false},
    {IntrinsicID::IsOn, Path::IsOn, Path::IsOn, false},
    {IntrinsicID::FreeCell, Path::FreeCell, Path::FreeCell, true},
};

/// The expansion of one call.
class Expansion {
public:
  Expansion(const Site &S, FastPath &Paths);
  void run();

private:
  Value *allocation();
  Value *typed(Value *Heap);
  Value *bytes(Value *Heap);
  Value *raw(Value *Heap);
  Value *operation();
  Value *cell();
  Value *cFunction();

  /// A call of a fast path; integers are given the parameter's width.
  CallInst *call(Path ID, ArrayRef<Value *> Args);
  /// The fast path that gives a block back to a bin of the thread's, if there is one.
  std::optional<Path> ownPath() const;
  /// In a checked program: the record of this place, made when it is first wanted.
  Constant *site();
  Value *bins();
  Value *number(unsigned N) { return B.getInt64(N); }
  Value *operand(unsigned N) const { return S.Call->getArgOperand(N); }
  Path either(Path Fails, Path Null) const { return S.I->is(kTry) ? Null : Fails; }

  const Site &S;
  FastPath &Paths;
  IRBuilder<> B;
  SmallVector<OperandBundleDef, 1> Bundles;
  Constant *Place = nullptr;
};

} // namespace

Expansion::Expansion(const Site &S, FastPath &Paths) : S(S), Paths(Paths), B(S.Call) {
  // An exception handler's token goes with the call.
  if (auto Funclet = S.Call->getOperandBundle(LLVMContext::OB_funclet))
    Bundles.emplace_back(*Funclet);
}

CallInst *Expansion::call(Path ID, ArrayRef<Value *> Args) {
  FunctionCallee Callee = Paths.get(ID);
  SmallVector<Value *, 6> Widened;
  for (auto [Arg, Type] : zip(Args, Callee.getFunctionType()->params()))
    Widened.push_back(Type->isIntegerTy() ? B.CreateZExtOrTrunc(Arg, Type) : Arg);
  if (Paths.isChecked() && Widened.size() < Callee.getFunctionType()->getNumParams())
    Widened.push_back(site());
  assert(Widened.size() == Callee.getFunctionType()->getNumParams() && "as FastPaths.def says");
  CallInst *Call = B.CreateCall(Callee, Widened, Bundles);
  Call->setCallingConv(cast<Function>(Callee.getCallee())->getCallingConv());
  // Where the program could end with the call, it may end with the slow path.
  Call->setTailCall(S.Call->isTailCall());
  return Call;
}

Constant *Expansion::site() {
  if (!Place) {
    Value *Type = S.I->is(kTyped) ? operand(S.I->typeArg()) : nullptr;
    auto *Known = Type ? dyn_cast<Constant>(Type->stripPointerCasts()) : nullptr;
    Place = checkSiteOf(*S.Call, Known);
  }
  return Place;
}

Value *Expansion::bins() {
  if (Paths.isChecked())
    return ConstantPointerNull::get(B.getPtrTy());
  if (!S.I->is(kHeap))
    return call(Path::Bins, {});
  return call(Path::BinsOf, {operand(S.I->heapArg())});
}

Value *Expansion::allocation() {
  const IntrinsicInfo &I = *S.I;
  Value *Heap = I.is(kHeap) ? operand(I.heapArg()) : ConstantPointerNull::get(B.getPtrTy());
  if (I.is(kRawBlock))
    return raw(Heap);
  if (I.is(kBytes))
    return bytes(Heap);
  if (I.is(kArray))
    return call(either(Path::AllocArray, Path::TryAllocArray),
                {operand(I.typeArg()), operand(I.countArg()), Heap});
  return typed(Heap);
}

Value *Expansion::typed(Value *Heap) {
  Value *Type = operand(S.I->typeArg());
  // The tag, where it lies in the header word.
  Value *Tag = B.getInt32(0);
  if (S.I->is(kTagged))
    Tag = B.CreateShl(B.CreateZExt(operand(S.I->tagArg()), B.getInt32Ty()), kMetaTagShift);
  if (!S.Bin || Paths.isChecked())
    return call(either(Path::AllocType, Path::TryAllocType), {Type, Tag, Heap});
  Value *Bin = number(*S.Bin);
  if (S.Type->Meta)
    return call(either(Path::Alloc, Path::TryAlloc),
                {bins(), Bin, B.CreateOr(Tag, S.Type->Meta), Heap});
  return call(either(Path::AllocLate, Path::TryAllocLate), {bins(), Bin, Type, Tag, Heap});
}

Value *Expansion::bytes(Value *Heap) {
  Value *N = operand(S.I->countArg());
  if (!S.Bin || Paths.isChecked())
    return call(either(Path::AllocBytes, Path::TryAllocBytes), {N, Heap});
  // The header word of bytes is their number.
  return call(either(Path::Alloc, Path::TryAlloc), {bins(), number(*S.Bin), N, Heap});
}

Value *Expansion::raw(Value *Heap) {
  if (!S.Bin || Paths.isChecked())
    return call(Path::MallocN, {bins(), operand(S.I->countArg()), Heap});
  return call(Path::Malloc, {bins(), number(*S.Bin), Heap});
}

std::optional<Path> Expansion::ownPath() const {
  if (!S.Own || Paths.isChecked())
    return std::nullopt;
  if (S.I->ID == IntrinsicID::Decref)
    return S.Leaf && S.NonNull && Paths.has(Path::DecrefLeafOwn)
               ? std::optional(Path::DecrefLeafOwn)
               : std::nullopt;
  if (!S.I->is(kFrees) || *S.Own >= binOf(kObject, 0) || !Paths.has(Path::FreeOwn))
    return std::nullopt;
  // A size that does not fit is for the runtime to see.
  if (S.I->ID == IntrinsicID::FreeSized) {
    auto *N = dyn_cast<ConstantInt>(operand(1));
    if (!N || N->getValue().ugt(kMaxSmall) || binOf(kRaw, classOf(N->getZExtValue())) != *S.Own)
      return std::nullopt;
  }
  return Path::FreeOwn;
}

/// The cell itself, with its new header word.
Value *Expansion::cell() {
  Value *Cell = operand(0);
  if (S.I->ID == IntrinsicID::ReuseCell && !PatternMatch::match(operand(4), PatternMatch::m_One()))
    B.CreateAlignedStore(operand(2),
                         B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Cell, uint64_t(-4)), Align(4));
  return Cell;
}

Value *Expansion::operation() {
  if (S.I->ID == IntrinsicID::TakeCell || S.I->ID == IntrinsicID::ReuseCell)
    return cell();
  const Operation *Op = find_if(kOperations, [&](const Operation &O) { return O.ID == S.I->ID; });
  assert(Op != std::end(kOperations) && "an allocation or a call");
  Value *Object = operand(0);
  if (Op->SkipsNull && isa<ConstantPointerNull>(Object))
    return nullptr;
  if (std::optional<Path> Own = ownPath())
    return call(*Own, {bins(), number(*S.Own), Object});
  if (S.I->ID == IntrinsicID::Decref && S.Leaf && S.NonNull)
    return call(Path::DecrefLeaf, {Object});
  SmallVector<Value *, 4> Args(S.Call->args());
  if (S.Immediate && Op->Word)
    return call(S.NonNull ? *Op->WordNonNull : *Op->Word, Args);
  return call(S.NonNull ? Op->NonNull : Op->MayBeNull, Args);
}

/// The C function that does it. One that creates takes the heap: null is the default one.
Value *Expansion::cFunction() {
  const IntrinsicInfo &I = intrinsic(S.I->HeapForm);
  Module &M = *S.Call->getModule();
  SmallVector<Value *, 4> Args;
  if (I.ID != S.I->ID)
    Args.push_back(ConstantPointerNull::get(B.getPtrTy()));
  append_range(Args, S.Call->args());
  FunctionType *Type = I.cType(M);
  for (auto [Arg, To] : zip_equal(Args, Type->params()))
    if (To->isIntegerTy())
      Arg = B.CreateZExtOrTrunc(Arg, To);
  if (Paths.isChecked())
    call(Path::At, {});
  CallInst *Call = B.CreateCall(M.getOrInsertFunction(I.CName, Type), Args, Bundles);
  Call->setDoesNotThrow();
  Call->setTailCall(S.Call->isTailCall());
  if (Paths.isChecked())
    call(Path::At, {ConstantPointerNull::get(B.getPtrTy())});
  return Call;
}

void Expansion::run() {
  Value *New = S.I->isCall() || S.Called ? cFunction()
               : S.I->is(kAllocates)     ? allocation()
                                         : operation();
  if (!S.Call->getType()->isVoidTy()) {
    if (New->getType() != S.Call->getType()) // a size
      New = B.CreateZExt(New, S.Call->getType());
    if (isa<Instruction>(New) && !New->hasName())
      New->takeName(S.Call);
    S.Call->replaceAllUsesWith(New);
  }
  S.Call->eraseFromParent();
}

void cairn::expand(const Site &S, FastPath &Paths) { Expansion(S, Paths).run(); }
