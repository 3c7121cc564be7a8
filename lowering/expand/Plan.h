//===- Plan.h - What is known of each call before it is expanded --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expanding one call takes away what could be seen of the operands of the next: that one is
// fresh from an allocation, or not null. So all calls are planned before any is replaced.
// Invariant: between plan and expansion no call of the plan is changed.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PLAN_H
#define CAIRN_LOWERING_PLAN_H

#include "ir/Descriptor.h"
#include "llvm/IR/PassManager.h"

namespace llvm {
class CallInst;
} // namespace llvm

namespace cairn {

struct IntrinsicInfo;

/// One call of an intrinsic.
struct Site {
  llvm::CallInst *Call;
  const IntrinsicInfo *I;
  std::optional<Descriptor> Type = std::nullopt; ///< Of a typed allocation.
  /// Of an allocation: the bin that it takes from.
  std::optional<unsigned> Bin = std::nullopt;
  /// Of a free or decref: the bin of the thread's that this function took the operand from.
  std::optional<unsigned> Own = std::nullopt;
  bool NonNull = false;   ///< Of an operand that may be null.
  bool Immediate = false; ///< The operand may be an integer of the frontend's.
  bool Leaf = false;      ///< decref: the operand is a fresh object without fields.
  bool Called = false;    ///< The library's function for callers without the plugin does it.
};

/// Appends the sites of \p F to \p Sites, in its order. Makes descriptors writable that the
/// runtime must number (docs/decisions/0014). \p Calls: of objects, the runtime's functions make
/// and count them, and nothing is known of a site.
void plan(llvm::Function &F, llvm::FunctionAnalysisManager &FAM, Descriptors &Types,
          llvm::SmallVectorImpl<Site> &Sites, bool Calls);

} // namespace cairn

#endif // CAIRN_LOWERING_PLAN_H
