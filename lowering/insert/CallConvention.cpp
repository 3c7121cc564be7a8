//===- CallConvention.cpp - Who owns what, as a call says it ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Refusals.h"

#include "llvm/IR/InstrTypes.h"

using namespace llvm;
using namespace cairn;

/// What the attributes \p At of a call say of one reference, if anything.
static std::optional<Ownership> saidBy(AttributeSet At) {
  if (At.hasAttribute(kOwned))
    return Ownership::Owned;
  if (At.hasAttribute(kBorrowed))
    return Ownership::Borrowed;
  return std::nullopt;
}

void cairn::refuseConvention(CallBase &I, Refusals &E) {
  const References &R = E.references();
  const Function *F = I.getCalledFunction();
  auto Check = [&](AttributeSet At, Type *T, Ownership Right, const Twine &Where, bool Variable) {
    const std::optional<Ownership> Said = saidBy(At);
    if (!Said || !R.in(T) || *Said == Right)
      return;
    auto Refuse = [&](const Twine &Why) {
      E.refuse(I, "the call says '" + Twine(*Said == Ownership::Owned ? kOwned : kBorrowed) +
                      "' of " + Where + ", and " + Why);
    };
    if (Variable)
      Refuse("variable arguments are borrowed; take the attribute away");
    else if (F)
      Refuse("the declaration of '" + F->getName() +
             "' does not; give the declaration, the definition and each call the same attributes");
    else
      Refuse("a call through a pointer has the default convention: arguments are borrowed and the "
             "result is owned; take the attribute away, or call a function that is declared so");
  };
  const AttributeList List = I.getAttributes();
  for (unsigned N = 0; N != I.arg_size(); ++N) {
    const AttributeSet At = List.getParamAttrs(N);
    if (!At.hasAttributes())
      continue;
    const bool Variable = N >= I.getFunctionType()->getNumParams();
    Check(At, I.getArgOperand(N)->getType(),
          F && !Variable ? parameterOwnership(*F, N, R) : Ownership::Borrowed,
          "argument " + Twine(N + 1), Variable);
  }
  if (List.hasRetAttrs())
    Check(List.getRetAttrs(), I.getType(), F ? resultOwnership(*F, R) : Ownership::Owned,
          "its result", false);
}
