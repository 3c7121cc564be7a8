//===- Import.h - cairn-import: from C names to intrinsics ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the rest of the lowering may assume after it: every direct call of a Cairn
// function is a plain call of an intrinsic with the table's signature, attributes and
// calling convention; its heap, where its function binds one, is its operand; and its
// descriptor, where it is a constant, is well formed.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_IMPORT_H
#define CAIRN_LOWERING_IMPORT_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-import`. Runs at the start of the pipeline, so that LLVM's
/// optimiser sees the intrinsics and their attributes.
struct ImportPass : llvm::PassInfoMixin<ImportPass> {
  /// \p RegisterStatics: see LoweringOptions.
  explicit ImportPass(bool RegisterStatics) : RegisterStatics(RegisterStatics) {}
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }

private:
  bool RegisterStatics;
};

/// The pass's work. Running it twice changes nothing. Returns whether it changed
/// the module; \p Failed says that an error was reported. Within the lowering, what the
/// pass reported before is not said again.
bool importModule(llvm::Module &M, bool &Failed, bool Lowering);

} // namespace cairn

#endif // CAIRN_LOWERING_IMPORT_H
