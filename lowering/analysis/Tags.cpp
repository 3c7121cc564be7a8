//===- Tags.cpp - What tests say of an object's tag -------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Tags.h"

#include "ir/Managed.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace cairn;

/// Whether control comes to \p At only by the edge from \p From to \p To.
static bool dominates(const BasicBlock *From, const BasicBlock *To, const Instruction &At,
                      const DominatorTree &DT) {
  const BasicBlockEdge Edge(From, To);
  return Edge.isSingleEdge() && DT.dominates(Edge, At.getParent());
}

/// Whether \p Condition, alone or with others, is \p Is wherever control comes to \p At.
static bool decides(const Value *Condition, bool Is, const Instruction &At, const DominatorTree &DT,
                    unsigned Depth = 0) {
  return any_of(Condition->users(), [&](const User *U) {
    if (auto *Branch = dyn_cast<BranchInst>(U); Branch && Branch->isConditional())
      return dominates(Branch->getParent(), Branch->getSuccessor(Is ? 0 : 1), At, DT);
    const bool Joins = Is ? match(U, m_LogicalAnd(m_Value(), m_Value()))
                          : match(U, m_LogicalOr(m_Value(), m_Value()));
    return Joins && Depth < 4 && decides(U, Is, At, DT, Depth + 1);
  });
}

/// The constant that a test of \p Tag says it is at \p At.
static const ConstantInt *constantAt(const Value *Tag, const Instruction &At,
                                     const DominatorTree &DT) {
  for (const User *U : Tag->users()) {
    if (auto *Compare = dyn_cast<ICmpInst>(U); Compare && Compare->isEquality()) {
      auto *Is = dyn_cast<ConstantInt>(Compare->getOperand(1));
      if (Is && decides(Compare, Compare->getPredicate() == ICmpInst::ICMP_EQ, At, DT))
        return Is;
    } else if (auto *Switch = dyn_cast<SwitchInst>(U)) {
      for (auto &Case : Switch->cases())
        if (dominates(Switch->getParent(), Case.getCaseSuccessor(), At, DT))
          return Case.getCaseValue();
    }
  }
  return nullptr;
}

std::optional<uint8_t> cairn::knownTag(const Value *Object, const Instruction &At,
                                       const DominatorTree &DT) {
  SmallVector<const Value *, 4> Tags;
  for (const User *U : Object->users())
    if (isManaged(U, ManagedID::RefTag))
      Tags.push_back(U);
  for (unsigned N = 0; N != Tags.size(); ++N) {
    for (const User *U : Tags[N]->users())
      if (isa<ZExtInst>(U))
        Tags.push_back(U);
    if (const ConstantInt *Is = constantAt(Tags[N], At, DT); Is && Is->getValue().isIntN(8))
      return Is->getZExtValue();
  }
  return std::nullopt;
}
