//===- Step.cpp - What one instruction does to a state ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Step.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

std::string check::nameOf(const Value *V) {
  if (!V)
    return "a reference";
  if (!V->hasName() && V->getType()->isVoidTy())
    return "a reference";
  std::string Text;
  raw_string_ostream OS(Text);
  V->printAsOperand(OS, false);
  return OS.str();
}

bool Step::fail(FindingKind Kind, const Instruction &At, const Value *Of, const Twine &Text) {
  problem = Problem{Kind, &At, Of, Text.str()};
  return false;
}

State Step::entry() {
  State S;
  S.SlotsAreNames = R.Plain;
  for (const Argument &A : R.F.args()) {
    if (!R.tracks(&A))
      continue;
    Ownership Own = Ownership::Borrowed;
    const AttributeList List = R.F.getAttributes();
    if (!R.Plain)
      Own = parameterOwnership(R.F, A.getArgNo(), R.Refs);
    else if (List.hasParamAttr(A.getArgNo(), kOwned))
      Own = Ownership::Owned;
    // LLVM has put a constant that all callers pass in the argument's place.
    const SmallVector<const Value *, 4> Passed = Quiet.passedTo(A);
    for (unsigned Leaf = 0, End = R.leafCount(&A); Leaf != End; ++Leaf) {
      if (std::optional<ClassId> Is = constantOf(Passed, Leaf)) {
        S.bind(R.name(&A) + Leaf, {*Is, {}});
        continue;
      }
      ClassId C = S.make(&A);
      if (Own == Ownership::Owned)
        S[C].Units = 1;
      else
        S[C].ForCall = true;
      S[C].NonNull = A.hasNonNullAttr();
      if (const uint32_t Word = R.Plain ? 0 : cellWord(A)) {
        S[C].Cell = S[C].Private = S[C].NonNull = true;
        S[C].Shape = Word;
        S[C].Rest = Unlisted::Unset;
      }
      S.bind(R.name(&A) + Leaf, {C, {}});
    }
  }
  return S;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// The reference in a constant that comes after \p Leaf others: null, or always there.
static ClassId constantClass(const Value *V) {
  if (isa<ConstantPointerNull, ConstantAggregateZero>(V))
    return kNull;
  return kAlways;
}

Ref Step::eval(const State &S, const Value *V, unsigned Leaf) {
  Place P = R.of(V);
  if (isa<Constant>(P.Root))
    return {constantClass(P.Root), {}};
  if (!R.tracks(P.Root))
    return {kAlways, {}};
  const Ref *Found = S.find(R.name(P.Root) + Leaf);
  if (!Found)
    return {kAlways, {}};
  Ref To = *Found;
  To.Class = S.rep(To.Class);
  To.At.Bytes += P.At.Bytes;
  if (P.At.Symbol)
    To.At.Symbol = To.At.Symbol ? V : P.At.Symbol;
  return To;
}

void Step::bind(State &S, const Value *Root, unsigned Leaf, Ref To) {
  S.bind(R.name(Root) + Leaf, To);
}

bool Step::needsAlive(State &S, ClassId C, const Instruction &I, const Value *V) {
  if (S.alive(C))
    return true;
  if ((Undecided = S.undecided(C)))
    return false;
  const Class &Of = S[C];
  if (Of.Released)
    return fail(FindingKind::UsedAfterRelease, I, V,
                Twine("nothing keeps ") + nameOf(V) + " alive here: its unit went before");
  return fail(FindingKind::UsedAfterRelease, I, V,
              Twine("nothing keeps ") + nameOf(V) +
                  " alive here: it has no unit, and what it was borrowed from is released or was "
                  "written to");
}

bool Step::isWhole(const State &S, ClassId C, const Instruction &I, const Value *V) {
  const Class &Of = S[C];
  if (!Of.Private && Of.Kind != Memory::Stack)
    return true;
  for (const Content &F : Of.Fields)
    if (F.Hollow && S[F.Is].Origin && isManaged(S[F.Is].Origin, ManagedID::RefReuseCell))
      return fail(FindingKind::UsedAfterRelease, I, V,
                  "nothing was stored to the field of " + nameOf(V) + " at offset " +
                      Twine(int64_t(F.At.Bytes)) + " since its cell was reused");
    else if (F.Hollow)
      return fail(FindingKind::UsedAfterRelease, I, V,
                  nameOf(V) + " still holds " + nameOf(S[F.Is].Origin) + ", which was released");
  return true;
}

bool Step::take(State &S, ClassId C, const Instruction &I, const Value *V, const Twine &What,
                bool MayBeInSlot) {
  Class &Of = S[C];
  if (Of.needsNoUnit())
    return true;
  if (isCell(S, C, I, V, What) || !isWhole(S, C, I, V))
    return false;
  if (Of.Units > 0) {
    if (!--Of.Units)
      Of.Released = &I;
    return true;
  }
  if ((Undecided = S.undecided(C)))
    return false;
  // LLVM removes a store to memory that nobody else can read before it is written again, or
  // before the frame ends: a reference then goes while it still stands there. The function's own
  // variables are the first to lose one, and the caller's memory is the last. What was passed by
  // value loses none.
  enum Owner { Frame, Object, Caller };
  for (const Owner From : {Frame, Object, Caller})
    for (const Lender &L : MayBeInSlot ? ArrayRef<Lender>(Of.Lenders) : ArrayRef<Lender>()) {
      const Class &Holder = S[L.Holders.empty() ? kAlways : L.Holders.front()];
      auto *A = dyn_cast_or_null<Argument>(Holder.Kind == Memory::None ? nullptr : Holder.Origin);
      const Owner Its = A ? Caller : Holder.Kind == Memory::Stack ? Frame : Object;
      if (!L.HasPlace || L.At.Symbol || !(R.Plain || Holder.Private) || Its != From ||
          (A && A->hasByValAttr()) || !S.lends(L, C))
        continue;
      S.hollow(L.Holders.front(), L.At);
      Of.Released = &I;
      return true;
    }
  // It also removes one to memory that others know, if it knows of another that follows before
  // anything reads what is there.
  for (const Lender &L :
       MayBeInSlot &&isa<StoreInst>(I) ? ArrayRef<Lender>(Of.Lenders) : ArrayRef<Lender>()) {
    if (!L.HasPlace || L.At.Symbol || R.Plain || S[L.Holders.front()].Private || !S.lends(L, C))
      continue;
    S.hollow(L.Holders.front(), L.At);
    S.Open = true;
    Of.Released = &I;
    return true;
  }
  if (!S.alive(C) && Of.Released)
    return fail(FindingKind::ReleasedTwice, I, V,
                nameOf(V) + " is " + What + ", but its unit went before on this path");
  return fail(FindingKind::NoUnit, I, V,
              nameOf(V) + " is " + What + ", but this function has no unit of it" +
                  (S.alive(C) ? ": it is only borrowed" : ""));
}

//===----------------------------------------------------------------------===//
// The end of a frame
//===----------------------------------------------------------------------===//

bool Step::nothingLost(State &S, ArrayRef<bool> Reached, const Instruction &At,
                       const Twine &Where) {
  for (ClassId C = 2; C != S.size(); ++C) {
    if (S.rep(C) != C || S[C].Units <= 0 || S[C].needsNoUnit() ||
        (C < Reached.size() && Reached[C]))
      continue;
    if ((Undecided = S.undecided(C)))
      return false;
    const Value *V = S[C].Origin;
    if (S[C].Cell)
      return fail(FindingKind::LostUnit, At, V, "the cell " + nameOf(V) + " is lost " + Where);
    if (V && isCellOf(V))
      return fail(FindingKind::LostUnit, At, V,
                  "what a field of " + nameOf(V) + " refers to is lost " + Where);
    return fail(FindingKind::LostUnit, At, V,
                (S[C].Units == 1 ? "a unit" : Twine(S[C].Units) + " units") + " of " + nameOf(V) +
                    (S[C].Units == 1 ? " is lost " : " are lost ") + Where);
  }
  return true;
}

const Content *Step::leftInGlobal(const State &S) const {
  const auto *Found = find_if(S.Contents, [&](const Content &C) {
    return C.Hollow && S[C.Holder].Kind == Memory::Global && !S[C.Is].needsNoUnit();
  });
  return Found == S.Contents.end() ? nullptr : Found;
}

bool Step::frameEnds(State &S, const Instruction &I) {
  if (!nothingLost(S, {}, I, "where the function ends"))
    return false;
  if (const Content *Left = R.Plain ? leftInGlobal(S) : nullptr)
    return fail(FindingKind::UsedAfterRelease, I, S[Left->Holder].Origin,
                nameOf(S[Left->Holder].Origin) + " still holds " + nameOf(S[Left->Is].Origin) +
                    ", which was released, where the function ends");
  if (R.Plain)
    return true;
  for (auto &[Root, C] : S.Bases) {
    auto *Slot = dyn_cast<AllocaInst>(Root);
    if (!Slot) {
      if (!isWhole(S, C, I, Root)) // The caller goes on to read it.
        return false;
      continue;
    }
    if (!isEmpty(S, C, I, *Slot, "where the function ends"))
      return false;
  }
  return true;
}

bool Step::isEmpty(const State &S, ClassId C, const Instruction &At, const AllocaInst &Slot,
                   const Twine &Where) {
  for (const Content &F : S[C].Fields)
    if (!F.Hollow && !S[F.Is].needsNoUnit() && S[F.Is].Origin != &Slot)
      return fail(FindingKind::SlotNotEmpty, At, &Slot,
                  "the slot " + nameOf(&Slot) + " still holds " + nameOf(S[F.Is].Origin) + " " +
                      Where);
  return true;
}

// LLVM removes the store of null to memory whose life ends, and marks the lives of variables that
// it has inlined.
bool Step::runLifetime(State &S, const CallBase &Call) {
  const Value *Memory = Call.getArgOperand(Call.arg_size() - 1);
  auto *Slot = dyn_cast<AllocaInst>(R.of(Memory).Root);
  const ClassId *C = Slot ? S.findBase(Slot) : nullptr;
  if (!C || R.Plain || Call.getIntrinsicID() != Intrinsic::lifetime_end)
    return true;
  if (!isEmpty(S, *C, Call, *Slot, "where its life ends"))
    return false;
  S.forget(*C);
  if (S[*C].Private)
    S[*C].Rest = Unlisted::Unset;
  return true;
}

bool Step::runReturn(State &S, const Instruction &I) {
  const Value *V = cast<ReturnInst>(I).getReturnValue();
  SmallVector<ClassId, 2> Borrowed;
  const AttributeList List = R.F.getAttributes();
  const bool Lends =
      R.Plain ? List.hasRetAttr(kBorrowed) : resultOwnership(R.F, R.Refs) == Ownership::Borrowed;
  const Value *Root = V ? R.of(V).Root : nullptr;
  // A plain pointer computed from a managed reference is no reference.
  if (Root && R.tracks(Root) && (R.Plain || R.Refs.in(V->getType())))
    for (unsigned Leaf = 0, End = R.leafCount(Root); Leaf != End; ++Leaf) {
      ClassId C = eval(S, V, Leaf).Class;
      if (Lends)
        Borrowed.push_back(C);
      else if (!take(S, C, I, V, "returned", !R.Plain))
        return false;
    }
  if (!frameEnds(S, I))
    return false;
  return all_of(Borrowed, [&](ClassId C) { return needsAlive(S, C, I, V); });
}

//===----------------------------------------------------------------------===//
// Instructions that make names
//===----------------------------------------------------------------------===//

bool Step::runVectorOrAggregate(State &S, const Instruction &I) {
  auto Copy = [&](unsigned To, const Value *From, unsigned Leaf) {
    bind(S, &I, To, eval(S, From, Leaf));
  };
  const unsigned N = R.leafCount(&I);
  auto Unknown = [&] {
    for (const Value *Operand : I.operands()) // It may be one of these.
      if (R.tracks(R.of(Operand).Root))
        for (unsigned Leaf = 0, End = R.leafCount(Operand); Leaf != End; ++Leaf)
          S.escape(eval(S, Operand, Leaf).Class);
    for (unsigned Leaf = 0; Leaf != N; ++Leaf) {
      ClassId C = S.make(&I);
      S[C].ForCall = true;
      bind(S, &I, Leaf, {C, {}});
    }
  };
  if (auto *Extract = dyn_cast<ExtractValueInst>(&I)) {
    const Value *From = Extract->getAggregateOperand();
    unsigned First = R.leafIndex(From->getType(), Extract->getIndices());
    for (unsigned Leaf = 0; Leaf != N; ++Leaf)
      Copy(Leaf, From, First + Leaf);
  } else if (auto *Insert = dyn_cast<InsertValueInst>(&I)) {
    const Value *Part = Insert->getInsertedValueOperand();
    unsigned First = R.leafIndex(I.getType(), Insert->getIndices());
    unsigned Parts = R.leaves(Part->getType()).size();
    for (unsigned Leaf = 0; Leaf != N; ++Leaf) {
      bool Inside = Leaf >= First && Leaf < First + Parts;
      Copy(Leaf, Inside ? Part : Insert->getAggregateOperand(), Inside ? Leaf - First : Leaf);
    }
  } else if (auto *Extract = dyn_cast<ExtractElementInst>(&I)) {
    auto *At = dyn_cast<ConstantInt>(Extract->getIndexOperand());
    const Value *From = Extract->getVectorOperand();
    if (!At)
      Unknown();
    else if (At->getValue().uge(R.leaves(From->getType()).size())) // Poison.
      bind(S, &I, 0, {kAlways, {}});
    else
      Copy(0, From, At->getZExtValue());
  } else if (auto *Insert = dyn_cast<InsertElementInst>(&I)) {
    auto *At = dyn_cast<ConstantInt>(Insert->getOperand(2));
    if (!At) {
      Unknown();
      return true;
    }
    for (unsigned Leaf = 0; Leaf != N; ++Leaf) {
      bool Inside = At->getValue() == Leaf;
      Copy(Leaf, Insert->getOperand(Inside ? 1 : 0), Inside ? 0 : Leaf);
    }
  } else if (auto *Shuffle = dyn_cast<ShuffleVectorInst>(&I)) {
    const unsigned Left = R.leafCount(Shuffle->getOperand(0));
    for (unsigned Leaf = 0; Leaf != N; ++Leaf) {
      int From = Shuffle->getMaskValue(Leaf);
      if (From < 0)
        bind(S, &I, Leaf, {kAlways, {}});
      else
        Copy(Leaf, Shuffle->getOperand(unsigned(From) < Left ? 0 : 1), unsigned(From) % Left);
    }
  } else {
    Unknown(); // Nothing that the passes make: alive, and without a unit.
  }
  return true;
}

void Step::runSelect(State &S, const SelectInst &Select) {
  const Value *Condition = Select.getCondition();
  std::optional<bool> Is;
  if (Condition->getType()->isIntegerTy())
    Is = truth(S, Condition);
  for (unsigned Leaf = 0, End = R.leafCount(&Select); Leaf != End; ++Leaf) {
    Ref T = eval(S, Select.getTrueValue(), Leaf);
    Ref F = eval(S, Select.getFalseValue(), Leaf);
    Ref To = Is && *Is ? T : F;
    // What it compares may be forgotten before a state joins that does not know it.
    if (Is && T != F)
      Known.set(S.Conditions, Condition, ConstantInt::getBool(Condition->getContext(), *Is));
    if (!Is && T != F) {
      if (S[T.Class].needsNoUnit()) // Where it points to does not matter.
        T.At = F.At;
      else if (S[F.Class].needsNoUnit())
        F.At = T.At;
      To.At = T.At == F.At ? T.At : Offset{0, &Select};
      if (Condition->getType()->isIntegerTy()) {
        To.Class = S.select(&Select, Condition, T.Class, F.Class);
      } else {
        S.escape(T.Class);
        S.escape(F.Class);
        To.Class = S.make(&Select);
        S.lend(To.Class, Lender{.Holders = {T.Class, F.Class}, .Same = true});
      }
    }
    S.bind(R.name(&Select) + Leaf, To);
  }
}

bool Step::run(State &S, const Instruction &I) {
  // What was known of a value that is computed again is out of date.
  if (I.getType()->isIntegerTy() && !S.Conditions.empty() && !isa<PHINode>(I))
    Known.set(S.Conditions, &I, nullptr);
  if (S.Open && !leavesOpen(S, I))
    return false;
  switch (I.getOpcode()) {
  case Instruction::PHI: // At the edges.
    return true;
  case Instruction::Load:
    return runLoad(S, cast<LoadInst>(I));
  case Instruction::Store:
    return runStore(S, cast<StoreInst>(I));
  case Instruction::Alloca:
    enterSlot(S, I);
    return true;
  case Instruction::Call:
    if (!runCall(S, cast<CallBase>(I)))
      return false;
    defineResult(S, cast<CallBase>(I));
    return true;
  case Instruction::Invoke:
  case Instruction::CallBr:
    return runCall(S, cast<CallBase>(I));
  case Instruction::Fence:
  case Instruction::AtomicRMW:
  case Instruction::AtomicCmpXchg:
    S.forgetAll();
    if (R.tracks(&I))
      return fail(FindingKind::NotDecided, I, &I, "atomic access to a reference");
    return true;
  case Instruction::Ret:
    return runReturn(S, I);
  case Instruction::Resume:
    return frameEnds(S, I);
  case Instruction::CleanupRet:
    return !cast<CleanupReturnInst>(I).unwindsToCaller() || frameEnds(S, I);
  default:
    break;
  }
  if (!R.tracks(&I) || R.of(&I).Root != &I)
    return true;
  if (auto *Select = dyn_cast<SelectInst>(&I)) {
    runSelect(S, *Select);
    return true;
  }
  if (isa<IntToPtrInst>(I)) { // An immediate.
    bind(S, &I, 0, {kAlways, {}});
    return true;
  }
  return runVectorOrAggregate(S, I);
}
