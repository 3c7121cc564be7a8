//===- Calls.cpp - Counts and calls, by their conventions -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Units that a call takes are taken first; then its borrowed arguments have to live without
// them, since the callee may release what it took. An intrinsic's ownership is in the table
// (ir/Managed.def), also that of the plain form of the same.
//
//===----------------------------------------------------------------------===//
#include "check/Step.h"

#include "ir/Compat.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

/// To see who holds an object no more classes are looked at.
static constexpr unsigned kMostHolders = 64;

/// The managed intrinsic whose plain form \p Call calls.
static const ManagedInfo *ownershipOfPlain(const CallBase &Call) {
  const IntrinsicInfo *Plain = calledIntrinsic(Call);
  if (!Plain)
    return nullptr;
  for (const ManagedInfo &M : managedIntrinsics())
    if (M.Plain == Plain->ID)
      return &M;
  return nullptr;
}

Ownership Step::argument(const CallBase &Call, unsigned Arg) {
  if (!R.Plain)
    return argumentOwnership(Call, Arg, R.Refs);
  if (!R.tracks(R.of(Call.getArgOperand(Arg)).Root))
    return Ownership::None;
  if (const ManagedInfo *M = ownershipOfPlain(Call))
    return M->Params[Arg];
  const Function *F = Call.getCalledFunction();
  const bool Owned = Call.getAttributes().hasParamAttr(Arg, kOwned) ||
                     (F && Arg < F->arg_size() && F->getAttributes().hasParamAttr(Arg, kOwned));
  return Owned ? Ownership::Owned : Ownership::Borrowed;
}

bool Step::runCount(State &S, const CallBase &Call, bool Increments) {
  const Value *V = Call.getArgOperand(0);
  ClassId C = eval(S, V).Class;
  if (!Increments) {
    if (!take(S, C, Call, V, "released", true))
      return false;
    if (!S[C].needsNoUnit())
      S.released();
    return true;
  }
  if (isCell(S, C, Call, V, "retained") || !needsAlive(S, C, Call, V))
    return false;
  if (!S[C].needsNoUnit() && !(R.Plain && (isForStore(Call) || S.fill(C))))
    ++S[C].Units;
  S.shared(C);
  return true;
}

bool Step::runConversion(State &S, const CallBase &Call, ManagedID ID) {
  const Value *V = Call.getArgOperand(0);
  const bool Traced = R.tracks(R.of(V).Root);
  ClassId C = eval(S, V).Class;
  switch (ID) {
  case ManagedID::Borrow:
    return needsAlive(S, C, Call, V);
  case ManagedID::Release:
    if (!take(S, C, Call, V, "given away as a plain pointer", false))
      return false;
    // Plain code has the unit now, and keeps the object alive as it likes.
    if (!S[C].needsNoUnit())
      S[C].ForCall = true;
    if (R.tracks(&Call))
      bind(S, &Call, 0, {C, {}});
    return true;
  case ManagedID::Retain:
    if (Traced && !needsAlive(S, C, Call, V))
      return false;
    [[fallthrough]];
  default: // Adopt: whoever gave it away had a unit.
    if (!Traced && !isa<Constant>(R.of(V).Root))
      C = S.make(&Call);
    if (!S[C].needsNoUnit())
      ++S[C].Units;
    S.shared(C);
    bind(S, &Call, 0, {C, {}});
    return true;
  }
}

/// A frontend's own variable that a call can write to, or others know, is memory from then on: it
/// has a unit of what it holds, if the function has one to give.
void Step::giveUp(State &S, ClassId Variable) {
  if (!S.isName(Variable))
    return;
  for (const Content &F : S[Variable].Fields)
    if (Class &Of = S[F.Is]; !Of.needsNoUnit() && Of.Units > 0)
      --Of.Units;
  S.escape(Variable);
}

void Step::capture(State &S, const Value *V) {
  Place P = R.of(V);
  if (R.tracks(P.Root)) {
    for (unsigned Leaf = 0, End = R.leafCount(P.Root); Leaf != End; ++Leaf)
      S.escape(eval(S, V, Leaf).Class);
  } else if (const ClassId *Base = S.findBase(P.Root)) {
    giveUp(S, *Base);
    S.escape(*Base);
  }
}

bool Step::isHeld(const State &S, ClassId C) {
  unsigned Steps = kMostHolders;
  return isHeld(S, C, Steps);
}

bool Step::isHeld(const State &S, ClassId C, unsigned &Steps) {
  const Class &Of = S[C];
  if (Of.needsNoUnit() || Of.Units > 0 || Of.ForCall)
    return true;
  if (!Steps)
    return false;
  --Steps;
  if (Of.Select && isHeld(S, Of.IfTrue, Steps) && isHeld(S, Of.IfFalse, Steps))
    return true;
  return any_of(Of.Lenders, [&](const Lender &L) {
    if (L.Same)
      return all_of(L.Holders, [&](ClassId C) { return isHeld(S, C, Steps); });
    const ClassId Holder = L.Holders.empty() ? kAlways : L.Holders.front();
    return L.HasPlace && S[Holder].Private && S.lends(L, C) &&
           (S[Holder].Kind != Memory::None || isHeld(S, Holder, Steps));
  });
}

bool Step::mayWrite(const CallBase &Call) {
  if (const IntrinsicInfo *Known = calledPlainForm(Call))
    return !writesNoFields(*Known);
  const MemoryEffects Effects =
      Call.getMemoryEffects().getWithoutLoc(IRMemLocation::InaccessibleMem);
  return isModSet(Effects.getModRef()) && !Quiet.isQuiet(Call);
}

void Step::effects(State &S, const CallBase &Call) {
  if (const IntrinsicInfo *Known = calledPlainForm(Call)) {
    if (writesNoFields(*Known))
      return;
    if (Known->is(kReleases))
      S.released();
    if (!R.Plain && Known->ID >= IntrinsicID::CopyFields && Known->ID <= IntrinsicID::FillFields)
      return copyFields(S, Call, Known->ID);
  } else if (isa<DbgInfoIntrinsic>(Call) || Call.isLifetimeStartOrEnd() ||
             Call.getIntrinsicID() == Intrinsic::assume) {
    return;
  }
  const bool Writes = mayWrite(Call);
  if (Writes)
    S.forgetAll();
  else if (Call.mayWriteToMemory())
    S.released(); // By a quiet callee, perhaps.
  for (unsigned Arg = 0; Arg != Call.arg_size(); ++Arg) {
    const Value *V = Call.getArgOperand(Arg);
    if (isa<Constant>(V) && !isa<Constant>(R.of(V).Root))
      continue;
    if (Writes && V->getType()->isPointerTy() && !Call.onlyReadsMemory(Arg)) {
      Place P = R.of(V);
      if (R.tracks(P.Root)) {
        if (ClassId C = eval(S, V).Class; C > kAlways)
          S.forget(C);
      } else if (const ClassId *Base = S.findBase(P.Root)) {
        giveUp(S, *Base);
        S.forget(*Base);
      }
    }
    if (!V->getType()->isPointerTy() || !keepsNoPointer(Call, Arg))
      capture(S, V);
  }
}

bool Step::runCall(State &S, const CallBase &Call) {
  if (Call.isLifetimeStartOrEnd())
    return runLifetime(S, Call);
  if (auto *Memory = dyn_cast<MemIntrinsic>(&Call))
    return runMemory(S, *Memory);
  if (const ManagedInfo *M = calledManaged(Call); M && M->isConversion() && !R.Plain)
    return runConversion(S, Call, M->ID);
  if (const ManagedInfo *M = calledManaged(Call); M && !R.Plain)
    if (std::optional<bool> Done = runCellCall(S, Call, M->ID))
      return *Done;
  const IntrinsicInfo *Known = calledPlainForm(Call);
  if (Known && (Known->ID == IntrinsicID::Incref || Known->ID == IntrinsicID::Decref) &&
      (R.Plain != (calledManaged(Call) != nullptr)))
    return runCount(S, Call, Known->ID == IntrinsicID::Incref);
  // A convention that no declaration shows has to be the default.
  const bool Indirect = !Call.getCalledFunction() && !Call.isInlineAsm();
  for (unsigned Arg = 0; Arg != Call.arg_size(); ++Arg) {
    const Value *V = Call.getArgOperand(Arg);
    if (argument(Call, Arg) != Ownership::Owned)
      continue;
    if (!R.Plain && (Indirect || Arg >= Call.getFunctionType()->getNumParams()))
      return fail(FindingKind::WrongConvention, Call, V,
                  Twine(Indirect ? "an indirect call borrows its arguments"
                                 : "variable arguments are borrowed") +
                      ", but this one takes " + nameOf(V));
    if (const uint32_t Word = R.Plain ? 0 : cellWordOfArgument(Call, Arg)) {
      if (!passCell(S, Call, V, Word))
        return false;
      continue;
    }
    const Value *Root = R.of(V).Root;
    if (!R.tracks(Root))
      continue;
    for (unsigned Leaf = 0, End = R.leafCount(Root); Leaf != End; ++Leaf)
      if (!take(S, eval(S, V, Leaf).Class, Call, V, "passed to a parameter that takes a unit",
                !R.Plain))
        return false;
  }
  if (Indirect && !R.Plain && resultOwnership(Call, R.Refs) == Ownership::Borrowed)
    return fail(FindingKind::WrongConvention, Call, &Call,
                "an indirect call gives its result, but this one lends " + nameOf(&Call));
  const bool Writes = !R.Plain && mayWrite(Call);
  const bool Reads = Known && writesNoFields(*Known) && !Known->is(kWalks);
  for (unsigned Arg = 0; Arg != Call.arg_size(); ++Arg) {
    const Value *V = Call.getArgOperand(Arg), *Root = R.of(V).Root;
    if (const ClassId *Base = S.findBase(Root); Base && !isWhole(S, *Base, Call, V))
      return false;
    if (!R.tracks(Root) || argument(Call, Arg) == Ownership::Owned)
      continue;
    for (unsigned Leaf = 0, End = R.leafCount(Root); Leaf != End; ++Leaf) {
      ClassId C = eval(S, V, Leaf).Class;
      if (!needsAlive(S, C, Call, V) ||
          (!Reads && (isCell(S, C, Call, V, "passed to a call") || !isWhole(S, C, Call, V))))
        return false;
      // What only a field lends is gone when the callee stores over that.
      if (Writes && !isHeld(S, C)) {
        if ((Undecided = S.undecided(C)))
          return false;
        return fail(FindingKind::UsedAfterRelease, Call, V,
                    nameOf(V) + " is lent by a field or slot only, which this call may write to");
      }
    }
  }
  if (const Content *Left = R.Plain && mayWrite(Call) ? leftInGlobal(S) : nullptr)
    return fail(FindingKind::UsedAfterRelease, Call, S[Left->Holder].Origin,
                "this call may read " + nameOf(S[Left->Holder].Origin) + ", which still holds " +
                    nameOf(S[Left->Is].Origin) + ", which was released");
  effects(S, Call);
  return true;
}

// LLVM puts constants in the place of what its analysis between functions knows: a result that is
// null on all paths of the callee, or a part of a structure that all callers pass, is a null that
// nobody releases.
std::optional<ClassId> Step::constantOf(ArrayRef<const Value *> Values, unsigned Leaf) {
  std::optional<ClassId> All;
  for (const Value *V : Values) {
    unsigned N = Leaf;
    for (;;) {
      if (auto *Insert = dyn_cast<InsertValueInst>(V)) {
        const Value *Part = Insert->getInsertedValueOperand();
        const unsigned First = R.leafIndex(Insert->getType(), Insert->getIndices());
        const bool Inside = N >= First && N < First + R.leaves(Part->getType()).size();
        N -= Inside ? First : 0;
        V = Inside ? Part : Insert->getAggregateOperand();
      } else if (auto *Parts = dyn_cast<ConstantAggregate>(V)) {
        unsigned Part = 0;
        for (unsigned Size; N >= (Size = R.leaves(Parts->getOperand(Part)->getType()).size());
             ++Part)
          N -= Size;
        V = Parts->getOperand(Part);
      } else {
        break;
      }
    }
    if (!isa<Constant>(V))
      return std::nullopt;
    const bool Null = isa<ConstantPointerNull, ConstantAggregateZero>(V);
    All = Null && All.value_or(kNull) == kNull ? kNull : kAlways;
  }
  return All;
}

void Step::defineResult(State &S, const CallBase &Call) {
  if (!R.tracks(&Call) || R.of(&Call).Root != &Call)
    return;
  const ManagedInfo *M = R.Plain ? ownershipOfPlain(Call) : calledManaged(Call);
  if (M && (M->isConversion() || isCellOf(&Call) || M->ID == ManagedID::RefReuseCell))
    return; // Done.
  const IntrinsicInfo *Known = calledPlainForm(Call);
  Ownership Own = Ownership::Owned;
  if (!R.Plain)
    Own = resultOwnership(Call, R.Refs);
  else if (M)
    Own = M->Result;
  else if (const Function *F = Call.getCalledFunction();
           Call.getAttributes().hasRetAttr(kBorrowed) ||
           (F && F->getAttributes().hasRetAttr(kBorrowed)))
    Own = Ownership::Borrowed;
  const Value *Returned = Call.getReturnedArgOperand();
  for (unsigned Leaf = 0, End = R.leafCount(&Call); Leaf != End; ++Leaf) {
    if (Returned && (isa<Constant>(R.of(Returned).Root) || R.tracks(R.of(Returned).Root))) {
      Ref To = eval(S, Returned, Leaf);
      if (Own == Ownership::Owned && !S[To.Class].needsNoUnit())
        ++S[To.Class].Units;
      bind(S, &Call, Leaf, To);
      continue;
    }
    if (std::optional<ClassId> Is = constantOf(Quiet.results(Call), Leaf)) {
      bind(S, &Call, Leaf, {*Is, {}});
      continue;
    }
    ClassId C = S.make(&Call);
    bind(S, &Call, Leaf, {C, {}});
    S[C].NonNull = Call.hasRetAttr(Attribute::NonNull);
    if (Known && Known->is(kAllocates | kCreates)) {
      S[C].NonNull |= !Known->is(kTry);
      S[C].Private = true;
      S[C].Rest = Unlisted::Null;
      knowShape(S, C, Call);
    } else if (Call.hasRetAttr(Attribute::NoAlias)) {
      S[C].Private = true;
    }
    if (Own == Ownership::Owned) {
      S[C].Units = 1;
      continue;
    }
    // Borrowed from whatever of the arguments it came out of; what the callee took is its own.
    Lender From;
    for (unsigned Arg = 0; Arg != Call.arg_size(); ++Arg) {
      const Value *V = Call.getArgOperand(Arg), *Root = R.of(V).Root;
      if (!R.tracks(Root) || argument(Call, Arg) == Ownership::Owned)
        continue;
      for (unsigned N = 0; N != R.leafCount(Root); ++N)
        if (ClassId Holder = eval(S, V, N).Class; !S[Holder].needsNoUnit())
          From.Holders.push_back(Holder);
    }
    S.lend(C, std::move(From));
  }
}
