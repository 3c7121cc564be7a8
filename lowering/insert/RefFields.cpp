//===- RefFields.cpp - Where the references in a type lie -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/RefFields.h"

#include "ir/Descriptor.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/GetElementPtrTypeIterator.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

#include <numeric>

using namespace llvm;
using namespace cairn;
using namespace llvm::PatternMatch;

/// How far a chain of address computations is followed for a mere access.
static constexpr unsigned kMostSteps = 32;
/// And for a copy, which has to find the object.
static constexpr unsigned kMostStepsOfCopy = 4096;

/// \p At is where \p T starts.
static void collect(Type *T, const References &R, const DataLayout &DL, uint64_t At, uint64_t From,
                    uint64_t To, Offsets &Out) {
  if (Out.size() > kMostInACopy || !R.in(T) || T->isScalableTy())
    return;
  const uint64_t Size = DL.getTypeAllocSize(T).getFixedValue();
  if (At >= To || At + Size <= From)
    return;
  if (R.is(T)) {
    Out.push_back(At);
  } else if (auto *Struct = dyn_cast<StructType>(T)) {
    const StructLayout *Layout = DL.getStructLayout(Struct);
    for (unsigned N = 0; N != Struct->getNumElements(); ++N)
      collect(Struct->getElementType(N), R, DL, At + Layout->getElementOffset(N).getFixedValue(),
              From, To, Out);
  } else {
    Type *Element =
        T->isArrayTy() ? T->getArrayElementType() : cast<FixedVectorType>(T)->getElementType();
    const uint64_t Count =
        T->isArrayTy() ? T->getArrayNumElements() : cast<FixedVectorType>(T)->getNumElements();
    const uint64_t Stride = DL.getTypeAllocSize(Element).getFixedValue();
    for (uint64_t N = From > At ? (From - At) / Stride : 0;
         N < Count && At + N * Stride < To && Out.size() <= kMostInACopy; ++N)
      collect(Element, R, DL, At + N * Stride, From, To, Out);
  }
}

Offsets cairn::refsIn(Type *T, const References &R, const DataLayout &DL, uint64_t From,
                      uint64_t To) {
  Offsets Out;
  collect(T, R, DL, 0, From, To, Out);
  return Out;
}

uint64_t cairn::numRefsIn(Type *T, const References &R) {
  if (R.is(T))
    return 1;
  if (!R.in(T))
    return 0;
  if (auto *Array = dyn_cast<ArrayType>(T))
    return Array->getNumElements() * numRefsIn(Array->getElementType(), R);
  if (auto *Vector = dyn_cast<VectorType>(T))
    return Vector->getElementCount().getKnownMinValue();
  uint64_t Sum = 0;
  for (Type *Element : cast<StructType>(T)->elements())
    Sum += numRefsIn(Element, R);
  return Sum;
}

bool cairn::isOpaque(Type *T) {
  while (auto *Array = dyn_cast<ArrayType>(T))
    T = Array->getElementType();
  if (auto *Struct = dyn_cast<StructType>(T))
    return Struct->isOpaque() || all_of(Struct->elements(), isOpaque);
  return T->isIntegerTy(8);
}

bool cairn::isUniform(Type *T, const References &R) {
  while (auto *Array = dyn_cast<ArrayType>(T))
    T = Array->getElementType();
  if (auto *Struct = dyn_cast<StructType>(T))
    return Struct->getNumElements() &&
           all_of(Struct->elements(), [&](Type *E) { return isUniform(E, R); });
  return R.is(T);
}

void cairn::forEachPeriod(Instruction *Before, Value *Count, uint64_t Stride,
                          function_ref<void(IRBuilderBase &, Value *)> Emit, Value *Down) {
  // head: if Count is not 0, body; body: a φ that counts, Emit, and back; done: Before.
  BasicBlock *Head = Before->getParent();
  BasicBlock *Done = Head->splitBasicBlock(Before->getIterator(), "refs.done");
  BasicBlock *Body =
      BasicBlock::Create(Head->getContext(), "refs", Head->getParent(), /*InsertBefore=*/Done);
  const DebugLoc Where = Before->getDebugLoc();
  Head->getTerminator()->eraseFromParent();
  IRBuilder<> B(Head);
  B.SetCurrentDebugLocation(Where);
  Type *Size = Count->getType();
  if (isa<ConstantInt>(Count))
    B.CreateBr(Body);
  else
    B.CreateCondBr(B.CreateIsNotNull(Count), Body, Done);
  B.SetInsertPoint(Body);
  B.SetCurrentDebugLocation(Where);
  PHINode *N = B.CreatePHI(Size, 2, "ref.index");
  N->addIncoming(ConstantInt::get(Size, 0), Head);
  Value *Next = B.CreateNUWAdd(N, ConstantInt::get(Size, 1));
  Value *Index = N;
  if (Down)
    Index = B.CreateSelect(Down, B.CreateSub(Count, Next), N);
  Value *Offset = B.CreateMul(B.CreateZExtOrTrunc(Index, B.getInt64Ty()), B.getInt64(Stride));
  Instruction *Back = B.CreateCondBr(B.CreateICmpEQ(Next, Count), Done, Body);
  N->addIncoming(Next, Body);
  B.SetInsertPoint(Back);
  B.SetCurrentDebugLocation(Where);
  Emit(B, Offset);
  // What Emit adds may be loops of its own.
  if (Back->getParent() != Body)
    N->setIncomingBlock(1, Back->getParent());
}

void cairn::forEachRef(Instruction *Before, Type *T, const References &R, Value *Start,
                       function_ref<void(IRBuilderBase &, Value *)> Emit) {
  if (!R.in(T))
    return;
  IRBuilder<> B(Before);
  if (R.is(T))
    return Emit(B, Start);
  const DataLayout &DL = Before->getModule()->getDataLayout();
  if (auto *Struct = dyn_cast<StructType>(T)) {
    const StructLayout *Layout = DL.getStructLayout(Struct);
    for (unsigned N = 0; N != Struct->getNumElements(); ++N) {
      B.SetInsertPoint(Before);
      forEachRef(Before, Struct->getElementType(N), R,
                 B.CreateAdd(Start, B.getInt64(Layout->getElementOffset(N).getFixedValue())), Emit);
    }
    return;
  }
  auto *Array = dyn_cast<ArrayType>(T);
  Type *Element = Array ? Array->getElementType() : cast<FixedVectorType>(T)->getElementType();
  const uint64_t Count =
      Array ? Array->getNumElements() : cast<FixedVectorType>(T)->getNumElements();
  const uint64_t Stride = DL.getTypeAllocSize(Element).getFixedValue();
  if (Count * numRefsIn(Element, R) > kMostUnrolled && Count > 1) {
    forEachPeriod(Before, B.getInt64(Count), Stride, [&](IRBuilderBase &Inner, Value *Offset) {
      Value *At = Inner.CreateAdd(Start, Offset);
      forEachRef(&*Inner.GetInsertPoint(), Element, R, At, Emit);
    });
    return;
  }
  for (uint64_t N = 0; N != Count; ++N) {
    B.SetInsertPoint(Before);
    forEachRef(Before, Element, R, B.CreateAdd(Start, B.getInt64(N * Stride)), Emit);
  }
}

Offsets Region::refs(const References &R, const DataLayout &DL, uint64_t N) const {
  Offsets Out;
  if (!Offset)
    return Out;
  const uint64_t Word = DL.getPointerSize(R.space());
  if (Kind == Slots) {
    Out = refsIn(T, R, DL, *Offset, *Offset + N);
  } else if (Fields) {
    for (uint64_t Field : *Fields)
      if (Field + Word > *Offset && Field < *Offset + N)
        Out.push_back(Field);
  }
  // A reference that starts before the pointer is left out here: its offset would be negative.
  erase_if(Out, [&](uint64_t Ref) { return Ref < *Offset; });
  for (uint64_t &Ref : Out)
    Ref -= *Offset;
  return Out;
}

/// The type of the variable whose address \p V is, or null.
static Type *variableType(Value *V) {
  if (auto *Call = dyn_cast<IntrinsicInst>(V);
      Call && Call->getIntrinsicID() == Intrinsic::threadlocal_address)
    V = Call->getArgOperand(0);
  if (auto *Global = dyn_cast<GlobalVariable>(V))
    return Global->getValueType();
  if (auto *Alloca = dyn_cast<AllocaInst>(V)) {
    Type *T = Alloca->getAllocatedType();
    if (auto *Count = dyn_cast<ConstantInt>(Alloca->getArraySize()))
      return Count->isOne() ? T : ArrayType::get(T, Count->getZExtValue());
    return nullptr;
  }
  if (auto *A = dyn_cast<Argument>(V)) {
    if (Type *T = A->getParamByValType())
      return T;
    return A->getParamStructRetType();
  }
  return nullptr;
}

namespace {

/// The sum of a chain of address computations: a constant, and multiples of `Unit` that are
/// known at run time only (0: there are none).
struct Sum {
  int64_t Constant = 0;
  uint64_t Unit = 0;
  bool Known = true;

  void add(const GEPOperator &GEP, const DataLayout &DL);
};

} // namespace

/// What \p Index is visibly a multiple of.
static uint64_t factorOf(const Value *Index) {
  const APInt *C;
  if (match(Index, m_Mul(m_Value(), m_APInt(C))) && C->getActiveBits() <= 48)
    return C->getZExtValue();
  if (match(Index, m_Shl(m_Value(), m_APInt(C))) && C->ult(48))
    return uint64_t(1) << C->getZExtValue();
  return 1;
}

void Sum::add(const GEPOperator &GEP, const DataLayout &DL) {
  for (auto GTI = gep_type_begin(GEP), End = gep_type_end(GEP); GTI != End; ++GTI) {
    if (StructType *Struct = GTI.getStructTypeOrNull()) {
      const auto Field = unsigned(cast<ConstantInt>(GTI.getOperand())->getZExtValue());
      const auto At = int64_t(DL.getStructLayout(Struct)->getElementOffset(Field).getFixedValue());
      Known &= !AddOverflow(Constant, At, Constant);
      continue;
    }
    const TypeSize Stride = GTI.getSequentialElementStride(DL);
    auto *Index = dyn_cast<ConstantInt>(GTI.getOperand());
    if (Stride.isScalable() || (Index && Index->getValue().getSignificantBits() > 48))
      Known = false;
    else if (int64_t Bytes = 0; Index)
      Known &= !MulOverflow(Index->getSExtValue(), int64_t(Stride.getFixedValue()), Bytes) &&
               !AddOverflow(Constant, Bytes, Constant);
    else
      Unit = std::gcd(Unit, Stride.getFixedValue() * factorOf(GTI.getOperand()));
  }
}

/// Finds the array of \p Memory whose elements \p S counts, and the offset in its element.
static void locate(Region &Memory, const Sum &S, const DataLayout &DL) {
  if (!S.Known || S.Constant < 0)
    return;
  if (!S.Unit) {
    Memory.Offset = S.Constant;
    return;
  }
  auto Offset = uint64_t(S.Constant);
  for (Type *T = Memory.T; T;) {
    if (Offset >= DL.getTypeAllocSize(T).getFixedValue())
      return;
    if (auto *Struct = dyn_cast<StructType>(T)) {
      const StructLayout *Layout = DL.getStructLayout(Struct);
      const unsigned Field = Layout->getElementContainingOffset(Offset);
      Offset -= Layout->getElementOffset(Field).getFixedValue();
      T = Struct->getElementType(Field);
    } else if (auto *Array = dyn_cast<ArrayType>(T)) {
      const uint64_t Stride = DL.getTypeAllocSize(Array->getElementType()).getFixedValue();
      Offset %= Stride;
      if (S.Unit % Stride == 0) {
        Memory.T = Array;
        Memory.Offset = Offset;
        return;
      }
      T = Array->getElementType();
    } else {
      return;
    }
  }
}

Region cairn::regionOf(Value *Pointer, const References &R, const DataLayout &DL,
                       bool Descriptors) {
  Region Out;
  if (!Pointer->getType()->isPointerTy())
    return Out;
  Sum S;
  Value *V = Pointer;
  // A question about a plain access is not worth a long walk.
  for (unsigned Steps = 0, Most = Descriptors ? kMostStepsOfCopy : kMostSteps;; ++Steps) {
    if (Steps == Most) {
      if (Descriptors)
        Out.Kind = R.is(V) ? Region::Object : Region::Unknown;
      return Out;
    }
    if (auto *GEP = dyn_cast<GEPOperator>(V)) {
      S.add(*GEP, DL);
      V = GEP->getPointerOperand();
    } else if (Operator::getOpcode(V) == Instruction::AddrSpaceCast ||
               Operator::getOpcode(V) == Instruction::BitCast) {
      Value *From = cast<Operator>(V)->getOperand(0);
      // What a plain pointer was cast to is a base, unless that pointer came from a reference.
      if (R.is(V) && !R.is(From->stripPointerCasts()))
        break;
      V = From;
    } else if (isManaged(V, ManagedID::Borrow)) {
      V = cast<CallBase>(V)->getArgOperand(0);
    } else {
      break;
    }
  }
  Out.Base = V;
  if (R.is(V)) {
    Out.Kind = Region::Object;
    if (S.Known && !S.Unit && S.Constant >= 0)
      Out.Offset = S.Constant;
    if (auto *Call = dyn_cast<CallBase>(V); Call && Descriptors)
      if (const ManagedInfo *I = calledManaged(*Call); I && I->allocates()) {
        const unsigned Traits = I->traits();
        if (Traits & kBytes)
          Out.Fields.emplace();
        else if ((Traits & kTyped) && !(Traits & kArray)) {
          const unsigned TypeArg = (Traits & kHeap) ? 1 : 0;
          if (DescriptorRead Read = readDescriptor(Call->getArgOperand(TypeArg), DL); Read.Known)
            Out.Fields.emplace(Read.Known->Fields.begin(), Read.Known->Fields.end());
        }
      }
  } else if (Type *T = variableType(V); T && T->isSized() && !T->isScalableTy()) {
    Out.Kind = Region::Slots;
    Out.T = T;
    locate(Out, S, DL);
  }
  return Out;
}

bool cairn::needsCounts(const Function &F, const References &R) {
  return !F.isDeclaration() && !F.hasFnAttribute(kCountsInserted) && touchesReferences(F, R);
}

bool cairn::touchesReferences(const Function &F, const References &R) {
  if (R.in(F))
    return true;
  for (const Argument &A : F.args())
    for (Type *T : {A.getParamByValType(), A.getParamStructRetType()})
      if (T && R.in(T))
        return true;
  for (const Instruction &I : instructions(F))
    for (const Use &U : I.operands())
      if (isa_and_nonnull<Constant>(U.get()) && U->getType()->isPointerTy())
        if (auto *Global = dyn_cast<GlobalVariable>(getUnderlyingObject(U)))
          if (R.in(Global->getValueType()))
            return true;
  return false;
}

/// Whether memory at \p Pointer is read or written as a reference.
static bool isAccessedAsRef(const Value &Pointer, const References &R) {
  return any_of(Pointer.users(), [&](const User *U) {
    auto *Store = dyn_cast<StoreInst>(U);
    return Store ? Store->getPointerOperand() == &Pointer && R.is(Store->getValueOperand())
                 : isa<LoadInst>(U) && R.is(U);
  });
}

bool cairn::isFieldOfRef(Value *Pointer, uint64_t N, const References &R, const DataLayout &DL) {
  auto *GEP = dyn_cast<GEPOperator>(Pointer);
  if (!GEP || GEP->getNumIndices() < 2)
    return false;
  Type *T = GEP->getResultElementType();
  return T->isSized() && !refsIn(T, R, DL, 0, N).empty() && !isAccessedAsRef(*Pointer, R);
}

bool cairn::forgetFieldTypes(Function &F, const References &R) {
  const DataLayout &DL = F.getParent()->getDataLayout();
  bool Changed = false;
  for (Instruction &I : make_early_inc_range(instructions(F))) {
    auto *GEP = dyn_cast<GetElementPtrInst>(&I);
    if (!GEP || GEP->getNumIndices() < 2 || GEP->getType()->isVectorTy() ||
        !R.in(GEP->getResultElementType()))
      continue;
    APInt Offset(DL.getIndexTypeSizeInBits(GEP->getType()), 0);
    if (!GEP->accumulateConstantOffset(DL, Offset))
      continue;
    IRBuilder<> B(GEP);
    Value *New =
        B.CreatePtrAdd(GEP->getPointerOperand(), B.getInt(Offset), "", GEP->getNoWrapFlags());
    New->takeName(GEP);
    GEP->replaceAllUsesWith(New);
    GEP->eraseFromParent();
    Changed = true;
  }
  return Changed;
}
