//===- TailArms.h - Recursions whose result is returned in an object --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An *arm* is the end of a function behind a call of the recursion. It returns the call's result,
// or an object that was just made, in which the result has its place:
//
//   r = f(...); o.next = r; a.next = o; return a
//
// All but the store of `r` may be done before the call. Nobody else knows `o` by then.
//
// A function may return a structure of references. Each reference of the call's result then goes
// into an object, or becomes one reference of what is returned:
//
//   {y, n} = f(...); a.next = y; return {a, n}
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TAILARMS_H
#define CAIRN_LOWERING_TAILARMS_H

#include "ir/Managed.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class CallInst;
class Function;
class OptimizationRemarkEmitter;
class StoreInst;
class Type;
class Value;
} // namespace llvm

namespace cairn {

struct TailArm {
  /// Where a reference of the call's result goes.
  struct Part {
    llvm::StoreInst *Store; ///< Its store into an object; null if it is returned,
    unsigned As;            ///< as this reference of what the function returns.
  };
  llvm::CallInst *Call;
  llvm::SmallVector<Part, 2> Parts;         ///< By reference of the call's result.
  llvm::SmallVector<llvm::Value *, 2> Made; ///< What is returned; null where that is of the result.

  /// Whether an object gets a part of the result.
  bool fills() const {
    return llvm::any_of(Parts, [](const Part &Each) { return Each.Store; });
  }
};

/// How many references \p T is, if it is one, or a structure of few and of nothing else; else 0.
unsigned referencesIn(const llvm::Type *T, const References &R);

/// Whether what \p F returns may be put into places that its caller gives.
bool mayFillHole(const llvm::Function &F, const References &R);

/// The arms of \p F behind calls that \p IsWanted. Each is one block, which returns at its end or
/// goes to a block that only returns: what several arms shared is copied for that.
llvm::SmallVector<TailArm, 4> tailArms(llvm::Function &F, const References &R,
                                       llvm::function_ref<bool(const llvm::CallInst &)> IsWanted,
                                       llvm::OptimizationRemarkEmitter &ORE);

/// Moves what stands behind the call before it, but for what needs its result.
void finishBefore(const TailArm &A);

} // namespace cairn

#endif // CAIRN_LOWERING_TAILARMS_H
