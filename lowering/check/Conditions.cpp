//===- Conditions.cpp - What a path has learned from its branches -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Conditions.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/CycleInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace cairn::check;

/// Conditions are looked through no further than this.
static constexpr unsigned kDepth = 6;

/// So many times the number of blocks, and some more, conditions may be live at the start of a
/// block. Those that are looked at later are taken to be live everywhere.
static constexpr unsigned kMostLive = 64;

namespace {
/// Counts who asks about a value, through the operations that `evaluate` understands, and phis: an
/// edge says what a phi is if it is known what comes in.
struct Counter {
  struct Asking {
    unsigned Times = 0;
    bool Everywhere = false;
    SmallSetVector<const BasicBlock *, 2> Places = {};
  };
  explicit Counter(const CycleInfo &Cycles) : Cycles(Cycles) {}

  const CycleInfo &Cycles;
  MapVector<const Value *, Asking> Asked;

  /// Whether \p V is the same value each time round a loop that \p At is in.
  bool isAskedAgain(const Value *V, const BasicBlock *At) const {
    const Cycle *Around = Cycles.getCycle(At);
    auto *I = dyn_cast<Instruction>(V);
    return Around && !(I && Around->contains(I->getParent()));
  }

  /// \p Everywhere: by a select, and which of its two a reference is may be asked anywhere behind
  /// it.
  void ask(const Value *V, const BasicBlock *At, bool Everywhere, unsigned Depth = 0) {
    if (isa<Constant>(V) || !V->getType()->isIntegerTy() || Depth > kDepth)
      return;
    Asking &Its = Asked[V];
    const bool First = !Its.Times++;
    Its.Times += First && isAskedAgain(V, At);
    Its.Everywhere |= Everywhere;
    Its.Places.insert(At);
    auto Ask = [&](const Value *Of) { ask(Of, At, Everywhere, Depth + 1); };
    const Value *A, *B;
    if (match(V, m_LogicalAnd(m_Value(A), m_Value(B))) ||
        match(V, m_LogicalOr(m_Value(A), m_Value(B)))) {
      Ask(A);
      Ask(B);
    } else if (match(V, m_Not(m_Value(A))) || match(V, m_Freeze(m_Value(A))) ||
               match(V, m_ZExtOrSExt(m_Value(A))) || match(V, m_Trunc(m_Value(A)))) {
      Ask(A);
    } else if (auto *Compare = dyn_cast<ICmpInst>(V)) {
      if (isa<ConstantInt>(Compare->getOperand(1)))
        Ask(Compare->getOperand(0));
    } else if (auto *Phi = dyn_cast<PHINode>(V); Phi && First) {
      for (const Use &In : Phi->incoming_values())
        ask(In.get(), Phi->getIncomingBlock(In), /*Everywhere=*/false, Depth + 1);
    }
  }
};
} // namespace

/// Marks where \p V is live: at the start of each block from which a path leads to one of \p Places
/// that does not compute it again. A phi has its value when its block starts.
void Conditions::findLive(unsigned Number, ArrayRef<const BasicBlock *> Places) {
  auto *I = dyn_cast<Instruction>(Values[Number].V);
  const BasicBlock *Made = I ? I->getParent() : nullptr;
  const bool AtStart = isa_and_nonnull<PHINode>(I);
  SmallVector<const BasicBlock *, 16> Work(Places);
  while (!Work.empty()) {
    const BasicBlock *At = Work.pop_back_val();
    if ((At == Made && !AtStart) || !Live.insert({Number, At}).second || At == Made)
      continue;
    append_range(Work, predecessors(At));
  }
}

Conditions::Conditions(const Function &F) {
  CycleInfo Cycles;
  Cycles.compute(const_cast<Function &>(F));
  Counter C(Cycles);
  for (const BasicBlock &Block : F) {
    for (const Instruction &I : Block) {
      if (auto *Branch = dyn_cast<BranchInst>(&I); Branch && Branch->isConditional())
        C.ask(Branch->getCondition(), &Block, false);
      else if (auto *Switch = dyn_cast<SwitchInst>(&I))
        C.ask(Switch->getCondition(), &Block, false);
      else if (auto *Select = dyn_cast<SelectInst>(&I); Select && Select->getType()->isPointerTy())
        C.ask(Select->getCondition(), &Block, true);
    }
  }
  const size_t Most = size_t(F.size()) * kMostLive + 1024;
  // A phi is known where what comes in is: a constant, or a condition.
  for (auto &[V, Its] : C.Asked)
    if (Its.Times > 1 || isa<PHINode>(V)) {
      const auto Number = unsigned(Values.size());
      Numbers[V] = Number;
      Values.push_back({V, Its.Everywhere || Live.size() > Most});
      if (!Values.back().Everywhere)
        findLive(Number, Its.Places.getArrayRef());
    }
}

std::optional<unsigned> Conditions::number(const Value *V) const {
  auto Found = Numbers.find(V);
  return Found == Numbers.end() ? std::nullopt : std::optional(Found->second);
}

const ConstantInt *Conditions::get(const Value *V, const Facts &F) const {
  if (F.empty())
    return nullptr;
  auto Number = number(V);
  if (!Number)
    return nullptr;
  const ArrayRef<Known> Its = of(*Number, F);
  auto At = find_if(Its, [](const Known &K) { return !K.Not; });
  return At == Its.end() ? nullptr : At->Is;
}

template <typename FactsT> static auto firstOf(FactsT &F, unsigned Number) {
  return lower_bound(F, Number, [](const Known &K, unsigned N) { return K.Number < N; });
}

ArrayRef<Known> Conditions::of(unsigned Number, const Facts &F) {
  auto First = firstOf(F, Number), End = First;
  while (End != F.end() && End->Number == Number)
    ++End;
  return {First, End};
}

void Conditions::set(Facts &F, const Value *V, const ConstantInt *Is) const {
  auto Number = number(V);
  if (!Number)
    return;
  auto First = firstOf(F, *Number);
  F.erase(First, First + of(*Number, F).size());
  if (Is)
    F.insert(firstOf(F, *Number), {*Number, Is});
}

void Conditions::exclude(Facts &F, const Value *V, const ConstantInt *Is) const {
  auto Number = number(V);
  if (!Number || get(V, F) || excludes(F, V, Is))
    return;
  // In one order, so that equal facts are equal lists.
  auto At = firstOf(F, *Number);
  while (At != F.end() && At->Number == *Number && At->Is->getValue().ult(Is->getValue()))
    ++At;
  F.insert(At, {*Number, Is, true});
}

bool Conditions::excludes(const Facts &F, const Value *V, const ConstantInt *Is) const {
  auto Number = number(V);
  return Number && is_contained(of(*Number, F), Known{*Number, Is, true});
}

const ConstantInt *Conditions::evaluate(const Value *V, const Facts &F, unsigned Depth) const {
  if (auto *Constant = dyn_cast<ConstantInt>(V))
    return Constant;
  if (Depth > kDepth || !V->getType()->isIntegerTy())
    return nullptr;
  if (const ConstantInt *Is = get(V, F))
    return Is;
  auto Boolean = [&](bool B) { return ConstantInt::getBool(V->getContext(), B); };
  auto Of = [&](const Value *Operand) { return evaluate(Operand, F, Depth + 1); };
  const Value *A, *B;
  if (match(V, m_LogicalAnd(m_Value(A), m_Value(B)))) {
    const ConstantInt *L = Of(A), *R = Of(B);
    if ((L && L->isZero()) || (R && R->isZero()))
      return Boolean(false);
    return L && R ? Boolean(true) : nullptr;
  }
  if (match(V, m_LogicalOr(m_Value(A), m_Value(B)))) {
    const ConstantInt *L = Of(A), *R = Of(B);
    if ((L && L->isOne()) || (R && R->isOne()))
      return Boolean(true);
    return L && R ? Boolean(false) : nullptr;
  }
  if (match(V, m_Not(m_Value(A)))) {
    const ConstantInt *Is = Of(A);
    return Is ? ConstantInt::get(V->getContext(), ~Is->getValue()) : nullptr;
  }
  if (match(V, m_Freeze(m_Value(A))))
    return Of(A);
  const unsigned Bits = V->getType()->getIntegerBitWidth();
  if (match(V, m_ZExt(m_Value(A)))) {
    const ConstantInt *Is = Of(A);
    return Is ? ConstantInt::get(V->getContext(), Is->getValue().zext(Bits)) : nullptr;
  }
  if (match(V, m_SExt(m_Value(A)))) {
    const ConstantInt *Is = Of(A);
    return Is ? ConstantInt::get(V->getContext(), Is->getValue().sext(Bits)) : nullptr;
  }
  if (match(V, m_Trunc(m_Value(A)))) {
    const ConstantInt *Is = Of(A);
    return Is ? ConstantInt::get(V->getContext(), Is->getValue().trunc(Bits)) : nullptr;
  }
  if (auto *Compare = dyn_cast<ICmpInst>(V)) {
    auto *To = dyn_cast<ConstantInt>(Compare->getOperand(1));
    const ConstantInt *Is = To ? Of(Compare->getOperand(0)) : nullptr;
    if (To && Compare->isEquality() && excludes(F, Compare->getOperand(0), To))
      return Boolean(Compare->getPredicate() == ICmpInst::ICMP_NE);
    if (Is)
      return Boolean(ICmpInst::compare(Is->getValue(), To->getValue(), Compare->getPredicate()));
  }
  return nullptr;
}
