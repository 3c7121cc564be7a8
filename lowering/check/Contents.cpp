//===- Contents.cpp - What memory holds on one path -------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of State that knows contents. Offsets of one symbol, or of none, are the same place
// or do not overlap: references are aligned.
//
//===----------------------------------------------------------------------===//
#include "check/Disjoint.h"
#include "check/State.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn::check;

/// More contents than this are not remembered; the oldest go.
static constexpr unsigned kMostContents = 256;

static bool before(const Content &C, Offset At) {
  return std::pair(C.At.Symbol, C.At.Bytes) < std::pair(At.Symbol, At.Bytes);
}

static bool mayOverlap(Offset A, Offset B) { return A.Symbol != B.Symbol || A.Bytes == B.Bytes; }

const Content *State::content(ClassId Holder, Offset At, bool Now) const {
  const Class &C = (*this)[Holder];
  if (C.Private) {
    auto Found = lower_bound(C.Fields, At, before);
    return Found != C.Fields.end() && Found->At == At ? &*Found : nullptr;
  }
  Holder = rep(Holder);
  for (const Content &Found : reverse(Contents))
    if (Found.At == At && rep(Found.Holder) == Holder)
      return Found.Since > LastCall && (!Now || C.Kind == Memory::None || Found.Since > LastRelease)
                 ? &Found
                 : nullptr;
  return nullptr;
}

Unlisted State::unlisted(ClassId Holder, Offset At) const {
  const Class &C = (*this)[Holder];
  if (!C.Private)
    return Unlisted::Unknown;
  if (any_of(C.Fields, [&](const Content &F) { return F.At.Symbol != At.Symbol; }))
    return Unlisted::Unknown;
  return C.Rest;
}

void State::setContent(ClassId Holder, Offset At, ClassId Is, const Instruction *By) {
  Holder = rep(Holder);
  Class &C = Classes[Holder];
  Content New = {Holder, At, Is, false, ++Clock, By};
  if (C.Private || C.Kind == Memory::Stack) {
    // Fields of other symbols may have been written over: they are unknown from here on. What was
    // only read leaves those at constant offsets as they are.
    const bool Read = isa_and_nonnull<LoadInst>(By);
    auto IsOther = [&](const Content &F) {
      return F.At.Symbol != At.Symbol && (F.At.Symbol || !Read);
    };
    if (any_of(C.Fields, IsOther)) {
      erase_if(C.Fields, [&](const Content &F) { return IsOther(F) && !F.Hollow; });
      C.Rest = Unlisted::Unknown;
    }
    auto Place = lower_bound(C.Fields, At, before);
    if (Place != C.Fields.end() && Place->At == At)
      *Place = New;
    else
      C.Fields.insert(Place, New);
  }
  if (!C.Private) {
    if (Contents.size() >= kMostContents)
      Contents.erase(Contents.begin(), Contents.begin() + kMostContents / 2);
    Contents.push_back(New);
  }
  lend(Is, {{Holder}, true, At});
}

void State::hollow(ClassId Holder, Offset At) {
  Holder = rep(Holder);
  for (auto *List : {&Classes[Holder].Fields})
    for (Content &C : *List)
      if (C.At == At)
        C.Hollow = true;
  for (Content &C : Contents)
    if (C.At == At && rep(C.Holder) == Holder)
      C.Hollow = true;
}

bool State::fill(ClassId Of) {
  auto *Found = find_if(Contents, [&](const Content &C) {
    return C.Hollow && rep(C.Is) == rep(Of) && !(*this)[C.Holder].Private;
  });
  if (Found == Contents.end())
    return false;
  Found->Hollow = false;
  for (Content &C : (*this)[Found->Holder].Fields)
    if (C.At == Found->At)
      C.Hollow = false;
  return true;
}

/// Whether two different objects of these kinds may be one after all.
static bool mayBeOne(Memory A, Memory B) {
  if (A == Memory::Other || B == Memory::Other)
    return true;
  return A == Memory::None && B == Memory::None;
}

bool State::mayBeOneMemory(ClassId A, ClassId B) const {
  const Class &L = (*this)[A], &R = (*this)[B];
  return rep(A) == rep(B) || (!L.Private && !R.Private && mayBeOne(L.Kind, R.Kind));
}

unsigned State::openPlaces() const {
  return count_if(Contents,
                  [&](const Content &C) { return C.Hollow && !(*this)[C.Holder].Private; });
}

void State::overwrite(ClassId Holder, Offset At, ClassId New, const Instruction *By) {
  Holder = rep(Holder);
  const Class &To = Classes[Holder];
  if (To.Private)
    return;
  LastStore = ++Clock;
  erase_if(Contents, [&](const Content &C) {
    ClassId Other = rep(C.Holder);
    if (Other == Holder)
      return mayOverlap(C.At, At);
    Memory Kind = Classes[Other].Kind;
    if (!mayBeOne(Kind, To.Kind))
      return false;
    // It holds the same afterwards, if that is its place: then the two holders are one object.
    auto AreOne = [&](ClassId Id) { return Id == Other || Id == Holder; };
    if (!C.Hollow && (rep(C.Is) == rep(New) || (AreOne(rep(C.Is)) && AreOne(rep(New)))))
      return false;
    if (Kind == Memory::None && To.Kind == Memory::None && !mayOverlap(C.At, At))
      return false;
    return !(By && C.By && disjoint(*By, *C.By));
  });
}

/// \p Id, and all that it may be a choice of. Classes that were found equal may be choices of
/// themselves.
SmallVector<ClassId, 4> State::choices(ClassId Id) const {
  SmallVector<ClassId, 4> All{rep(Id)};
  for (unsigned N = 0; N != All.size(); ++N)
    if (const Class &C = Classes[All[N]]; C.Select)
      for (ClassId Arm : {rep(C.IfTrue), rep(C.IfFalse)})
        if (!is_contained(All, Arm))
          All.push_back(Arm);
  return All;
}

void State::forget(ClassId Of) {
  for (ClassId Holder : choices(Of)) {
    Class &C = Classes[Holder];
    C.Fields.clear();
    C.Rest = Unlisted::Unknown;
    erase_if(Contents, [&](const Content &F) { return rep(F.Holder) == Holder; });
  }
}

void State::forgetAll() {
  Contents.clear();
  LastCall = ++Clock;
}

void State::escape(ClassId Of) {
  for (ClassId Id : choices(Of)) {
    shared(Id);
    Class &C = Classes[Id];
    if (!C.Private)
      continue;
    C.Private = false;
    for (Content F : C.Fields) {
      F.Since = ++Clock;
      F.Holder = Id;
      Contents.push_back(F);
    }
    if (C.Kind != Memory::Stack)
      C.Fields.clear();
    C.Rest = Unlisted::Unknown;
  }
}
