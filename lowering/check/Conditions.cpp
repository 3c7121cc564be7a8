//===- Conditions.cpp - What a path has learned from its branches -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Conditions.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace cairn::check;

/// Conditions are looked through no further than this.
static constexpr unsigned kDepth = 6;

namespace {
/// Counts who asks about a value, through the operations that `evaluate` understands, and phis: an
/// edge says what a phi is if it is known what comes in.
struct Counter {
  struct Asking {
    unsigned Times = 0, Last = ~0u;
  };
  MapVector<const Value *, Asking> Asked;
  unsigned Here = 0; ///< The place of who asks.

  void ask(const Value *V, unsigned Depth = 0) {
    if (isa<Constant>(V) || !V->getType()->isIntegerTy() || Depth > kDepth)
      return;
    Asking &Its = Asked[V];
    const bool First = !Its.Times++;
    Its.Last = std::min(Its.Last, Here);
    const Value *A, *B;
    if (match(V, m_LogicalAnd(m_Value(A), m_Value(B))) ||
        match(V, m_LogicalOr(m_Value(A), m_Value(B)))) {
      ask(A, Depth + 1);
      ask(B, Depth + 1);
    } else if (match(V, m_Not(m_Value(A))) || match(V, m_Freeze(m_Value(A))) ||
               match(V, m_ZExtOrSExt(m_Value(A))) || match(V, m_Trunc(m_Value(A)))) {
      ask(A, Depth + 1);
    } else if (auto *Compare = dyn_cast<ICmpInst>(V)) {
      if (isa<ConstantInt>(Compare->getOperand(1)))
        ask(Compare->getOperand(0), Depth + 1);
    } else if (auto *Phi = dyn_cast<PHINode>(V); Phi && First) {
      for (const Use &In : Phi->incoming_values())
        ask(In.get(), Depth + 1);
    }
  }
};
} // namespace

Conditions::Conditions(const Function &F) {
  // Cycles come in an order in which those behind them are before them.
  unsigned Behind = 0;
  for (auto Cycle = scc_begin(&F); !Cycle.isAtEnd(); ++Cycle, ++Behind)
    for (const BasicBlock *Block : *Cycle)
      Place[Block] = Behind;
  Counter C;
  for (const BasicBlock &Block : F) {
    for (const Instruction &I : Block) {
      // Which of a select's two a reference is may be asked anywhere behind it.
      C.Here = isa<SelectInst>(I) ? 0 : Place.lookup(&Block);
      if (auto *Branch = dyn_cast<BranchInst>(&I); Branch && Branch->isConditional())
        C.ask(Branch->getCondition());
      else if (auto *Switch = dyn_cast<SwitchInst>(&I))
        C.ask(Switch->getCondition());
      else if (auto *Select = dyn_cast<SelectInst>(&I); Select && Select->getType()->isPointerTy())
        C.ask(Select->getCondition());
    }
  }
  // A phi is known where what comes in is: a constant, or a condition.
  for (auto &[V, Its] : C.Asked)
    if (Its.Times > 1 || isa<PHINode>(V)) {
      Numbers[V] = unsigned(Values.size());
      Values.push_back({V, Its.Last});
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
