//===- PlanCheck.h - Whether the plan of a lowering is right ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before any call is replaced, the lowering plans each: what is known of its type and its
// operand. The expansion believes the plan, and a wrong one frees a block to another bin, or
// drops an object without its fields. In a debug build (docs/debug-build.md) the plan is
// compared with the module once more, by rules that are written here a second time.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PLANCHECK_H
#define CAIRN_LOWERING_PLANCHECK_H

#include "ir/Descriptor.h"

#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class CallInst;
class Module;
} // namespace llvm

namespace cairn {

struct IntrinsicInfo;

/// One call of an intrinsic, as it is planned.
struct PlannedCall {
  const llvm::CallInst *Call;
  const IntrinsicInfo *I;
  std::optional<Descriptor> Type; ///< Of an allocation: what its descriptor is known to be.
  bool NonNull = false;           ///< The operand is known not to be null.
  bool Leaf = false;              ///< The operand is fresh, and an object without fields.
  std::optional<unsigned> Own;    ///< The operand is this thread's, from this bin.
};

/// What is wrong with the plan of a module's calls: a sentence that names the function and
/// the intrinsic; empty if nothing is.
std::string wrongPlan(const llvm::Module &M, llvm::ArrayRef<PlannedCall> Plan);

} // namespace cairn

#endif // CAIRN_LOWERING_PLANCHECK_H
