//===- Assume.cpp - What a branch says --------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reference that is compared with null is null on one edge and needs no unit there. Two that
// are equal are one object: LLVM puts one name for the other where it knows that.
//
//===----------------------------------------------------------------------===//
#include "check/Step.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace cairn;
using namespace cairn::check;

/// The reference whose lowest bit \p V is: an odd word is an immediate.
static const Value *oddBitOf(const Value *V) {
  const Value *Reference;
  if (match(V, m_And(m_PtrToInt(m_Value(Reference)), m_One())) ||
      match(V, m_Trunc(m_PtrToInt(m_Value(Reference)))))
    return Reference;
  return nullptr;
}

static bool isEquality(const Value *V, const ICmpInst *&Compare) {
  Compare = dyn_cast<ICmpInst>(V);
  return Compare && Compare->isEquality();
}

std::optional<bool> Step::truth(const State &S, const Value *Condition) {
  if (const ConstantInt *Is = Known.evaluate(Condition, S.Conditions))
    return !Is->isZero();
  const ICmpInst *Compare;
  if (!isEquality(Condition, Compare) || !Compare->getOperand(0)->getType()->isPointerTy())
    return std::nullopt;
  Ref L = eval(S, Compare->getOperand(0)), R = eval(S, Compare->getOperand(1));
  if (L.At != R.At || L.At != Offset())
    return std::nullopt;
  const Class &A = S[L.Class], &B = S[R.Class];
  const bool Equal = Compare->getPredicate() == ICmpInst::ICMP_EQ;
  if ((A.Null && B.Null) || (S.rep(L.Class) == S.rep(R.Class) && !A.Always && !A.Mixed))
    return Equal;
  if ((A.Null && B.NonNull) || (A.NonNull && B.Null))
    return !Equal;
  return std::nullopt;
}

bool Step::assume(State &S, const Value *Condition, bool Is) {
  // What is known of the references may be forgotten before the condition is asked again.
  const std::optional<bool> Already = truth(S, Condition);
  if (Already && *Already != Is)
    return false;
  Known.set(S.Conditions, Condition, ConstantInt::getBool(Condition->getContext(), Is));
  if (Already)
    return true;
  if (!S.decide(Condition, Is))
    return false;
  if (isManaged(Condition, ManagedID::RefIsLast))
    return assumeLast(S, *cast<CallBase>(Condition), Is);
  const Value *A, *B;
  if (match(Condition, m_Not(m_Value(A))))
    return assume(S, A, !Is);
  if (match(Condition, m_Freeze(m_Value(A))))
    return assume(S, A, Is);
  if (Is ? match(Condition, m_LogicalAnd(m_Value(A), m_Value(B)))
         : match(Condition, m_LogicalOr(m_Value(A), m_Value(B))))
    return assume(S, A, Is) && assume(S, B, Is);
  // If one side is known, the other decides.
  if (match(Condition, m_LogicalAnd(m_Value(A), m_Value(B))) ||
      match(Condition, m_LogicalOr(m_Value(A), m_Value(B)))) {
    if (truth(S, A) == !Is)
      return assume(S, B, Is);
    if (truth(S, B) == !Is)
      return assume(S, A, Is);
    return true;
  }
  const ICmpInst *Compare;
  const Value *Odd = oddBitOf(Condition);
  bool OddIs = Is;
  if (isEquality(Condition, Compare)) {
    const Value *L = Compare->getOperand(0), *To = Compare->getOperand(1);
    const bool Equal = (Compare->getPredicate() == ICmpInst::ICMP_EQ) == Is;
    if (auto *Number = dyn_cast<ConstantInt>(To)) {
      Odd = oddBitOf(L);
      OddIs = Equal == Number->isOne();
      if (Equal)
        Known.set(S.Conditions, L, Number);
      else
        Known.exclude(S.Conditions, L, Number);
    } else if (L->getType()->isPointerTy()) {
      Ref X = eval(S, L), Y = eval(S, To);
      if (X.At != Y.At || X.At != Offset())
        return true;
      // Of a plain pointer from elsewhere nothing is known.
      auto Traced = [&](const Value *V) {
        const Value *Root = R.of(V).Root;
        return isa<Constant>(Root) || R.tracks(Root);
      };
      if (!Traced(L) || !Traced(To))
        return true;
      if (Equal && (Undecided = S.undecidedIfEqual(X.Class, Y.Class)))
        return false;
      if (Equal && S.areApart(X.Class, Y.Class)) {
        if (S[X.Class].NonNull || S[Y.Class].NonNull)
          return false;
        S.makeNull(X.Class);
        S.makeNull(Y.Class);
      } else if (Equal) {
        S.unify(X.Class, Y.Class);
      } else {
        if (S[Y.Class].Null && S.rep(X.Class) > kAlways)
          S[X.Class].NonNull = true;
        else if (S[X.Class].Null && S.rep(Y.Class) > kAlways)
          S[Y.Class].NonNull = true;
      }
    }
  }
  if (Odd && OddIs && mayBeImmediates(*R.F.getParent()) && R.tracks(R.of(Odd).Root)) {
    Ref X = eval(S, Odd);
    if (X.At == Offset() && !S[X.Class].needsNoUnit()) {
      S[X.Class].Units = 0;
      S[X.Class].Always = true;
    }
  }
  return true;
}
