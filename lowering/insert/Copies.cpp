//===- Copies.cpp - Copies and fills of memory with references --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A copy is taken apart into its references, copied one by one, and the gaps between them.
// What may overlap is loaded as a whole before anything is stored.
//
//===----------------------------------------------------------------------===//
#include "insert/Copies.h"

#include "insert/PassedWords.h"
#include "insert/RefFields.h"
#include "ir/Marks.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

namespace {

/// The largest gap of a copy that may overlap which is carried in registers.
constexpr uint64_t kMostInRegisters = 256;
constexpr StringLiteral kTooFar = "a copy or fill at an address that is computed in thousands of "
                                  "steps from its object; compute it from the object again";

class Copies {
public:
  explicit Copies(Refusals &E)
      : E(E), F(E.function()), R(E.references()), M(*F.getParent()), DL(M.getDataLayout()),
        Word(DL.getPointerSize(R.space())), Ref(PointerType::get(F.getContext(), R.space())) {}
  bool run();

private:
  void copyParameters();
  void copy(MemTransferInst &I);
  void fill(MemSetInst &I);
  void storeOfZeros(StoreInst &I);
  void wordCopy(StoreInst &I);
  bool copyTyped(MemTransferInst &I, const Region &To, const Region &From, Type *T, uint64_t N);
  void copyPeriods(MemTransferInst &I, uint64_t Stride, const Offsets &Refs);
  void copyWords(MemTransferInst &I, const Offsets &Refs, uint64_t N, bool Overlaps);
  void byHeader(MemTransferInst &I, const Region &To, const Region &From);
  bool checkPlain(CallInst &I, bool Volatile, bool Simple);

  /// Says that \p I moves no references.
  void markBytes(CallInst *I) { I->setMetadata(kMovesNone, MDNode::get(F.getContext(), {})); }
  /// The memory of a mere access: what a few steps show.
  Region nearby(Value *Pointer) {
    const Region Memory = regionOf(Pointer, R, DL, /*Descriptors=*/false);
    return Memory.Base && isa<CallBase>(Memory.Base) ? regionOf(Pointer, R, DL) : Memory;
  }
  bool holdsRefs(Value *Pointer) {
    const Region Memory = regionOf(Pointer, R, DL);
    return Memory.Kind == Region::Object || (Memory.Kind == Region::Slots && R.in(Memory.T));
  }
  Value *at(IRBuilderBase &B, Value *Pointer, Value *Offset) {
    auto *C = dyn_cast<ConstantInt>(Offset);
    return C && C->isZero() ? Pointer : B.CreateInBoundsPtrAdd(Pointer, Offset);
  }
  Value *at(IRBuilderBase &B, Value *Pointer, uint64_t Offset) {
    return at(B, Pointer, B.getInt64(Offset));
  }
  /// \p Pointer in address space 0.
  Value *plain(IRBuilderBase &B, Value *Pointer) {
    return R.is(Pointer) ? B.CreateAddrSpaceCast(Pointer, B.getPtrTy()) : Pointer;
  }
  /// The address in the object that the plain or managed \p Pointer points into.
  Value *managed(IRBuilderBase &B, Value *Pointer) {
    return R.is(Pointer) ? Pointer : B.CreateAddrSpaceCast(Pointer, Ref);
  }
  void moveRef(IRBuilderBase &B, Value *To, Value *From, Value *Offset) {
    B.CreateAlignedStore(B.CreateAlignedLoad(Ref, at(B, From, Offset), Align(Word)),
                         at(B, To, Offset), Align(Word));
  }

  Refusals &E;
  Function &F;
  const References &R;
  Module &M;
  const DataLayout &DL;
  const uint64_t Word;
  Type *Ref;
  /// Whether an address, as the function came, is by its structure one of a reference.
  SmallDenseMap<const Value *, bool, 8> Fields;
  bool Changed = false;
};

} // namespace

/// The part of \p T at \p Offset that has exactly \p N bytes, with as much structure as
/// possible; null if there is none.
static Type *partOf(Type *T, uint64_t Offset, uint64_t N, const DataLayout &DL) {
  for (;;) {
    const uint64_t Size = DL.getTypeAllocSize(T).getFixedValue();
    if (Offset == 0 && Size == N)
      return T;
    if (N > Size)
      return nullptr;
    if (auto *Struct = dyn_cast<StructType>(T)) {
      if (Offset >= Size || !Struct->getNumElements())
        return nullptr;
      const StructLayout *Layout = DL.getStructLayout(Struct);
      const unsigned Element = Layout->getElementContainingOffset(Offset);
      Offset -= Layout->getElementOffset(Element).getFixedValue();
      T = Struct->getElementType(Element);
    } else if (auto *Array = dyn_cast<ArrayType>(T)) {
      const uint64_t Stride = DL.getTypeAllocSize(Array->getElementType()).getFixedValue();
      if (!Stride)
        return nullptr;
      if (Offset % Stride == 0 && N % Stride == 0 && N > Stride)
        return ArrayType::get(Array->getElementType(), N / Stride);
      Offset %= Stride;
      T = Array->getElementType();
    } else {
      return nullptr;
    }
  }
}

/// Whether a copy touches references: what it must be for that. False: it was refused.
bool Copies::checkPlain(CallInst &I, bool Volatile, bool Simple) {
  if (Volatile)
    E.refuse(I, "a volatile copy or fill of memory with references; use assignments");
  else if (!Simple)
    E.refuse(I, "an atomic or inlined copy or fill of memory with references; use memcpy, memmove "
                "or memset, or assignments");
  else
    return true;
  return false;
}

void Copies::copyWords(MemTransferInst &I, const Offsets &Refs, uint64_t N, bool Overlaps) {
  IRBuilder<> B(&I);
  Value *To = I.getRawDest(), *From = I.getRawSource();
  struct Piece {
    uint64_t At;
    Value *V;
  };
  SmallVector<Piece, 16> Pieces;
  auto Gap = [&](uint64_t Start, uint64_t End) {
    if (Start == End)
      return;
    if (!Overlaps) {
      markBytes(
          B.CreateMemCpy(at(B, To, Start), commonAlignment(I.getDestAlign().valueOrOne(), Start),
                         at(B, From, Start),
                         commonAlignment(I.getSourceAlign().valueOrOne(), Start), End - Start));
      return;
    }
    while (Start != End) {
      uint64_t Bytes = Word;
      while (Bytes > End - Start)
        Bytes /= 2;
      Pieces.push_back({Start, B.CreateAlignedLoad(B.getIntNTy(unsigned(Bytes) * 8),
                                                   at(B, From, Start), Align(1))});
      Start += Bytes;
    }
  };
  uint64_t Done = 0;
  for (uint64_t Offset : Refs) {
    Gap(Done, Offset);
    Pieces.push_back({Offset, B.CreateAlignedLoad(Ref, at(B, From, Offset), Align(Word))});
    Done = Offset + Word;
  }
  Gap(Done, N);
  for (const Piece &P : Pieces)
    B.CreateAlignedStore(P.V, at(B, To, P.At), R.is(P.V) ? Align(Word) : Align(1));
  I.eraseFromParent();
  Changed = true;
}

/// Copies memory that consists of equal elements with references at \p Refs in each.
void Copies::copyPeriods(MemTransferInst &I, uint64_t Stride, const Offsets &Refs) {
  IRBuilder<> B(&I);
  Value *To = I.getRawDest(), *From = I.getRawSource();
  Value *Count = B.CreateUDiv(I.getLength(), ConstantInt::get(I.getLength()->getType(), Stride));
  Value *Down = nullptr;
  if (isa<MemMoveInst>(I) && To != From)
    Down = B.CreateICmpUGT(plain(B, To), plain(B, From));
  forEachPeriod(
      &I, Count, Stride,
      [&](IRBuilderBase &Inner, Value *Start) {
        uint64_t Done = 0;
        SmallVector<std::pair<uint64_t, Value *>, 8> Loaded;
        auto Gap = [&](uint64_t End) {
          if (Done != End)
            markBytes(Inner.CreateMemMove(
                at(Inner, To, Inner.CreateAdd(Start, Inner.getInt64(Done))), Align(1),
                at(Inner, From, Inner.CreateAdd(Start, Inner.getInt64(Done))), Align(1),
                End - Done));
        };
        for (uint64_t Offset : Refs) {
          Gap(Offset);
          moveRef(Inner, To, From, Inner.CreateAdd(Start, Inner.getInt64(Offset)));
          Done = Offset + Word;
        }
        Gap(Stride);
      },
      Down);
  I.eraseFromParent();
  Changed = true;
}

/// Expands a copy of \p N bytes, of the type \p T if that is not null, whose memory is typed on
/// one side. False: it has no references.
bool Copies::copyTyped(MemTransferInst &I, const Region &To, const Region &From, Type *T,
                       uint64_t N) {
  Offsets There = To.refs(R, DL, N), Here = From.refs(R, DL, N);
  Offsets Both;
  std::set_union(There.begin(), There.end(), Here.begin(), Here.end(), std::back_inserter(Both));
  if (Both.empty())
    return false;
  if ((To.isTyped() && To.Offset && There != Both) ||
      (From.isTyped() && From.Offset && Here != Both)) {
    E.refuse(I, "a copy between memory that is declared to hold references and memory that is "
                "declared to hold something else there; declare both alike");
    return true;
  }
  for (unsigned Ref = 0; Ref != Both.size(); ++Ref)
    if (Both[Ref] + Word > N || (Ref && Both[Ref - 1] + Word > Both[Ref])) {
      E.refuse(I, "a copy of a part of a reference; copy whole references");
      return true;
    }
  if (Both.size() > kMostUnrolled) {
    if (auto *Array = dyn_cast_or_null<ArrayType>(T)) {
      Type *Element = Array->getElementType();
      while (Element->isArrayTy() && numRefsIn(Element, R) > kMostUnrolled)
        Element = Element->getArrayElementType();
      const uint64_t Stride = DL.getTypeAllocSize(Element).getFixedValue();
      if (numRefsIn(Element, R) <= kMostUnrolled && N % Stride == 0) {
        copyPeriods(I, Stride, refsIn(Element, R, DL, 0, Stride));
        return true;
      }
    }
    if (Both.size() > kMostInACopy) {
      E.refuse(I, "a copy of a structure with more than " + Twine(kMostInACopy) +
                      " references; copy its arrays one by one");
      return true;
    }
  }
  const bool Overlaps = isa<MemMoveInst>(I) && (To.Base == From.Base || To.Kind != Region::Slots ||
                                                From.Kind != Region::Slots);
  if (Overlaps && N - Both.size() * Word > kMostInRegisters)
    E.refuse(I, "memmove of references with " + Twine(N - Both.size() * Word) +
                    " other bytes between them; use assignments, or memcpy if nothing overlaps");
  else
    copyWords(I, Both, N, Overlaps);
  return true;
}

/// The object's header says which words are references.
void Copies::byHeader(MemTransferInst &I, const Region &To, const Region &From) {
  IRBuilder<> B(&I);
  Value *N = B.CreateZExtOrTrunc(I.getLength(), B.getInt64Ty());
  if (To.Kind == Region::Object)
    B.CreateCall(managedIntrinsic(ManagedID::RefCopyFields).declare(M),
                 {To.Base, managed(B, I.getRawDest()), plain(B, I.getRawSource()), N});
  else
    B.CreateCall(managedIntrinsic(ManagedID::RefReadFields).declare(M),
                 {From.Base, managed(B, I.getRawSource()), I.getRawDest(), N});
  I.eraseFromParent();
  Changed = true;
}

void Copies::copy(MemTransferInst &I) {
  const Region To = regionOf(I.getRawDest(), R, DL), From = regionOf(I.getRawSource(), R, DL);
  const bool Objects = To.Kind == Region::Object || From.Kind == Region::Object;
  if ((To.Kind == Region::Object && !To.Base) || (From.Kind == Region::Object && !From.Base))
    return E.refuse(I, kTooFar);
  auto Holds = [&](const Region &Memory) { return Memory.Kind == Region::Slots && R.in(Memory.T); };
  if (!Objects && !Holds(To) && !Holds(From))
    return;
  auto *Length = dyn_cast<ConstantInt>(I.getLength());
  const bool Simple = I.getIntrinsicID() != Intrinsic::memcpy_inline;
  if (Length) {
    const uint64_t N = Length->getZExtValue();
    const bool None = To.refs(R, DL, N).empty() && From.refs(R, DL, N).empty();
    const bool KnownTo = To.Kind == Region::Unknown || (To.isTyped() && To.Offset) ||
                         (To.Kind == Region::Slots && isOpaque(To.T));
    const bool KnownFrom = From.Kind == Region::Unknown || (From.isTyped() && From.Offset) ||
                           (From.Kind == Region::Slots && isOpaque(From.T));
    if (N == 0 || (None && KnownTo && KnownFrom))
      return; // Nothing but other bytes.
    if (!checkPlain(I, I.isVolatile(), Simple))
      return;
    if (!None) {
      Type *T = nullptr;
      for (const Region *Memory : {&To, &From})
        if (!T && Holds(*Memory) && Memory->Offset)
          T = partOf(Memory->T, *Memory->Offset, N, DL);
      copyTyped(I, To, From, T, N);
      return;
    }
  } else if (!checkPlain(I, I.isVolatile(), Simple)) {
    return;
  }
  if (Objects)
    return byHeader(I, To, From);
  for (const Region *Memory : {&To, &From})
    if (Holds(*Memory) && isUniform(Memory->T, R))
      return copyPeriods(I, Word, {0});
  E.refuse(I, "a copy of references whose place in the variable or number is known at run time "
              "only, in memory that has other things too; copy one structure at a time");
}

/// Whether nothing is done with the variable at \p Base before \p I, which runs once.
static bool isFirstUse(const Instruction &I, const Value *Base) {
  auto *Variable = dyn_cast<AllocaInst>(Base);
  return Variable && I.getParent()->isEntryBlock() && all_of(Variable->users(), [&](const User *U) {
           auto *Other = cast<Instruction>(U);
           return Other == &I || Other->getParent() != I.getParent() || !Other->comesBefore(&I) ||
                  Other->isLifetimeStartOrEnd();
         });
}

void Copies::fill(MemSetInst &I) {
  const Region To = regionOf(I.getRawDest(), R, DL);
  auto *Length = dyn_cast<ConstantInt>(I.getLength());
  auto *Byte = dyn_cast<ConstantInt>(I.getValue());
  const bool Simple = I.getIntrinsicID() == Intrinsic::memset;
  Offsets Refs;
  if (Length)
    Refs = To.refs(R, DL, Length->getZExtValue());
  if (To.Kind == Region::Object && !To.Base)
    return E.refuse(I, kTooFar);
  if (To.Kind == Region::Unknown || (To.Kind == Region::Slots && !R.in(To.T)) ||
      (Length && Length->isZero()) || (Length && To.isTyped() && To.Offset && Refs.empty()))
    return;
  if (!checkPlain(I, I.isVolatile(), Simple))
    return;
  IRBuilder<> B(&I);
  Value *At = I.getRawDest();
  Constant *Null = Constant::getNullValue(Ref);
  if (To.Kind == Region::Object && (!To.Fields || !To.Offset || !Length)) {
    B.CreateCall(managedIntrinsic(ManagedID::RefFillFields).declare(M),
                 {To.Base, managed(B, At), I.getValue(),
                  B.CreateZExtOrTrunc(I.getLength(), B.getInt64Ty())});
  } else if (!Byte || !Byte->isZero()) {
    return E.refuse(I, "memset over references with a byte other than 0; only 0 makes them null");
  } else if (Length && To.Offset) {
    const uint64_t N = Length->getZExtValue();
    Type *T = To.Kind == Region::Slots ? partOf(To.T, *To.Offset, N, DL) : nullptr;
    uint64_t Done = 0;
    auto Gap = [&](uint64_t End) {
      if (Done != End)
        markBytes(B.CreateMemSet(at(B, At, Done), Byte, End - Done,
                                 commonAlignment(I.getDestAlign().valueOrOne(), Done)));
    };
    if (Refs.size() > kMostUnrolled && isFirstUse(I, To.Base)) {
      // A slot is null from the start; the rest of the variable is not.
      markBytes(&I);
      Changed = true;
      return;
    }
    if (T && Refs.size() > kMostUnrolled && isUniform(T, R)) {
      forEachRef(&I, T, R, B.getInt64(0), [&](IRBuilderBase &Inner, Value *Offset) {
        Inner.CreateAlignedStore(Null, at(Inner, At, Offset), Align(Word));
      });
    } else if (Refs.size() > kMostInACopy) {
      return E.refuse(I, "memset over a structure with more than " + Twine(kMostInACopy) +
                             " references; fill its arrays one by one");
    } else {
      for (uint64_t Offset : Refs) {
        if (Offset + Word > N)
          return E.refuse(I, "memset over a part of a reference; fill whole references");
        Gap(Offset);
        B.CreateAlignedStore(Null, at(B, At, Offset), Align(Word));
        Done = Offset + Word;
      }
      Gap(N);
    }
  } else if (isUniform(To.T, R)) {
    Value *Count = B.CreateUDiv(I.getLength(), ConstantInt::get(I.getLength()->getType(), Word));
    forEachPeriod(&I, Count, Word, [&](IRBuilderBase &Inner, Value *Offset) {
      Inner.CreateAlignedStore(Null, at(Inner, At, Offset), Align(Word));
    });
  } else {
    return E.refuse(I, "memset over references whose place in the variable or number is known at "
                       "run time only, in memory that has other things too; fill one structure at "
                       "a time");
  }
  I.eraseFromParent();
  Changed = true;
}

/// LLVM makes one wide store of several of null, and of a small memset.
void Copies::storeOfZeros(StoreInst &I) {
  Type *T = I.getValueOperand()->getType();
  if (R.in(T) || I.isAtomic())
    return;
  const uint64_t N = DL.getTypeStoreSize(T).getFixedValue();
  if (N < Word)
    return;
  const Region To = nearby(I.getPointerOperand());
  if (To.refs(R, DL, N).empty()) {
    if (N == Word && T->isSingleValueType() && Fields.lookup(I.getPointerOperand())) {
      I.setOperand(0, Constant::getNullValue(Ref));
      I.setMetadata(LLVMContext::MD_tbaa, nullptr);
      Changed = true;
    }
    return;
  }
  IRBuilder<> B(&I);
  auto *Fill =
      cast<MemSetInst>(B.CreateMemSet(I.getPointerOperand(), B.getInt8(0), N, I.getAlign()));
  I.eraseFromParent();
  fill(*Fill);
}

/// LLVM makes a load and store of an integer of a copy of one word.
void Copies::wordCopy(StoreInst &I) {
  auto *Load = cast<LoadInst>(I.getValueOperand());
  if (!Load->hasOneUse() || I.isAtomic() || Load->isAtomic() || R.is(Load) ||
      DL.getTypeStoreSize(Load->getType()) != TypeSize::getFixed(Word) ||
      !Load->getType()->isSingleValueType())
    return;
  const Region To = nearby(I.getPointerOperand()), From = nearby(Load->getPointerOperand());
  if (To.refs(R, DL, Word).empty() && From.refs(R, DL, Word).empty() &&
      !Fields.lookup(I.getPointerOperand()) && !Fields.lookup(Load->getPointerOperand()))
    return;
  IRBuilder<> B(Load);
  LoadInst *New =
      B.CreateAlignedLoad(Ref, Load->getPointerOperand(), Load->getAlign(), Load->isVolatile());
  New->takeName(Load);
  I.setOperand(0, New);
  I.setMetadata(LLVMContext::MD_tbaa, nullptr);
  Load->eraseFromParent();
  Changed = true;
}

/// Copies parameters that are passed by value in memory to variables: the memory's counts stay
/// with the caller, who may change them meanwhile.
void Copies::copyParameters() {
  for (Argument &A : F.args()) {
    Type *T = A.getParamByValType();
    if (!T || !R.in(T) || F.getAttributes().hasParamAttr(A.getArgNo(), kCopied))
      continue;
    IRBuilder<> B(&*F.getEntryBlock().getFirstInsertionPt());
    AllocaInst *Copy = B.CreateAlloca(T, nullptr, A.getName() + ".copy");
    if (MaybeAlign Known = A.getParamAlign(); Known && *Known > Copy->getAlign())
      Copy->setAlignment(*Known);
    A.replaceAllUsesWith(Copy);
    // After the variables, so that they stay at the top.
    BasicBlock::iterator At = Copy->getIterator();
    while (isa<AllocaInst>(At))
      ++At;
    B.SetInsertPoint(&*At);
    B.CreateMemCpy(Copy, Copy->getAlign(), &A, Copy->getAlign(),
                   DL.getTypeAllocSize(T).getFixedValue());
    A.addAttr(Attribute::get(F.getContext(), kCopied));
    Changed = true;
  }
}

bool Copies::run() {
  copyParameters();
  SmallVector<Instruction *> Work;
  for (Instruction &I : instructions(F)) {
    bool May = isa<AnyMemIntrinsic>(I);
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
      auto *Zero = dyn_cast<Constant>(Store->getValueOperand());
      May = (Zero && Zero->isNullValue()) || isa<LoadInst>(Store->getValueOperand());
    }
    if (!May || I.hasMetadata(kMovesNone))
      continue;
    Work.push_back(&I);
    if (auto *Store = dyn_cast<StoreInst>(&I)) {
      auto *Load = dyn_cast<LoadInst>(Store->getValueOperand());
      for (Value *At : {Store->getPointerOperand(), Load ? Load->getPointerOperand() : nullptr})
        if (At && !Fields.count(At))
          Fields[At] = isFieldOfRef(At, Word, R, DL);
    }
  }
  for (Instruction *I : Work) {
    if (auto *Copy = dyn_cast<MemTransferInst>(I)) {
      copy(*Copy);
    } else if (auto *Fill = dyn_cast<MemSetInst>(I)) {
      fill(*Fill);
    } else if (auto *Atomic = dyn_cast<AnyMemIntrinsic>(I)) {
      auto *Copy = dyn_cast<AnyMemTransferInst>(Atomic);
      if (holdsRefs(Atomic->getRawDest()) || (Copy && holdsRefs(Copy->getRawSource())))
        checkPlain(*Atomic, /*Volatile=*/false, /*Simple=*/false);
    } else if (isa<LoadInst>(cast<StoreInst>(I)->getValueOperand())) {
      wordCopy(cast<StoreInst>(*I));
    } else {
      storeOfZeros(cast<StoreInst>(*I));
    }
  }
  return Changed;
}

bool cairn::expandCopies(Refusals &Errors) { return Copies(Errors).run(); }

PreservedAnalyses CopiesPass::run(Module &M, ModuleAnalysisManager &) {
  const References R(M);
  bool Changed = typePassedWords(M);
  for (Function &F : M) {
    if (F.isDeclaration() || !touchesReferences(F, R))
      continue;
    Refusals Errors(F, R);
    if (Errors.refused())
      continue;
    refuseForms(Errors);
    if (!Errors.refused())
      Changed |= expandCopies(Errors);
  }
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
