//===- Shapes.cpp - The plain types that a module makes objects of --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Shapes.h"

#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace cairn;

static std::optional<Descriptor> shapeOf(const CallBase &Call, Descriptors *Types) {
  const ManagedInfo *Managed = calledManaged(Call);
  if (!Managed || !(Managed->traits() & kTyped) || Managed->traits() & kArray)
    return std::nullopt;
  std::optional<Descriptor> D = (Types ? Types->of(Call) : descriptorOf(Call)).Known;
  if (!D || D->HasFinalizer || D->Meta & (kMetaRegistered | kMetaArray) ||
      !(D->Meta & kMetaClassMask))
    return std::nullopt;
  return D;
}

static uint32_t wordBy(const CallBase &Call, Descriptors *Types) {
  const std::optional<Descriptor> D = shapeOf(Call, Types);
  return D ? D->Meta & ~kMetaTagMask : 0;
}

uint32_t Shapes::wordOf(const CallBase &Call) { return wordBy(Call, nullptr); }

uint32_t cairn::reusableWord(const CallInst &Call, Descriptors *Types) {
  const ManagedInfo *I = calledManaged(Call);
  if (!I)
    return 0;
  switch (I->ID) {
  case ManagedID::New:
  case ManagedID::NewTagged:
    return wordBy(Call, Types);
  case ManagedID::HeapNew:
  case ManagedID::HeapNewTagged: {
    // The heap has to be known where the other object dies. In linear memory, a heap is not told
    // from another by two bounds.
    const Value *Heap = Call.getArgOperand(0);
    return (isa<Argument>(Heap) || isa<Constant>(Heap)) && !isa<ConstantPointerNull>(Heap) &&
                   !Triple(Call.getModule()->getTargetTriple()).isWasm()
               ? wordBy(Call, Types)
               : 0;
  }
  default:
    return 0;
  }
}

Value *cairn::heapOfNew(const CallInst &Call) {
  const bool Says =
      isManaged(&Call, ManagedID::HeapNew) || isManaged(&Call, ManagedID::HeapNewTagged);
  return Says ? Call.getArgOperand(0) : nullptr;
}

bool cairn::isReusable(const CallInst &Call) { return reusableWord(Call); }

Value *cairn::headerWord(IRBuilderBase &B, const CallInst &Allocation) {
  Value *Word = B.getInt32(Shapes::wordOf(Allocation));
  if (!isManaged(&Allocation, ManagedID::NewTagged) &&
      !isManaged(&Allocation, ManagedID::HeapNewTagged))
    return Word;
  Value *Tag = B.CreateZExt(Allocation.getArgOperand(Allocation.arg_size() - 1), B.getInt32Ty());
  return B.CreateOr(B.CreateShl(Tag, kMetaTagShift), Word);
}

/// The tags that the objects of an allocation have.
static std::bitset<256> tagsOf(const CallBase &Call) {
  const ManagedID ID = calledManaged(Call)->ID;
  if (ID != ManagedID::NewTagged && ID != ManagedID::HeapNewTagged)
    return 1;
  auto *Tag = dyn_cast<ConstantInt>(Call.getArgOperand(Call.arg_size() - 1));
  return Tag ? std::bitset<256>().set(Tag->getZExtValue()) : std::bitset<256>().set();
}

/// What a header word says of its objects; they may be smaller.
static Descriptor largest(uint32_t Word, const DataLayout &DL) {
  Descriptor D;
  D.Meta = Word;
  D.Size = sizeOfClass(((Word & kMetaClassMask) >> kMetaClassShift) - 1) - kHeaderSize;
  for (unsigned Bit = 0; Bit != kMetaBitmapWords; ++Bit)
    if (Word >> Bit & 1)
      D.Fields.push_back(Bit * DL.getPointerSize());
  return D;
}

Shapes::Shapes(const Module &M) {
  for (const Function &F : M)
    add(F);
  end(M.getDataLayout());
}

void Shapes::add(const Function &F) {
  for (const Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallBase>(&I);
    if (!Call)
      continue;
    Retagged |= isManaged(Call, ManagedID::RefSetTag);
    if (isManaged(Call, ManagedID::RefReuseCell))
      Reused.push_back(Call);
    if (std::optional<Descriptor> D = shapeOf(*Call, &Types)) {
      const uint32_t Word = D->Meta & ~kMetaTagMask;
      Known.try_emplace(Word, *D);
      Tags[Word] |= tagsOf(*Call);
    }
  }
}

void Shapes::end(const DataLayout &DL) {
  for (const CallBase *Call : Reused) {
    // The tag may be computed, the rest is constant.
    const KnownBits Becomes = computeKnownBits(Call->getArgOperand(2), DL);
    if (((Becomes.Zero | Becomes.One) | kMetaTagMask) != ~0u)
      continue;
    const uint32_t Whole = Becomes.One.getZExtValue(), Word = Whole & ~kMetaTagMask;
    Known.try_emplace(Word, largest(Word, DL));
    if (Becomes.isConstant())
      Tags[Word].set((Whole & kMetaTagMask) >> kMetaTagShift);
    else
      Tags[Word].set();
  }
  Reused.clear();
  Types = {};
}

std::optional<uint8_t> Shapes::onlyTag(uint32_t Word) const {
  auto Found = Tags.find(Word);
  if (Retagged || Found == Tags.end() || Found->second.count() != 1)
    return std::nullopt;
  uint8_t Tag = 0;
  while (!Found->second[Tag])
    ++Tag;
  return Tag;
}

std::optional<uint64_t> cairn::offsetIn(const Value *Object, const Value *Pointer,
                                        const DataLayout &DL) {
  APInt Offset(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
  const Value *Base =
      Pointer->stripAndAccumulateConstantOffsets(DL, Offset, /*AllowNonInbounds=*/true);
  if (Base != Object || Offset.isNegative())
    return std::nullopt;
  return Offset.getZExtValue();
}

bool cairn::fits(const Descriptor &D, uint64_t Offset, Type *T, const References &R,
                 const DataLayout &DL) {
  if (R.is(T))
    return D.isField(Offset);
  const TypeSize Bytes = DL.getTypeStoreSize(T);
  return !Bytes.isScalable() && !R.in(T) && Offset + Bytes.getFixedValue() <= D.Size &&
         none_of(D.Fields, [&](uint32_t Field) {
           return Field < Offset + Bytes.getFixedValue() && Offset < Field + DL.getPointerSize();
         });
}

bool cairn::letsOthersWrite(const Instruction &I, const Value &Object) {
  if (isa<GetElementPtrInst, LoadInst, ICmpInst>(I) || I.isDebugOrPseudoInst())
    return false;
  return any_of(I.operands(), [&](const Use &U) {
    if (isa<StoreInst>(I) && U.getOperandNo() == StoreInst::getPointerOperandIndex())
      return false;
    return U->getType()->isPtrOrPtrVectorTy() && getUnderlyingObject(U.get()) == &Object;
  });
}
