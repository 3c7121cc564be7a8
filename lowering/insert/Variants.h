//===- Variants.h - cairn-variants: functions that get a last reference --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that only looks at a structure borrows it, and walks through it by calling itself
// on its fields. Where a caller's last use of a reference is such a call, the structure is walked
// twice: once by the function, and once by the release after the call. For such a caller the
// function gets a variant, which owns the parameter:
//
//   f.owned(p):  if (p is the last reference, of this shape)
//                  take its fields and its memory, go on with f.owned on the fields
//                else
//                  r = f(p) ; release p ; return r
//
// So a cell is freed as soon as its fields are read, and a structure that others share is
// walked as before. A call in tail position stays one: a function that would have to release
// something after such a call gets no variant.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_VARIANTS_H
#define CAIRN_LOWERING_VARIANTS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-variants`. cairn-insert does the same at -O1 and up, after the modes.
struct VariantsPass : llvm::PassInfoMixin<VariantsPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// Of a module whose references are scalars, have modes and no counts. Returns whether it changed
/// something.
bool addVariants(llvm::Module &M, llvm::FunctionAnalysisManager &FAM);

/// Hides from other modules a copy of a function.
void makeInternal(llvm::Function &Clone);

} // namespace cairn

#endif // CAIRN_LOWERING_VARIANTS_H
