//===- Join.cpp - One state for two paths -----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Join.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn::check;

/// What is read at the start of a loop is so many loads away from a name at most. What objects
/// further away hold is not remembered there: each round may have made another one.
static constexpr unsigned kFarthest = 3;

/// Selects of selects are looked through no further.
static constexpr unsigned kMostChoices = 4;

/// To see what keeps a class alive no more classes are looked at.
static constexpr unsigned kMostNeeded = 64;
/// Of the ways in which a class is kept alive no more are remembered.
static constexpr unsigned kMostWays = 4;

namespace cairn::check {

/// One join. The steps run in the order in which they are declared.
class Pairing {
public:
  Pairing(Roots &R, const Conditions &Known, const State &A, const State &B, const BasicBlock &At,
          const Joiner &J, bool Again, bool Whole)
      : R(R), Known(Known), A(A), B(B), At(At), J(J), Again(Again), Whole(Whole) {}

  std::optional<State> run() {
    Out.SlotsAreNames = A.SlotsAreNames;
    names();
    bases();
    for (ClassId C = 2; C != Out.size(); ++C)
      arms(C);
    const ClassId Named = Out.size();
    split();
    for (ClassId C = 2; C != Out.size(); ++C) {
      contents(C);
      if (C >= Named)
        arms(C);
    }
    if (Apart || !units())
      return std::nullopt;
    AliveInA = A.allAlive();
    AliveInB = B.allAlive();
    for (ClassId C = 2; C != Out.size(); ++C)
      lenders(C);
    conditions();
    for (Class &C : Out.Classes)
      for (Lender &L : C.Lenders)
        L.Since = 1;
    Out.Clock = 2;
    Out.LastRelease = 1;
    Out.LastCall = Out.LastStore = 0;
    return std::move(Out);
  }

private:
  void names();
  void addCompared(const Value *Condition, SmallVectorImpl<unsigned> &Live, unsigned Depth);
  void bases();
  void split();
  void contents(ClassId C);
  void arms(ClassId C);
  void lenders(ClassId C);
  bool units();
  void conditions();

  ClassId pair(ClassId X, ClassId Y);
  ClassId pairArms(std::optional<ClassId> X, std::optional<ClassId> Y);
  const Value *choice(ClassId C) const;
  bool isPaired(ClassId X, ClassId Y) const;
  void share(ClassId C);
  bool lasts(const Value *V) const { return J.lasts(V, At); }
  using Classes = DenseMap<ClassId, SmallVector<ClassId, 2>>;
  /// The pairs that have to live for a class to live.
  struct Needed {
    SmallVector<ClassId, 2> Pairs;
    bool Same = true; ///< The class is one of them, or needs none; not what they reach.
  };
  /// The ways in which a class is kept alive. Each is enough, and none says less than another.
  using Needs = SmallVector<Needed, 2>;
  static void add(Needs &To, Needed More);
  static Needs both(const Needs &L, const Needs &R);
  /// What \p C needs; \p For is the pair that asks. \p Path has the classes that need it.
  Needs needs(const State &S, ClassId C, const Classes &In, ClassId For,
              SmallVectorImpl<ClassId> &Path, unsigned &Steps);

  Roots &R;
  const Conditions &Known;
  const State &A, &B;
  const BasicBlock &At;
  const Joiner &J;
  const bool Again, Whole;
  bool Apart = false; ///< The states cannot be joined.
  State Out;
  DenseMap<std::pair<ClassId, ClassId>, ClassId> Pairs;
  SmallVector<std::pair<ClassId, ClassId>> Of = {{kNull, kNull}, {kAlways, kAlways}};
  SmallVector<unsigned> Loads = {0, 0}; ///< From a name to the pair.
  unsigned LoadsNow = 0;
  Classes InA, InB; ///< The pairs that a class is in.
  SmallVector<bool, 0> AliveInA, AliveInB;
};

} // namespace cairn::check

/// What \p C is if it needs no unit, or it itself. A select needs none if neither arm does.
static ClassId plain(const State &S, ClassId C, unsigned Depth = 0) {
  C = S.rep(C);
  if (S[C].needsNoUnit())
    return S[C].Null ? kNull : kAlways;
  if (!S[C].Select || Depth == kMostChoices)
    return C;
  const ClassId IfTrue = plain(S, S[C].IfTrue, Depth + 1);
  if (IfTrue > kAlways)
    return C;
  const ClassId IfFalse = plain(S, S[C].IfFalse, Depth + 1);
  return IfFalse > kAlways ? C : IfTrue == IfFalse ? IfTrue : kAlways;
}

ClassId Pairing::pair(ClassId X, ClassId Y) {
  X = plain(A, X);
  Y = plain(B, Y);
  if (X <= kAlways && Y <= kAlways)
    return X == kNull && Y == kNull ? kNull : kAlways;
  auto [At, New] = Pairs.insert({{X, Y}, 0});
  if (!New)
    return At->second;
  const Class &L = A[X], &R = B[Y];
  ClassId Id = Out.make(X > kAlways ? L.Origin : R.Origin);
  At->second = Id;
  Of.push_back({X, Y});
  Loads.push_back(LoadsNow);
  Class &C = Out[Id];
  C.NonNull = L.NonNull && R.NonNull;
  C.ForCall = (X <= kAlways || L.ForCall) && (Y <= kAlways || R.ForCall);
  C.Mixed = X == kAlways || Y == kAlways || L.Mixed || R.Mixed;
  C.Kind = X > kAlways ? L.Kind : R.Kind;
  C.Private = (X == kNull || L.Private) && (Y == kNull || R.Private);
  if (C.Private)
    C.Rest = X == kNull ? R.Rest : Y == kNull || L.Rest == R.Rest ? L.Rest : Unlisted::Unknown;
  C.Released = L.Released ? L.Released : R.Released;
  C.Cell = (X > kAlways && L.Cell) || (Y > kAlways && R.Cell);
  Apart |= X > kAlways && Y > kAlways && L.Cell != R.Cell;
  C.Shape = X <= kAlways || (Y > kAlways && L.Shape == R.Shape) ? R.Shape
            : Y <= kAlways                                      ? L.Shape
                                                                : 0;
  if (L.Asked == R.Asked && L.Asked && lasts(L.Asked))
    C.Asked = L.Asked;
  C.Several = C.Asked && L.Several && R.Several;
  return Id;
}

/// What \p Condition compares has to be known as long as a select is not decided that it decides:
/// what is found equal, or null, then is one object with it.
void Pairing::addCompared(const Value *Condition, SmallVectorImpl<unsigned> &Live, unsigned Depth) {
  auto *I = dyn_cast<Instruction>(Condition);
  if (!I || Depth > kFarthest)
    return;
  for (const Value *Operand : I->operands()) {
    if (Operand->getType()->isIntegerTy(1)) {
      addCompared(Operand, Live, Depth + 1);
    } else if (isa<ICmpInst>(I) && Operand->getType()->isPointerTy()) {
      if (const Value *Root = R.of(Operand).Root; R.tracks(Root))
        Live.push_back(R.name(Root));
    }
  }
}

void Pairing::names() {
  SmallVector<unsigned, 16> Live(R.liveInto(&At));
  for (const PHINode &Phi : At.phis())
    if (R.tracks(&Phi))
      Live.push_back(R.name(&Phi));
  for (const State *S : {&A, &B})
    for (ClassId C = 2; S->hasSelects() && C != S->size(); ++C)
      if (const Value *Condition = (*S)[C].Select; Condition && lasts(Condition))
        addCompared(Condition, Live, 0);
  sort(Live);
  Live.erase(unique(Live), Live.end());
  for (unsigned First : Live) {
    const Value *Root = R.named(First);
    for (unsigned N = First, End = First + R.leafCount(Root); N != End; ++N) {
      const Ref *X = A.find(N), *Y = B.find(N);
      if (!X || !Y)
        continue;
      Out.bind(N, {pair(X->Class, Y->Class), X->At == Y->At ? X->At : Offset{0, Root}});
    }
  }
}

void Pairing::bases() {
  for (auto &[Root, X] : A.Bases)
    if (const ClassId *Y = B.findBase(Root); Y && lasts(Root))
      Out.Bases.push_back({Root, pair(X, *Y)});
}

/// Others than this function may know \p C.
void Pairing::share(ClassId C) {
  Out[C].Private = false;
  Out[C].Rest = Unlisted::Unknown;
}

bool Pairing::isPaired(ClassId X, ClassId Y) const {
  X = plain(A, X);
  Y = plain(B, Y);
  return (X <= kAlways && Y <= kAlways) || Pairs.contains({X, Y});
}

/// What decides \p C if that is a select that is not decided in the result either; or null. One of
/// the states may know how it is decided, or that it is null either way.
const Value *Pairing::choice(ClassId C) const {
  auto [X, Y] = Of[C];
  const Class &L = A[X], &R = B[Y];
  const Value *By = L.Select ? L.Select : R.Select;
  if (!By || !lasts(By))
    return nullptr;
  if (L.Select && R.Select)
    return L.Select == R.Select ? By : nullptr;
  if (Known.evaluate(By, (L.Select ? B : A).Conditions))
    return By;
  if (L.Select)
    return Y == kNull && isPaired(L.IfTrue, Y) && isPaired(L.IfFalse, Y) ? By : nullptr;
  return X == kNull && isPaired(X, R.IfTrue) && isPaired(X, R.IfFalse) ? By : nullptr;
}

// A class that is in two pairs can be reached by both: neither is private. Nor is the arm of a
// select of which the result does not know any more that it is one.
void Pairing::split() {
  DenseMap<ClassId, unsigned> TimesA, TimesB;
  for (auto [X, Y] : Of) {
    ++TimesA[X];
    ++TimesB[Y];
  }
  for (ClassId C = 2; C != Out.size(); ++C) {
    auto [X, Y] = Of[C];
    if (Out[C].Cell) // Nothing is stored to it.
      continue;
    if ((X > kAlways && TimesA[X] > 1) || (Y > kAlways && TimesB[Y] > 1))
      share(C);
  }
  if (!A.hasSelects() && !B.hasSelects())
    return;
  SmallDenseSet<ClassId> ArmsInA, ArmsInB;
  for (ClassId C = 2; C != Out.size(); ++C) {
    if (Out[C].Select)
      continue;
    auto [X, Y] = Of[C];
    for (ClassId Arm : drop_begin(A.choices(X)))
      ArmsInA.insert(Arm);
    for (ClassId Arm : drop_begin(B.choices(Y)))
      ArmsInB.insert(Arm);
  }
  for (ClassId C = 2; C != Out.size(); ++C)
    if (!Out[C].Cell && (ArmsInA.contains(Of[C].first) || ArmsInB.contains(Of[C].second)))
      share(C);
}

void Pairing::contents(ClassId C) {
  auto [X, Y] = Of[C];
  LoadsNow = Loads[C] + 1;
  const bool Far = Again && LoadsNow > kFarthest && !Out[C].Private && Out[C].Kind == Memory::None;
  SmallVector<Offset, 8> Offsets;
  auto Collect = [&](const State &S, ClassId Id) {
    for (const Content &F : S[Id].Fields)
      Offsets.push_back(F.At);
    if (!S[Id].Private)
      for (const Content &F : S.Contents)
        if (S.rep(F.Holder) == Id)
          Offsets.push_back(F.At);
  };
  Collect(A, X);
  Collect(B, Y);
  sort(Offsets, [](Offset L, Offset R) {
    return std::pair(L.Symbol, L.Bytes) < std::pair(R.Symbol, R.Bytes);
  });
  Offsets.erase(unique(Offsets), Offsets.end());
  for (Offset Place : Offsets) {
    if (Again && Place.Symbol) { // Another place from here on, and no longer null.
      if (Out[C].Private)
        Out[C].Rest = Unlisted::Unknown;
      continue;
    }
    struct Side {
      bool Listed = false, Any = false, Hollow = false, Now = true;
      ClassId Is = kAlways;
    };
    auto Ask = [&](const State &S, ClassId Id) -> Side {
      if (Id == kNull)
        return {true, true};
      // The unit of a cell's field is the function's own. Once it is used, the field is nothing.
      if (const Content *F = S[Id].Cell ? S.content(Id, Place, false) : nullptr;
          F && !S[F->Is].needsNoUnit() && S[F->Is].Units <= 0)
        return {};
      // What the function itself stored last is remembered of the stack.
      const Content *F = S.content(Id, Place, false);
      if (F)
        return {true, false, F->Hollow, S.content(Id, Place, true) != nullptr, F->Is};
      Unlisted Rest = S.unlisted(Id, Place);
      if (Rest == Unlisted::Null)
        return {true, false, false, true, kNull};
      return {Rest == Unlisted::Unset, true};
    };
    Side L = Ask(A, X), R = Ask(B, Y);
    // A store over nothing is right on both paths.
    auto IsEmpty = [](const State &S, const Side &Of) {
      return Of.Listed && !Of.Any && plain(S, Of.Is) == kNull;
    };
    if (Out[C].Private && L.Hollow != R.Hollow && (L.Hollow ? IsEmpty(B, R) : IsEmpty(A, L)))
      L.Hollow = R.Hollow = true;
    // Where one path has released what still stands there, it may not be forgotten.
    // (A frontend may do so where it destroys what holds it; no global is.)
    const bool MayStay = Out[C].Private || Out[C].Kind == Memory::Stack ||
                         (Out.SlotsAreNames && Out[C].Kind == Memory::Global);
    if ((L.Hollow || R.Hollow) && !MayStay && Out.SlotsAreNames)
      continue;
    if ((L.Hollow || R.Hollow) && (L.Hollow != R.Hollow || L.Listed != R.Listed || !MayStay))
      Apart = true;
    if (!L.Listed || !R.Listed || (!L.Any && !R.Any && L.Hollow != R.Hollow)) {
      if (Out[C].Private) // The list would say something else of it.
        Out[C].Rest = Unlisted::Unknown;
      continue;
    }
    if ((L.Any && R.Any) || (Far && !L.Hollow && !R.Hollow))
      continue;
    ClassId Is = L.Any ? pair(kAlways, R.Is) : R.Any ? pair(L.Is, kAlways) : pair(L.Is, R.Is);
    Content New = {C, Place, Is, L.Any ? R.Hollow : L.Hollow, L.Now && R.Now ? 2u : 1u, nullptr};
    if (Out[C].Private || Out[C].Kind == Memory::Stack)
      Out[C].Fields.push_back(New);
    if (!Out[C].Private)
      Out.Contents.push_back(New);
    if (!Out[C].Cell)
      Out.lend(Is, {{C}, true, Place});
  }
  // Stores to the stack that were forgotten are still the last ones.
  if (Out[C].Kind == Memory::Stack && !Out[C].Private)
    for (const Content &F : A[X].Fields)
      for (const Content &G : B[Y].Fields)
        if (F.At == G.At &&
            none_of(Out[C].Fields, [&](const Content &H) { return H.At == F.At; }) &&
            A[F.Is].needsNoUnit() && B[G.Is].needsNoUnit())
          Out[C].Fields.push_back({C, F.At, kAlways, false, 1u, nullptr});
  sort(Out[C].Fields, [](const Content &L, const Content &R) {
    return std::pair(L.At.Symbol, L.At.Bytes) < std::pair(R.At.Symbol, R.At.Bytes);
  });
}

/// Where a state knows that an arm is not the one, it has no class for it, and any will do.
ClassId Pairing::pairArms(std::optional<ClassId> X, std::optional<ClassId> Y) {
  if (X && Y)
    return pair(*X, *Y);
  const ClassId Id = X ? plain(A, *X) : plain(B, *Y);
  if (Id <= kAlways)
    return Id;
  for (ClassId C = 2; C != Out.size(); ++C)
    if ((X ? Of[C].first : Of[C].second) == Id)
      return C;
  return X ? pair(Id, kNull) : pair(kNull, Id);
}

void Pairing::arms(ClassId C) {
  const Value *By = choice(C);
  if (!By)
    return;
  auto [X, Y] = Of[C];
  auto Arm = [&](const State &S, ClassId Id, bool Is) -> std::optional<ClassId> {
    if (S[Id].Select)
      return Is ? S[Id].IfTrue : S[Id].IfFalse;
    const ConstantInt *Way = Known.evaluate(By, S.Conditions);
    return !Way || Way->isOne() == Is ? std::optional(Id) : std::nullopt;
  };
  ClassId IfTrue = pairArms(Arm(A, X, true), Arm(B, Y, true));
  ClassId IfFalse = pairArms(Arm(A, X, false), Arm(B, Y, false));
  Class &To = Out[C];
  To.Select = By;
  To.IfTrue = IfTrue;
  To.IfFalse = IfFalse;
  ++Out.Selects;
}

void Pairing::add(Needs &To, Needed More) {
  sort(More.Pairs);
  More.Pairs.erase(unique(More.Pairs), More.Pairs.end());
  // What a class is one of outlasts stores, and what a field holds does not.
  auto SaysMore = [](const Needed &A, const Needed &B) {
    return A.Same >= B.Same &&
           std::includes(B.Pairs.begin(), B.Pairs.end(), A.Pairs.begin(), A.Pairs.end());
  };
  if (any_of(To, [&](const Needed &Has) { return SaysMore(Has, More); }))
    return;
  erase_if(To, [&](const Needed &Has) { return SaysMore(More, Has); });
  if (To.size() < kMostWays)
    To.push_back(std::move(More));
}

Pairing::Needs Pairing::both(const Needs &L, const Needs &R) {
  Needs Found;
  for (const Needed &A : L)
    for (const Needed &B : R) {
      Needed New = A;
      append_range(New.Pairs, B.Pairs);
      New.Same &= B.Same;
      add(Found, std::move(New));
    }
  return Found;
}

Pairing::Needs Pairing::needs(const State &S, ClassId Id, const Classes &In, ClassId For,
                              SmallVectorImpl<ClassId> &Path, unsigned &Steps) {
  const Class &C = S[Id];
  if (C.needsNoUnit() || C.ForCall || C.Kind != Memory::None)
    return {Needed()};
  // The pair that has the units keeps the others of its class alive. What has units and no name
  // any more is never released: that is only where all paths end in `unreachable`.
  if (C.Units > 0) {
    auto Pairs = In.find(Id);
    if (Pairs == In.end())
      return {Needed()};
    for (ClassId Pair : Pairs->second)
      if (Pair != For && Out[Pair].Units > 0)
        return {Needed{{Pair}}};
  }
  if (!Steps || is_contained(Path, Id))
    return {};
  --Steps;
  Path.push_back(Id);
  auto All = [&](ArrayRef<ClassId> Holders) -> Needs {
    Needs Found = {Needed()};
    for (ClassId Holder : Holders)
      if (!Found.empty())
        Found = both(Found, needs(S, S.rep(Holder), In, For, Path, Steps));
    return Found;
  };
  Needs Found;
  if (C.Select)
    Found = All({C.IfTrue, C.IfFalse});
  for (bool Same : {true, false})
    for (const Lender &L : reverse(C.Lenders))
      if (L.Same == Same && S.lends(L, Id, &S == &A ? AliveInA : AliveInB))
        for (Needed &More : All(L.Holders)) {
          More.Same &= Same;
          add(Found, std::move(More));
        }
  Path.pop_back();
  return Found;
}

void Pairing::lenders(ClassId C) {
  const Class &To = Out[C];
  if (To.ForCall || To.Kind != Memory::None || To.Select)
    return;
  auto [X, Y] = Of[C];
  unsigned InLeft = kMostNeeded, InRight = kMostNeeded;
  SmallVector<ClassId, 8> Path;
  const Needs L = needs(A, X, InA, C, Path, InLeft);
  const Needs R = L.empty() ? Needs() : needs(B, Y, InB, C, Path, InRight);
  // With each join fewer single pairs are left that keep the class alive by themselves, in their
  // order. Sets of several could change for ever; one is enough, and that only if nothing lends.
  const Needs Ways = both(L, R);
  Needs Chosen;
  copy_if(Ways, std::back_inserter(Chosen), [](const Needed &Way) { return Way.Pairs.size() < 2; });
  sort(Chosen, [](const Needed &A, const Needed &B) { return A.Pairs < B.Pairs; });
  if (Chosen.empty() && !Ways.empty() && (Out[C].Lenders.empty() || Ways.front().Same))
    Chosen.push_back(Ways.front());
  for (const Needed &Way : Chosen) {
    Lender New;
    New.Holders.assign(Way.Pairs.begin(), Way.Pairs.end());
    New.Same = Way.Same;
    Out.lend(C, std::move(New));
  }
}

/// Whether a class of \p S that has units is in no pair.
static bool forgets(const State &S, const DenseMap<ClassId, SmallVector<ClassId, 2>> &In) {
  for (ClassId C = 2; C != S.size(); ++C)
    if (S.rep(C) == C && S[C].Units > 0 && plain(S, C) == C && !In.contains(C))
      return true;
  return false;
}

// Each class's equation with one unknown left gives that unknown; one in which no unit is left
// over gives all of its unknowns.
bool Pairing::units() {
  const unsigned N = Out.size();
  SmallVector<bool> Solved(N);
  SmallVector<std::pair<bool, ClassId>> Work;
  for (ClassId C = 2; C != N; ++C) {
    if (Of[C].first > kAlways)
      InA[Of[C].first].push_back(C);
    if (Of[C].second > kAlways)
      InB[Of[C].second].push_back(C);
  }
  if (Whole && (forgets(A, InA) || forgets(B, InB)))
    return false;
  for (ClassId C = 2; C != N; ++C) {
    Work.push_back({false, Of[C].first});
    Work.push_back({true, Of[C].second});
  }
  while (!Work.empty()) {
    auto [Right, Id] = Work.pop_back_val();
    if (Id <= kAlways)
      continue;
    int Left = (Right ? B : A)[Id].Units;
    SmallVector<ClassId, 4> Unknown;
    for (ClassId C : (Right ? InB : InA)[Id])
      if (Solved[C])
        Left -= Out[C].Units;
      else
        Unknown.push_back(C);
    if (Left < 0 || (Unknown.empty() && Left))
      return false;
    if (Left && Unknown.size() != 1)
      continue;
    for (ClassId C : Unknown) {
      Solved[C] = true;
      Out[C].Units = Left;
      Work.push_back({false, Of[C].first});
      Work.push_back({true, Of[C].second});
    }
  }
  return all_of(drop_begin(Solved, 2), [](bool S) { return S; });
}

void Pairing::conditions() {
  for (const check::Known &K : A.Conditions) {
    if (!Known.isAskedFrom(K.Number, At) || !is_contained(Known.of(K.Number, B.Conditions), K))
      continue;
    const Value *V = Known.condition(K.Number);
    auto *Phi = dyn_cast<PHINode>(V);
    if (lasts(V) || (Phi && Phi->getParent() == &At))
      Out.Conditions.push_back(K);
  }
}

std::optional<State> Joiner::join(const State &A, const State &B, const BasicBlock &At, bool Again,
                                  bool Whole) {
  return Pairing(R, C, A, B, At, *this, Again, Whole).run();
}

bool Joiner::lasts(const Value *V, const BasicBlock &At) const {
  auto *I = dyn_cast<Instruction>(V);
  return !I || DT.properlyDominates(I->getParent(), &At);
}

static bool sameContents(ArrayRef<Content> A, ArrayRef<Content> B) {
  return A.size() == B.size() && all_of(zip(A, B), [](auto Two) {
           auto &[L, R] = Two;
           return L.Holder == R.Holder && L.At == R.At && L.Is == R.Is && L.Hollow == R.Hollow &&
                  L.Since == R.Since;
         });
}

static bool sameLenders(ArrayRef<Lender> A, ArrayRef<Lender> B) {
  return A.size() == B.size() && all_of(zip(A, B), [](auto Two) {
           auto &[L, R] = Two;
           return L.Holders == R.Holders && L.HasPlace == R.HasPlace && L.At == R.At &&
                  L.Same == R.Same;
         });
}

/// The same but for units.
static bool sameShape(const State &A, const State &B) {
  if (A.Names != B.Names || A.Bases != B.Bases || A.size() != B.size() ||
      A.Conditions != B.Conditions || !sameContents(A.Contents, B.Contents))
    return false;
  for (ClassId C = 2; C != A.size(); ++C) {
    const Class &L = A[C], &R = B[C];
    if (L.Cell != R.Cell || L.Shape != R.Shape || L.Asked != R.Asked || L.Several != R.Several)
      return false;
    if (L.NonNull != R.NonNull || L.ForCall != R.ForCall || L.Mixed != R.Mixed ||
        L.Private != R.Private || L.Rest != R.Rest || L.Select != R.Select ||
        L.IfTrue != R.IfTrue || L.IfFalse != R.IfFalse || !sameContents(L.Fields, R.Fields) ||
        !sameLenders(L.Lenders, R.Lenders))
      return false;
  }
  return true;
}

unsigned cairn::check::difference(const State &A, const State &B) {
  constexpr unsigned kFact = 1 << 16, kName = 1 << 6;
  unsigned Sum = 0;
  for (const check::Known &K : A.Conditions)
    Sum += is_contained(B.Conditions, K) ? 0 : kFact;
  for (const check::Known &K : B.Conditions)
    Sum += is_contained(A.Conditions, K) ? 0 : kFact;
  // Classes are numbered in the order of names.
  for (auto &[Name, R] : A.Names) {
    const Ref *Other = B.find(Name);
    if (!Other || !(*Other == R))
      Sum += kName;
    else
      Sum += A[R.Class].Units != B[R.Class].Units;
  }
  return Sum;
}

bool cairn::check::same(const State &A, const State &B) {
  if (!sameShape(A, B))
    return false;
  for (ClassId C = 2; C != A.size(); ++C)
    if (A[C].Units != B[C].Units)
      return false;
  return true;
}

bool cairn::check::grows(const State &A, const State &B) {
  if (!sameShape(A, B))
    return false;
  bool More = false;
  for (ClassId C = 2; C != A.size(); ++C) {
    if (B[C].Units < A[C].Units)
      return false;
    More |= B[C].Units > A[C].Units;
  }
  return More;
}
