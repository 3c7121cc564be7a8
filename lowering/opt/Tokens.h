//===- Tokens.h - cairn-tokens: memory that the next round uses again --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A specialised release gives back a cell where the reference was the last one. If an object of
// its class is allocated behind it, in the next round of a loop for instance, the cell waits for
// that in a variable, the token:
//
//   token = null
//   loop: ... if (token) n = reuse.cell(token), token = null; else n = alloc ...
//         ... if (is.last(x)) free.cell(token), token = take.cell(x) ...
//   free.cell(token)
//
// A token never waits for a call: who is called might count the objects that are live, and a
// recursion would have one in each frame. It is given back before.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TOKENS_H
#define CAIRN_LOWERING_TOKENS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// By name. The pipeline runs passTokens.
struct TokensPass : llvm::PassInfoMixin<TokensPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// When the counts are certified. True: something was changed, and forgetTypes has to follow when
/// all functions were looked at.
bool passTokens(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_TOKENS_H
