//===- Registers.h - cairn-registers: objects that stay in a function --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An object that a function allocates, fills, reads and releases, and shows to nobody, needs no
// memory of the heap: its fields become values in registers. Where the object was released, its
// references are.
//
// Runs on managed references before their counts are inserted, so that no count is, and once
// more late, for what LLVM inlines after that. Breaks no analysis but those of the blocks'
// contents.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_REGISTERS_H
#define CAIRN_LOWERING_REGISTERS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-registers`. Runs late in the simplification of each function, at -O1 and up.
struct RegistersPass : llvm::PassInfoMixin<RegistersPass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);
};

} // namespace cairn

#endif // CAIRN_LOWERING_REGISTERS_H
