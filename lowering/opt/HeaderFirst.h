//===- HeaderFirst.h - cairn-header-first: one compare in loops --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A loop that goes on where an object has a certain tag, and takes it apart there, asks for the
// tag first, and then compares the whole header word, which says the tag as well. Most rounds of
// a loop go on. So it compares first:
//
//   loop: if (tag(x) == 2) { T = own.tagged.cell(x, W); ... }
//
//   loop: if (is.last(x, W)) T = take.cell(x)
//         else if (tag(x) == 2) T = own.tagged.cell(x, W)
//
// The cell is a phi from then on, which no other pass looks for: this is the last one.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_HEADERFIRST_H
#define CAIRN_LOWERING_HEADERFIRST_H

#include "llvm/IR/PassManager.h"

namespace cairn {

struct HeaderFirstPass : llvm::PassInfoMixin<HeaderFirstPass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

bool compareHeadersFirst(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_HEADERFIRST_H
