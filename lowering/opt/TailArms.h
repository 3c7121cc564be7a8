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
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TAILARMS_H
#define CAIRN_LOWERING_TAILARMS_H

#include "ir/Managed.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class CallInst;
class Function;
class OptimizationRemarkEmitter;
class StoreInst;
class Value;
} // namespace llvm

namespace cairn {

struct TailArm {
  llvm::CallInst *Call;
  llvm::StoreInst *Store; ///< Of the result; null if it is what is returned.
  llvm::Value *Made;      ///< What is returned; null if that is the result.
};

/// Whether what \p F returns may be put into a place that its caller gives.
bool mayFillHole(const llvm::Function &F, const References &R);

/// The arms of \p F behind calls that \p IsWanted. Each is one block, which returns at its end or
/// goes to a block that only returns: what several arms shared is copied for that.
llvm::SmallVector<TailArm, 4> tailArms(llvm::Function &F, const References &R,
                                       llvm::function_ref<bool(const llvm::CallInst &)> IsWanted,
                                       llvm::OptimizationRemarkEmitter &ORE);

/// Moves what stands behind the call before it; the store goes.
void finishBefore(const TailArm &A);

} // namespace cairn

#endif // CAIRN_LOWERING_TAILARMS_H
