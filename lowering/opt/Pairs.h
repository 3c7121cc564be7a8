//===- Pairs.h - cairn-pairs: counts that undo each other ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A copy of a handle that lives for a moment is an incref and a decref of one object, with
// nothing between that could release it:
//
//   incref p ; v = p.value ; decref p
//
// Whoever had a count of p before the incref still has it at the decref, so neither is needed.
// The same holds along paths and through phis (opt/PairsAcross.h).
// Counts of plain pointers and of managed references are treated alike. Breaks no analysis but
// those of the blocks' contents.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PAIRS_H
#define CAIRN_LOWERING_PAIRS_H

#include "llvm/IR/PassManager.h"

namespace llvm {
class Instruction;
} // namespace llvm

namespace cairn {

/// Whether an object may be released, or a count be looked at, while \p I runs. Not for counts.
bool mayRelease(const llvm::Instruction &I);

/// Whether \p I, which releases nothing, may look at a count all the same: it only reads, but more
/// than a program can address. It is in the way of the counts of plain pointers, which a program
/// may ask for. What it would be told of a managed reference is not certain in any case.
bool mayLook(const llvm::Instruction &I);

/// `-passes=cairn-pairs`. Runs late in the simplification of each function, at -O1 and up.
struct PairsPass : llvm::PassInfoMixin<PairsPass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

} // namespace cairn

#endif // CAIRN_LOWERING_PAIRS_H
