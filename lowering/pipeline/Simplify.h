//===- Simplify.h - The shape in which counts are few -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PIPELINE_SIMPLIFY_H
#define CAIRN_LOWERING_PIPELINE_SIMPLIFY_H

#include "llvm/IR/PassManager.h"
#include "llvm/Passes/OptimizationLevel.h"

namespace cairn {

/// Simplifies the functions that have references and no counts yet, at a level over 0, with
/// LLVM's passes: SROA, EarlyCSE and SimplifyCFG before and after inlining from the bottom up, and
/// tail calls. Left out is what makes counts many, or their reuse impossible: common code is
/// neither hoisted nor sunk, and loads are not moved onto edges. Nothing is inferred about a
/// function. Other functions stay as they are (docs/decisions/0027-conventions-at-links.md).
/// \p IsSimple: LLVM has done what comes before inlining.
void simplifyForCounts(llvm::Module &M, llvm::ModuleAnalysisManager &MAM,
                       llvm::OptimizationLevel Level, bool IsSimple);

} // namespace cairn

#endif // CAIRN_LOWERING_PIPELINE_SIMPLIFY_H
