//===- Stores.cpp - Loads, stores and what writes to memory -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A load borrows from the field or slot. A store moves a unit into it, and hands the unit of
// what was there back, so that it has to be known what that was.
//
//===----------------------------------------------------------------------===//
#include "check/Step.h"

#include "ir/Compat.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

/// Of a copy of more words than this only the object is known.
static constexpr unsigned kMostCopied = 32;
/// Choices of choices are followed to no more classes.
static constexpr unsigned kMostChoices = 16;

// Counts aside: loads, stores to it, comparisons, and calls that do not keep it.
bool Step::neverCaptured(const Value *V) {
  auto [At, New] = Captured.insert({V, false});
  if (!New)
    return !At->second;
  SmallVector<const Value *> Work = {V};
  bool Kept = false;
  while (!Work.empty() && !Kept)
    for (const Use &U : Work.pop_back_val()->uses()) {
      const User *By = U.getUser();
      if (isa<GetElementPtrInst, BitCastInst>(By)) {
        Work.push_back(By);
        continue;
      }
      if (isa<LoadInst, ICmpInst>(By))
        continue;
      if (auto *Store = dyn_cast<StoreInst>(By); Store && U.getOperandNo() == 1)
        continue;
      if (auto *Call = dyn_cast<CallBase>(By);
          Call && Call->isArgOperand(&U) && keepsNoPointer(*Call, Call->getArgOperandNo(&U)))
        continue;
      Kept = true;
      break;
    }
  Captured[V] = Kept;
  return !Kept;
}

Ref Step::memory(State &S, const Value *Address) {
  Place P = R.of(Address);
  if (R.tracks(P.Root))
    return eval(S, Address);
  if (const ClassId *Known = S.findBase(P.Root))
    return {*Known, P.At};
  Memory Kind = isa<GlobalVariable>(P.Root) ? Memory::Global
                : isa<AllocaInst>(P.Root)   ? Memory::Stack
                                            : Memory::Other;
  ClassId C = S.base(P.Root, Kind);
  auto *A = dyn_cast<Argument>(P.Root);
  auto *Call = dyn_cast<CallBase>(P.Root);
  if (((A && (A->hasNoAliasAttr() || A->hasByValAttr() || A->hasStructRetAttr())) ||
       (Call && Call->hasRetAttr(Attribute::NoAlias))) &&
      neverCaptured(P.Root))
    S[C].Private = true;
  return {C, P.At};
}

void Step::enterSlot(State &S, const Instruction &I) {
  ClassId C = S.base(&I, Memory::Stack);
  if (S[C].Private || !S[C].Fields.empty())
    S.forget(C); // A dynamic one, again.
  S[C].Private = true;
  S[C].Rest = Unlisted::Unset;
}

/// Whether \p Of is a choice in which there is memory that only this function knows. What that
/// holds is listed with it, so that a path has to know whether it is that.
bool Step::isUnclearMemory(const State &S, ClassId Of) {
  SmallVector<ClassId, 4> Work = {Of};
  const Value *Condition = S[Of].Select;
  for (unsigned N = 0; N != Work.size(); ++N) {
    const Class &C = S[Work[N]];
    if (!C.Select && C.Private) {
      Undecided = Condition;
      return Condition;
    }
    if (C.Select && Work.size() < kMostChoices)
      Work.append({C.IfTrue, C.IfFalse});
  }
  return false;
}

/// Whether a load of \p At reads nothing that was released and still stands in \p Of, at a place
/// that may be this one.
bool Step::isWholeElsewhere(const State &S, ClassId Of, Offset At, const Instruction &I) {
  for (const Content &F : S[Of].Fields)
    if (F.Hollow && F.At.Symbol != At.Symbol && !S[F.Is].needsNoUnit())
      return fail(FindingKind::UsedAfterRelease, I, S[Of].Origin,
                  "this may read " + nameOf(S[F.Is].Origin) +
                      ", which was released and stands in " + nameOf(S[Of].Origin) + " still");
  return true;
}

bool Step::mayReadOpen(State &S, const LoadInst &Load) {
  if (!R.tracks(&Load))
    return false;
  const Ref From = memory(S, Load.getPointerOperand());
  return any_of(R.leaves(Load.getType()), [&](uint64_t Leaf) {
    const Offset At = {From.At.Bytes + Leaf, From.At.Symbol};
    if (const Content *In = S.content(From.Class, At, true))
      return In->Hollow;
    return any_of(S.Contents, [&](const Content &C) {
      return C.Hollow && !S[C.Holder].Private && S.mayBeOneMemory(C.Holder, From.Class);
    });
  });
}

bool Step::leavesOpen(State &S, const Instruction &I) {
  if (!S.openPlaces()) {
    S.Open = false;
    return true;
  }
  auto *Load = dyn_cast<LoadInst>(&I);
  auto *Store = dyn_cast<StoreInst>(&I);
  auto *Call = dyn_cast<CallBase>(&I);
  if ((Load && Load->isSimple() && !mayReadOpen(S, *Load)) || (Store && Store->isSimple()) ||
      isa<UnreachableInst>(I))
    return true;
  if (Call && !I.isTerminator()) {
    const MemoryEffects Effects =
        Call->getMemoryEffects().getWithoutLoc(IRMemLocation::InaccessibleMem);
    if (!isModOrRefSet(Effects.getModRef()) || isa<DbgInfoIntrinsic>(Call))
      return true;
  } else if (!I.mayReadOrWriteMemory() && !I.isTerminator()) {
    return true;
  }
  for (const Content &C : S.Contents)
    if (C.Hollow && !S[C.Holder].Private) {
      const Class &Of = S[C.Is];
      auto *Stored = dyn_cast_or_null<StoreInst>(Of.Released);
      return fail(FindingKind::NoUnit, Stored ? *Stored : I, Of.Origin,
                  nameOf(Of.Origin) +
                      " is stored, but this function has no unit of it: it was read "
                      "from memory that may be read before it is written again");
    }
  return true;
}

bool Step::runLoad(State &S, const LoadInst &Load) {
  const Value *Address = Load.getPointerOperand();
  const Value *Root = R.of(Address).Root;
  if (R.tracks(Root) && !needsAlive(S, eval(S, Address).Class, Load, Address))
    return false;
  if (isStrongerThanMonotonic(Load.getOrdering()))
    S.forgetAll();
  if (!R.tracks(&Load))
    return true;
  Ref From = memory(S, Address);
  if (isUnclearMemory(S, From.Class))
    return false;
  const auto Leaves = R.leaves(Load.getType());
  for (unsigned Leaf = 0; Leaf != Leaves.size(); ++Leaf) {
    Offset At = From.At;
    At.Bytes += Leaves[Leaf];
    const Content *In = Load.isVolatile() ? nullptr : S.content(From.Class, At, true);
    if (In) {
      if (const Value *Of = S[In->Is].Origin; Of && isCellOf(Of))
        S[In->Is].Origin = &Load;
      S.bind(R.name(&Load) + Leaf, {S.rep(In->Is), {}});
      continue;
    }
    if (!isWholeElsewhere(S, From.Class, At, Load))
      return false;
    const Unlisted Rest = S.unlisted(From.Class, At);
    if (Rest == Unlisted::Null) {
      S.bind(R.name(&Load) + Leaf, {kNull, {}});
      if (!At.Symbol) // What was read is known when others know the object, too.
        S.setContent(From.Class, At, kNull, &Load);
      continue;
    }
    // What was borrowed from here before may not be what is here now, but lives as long.
    if (const Content *Old = S.content(From.Class, At, false); Old && !Old->Hollow)
      S.lend(Old->Is, Lender{.Holders = {From.Class}});
    ClassId C = S.make(&Load);
    S[C].NonNull = Load.hasMetadata(LLVMContext::MD_nonnull);
    S.bind(R.name(&Load) + Leaf, {C, {}});
    if (Rest == Unlisted::Unset) // It lives in nothing: any use is an error.
      continue;
    S.setContent(From.Class, At, C, &Load);
  }
  return true;
}

bool Step::isForStore(const Instruction &I) {
  auto *Store = dyn_cast<StoreInst>(&I);
  const Instruction *Next = Store ? I.getNextNode() : &I;
  while (Store && Next && isa<DbgInfoIntrinsic>(Next))
    Next = Next->getNextNode();
  auto *Call = dyn_cast_or_null<CallBase>(Next);
  const IntrinsicInfo *Known = Call ? calledIntrinsic(*Call) : nullptr;
  if (!Known || Known->ID != IntrinsicID::Incref)
    return false;
  for (const Instruction *Before = Next; !Store && (Before = Before->getPrevNode());)
    if (!isa<DbgInfoIntrinsic>(Before)) {
      Store = dyn_cast<StoreInst>(Before);
      break;
    }
  return Store && Store->getValueOperand() == Call->getArgOperand(0);
}

bool Step::storeOne(State &S, const Instruction &I, Ref To, ClassId New, const Value *NewValue) {
  if (isUnclearMemory(S, To.Class))
    return false;
  if (S[To.Class].Cell)
    return fail(FindingKind::WrongCell, I, NewValue, nameOf(NewValue) + " is stored into a cell");
  // A frontend's own variable is a name, not a slot.
  const bool Variable = S.isName(To.Class), Retained = R.Plain && isForStore(I);
  if (Retained && !needsAlive(S, New, I, NewValue))
    return false;
  if (Variable) {
    if (Retained && !S[New].needsNoUnit())
      ++S[New].Units;
  } else {
    if (const Content *Old = S.content(To.Class, To.At, true)) {
      if (!Old->Hollow && !S[Old->Is].needsNoUnit())
        ++S[Old->Is].Units;
    } else if (S.unlisted(To.Class, To.At) == Unlisted::Unknown && !R.Plain) {
      return fail(FindingKind::OldValueLost, I, NewValue,
                  nameOf(NewValue) + " is stored over a reference that was not read before: the "
                                     "unit of the old one is lost");
    }
    if (!Retained && !take(S, New, I, NewValue, "stored", !R.Plain))
      return false;
  }
  // What may have been written is not known to be open any more, and nor what was written.
  const Content *Over = S.Open ? S.content(To.Class, To.At, false) : nullptr;
  const unsigned Open = S.Open ? S.openPlaces() - (Over && Over->Hollow) : 0;
  S.overwrite(To.Class, To.At, New, &I);
  S.setContent(To.Class, To.At, New, &I);
  if (S.Open && S.openPlaces() < Open)
    return fail(FindingKind::NoUnit, I, NewValue,
                "a reference was stored that this function has no unit of: it was read from memory "
                "that this store may write to, or may not");
  if (!Variable)
    S.escape(New);
  return true;
}

bool Step::runStore(State &S, const StoreInst &Store) {
  const Value *Address = Store.getPointerOperand(), *V = Store.getValueOperand();
  const Value *Root = R.of(Address).Root;
  if (R.tracks(Root) && !needsAlive(S, eval(S, Address).Class, Store, Address))
    return false;
  if (isStrongerThanMonotonic(Store.getOrdering()))
    S.forgetAll();
  const bool Reference = R.Plain ? R.tracks(R.of(V).Root) : R.Refs.in(V->getType());
  if (!Reference) {
    if (R.Plain && V->getType()->isPointerTy()) {
      // Null, or what needs no count, over a reference that is known to be there.
      Ref To = memory(S, Address);
      if (S.content(To.Class, To.At, true))
        return storeOne(S, Store, To, isa<ConstantPointerNull>(V) ? kNull : kAlways, V);
    }
    if (V->getType()->isPtrOrPtrVectorTy() && !isa<Constant>(V))
      capture(S, V);
    // LLVM writes a null as a number that is 0, too.
    const TypeSize Size = R.F.getParent()->getDataLayout().getTypeStoreSize(V->getType());
    const auto *Number = dyn_cast<Constant>(V);
    return R.Plain || !Number || !Number->isNullValue() || Size.isScalable() ||
           zero(S, Store, Address, APInt(64, Size.getFixedValue()));
  }
  Ref To = memory(S, Address);
  if (isUnclearMemory(S, To.Class))
    return false;
  const auto Leaves = R.leaves(V->getType());
  for (unsigned Leaf = 0; Leaf != Leaves.size(); ++Leaf) {
    Ref At = To;
    At.At.Bytes += Leaves[Leaf];
    if (!storeOne(S, Store, At, eval(S, V, Leaf).Class, V))
      return false;
  }
  return true;
}

// The intrinsic retains what it copies and releases what was there, whose finalisers may store
// anywhere. What it reads stays, and it keeps no address.
void Step::copyFields(State &S, const CallBase &Call, IntrinsicID ID) {
  const bool Reads = ID == IntrinsicID::ReadFields;
  const Value *Address = Call.getArgOperand(Reads ? 2 : 1);
  auto *Length = dyn_cast<ConstantInt>(Call.getArgOperand(3));
  auto *Byte = dyn_cast<ConstantInt>(Call.getArgOperand(2));
  S.forgetAll();
  if (isa<Constant>(R.of(Address).Root))
    return;
  const Ref To = memory(S, Address);
  const uint64_t Word = R.F.getParent()->getDataLayout().getPointerSize();
  if (Reads || !Length || Length->getValue().ugt(kMostCopied * Word))
    return S.forget(To.Class);
  for (uint64_t At = 0; At < Length->getZExtValue(); At += Word) {
    const bool Null = ID == IntrinsicID::FillFields && Byte && Byte->isZero();
    S.setContent(To.Class, {To.At.Bytes + At, To.At.Symbol}, Null ? kNull : S.make(&Call), &Call);
  }
}

/// \p I writes \p Length zero bytes: nulls, where references are known to be.
bool Step::zero(State &S, const Instruction &I, const Value *Address, const APInt &Length) {
  const Value *Root = R.of(Address).Root;
  if (!R.tracks(Root) && !S.findBase(Root))
    return true;
  Ref To = memory(S, Address);
  const uint64_t Word = R.F.getParent()->getDataLayout().getPointerSize();
  auto Inside = [&](Offset At) {
    const uint64_t From = At.Bytes - To.At.Bytes;
    return At.Symbol == To.At.Symbol && Length.ugt(From) && Length.uge(From + Word);
  };
  SmallVector<Offset, 8> Listed;
  for (const Content &F : S[To.Class].Fields)
    Listed.push_back(F.At);
  for (const Content &F : S.Contents)
    if (S.rep(F.Holder) == S.rep(To.Class))
      Listed.push_back(F.At);
  if (auto *Slot = dyn_cast<AllocaInst>(Root))
    for (uint64_t Leaf : R.leaves(Slot->getAllocatedType()))
      Listed.push_back({Leaf, nullptr});
  // Of a new object it says which words are null when others know it, too.
  if (S.unlisted(To.Class, To.At) == Unlisted::Null && !To.At.Symbol &&
      Length.ule(kMostCopied * Word))
    for (uint64_t At = 0; At + Word <= Length.getZExtValue(); At += Word)
      Listed.push_back({To.At.Bytes + At, nullptr});
  sort(Listed, [](Offset A, Offset B) { return A.Bytes < B.Bytes; });
  Listed.erase(unique(Listed), Listed.end());
  return all_of(Listed, [&](Offset At) {
    return !Inside(At) || storeOne(S, I, {To.Class, At}, kNull, Address);
  });
}

// LLVM makes one memset of stores of null. Of other copies it knows that they move no references.
bool Step::runMemory(State &S, const MemIntrinsic &I) {
  for (const Value *Address :
       {I.getRawDest(),
        isa<MemTransferInst>(I) ? cast<MemTransferInst>(I).getRawSource() : nullptr})
    if (Address && R.tracks(R.of(Address).Root) &&
        !needsAlive(S, eval(S, Address).Class, I, Address))
      return false;
  auto *Length = dyn_cast<ConstantInt>(I.getLength());
  auto *Set = dyn_cast<MemSetInst>(&I);
  auto *Byte = Set ? dyn_cast<ConstantInt>(Set->getValue()) : nullptr;
  return !Length || !Byte || !Byte->isZero() || zero(S, I, I.getRawDest(), Length->getValue());
}
