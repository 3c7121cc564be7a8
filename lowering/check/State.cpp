//===- State.cpp - The units of each object on one path ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/State.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace cairn::check;

/// Lenders are looked through no further than this.
static constexpr unsigned kDepth = 24;

State::State() {
  Classes.resize(2);
  Classes[kNull].Null = true;
  Classes[kAlways].Always = true;
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

ClassId State::make(const Value *Origin) {
  Classes.emplace_back();
  Classes.back().Origin = Origin;
  return Classes.size() - 1;
}

ClassId State::rep(ClassId C) const {
  while (Classes[C].Same != ~0u)
    C = Classes[C].Same;
  return C;
}

bool State::lends(const Lender &L, ClassId C, unsigned Depth) const {
  if (L.HasPlace) {
    const Content *In = content(L.Holders.front(), L.At, false);
    if (!In || In->Hollow || rep(In->Is) != rep(C) ||
        (SlotsAreNames && (*this)[L.Holders.front()].Kind == Memory::Stack))
      return false;
  } else if (!L.Same && (L.Since <= LastCall || L.Since <= LastStore)) {
    return false;
  }
  return all_of(L.Holders, [&](ClassId Holder) { return alive(Holder, Depth + 1); });
}

bool State::alive(ClassId C, unsigned Depth) const {
  const Class &Of = (*this)[C];
  if (Of.needsNoUnit() || Of.Units > 0 || Of.ForCall || Of.Kind != Memory::None)
    return true;
  if (Depth > kDepth)
    return false;
  if (Of.Select && alive(Of.IfTrue, Depth + 1) && alive(Of.IfFalse, Depth + 1))
    return true;
  return any_of(Of.Lenders, [&](const Lender &L) { return lends(L, C, Depth); });
}

void State::shared(ClassId C) {
  Class &Of = (*this)[C];
  Of.Asked = nullptr;
  if (!Of.Cell)
    Of.Shape = 0;
}

void State::makeNull(ClassId C) {
  Class &Of = (*this)[C];
  if (Of.needsNoUnit()) {
    Of.Null |= rep(C) != kAlways;
    return;
  }
  Of.Null = true;
  Of.Units = 0;
  Of.Private = false;
  Of.Fields.clear();
}

void State::unify(ClassId A, ClassId B) {
  A = rep(A);
  B = rep(B);
  if (A == B)
    return;
  if (Classes[A].needsNoUnit())
    std::swap(A, B);
  Class &To = Classes[A], &From = Classes[B];
  if (From.needsNoUnit()) {
    if (To.needsNoUnit())
      return;
    if (From.Null)
      return makeNull(A);
    To.Always = true;
    To.Units = 0;
    return;
  }
  To.Units += From.Units;
  To.NonNull |= From.NonNull;
  To.ForCall |= From.ForCall;
  if (From.Private) {
    if (To.Private) {
      escape(A);
      escape(B);
    } else {
      To.Private = true;
      To.Rest = From.Rest;
      To.Fields = std::move(From.Fields);
    }
  }
  append_range(To.Lenders, From.Lenders);
  if (From.Select && !To.Select) {
    To.Select = From.Select;
    To.IfTrue = From.IfTrue;
    To.IfFalse = From.IfFalse;
  } else if (From.Select) {
    --Selects;
  }
  if (!To.Released)
    To.Released = From.Released;
  From.Select = nullptr;
  From.Same = A;
}

ClassId State::select(const Value *Of, const Value *Condition, ClassId IfTrue, ClassId IfFalse) {
  IfTrue = rep(IfTrue);
  IfFalse = rep(IfFalse);
  if (IfTrue == IfFalse)
    return IfTrue;
  if ((*this)[IfTrue].needsNoUnit() && (*this)[IfFalse].needsNoUnit())
    return kAlways;
  ClassId C = make(Of);
  Class &New = Classes[C];
  New.Select = Condition;
  New.IfTrue = IfTrue;
  New.IfFalse = IfFalse;
  New.NonNull = Classes[IfTrue].NonNull && Classes[IfFalse].NonNull;
  ++Selects;
  return C;
}

void State::decide(const Value *Condition, bool Is) {
  for (ClassId C = 2; Selects && C != Classes.size(); ++C) {
    if (Classes[C].Select != Condition)
      continue;
    ClassId Arm = rep(Is ? Classes[C].IfTrue : Classes[C].IfFalse);
    Classes[C].Select = nullptr;
    --Selects;
    if (Classes[C].NonNull && !Classes[Arm].needsNoUnit())
      Classes[Arm].NonNull = true;
    unify(Arm, C);
  }
}

const Value *State::undecided(ClassId C) const {
  if (!Selects)
    return nullptr;
  C = rep(C);
  if (Classes[C].Select)
    return Classes[C].Select;
  for (const Class &Other : Classes)
    if (Other.Select && (rep(Other.IfTrue) == C || rep(Other.IfFalse) == C))
      return Other.Select;
  return nullptr;
}

void State::lend(ClassId To, Lender L) {
  Class &C = (*this)[To];
  if (C.needsNoUnit())
    return;
  L.Since = ++Clock;
  if (C.Lenders.size() == 8)
    C.Lenders.erase(C.Lenders.begin());
  C.Lenders.push_back(std::move(L));
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

void State::bind(unsigned Name, Ref R) {
  if (Names.empty() || Names.back().first < Name) {
    Names.push_back({Name, R});
    return;
  }
  auto At = lower_bound(Names, Name, [](auto &Entry, unsigned N) { return Entry.first < N; });
  if (At->first == Name)
    At->second = R;
  else
    Names.insert(At, {Name, R});
}

const Ref *State::find(unsigned Name) const {
  auto At = lower_bound(Names, Name, [](auto &Entry, unsigned N) { return Entry.first < N; });
  return At != Names.end() && At->first == Name ? &At->second : nullptr;
}

const ClassId *State::findBase(const Value *Root) const {
  auto At = lower_bound(Bases, Root, [](auto &Entry, const Value *V) { return Entry.first < V; });
  return At != Bases.end() && At->first == Root ? &At->second : nullptr;
}

ClassId State::base(const Value *Root, Memory Kind) {
  if (const ClassId *Known = findBase(Root))
    return *Known;
  ClassId C = make(Root);
  Classes[C].Kind = Kind;
  auto At = lower_bound(Bases, Root, [](auto &Entry, const Value *V) { return Entry.first < V; });
  Bases.insert(At, {Root, C});
  return C;
}
