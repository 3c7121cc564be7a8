//===- Rounds.h - Loops that recursions in tail position became --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM makes a loop of a call in tail position. Its parameters become φ, one round a call:
//
//   f(p): ... v = make(...) ; return f(v.field)        f(p): loop: r = φ(p, v.field) ; ...
//
// The call borrows its argument: what lends it is kept alive until the call returns. In the loop
// the φ would have a count of its own instead, which is taken of `p` each time that `f` is called,
// though most calls may end in the first round. So a second φ goes beside it, its keeper:
//
//   r = φ(p, v.field) ; k = φ(null, v)
//
// The keeper has the count of what lends the argument, and none of what the caller lends. It lives
// until nothing uses what the φ lends, which is no longer than the call would have kept it.
//
// Invariant: a φ with a keeper is lent by it, and by parameters that the function borrows. This is
// checked where what is lent is found (analysis/Lent.h); a keeper that does not suffice goes.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_ROUNDS_H
#define CAIRN_LOWERING_ROUNDS_H

#include "analysis/Lent.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/PassManager.h"

namespace cairn {

/// Lets LLVM make loops of calls in tail position, and marks the φ of references that the
/// parameters become.
struct TailRoundsPass : llvm::PassInfoMixin<TailRoundsPass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

/// Whether \p A, of which a count may be taken, is better borrowed: it is the parameter of such a
/// loop, and fewer places would add a count than would have to take or give one back if the
/// function owned it. \p Takes: whether a use takes a count, as far as parameters of functions
/// decide that, if the function owns \p A.
bool isBetterBorrowed(const llvm::Argument &A, const References &R,
                      llvm::function_ref<bool(const llvm::Use &)> Takes);

/// The keepers of one function, while its counts are inserted.
class Rounds {
public:
  Rounds(llvm::Function &F, const References &R) : F(F), R(R) {}
  /// The counts are written: the marks go.
  ~Rounds();

  /// Adds keepers for φ that are not in \p Lent. Whether it did; \p B and \p Lent are stale then.
  bool add(const LentValues &Lent, Bases &B);
  /// Changes, or takes away, the keepers of φ that are still not lent. Whether it did.
  bool settle(const LentValues &Lent);
  const RoundKeepers &keepers() const { return Keepers; }

private:
  llvm::Value *kept(llvm::Value *V, const LentValues &Lent, Bases &B) const;
  void remove(llvm::PHINode &Phi);

  llvm::Function &F;
  const References &R;
  RoundKeepers Keepers;
};

} // namespace cairn

#endif // CAIRN_LOWERING_ROUNDS_H
