//===- OwnedTogether.cpp - Parameters that become owned as one --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/OwnedTogether.h"

#include "analysis/Recursion.h"
#include "insert/Modes.h"
#include "ir/Managed.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/CFG.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

/// Parameters of a cycle that are looked at.
static constexpr unsigned kMost = 16;

/// The object that \p V was loaded from; null if it is no load.
static Value *holderOf(const Value *V) {
  const auto *Load = dyn_cast<LoadInst>(V);
  return Load ? const_cast<Value *>(Load->getPointerOperand()->stripInBoundsConstantOffsets())
              : nullptr;
}

/// Whether \p Call gives its argument away: the caller has no use for it afterwards, and owns it,
/// or will own it, since it comes out of the parameter \p Of, which becomes owned.
static bool givesAway(const CallBase &Call, unsigned Arg, const Value *Of, const References &R) {
  Value *V = Call.getArgOperand(Arg);
  if (isa<Constant>(V))
    return true;
  auto *I = dyn_cast<Instruction>(V);
  if (!I)
    return V != Of && parameterOwnership(*Call.getFunction(), cast<Argument>(V)->getArgNo(), R) ==
                          Ownership::Owned;
  if (const Value *From = holderOf(I); From && !isCell(From) && (!Of || From != Of))
    return false;
  // Where it is defined again it is another value.
  SmallPtrSet<BasicBlock *, 1> Home{I->getParent()};
  return none_of(I->uses(), [&](const Use &U) {
    const auto *User = cast<Instruction>(U.getUser());
    if (User == &Call)
      return !Call.isArgOperand(&U) || Call.getArgOperandNo(&U) != Arg;
    if (auto *Phi = dyn_cast<PHINode>(User))
      User = Phi->getIncomingBlock(U)->getTerminator();
    return isPotentiallyReachable(&Call, User, &Home);
  });
}

/// Whether a call in tail position borrows what \p A lends, and so would be followed by a release
/// if the function owned \p A; a call that passes it to one of \p Group moves it. \p MustOnly: of
/// calls, those that have to stay in tail position.
static bool breaksTail(const Argument &A, ArrayRef<Argument *> Group, const References &R,
                       bool MustOnly) {
  return any_of(instructions(A.getParent()), [&](const Instruction &I) {
    auto *Call = dyn_cast<CallInst>(&I);
    if (!Call || !(MustOnly ? Call->isMustTailCall() : Call->isTailCall()) ||
        !isa_and_nonnull<ReturnInst>(Call->getNextNode()))
      return false;
    const Function *Callee = Call->getCalledFunction();
    for (unsigned N = 0; N != Call->arg_size(); ++N) {
      if (!R.is(Call->getArgOperand(N)) || argumentOwnership(*Call, N, R) == Ownership::Owned ||
          (Callee && N < Callee->arg_size() && is_contained(Group, Callee->getArg(N))))
        continue;
      const Value *V = Call->getArgOperand(N);
      for (unsigned Steps = 0; V && V != &A && Steps != 16; ++Steps)
        V = holderOf(V->stripInBoundsConstantOffsets());
      if (V == &A)
        return true;
    }
    return false;
  });
}

SmallVector<Argument *, 4> cairn::ownedTogether(Argument &A, const Recursion &Cycles,
                                                const References &R) {
  SmallVector<Argument *, 4> Group{&A};
  bool Given = false;
  for (unsigned N = 0; N != Group.size(); ++N) { // which grows
    Function &F = *Group[N]->getParent();
    const unsigned Position = Group[N]->getArgNo();
    if (N == kMost || !mayChooseModes(F) || F.hasOptNone() || F.hasFnAttribute(kCountsInserted) ||
        F.getAttributes().hasParamAttr(Position, kBorrowed))
      return {};
    for (const User *U : F.users()) {
      const auto &Call = *cast<CallBase>(U);
      const bool Own = Call.getFunction() == &F, GivesNow = givesAway(Call, Position, nullptr, R);
      Given |= GivesNow && !Own;
      if (GivesNow || (!Own && !Cycles.isPartOf(Call)))
        continue;
      auto *From = dyn_cast_or_null<Argument>(holderOf(Call.getArgOperand(Position)));
      if (!From || !givesAway(Call, Position, From, R) || (Own && From != Group[N]))
        return {};
      if (parameterOwnership(*From->getParent(), From->getArgNo(), R) == Ownership::Owned)
        Given = true;
      else if (!is_contained(Group, From))
        Group.push_back(From);
    }
  }
  if (!Given || any_of(Group, [&](Argument *Each) {
        return breaksTail(*Each, Group, R, /*MustOnly=*/Each == &A);
      }))
    return {};
  return Group;
}
