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

/// So many classes are looked at to see who keeps one alive, before all are.
static constexpr unsigned kSteps = 64;

State::State() {
  Classes.resize(2);
  Classes[kNull].Null = true;
  Classes[kAlways].Always = true;
}

namespace cairn::check {

/// The contents of memory that others know, sorted: `content` looks through all of them.
class State::ContentsByPlace {
public:
  explicit ContentsByPlace(const State &S) : S(S) {
    for (const Content &C : S.Contents)
      Sorted.push_back({S.rep(C.Holder), &C});
    // Those of one place in their own order.
    llvm::sort(Sorted, [](const Entry &L, const Entry &R) {
      return std::pair(key(L), L.second) < std::pair(key(R), R.second);
    });
  }
  const Content *find(ClassId Holder, Offset At) const {
    if (S[Holder].Private)
      return S.content(Holder, At, false);
    // The last of one place is what counts.
    auto End = llvm::upper_bound(Sorted, std::tuple(S.rep(Holder), At.Symbol, At.Bytes),
                                 [](auto Key, const Entry &E) { return Key < key(E); });
    if (End == Sorted.begin())
      return nullptr;
    const auto &[Of, Found] = *std::prev(End);
    return Of == S.rep(Holder) && Found->At == At && Found->Since > S.LastCall ? Found : nullptr;
  }

private:
  using Entry = std::pair<ClassId, const Content *>;
  static std::tuple<ClassId, const void *, uint64_t> key(const Entry &E) {
    return {E.first, E.second->At.Symbol, E.second->At.Bytes};
  }
  const State &S;
  SmallVector<Entry, 16> Sorted;
};

} // namespace cairn::check

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

bool State::needsNobody(ClassId C) const {
  const Class &Of = (*this)[C];
  return Of.needsNoUnit() || Of.Units > 0 || Of.ForCall || Of.Kind != Memory::None;
}

/// Whether \p L lends \p C if its holders live; \p In is what its place holds.
bool State::mayLend(const Lender &L, ClassId C, const Content *In) const {
  if (!L.HasPlace)
    return L.Same || (L.Since > LastCall && L.Since > LastStore);
  return In && !In->Hollow && rep(In->Is) == rep(C) && !isName(L.Holders.front());
}

bool State::mayLend(const Lender &L, ClassId C) const {
  return mayLend(L, C, L.HasPlace ? content(L.Holders.front(), L.At, false) : nullptr);
}

/// What keeps an object alive on \p Path is not what it keeps alive itself. \p Steps is what may
/// still be looked at.
bool State::alive(ClassId C, SmallVectorImpl<ClassId> &Path, unsigned &Steps) const {
  C = rep(C);
  if (needsNobody(C))
    return true;
  if (!Steps || is_contained(Path, C))
    return false;
  --Steps;
  Path.push_back(C);
  const Class &Of = Classes[C];
  auto Lives = [&](ClassId Holder) { return alive(Holder, Path, Steps); };
  const bool Found = (Of.Select && Lives(Of.IfTrue) && Lives(Of.IfFalse)) ||
                     any_of(Of.Lenders, [&](const Lender &L) {
                       return mayLend(L, C) && all_of(L.Holders, Lives);
                     });
  Path.pop_back();
  return Found;
}

SmallVector<bool, 0> State::allAlive() const {
  const ContentsByPlace ByPlace(*this);
  SmallVector<bool, 0> Live(size());
  for (ClassId C = 0; C != size(); ++C)
    Live[C] = needsNobody(C);
  auto Lives = [&](ClassId C) { return bool(Live[rep(C)]); };
  auto Lends = [&](const Lender &L, ClassId C) {
    return all_of(L.Holders, Lives) &&
           mayLend(L, C, L.HasPlace ? ByPlace.find(L.Holders.front(), L.At) : nullptr);
  };
  for (bool Again = true; std::exchange(Again, false);)
    for (ClassId C = 2; C != size(); ++C) {
      const Class &Of = Classes[C];
      if (rep(C) != C || Live[C] ||
          !((Of.Select && Lives(Of.IfTrue) && Lives(Of.IfFalse)) ||
            any_of(Of.Lenders, [&](const Lender &L) { return Lends(L, C); })))
        continue;
      Live[C] = Again = true;
    }
  return Live;
}

bool State::alive(ClassId C) const {
  unsigned Steps = kSteps;
  SmallVector<ClassId, 8> Path;
  return alive(C, Path, Steps) || (!Steps && allAlive()[rep(C)]);
}

bool State::lends(const Lender &L, ClassId C) const {
  return mayLend(L, C) && all_of(L.Holders, [&](ClassId Holder) { return alive(Holder); });
}

bool State::lends(const Lender &L, ClassId C, ArrayRef<bool> Alive) const {
  return all_of(L.Holders, [&](ClassId Holder) { return Alive[rep(Holder)]; }) && mayLend(L, C);
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

bool State::areApart(ClassId A, ClassId B) const {
  A = rep(A);
  B = rep(B);
  auto IsOwn = [&](ClassId C) { return Classes[C].Private && Classes[C].Kind == Memory::None; };
  if (A == B || Classes[A].needsNoUnit() || Classes[B].needsNoUnit() || (!IsOwn(A) && !IsOwn(B)))
    return false;
  const SmallVector<ClassId, 4> L = choices(A), R = choices(B);
  return none_of(L, [&](ClassId C) { return is_contained(R, C); });
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
  To.Mixed |= From.Mixed;
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

bool State::decide(const Value *Condition, bool Is) {
  for (ClassId C = 2; Selects && C != Classes.size(); ++C) {
    if (Classes[C].Select != Condition)
      continue;
    ClassId Arm = rep(Is ? Classes[C].IfTrue : Classes[C].IfFalse);
    if (Classes[C].NonNull && Classes[Arm].Null)
      return false;
    Classes[C].Select = nullptr;
    --Selects;
    if (Classes[C].NonNull && !Classes[Arm].needsNoUnit())
      Classes[Arm].NonNull = true;
    unify(Arm, C);
  }
  return true;
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

// Of two selects that are one object, one is kept. Of a select that is null, an arm that has units
// is null only where it is the one.
const Value *State::undecidedIfEqual(ClassId A, ClassId B) const {
  A = rep(A);
  B = rep(B);
  if (A == B || !Selects)
    return nullptr;
  if (Classes[A].Select && Classes[B].Select)
    return Classes[A].Select;
  for (auto [Choice, Other] : {std::pair(A, B), std::pair(B, A)})
    if (Classes[Choice].Select && Classes[Other].needsNoUnit() &&
        any_of(choices(Choice), [&](ClassId Arm) { return Classes[Arm].Units > 0; }))
      return Classes[Choice].Select;
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
