//===- Statics.h - cairn-statics: constants that are no allocations --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An object that is allocated and filled with constants is the same each time. If the module
// never changes such an object, and never asks which of two it is (analysis/Mutations.h), it
// becomes a static object (cairn/static.h): no allocation, and no counts, for a constant is no
// root. What refers only to constants and such objects follows, so that a constant tree is one,
// and what depends on one condition becomes a choice between two.
//
// Runs before counts are inserted, on code that is inlined already. It adds a constructor that
// tells the library where the module's static objects are, unless the module has one. Breaks the
// analyses of the functions that it changes.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_STATICS_H
#define CAIRN_LOWERING_STATICS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-statics`. Part of cairn-managed at -O1 and up.
struct StaticsPass : llvm::PassInfoMixin<StaticsPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

} // namespace cairn

#endif // CAIRN_LOWERING_STATICS_H
