//===- Walk.cpp - States over a function's blocks ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Walk.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

/// So many states of one block are joined before the quick walk gives up.
static constexpr unsigned kQuickStates = 12;
/// The default of a switch with more cases says nothing about its condition.
static constexpr unsigned kCasesExcluded = 16;
/// Pairs of states that are tried before two that know different things are joined.
static constexpr unsigned kPairsTried = 16;
/// A report names no more blocks than this.
static constexpr unsigned kBlocksNamed = 24;

Walk::Walk(Roots &R, const Conditions &C, Callees &Quiet, const DominatorTree &DT,
           const CertifyOptions &Options)
    : R(R), Known(C), Options(Options), Join(R, C, DT), Does(R, C, Quiet) {
  number();
}

void Walk::number() {
  for (const BasicBlock *B : ReversePostOrderTraversal<const Function *>(&R.F)) {
    Blocks[B].Number = Order.size();
    Order.push_back(B);
  }
  for (const BasicBlock *B : reverse(Order)) {
    Block &Of = Blocks[B];
    Of.Doomed = isa<UnreachableInst>(B->getTerminator()) ||
                (!succ_empty(B) &&
                 all_of(successors(B), [&](const BasicBlock *To) { return Blocks[To].Doomed; }));
    Of.Again = any_of(predecessors(B), [&](const BasicBlock *From) {
      auto Known = Blocks.find(From);
      return Known != Blocks.end() && Known->second.Number != ~0u &&
             Known->second.Number >= Of.Number;
    });
    MostSteps += B->size();
  }
}

std::vector<Finding> Walk::run(bool ExactNow) {
  Exact = ExactNow;
  const uint64_t Once = MostSteps;
  MostSteps = Once * Options.MostSteps + 1000;
  if (!Exact)
    MostSteps = Once * 64 + 1000;
  Blocks[Order.front()].Entries.push_back({Does.entry(), nullptr});
  Work.insert(0);
  while (!Work.empty() && !full()) {
    unsigned Next = *Work.begin();
    Work.erase(Work.begin());
    runBlock(*Order[Next]);
  }
  return std::move(Found);
}

void Walk::runBlock(const BasicBlock &B) {
  // Its own successors may add entries.
  for (unsigned N = 0; N != Blocks[&B].Entries.size() && !full(); ++N) {
    Entry &E = Blocks[&B].Entries[N];
    if (E.Done)
      continue;
    E.Done = true;
    Passages.push_back({&B, E.From, N});
    runFrom(E.S, B.begin(), &Passages.back());
  }
}

void Walk::runFrom(State S, BasicBlock::const_iterator I, const Passage *P) {
  SmallVector<std::pair<State, BasicBlock::const_iterator>, 1> Parts;
  Parts.push_back({std::move(S), I});
  while (!Parts.empty() && !full()) {
    auto [Now, At] = std::move(Parts.back());
    Parts.pop_back();
    for (;; ++At) {
      if (++Steps > MostSteps) {
        Gave = true;
        report({FindingKind::NotDecided, &*At, nullptr,
                "the certifier cannot decide: this function needs more steps than it may take"},
               P);
        return;
      }
      // A step that asks for a decision is done again.
      std::optional<State> Before;
      if (Now.hasSelects())
        Before = Now;
      if (!Does.run(Now, *At)) {
        if (const Value *Condition = std::exchange(Does.Undecided, nullptr)) {
          for (bool Is : {false, true})
            decide(*Before, Condition, Is, [&](State Part) {
              Parts.push_back({std::move(Part), At});
            });
        } else {
          report(P);
        }
        break;
      }
      if (At->isTerminator()) {
        leave(std::move(Now), *At, P);
        break;
      }
    }
  }
}

void Walk::branch(State &S, const Value *Condition, bool Is, const BasicBlock *To,
                  const Passage *P) {
  assume(S, Condition, Is, [&](State Part) { edge(std::move(Part), *To, P); });
}

/// Goes on by \p Then with each state that comes of \p S where \p Condition is \p Is.
void Walk::assume(const State &S, const Value *Condition, bool Is, function_ref<void(State)> Then) {
  State Part = S;
  if (Does.assume(Part, Condition, Is))
    return Then(std::move(Part));
  if (const Value *First = std::exchange(Does.Undecided, nullptr))
    for (bool Which : {false, true})
      decide(S, First, Which, [&](State Known) { assume(Known, Condition, Is, Then); });
}

/// The same with the selects decided that ask for \p Condition.
void Walk::decide(const State &S, const Value *Condition, bool Is, function_ref<void(State)> Then) {
  assume(S, Condition, Is, [&](State Part) {
    if (Part.decide(Condition, Is))
      Then(std::move(Part));
  });
}

void Walk::leave(State S, const Instruction &Terminator, const Passage *P) {
  if (auto *Branch = dyn_cast<BranchInst>(&Terminator); Branch && Branch->isConditional()) {
    branch(S, Branch->getCondition(), true, Branch->getSuccessor(0), P);
    branch(S, Branch->getCondition(), false, Branch->getSuccessor(1), P);
    return;
  }
  if (auto *Switch = dyn_cast<SwitchInst>(&Terminator)) {
    const ConstantInt *Is = Known.evaluate(Switch->getCondition(), S.Conditions);
    SmallDenseMap<const BasicBlock *, unsigned> Times;
    for (const BasicBlock *To : successors(Switch))
      ++Times[To];
    for (const BasicBlock *To : successors(Switch)) {
      unsigned &Left = Times[To];
      if (!Left || (Is && Switch->findCaseValue(Is)->getCaseSuccessor() != To))
        continue;
      State Part = S;
      bool CanBe = true;
      const bool Default = To == Switch->getDefaultDest();
      if (Left == 1 && (!Default || Switch->getNumCases() <= kCasesExcluded))
        for (auto &Case : Switch->cases()) {
          if (Default) {
            Known.exclude(Part.Conditions, Switch->getCondition(), Case.getCaseValue());
          } else if (Case.getCaseSuccessor() == To) {
            CanBe = !Known.excludes(Part.Conditions, Switch->getCondition(), Case.getCaseValue());
            Known.set(Part.Conditions, Switch->getCondition(), Case.getCaseValue());
          }
        }
      Left = 0;
      if (!CanBe)
        continue;
      edge(std::move(Part), *To, P);
    }
    return;
  }
  SmallVector<const BasicBlock *, 4> Successors;
  for (const BasicBlock *To : successors(&Terminator))
    if (!is_contained(Successors, To))
      Successors.push_back(To);
  for (const BasicBlock *To : Successors) {
    if (To == Successors.back())
      return edge(std::move(S), *To, P);
    edge(S, *To, P);
  }
}

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

void Walk::phis(State &S, const BasicBlock &From, const BasicBlock &To) {
  SmallVector<std::pair<unsigned, Ref>, 4> New;
  SmallVector<std::pair<const Value *, const ConstantInt *>, 4> Constants;
  for (const PHINode &Phi : To.phis()) {
    const Value *In = Phi.getIncomingValueForBlock(&From);
    if (R.tracks(&Phi)) {
      for (unsigned Leaf = 0, End = R.leafCount(&Phi); Leaf != End; ++Leaf)
        New.push_back({R.name(&Phi) + Leaf, Does.eval(S, In, Leaf)});
    } else if (Phi.getType()->isIntegerTy() && Known.number(&Phi)) {
      Constants.push_back({&Phi, Known.evaluate(In, S.Conditions)});
    }
  }
  for (auto &[Name, To] : New)
    S.bind(Name, To);
  for (auto &[Phi, Is] : Constants)
    Known.set(S.Conditions, Phi, Is);
}

/// Calls \p Do for the class of each name that is live in \p To.
void Walk::eachLive(const State &S, const BasicBlock &To, function_ref<void(ClassId)> Do) {
  auto Each = [&](unsigned First) {
    const Value *Root = R.named(First);
    for (unsigned Leaf = 0, End = R.leafCount(Root); Leaf != End; ++Leaf)
      if (const Ref *At = S.find(First + Leaf))
        Do(S.rep(At->Class));
  };
  for (unsigned Name : R.liveInto(&To))
    Each(Name);
  for (const PHINode &Phi : To.phis())
    if (R.tracks(&Phi))
      Each(R.name(&Phi));
}

/// The classes that names which are live in \p To still hold, in themselves or by a select.
SmallVector<bool, 0> Walk::reached(const State &S, const BasicBlock &To) {
  SmallVector<bool, 0> Reached(S.size());
  SmallVector<ClassId> Marks;
  eachLive(S, To, [&](ClassId C) { Marks.push_back(C); });
  if (R.Plain) // Variables are names.
    for (auto &[Root, C] : S.Bases)
      for (const Content &F : S[C].Fields)
        Marks.push_back(F.Is);
  while (!Marks.empty()) {
    ClassId C = S.rep(Marks.pop_back_val());
    if (Reached[C])
      continue;
    Reached[C] = true;
    if (S[C].Select && Join.lasts(S[C].Select, To))
      Marks.append({S[C].IfTrue, S[C].IfFalse});
    if (S[C].Cell && S[C].Units > 0)
      for (const Content &F : S[C].Fields)
        Marks.push_back(F.Is);
  }
  return Reached;
}

/// A select of \p S that is known in \p To, but not as a select any more, though one of its arms is
/// memory that only this function knows, or has more units than names, so that some are the
/// select's; or null.
const Value *Walk::unclear(const State &S, ArrayRef<bool> Reached, const BasicBlock &To) {
  if (!S.hasSelects())
    return nullptr;
  SmallVector<int, 0> Names(S.size());
  eachLive(S, To, [&](ClassId C) { ++Names[C]; });
  for (ClassId C = 2; C != S.size(); ++C)
    if (S.rep(C) == C && Reached[C] && S[C].Select && !Join.lasts(S[C].Select, To) &&
        any_of(S.choices(C), [&](ClassId Arm) {
          return S[Arm].Private || (!S[Arm].Select && S[Arm].Units > Names[Arm]);
        }))
      return S[C].Select;
  return nullptr;
}

void Walk::edge(State S, const BasicBlock &To, const Passage *P) {
  const Instruction &Terminator = *P->Block->getTerminator();
  std::optional<State> Before; // The edge is gone along again where a select has to be decided.
  if (S.hasSelects())
    Before = S;
  if (auto *Call = dyn_cast<CallBase>(&Terminator)) {
    auto *Invoke = dyn_cast<InvokeInst>(Call);
    if (!Invoke || Invoke->getNormalDest() == &To)
      Does.defineResult(S, *Call);
  }
  phis(S, *P->Block, To);
  if (!Blocks[&To].Doomed) {
    const SmallVector<bool, 0> Reached = reached(S, To);
    bool Goes = Does.nothingLost(S, Reached, Terminator, "where the path goes on");
    if (Goes && (Does.Undecided = unclear(S, Reached, To)))
      Goes = false;
    if (!Goes) {
      if (const Value *Condition = std::exchange(Does.Undecided, nullptr)) {
        for (bool Is : {false, true})
          decide(*Before, Condition, Is, [&](State Part) { edge(std::move(Part), To, P); });
        return;
      }
      Passages.push_back({&To, P, ~0u});
      return report(&Passages.back());
    }
  }
  arrive(std::move(S), To, P);
}

/// Joins the two states at \p To that know the same and differ least.
bool Walk::makeRoom(const BasicBlock &To, Block &At) {
  auto &Entries = At.Entries;
  SmallVector<std::tuple<unsigned, unsigned, unsigned>> Pairs;
  for (unsigned N = 0; N != Entries.size(); ++N)
    for (unsigned M = N + 1; M != Entries.size(); ++M)
      if (!Entries[N].Gone && !Entries[M].Gone &&
          Entries[N].S.Conditions == Entries[M].S.Conditions)
        Pairs.push_back({difference(Entries[N].S, Entries[M].S), N, M});
  sort(Pairs);
  for (auto [Difference, N, M] : ArrayRef(Pairs).take_front(kPairsTried)) {
    std::optional<State> Both =
        Join.join(Entries[N].S, Entries[M].S, To, At.Again, /*Whole=*/!At.Doomed);
    if (!Both)
      continue;
    if (!same(*Both, Entries[N].S)) {
      Entries[N].S = std::move(*Both);
      Entries[N].Done = false;
      Work.insert(At.Number);
    }
    Entries[M].Done = Entries[M].Gone = true;
    ++At.Gone;
    return true;
  }
  return false;
}

void Walk::arrive(State Whole, const BasicBlock &To, const Passage *P) {
  Block &At = Blocks[&To];
  std::optional<State> Tidy = Join.tidy(Whole, To, At.Again);
  if (!Tidy) {
    Gave = true;
    return report({FindingKind::NotDecided, P->Block->getTerminator(), nullptr,
                   "the certifier cannot decide: at the start of '" + nameOf(&To) +
                       "' a reference that was released still stands in memory that others see, "
                       "or what is owned is no value's that is live there"},
                  P);
  }
  State &S = *Tidy;
  auto &Entries = At.Entries;
  auto IsBefore = [&](unsigned N) {
    for (const Passage *Q = P; Q; Q = Q->Before)
      if (Q->Block == &To && Q->Entry == N)
        return true;
    return false;
  };
  for (unsigned N = 0; N != Entries.size(); ++N) {
    if (same(Entries[N].S, S))
      return;
    if (At.Again && grows(Entries[N].S, S) && IsBefore(N)) {
      for (ClassId C = 2; C != S.size(); ++C)
        if (S[C].Units > Entries[N].S[C].Units) {
          Passages.push_back({&To, P, ~0u});
          return report({FindingKind::GrowsWithEachPass, P->Block->getTerminator(), S[C].Origin,
                         nameOf(S[C].Origin) + " has more units each time round the loop"},
                        &Passages.back());
        }
    }
  }
  // What differs least is joined first. Rather than states that know different things, two others
  // are joined.
  SmallVector<std::pair<unsigned, unsigned>> Candidates;
  const size_t Kept = Entries.size() - At.Gone;
  LackedRoom |= Exact && Kept >= Options.MostStates;
  if (!Exact || Kept >= Options.MostStates)
    for (unsigned N = 0; N != Entries.size(); ++N)
      if (!Entries[N].Gone)
        Candidates.push_back({Exact ? difference(Entries[N].S, S) : 0, N});
  sort(Candidates);
  if (Exact && !Candidates.empty() &&
      Entries[Candidates.front().second].S.Conditions != S.Conditions && makeRoom(To, At)) {
    Entries.push_back({std::move(S), P});
    Work.insert(At.Number);
    return;
  }
  for (auto [Difference, N] : Candidates) {
    std::optional<State> Both = Join.join(Entries[N].S, S, To, At.Again, !At.Doomed);
    if (!Both)
      continue;
    if (same(*Both, Entries[N].S))
      return;
    Entries[N].S = std::move(*Both);
    Entries[N].Done = false;
    Work.insert(At.Number);
    return;
  }
  if (Kept >= (Exact ? Options.MostStates : kQuickStates)) {
    Gave = true;
    return report({FindingKind::NotDecided, P->Block->getTerminator(), nullptr,
                   "the certifier cannot decide: too many states of '" + nameOf(&To) +
                       "' differ in what they own"},
                  P);
  }
  Entries.push_back({std::move(S), P});
  Work.insert(At.Number);
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

static const DebugLoc *lineOf(const Instruction &I) {
  return I.getDebugLoc() ? &I.getDebugLoc() : nullptr;
}

/// "%entry (line 3)", by the first line in the block.
static void name(raw_ostream &OS, const BasicBlock &B) {
  B.printAsOperand(OS, false);
  for (const Instruction &I : B)
    if (const DebugLoc *At = lineOf(I); At && At->getLine()) {
      OS << " (line " << At->getLine() << ')';
      return;
    }
}

void Walk::report(const Passage *P) {
  Problem What = std::move(*Does.problem);
  Does.problem.reset();
  report(std::move(What), P);
}

void Walk::report(Problem What, const Passage *P) {
  for (const Finding &Old : Found)
    if (Old.Kind == What.Kind && Old.At == What.At && Old.Of == What.Of)
      return;
  Finding New = {What.Kind, What.At, What.Of, std::move(What.Text), {}};
  for (; P; P = P->Before)
    New.Path.push_back(P->Block);
  std::reverse(New.Path.begin(), New.Path.end());
  raw_string_ostream OS(New.Message);
  OS << "; path: ";
  const size_t N = New.Path.size();
  for (size_t I = 0; I != N; ++I) {
    if (N > kBlocksNamed && I == kBlocksNamed / 2) {
      OS << " -> ... " << N - kBlocksNamed << " more ...";
      I = N - kBlocksNamed / 2;
    }
    if (I)
      OS << " -> ";
    name(OS, *New.Path[I]);
  }
  OS.flush();
  Found.push_back(std::move(New));
}
