//===- Cells.cpp - Objects taken apart and made again -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cell is the memory of a plain object whose last unit went. It is a class of its own with one
// unit, that of the memory, and cannot be counted or stored: it is given back, made an object
// again, or passed to a parameter that is a cell, once. The object's class has no unit from then
// on. A parameter that is a cell holds nothing.
//
// The units that the object's fields held are the function's from the moment the cell is taken,
// each a unit of what the field refers to. So a field that nobody has a name for is reached as
// long as its cell is, and is lost where the cell goes. A field that an object made of the cell
// keeps takes such a unit back. The object's other fields are hollow until they are stored to.
//
//===----------------------------------------------------------------------===//
#include "check/Step.h"

#include "cairn/abi.h"
#include "ir/Descriptor.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

/// The header word \p V without its tag, if it is a plain object's; otherwise 0. The tag may be
/// computed.
static uint32_t shapeOf(const Value *V, const Module &M) {
  const KnownBits Bits = computeKnownBits(V, M.getDataLayout());
  const uint32_t Meta = uint32_t(Bits.One.getZExtValue()) & ~kMetaTagMask;
  if (((Bits.Zero | Bits.One).getZExtValue() | kMetaTagMask) != ~0u)
    return 0;
  const bool Plain = (Meta & kMetaTyped) && !(Meta & (kMetaRegistered | kMetaArray));
  return Plain ? Meta : 0;
}

static uint32_t constant(const Value *V) {
  auto *Word = dyn_cast<ConstantInt>(V);
  return Word ? uint32_t(Word->getZExtValue()) : 0;
}

bool check::isCellOf(const Value *V) {
  return isManaged(V, ManagedID::RefTakeCell) || isOwnCell(V);
}

bool Step::isCell(const State &S, ClassId C, const Instruction &I, const Value *V,
                  const Twine &What) {
  if (!S[C].Cell)
    return false;
  fail(FindingKind::WrongCell, I, V,
       nameOf(V) + " is " + What +
           ", but it is a cell: it has no count, and nobody else may see it");
  return true;
}

Offset Step::fieldAt(unsigned Bit) const {
  return {uint64_t(Bit) * R.F.getParent()->getDataLayout().getPointerSize(), nullptr};
}

// An object of which this function has two units, or of which it has one and the caller another,
// is not the last. What was asked by the same call before is out of date.
bool Step::runIsLast(State &S, const CallBase &Call) {
  ClassId C = eval(S, Call.getArgOperand(0)).Class;
  if ((Undecided = S.undecided(C)))
    return false;
  for (ClassId C = 2; C != S.size(); ++C)
    if (S[C].Asked == &Call)
      S[C].Asked = nullptr;
  Class &Of = S[C];
  if (Of.needsNoUnit() || Of.Cell)
    return true;
  Of.Asked = &Call;
  Of.Several = Of.Units + Of.ForCall > 1;
  return true;
}

bool Step::assumeLast(State &S, const CallBase &IsLast, bool Is) {
  const uint32_t Shape = shapeOf(IsLast.getArgOperand(1), *IsLast.getModule());
  const bool All = (constant(IsLast.getArgOperand(2)) | kMetaTagMask) == ~0u;
  // Static objects are never the last, and nor is an immediate.
  if (Is && S[eval(S, IsLast.getArgOperand(0)).Class].needsNoUnit())
    return false;
  for (ClassId C = 2; C != S.size(); ++C) {
    if (S.rep(C) != C || S[C].Asked != &IsLast)
      continue;
    if (Is && S[C].Several)
      return false;
    S[C].Asked = nullptr;
    if (Is && All && Shape)
      S[C].Shape = Shape;
  }
  return true;
}

/// A new object is its own proof, as long as nobody else knows it.
void Step::knowShape(State &S, ClassId C, const CallBase &Allocation) {
  const DescriptorRead Read = descriptorOf(Allocation);
  const ManagedInfo *M = calledManaged(Allocation);
  if (M && !(M->traits() & kArray) && Read.Known && !Read.Known->HasFinalizer)
    S[C].Shape =
        shapeOf(ConstantInt::get(Type::getInt32Ty(Allocation.getContext()), Read.Known->Meta),
                *Allocation.getModule());
}

/// `own.cell` copies what is not the last reference.
bool Step::makeCell(State &S, const CallBase &Call, bool Copies) {
  const Value *V = Call.getArgOperand(0);
  const ClassId C = eval(S, V).Class;
  const uint32_t Shape = shapeOf(Call.getArgOperand(1), *Call.getModule());
  if (!Shape)
    return fail(FindingKind::WrongCell, Call, V,
                nameOf(V) + " becomes a cell, but its header word is no plain object's");
  if (isCell(S, C, Call, V, "made a cell"))
    return false;
  if ((Undecided = S.undecided(C)))
    return false;
  if (!Copies && !S[C].needsNoUnit() && (S[C].Shape != Shape || S[C].Units != 1))
    return fail(FindingKind::NotLast, Call, V,
                nameOf(V) + " becomes a cell where it is not known that this is its last "
                            "reference, and that it has this header word");
  if (!take(S, C, Call, V, "made a cell", false))
    return false;
  ClassId Cell = S.make(&Call);
  for (unsigned Bit = 0; Bit != kMetaBitmapWords; ++Bit) {
    if (!(Shape >> Bit & 1))
      continue;
    const Offset At = fieldAt(Bit);
    const Content *In = S.content(C, At, false);
    ClassId Field = In                                    ? S.rep(In->Is)
                    : S.unlisted(C, At) == Unlisted::Null ? kNull
                                                          : S.make(&Call);
    if (!S[Field].needsNoUnit())
      ++S[Field].Units;
    S[Cell].Fields.push_back({Cell, At, Field, false, ++S.Clock, &Call});
  }
  Class &New = S[Cell];
  New.Units = 1;
  New.Cell = New.Private = New.NonNull = true;
  New.Shape = Shape;
  New.Rest = Unlisted::Unset;
  if (Copies)
    S.released();
  bind(S, &Call, 0, {Cell, {}});
  return true;
}

/// Takes the memory of \p C. Null has none.
bool Step::takeMemory(State &S, ClassId C, const CallBase &Call, const Value *V,
                      const Twine &What) {
  if (S[C].needsNoUnit())
    return true;
  if ((Undecided = S.undecided(C)))
    return false;
  if (!S[C].Cell)
    return fail(FindingKind::WrongCell, Call, V, nameOf(V) + " is " + What + ", but it is no cell");
  if (S[C].Units <= 0)
    return fail(FindingKind::ReleasedTwice, Call, V,
                nameOf(V) + " is " + What + ", but the cell went before on this path");
  S[C].Units = 0;
  S[C].Released = &Call;
  return true;
}

/// A call of a function whose parameter is a cell with the header word \p Word.
bool Step::passCell(State &S, const CallBase &Call, const Value *V, uint32_t Word) {
  const ClassId C = eval(S, V).Class;
  if (S[C].needsNoUnit())
    return fail(FindingKind::WrongCell, Call, V,
                nameOf(V) + " is passed as a cell, but it is none");
  if (!takeMemory(S, C, Call, V, "passed as a cell"))
    return false;
  if (S[C].Shape != Word)
    return fail(FindingKind::WrongCell, Call, V,
                nameOf(V) + " is passed as a cell, but the parameter has another header word");
  return true;
}

bool Step::reuseCell(State &S, const CallBase &Call) {
  const Value *V = Call.getArgOperand(0);
  const ClassId C = eval(S, V).Class;
  const uint32_t Was = shapeOf(Call.getArgOperand(1), *Call.getModule()),
                 Becomes = shapeOf(Call.getArgOperand(2), *Call.getModule());
  const uint32_t Kept = constant(Call.getArgOperand(3));
  const bool Same = constant(Call.getArgOperand(4));
  auto Wrong = [&](const Twine &Why) {
    return fail(FindingKind::WrongCell, Call, V, nameOf(V) + " becomes an object, but " + Why);
  };
  if (!Was || !Becomes || !isa<ConstantInt>(Call.getArgOperand(3)))
    return Wrong("its header words are no plain object's");
  if ((Was & kMetaClassMask) != (Becomes & kMetaClassMask) || !(Was & kMetaClassMask))
    return Wrong("its header words do not say that the slot is as large");
  if (Same && Was != Becomes)
    return Wrong("it does not have that header word");
  if (Kept & ~(Was & Becomes & kMetaShapeMask))
    return Wrong("it keeps what is not a field of both");
  if (S[C].Null)
    return Wrong("it may be null");
  if (!takeMemory(S, C, Call, V, "made an object"))
    return false;
  if (S[C].Cell && S[C].Shape != Was)
    return Wrong("the cell has another header word");
  ClassId Object = S.make(&Call);
  Class &New = S[Object];
  New.Units = 1;
  New.Private = New.NonNull = true;
  New.Shape = Becomes;
  New.Rest = Unlisted::Null;
  for (unsigned Bit = 0; Bit != kMetaBitmapWords; ++Bit) {
    if (!(Becomes >> Bit & 1))
      continue;
    const Offset At = fieldAt(Bit);
    const Content *In = S[C].Cell ? S.content(C, At, false) : nullptr;
    const bool Keeps = Kept >> Bit & 1;
    // What a field held that is not kept is nothing to read.
    const ClassId Field = !Keeps      ? S.make(&Call)
                          : In        ? S.rep(In->Is)
                          : S[C].Cell ? S.make(&Call)
                                      : kAlways;
    if (Keeps && !take(S, Field, Call, V, "kept in a field", false))
      return false;
    S.setContent(Object, At, Field, &Call);
    if (!Keeps)
      S.hollow(Object, At);
  }
  bind(S, &Call, 0, {Object, {}});
  return true;
}

std::optional<bool> Step::runCellCall(State &S, const CallBase &Call, ManagedID ID) {
  switch (ID) {
  case ManagedID::RefIsLast:
    if (!runIsLast(S, Call))
      return false;
    return std::nullopt; // And its argument has to live.
  case ManagedID::RefTakeCell:
    return makeCell(S, Call, false);
  case ManagedID::RefOwnCell:
  case ManagedID::RefOwnCellOn:
    return makeCell(S, Call, true);
  case ManagedID::RefFreeCell:
    return takeMemory(S, eval(S, Call.getArgOperand(0)).Class, Call, Call.getArgOperand(0),
                      "given back");
  case ManagedID::RefReuseCell:
    return reuseCell(S, Call);
  default:
    return std::nullopt;
  }
}
