//===- Plain.h - cairn-plain: references become plain pointers --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The space of references has a meaning for Cairn's passes, and none for a code generator.
// When all counts are there as calls, every reference becomes a pointer in address space 0,
// and every managed intrinsic the plain one that means the same.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PLAIN_H
#define CAIRN_LOWERING_PLAIN_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// Whether every count that \p M needs is there, as far as can be seen.
bool isCounted(const llvm::Module &M);
/// The same. Reports an error for a function with references that cairn-insert has not seen.
bool checkCounted(llvm::Module &M);

/// Takes the space of references out of the whole module: out of types of functions, globals,
/// instructions and attributes, and out of constants. Managed intrinsics become plain ones
/// (Managed.def); the conversions between references and pointers become their operand, and
/// cairn.ref.retain a cairn.incref too. Debug information stays. Returns whether anything was
/// changed. Reports an error and sets \p Failed where something in the space is left: for a
/// module that cairn-import accepted there is nothing.
bool makePlain(llvm::Module &M, bool &Failed);

/// `-passes=cairn-plain`. cairn-lower does the same first.
class PlainPass : public llvm::PassInfoMixin<PlainPass> {
public:
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
  static bool isRequired() { return true; }
};

} // namespace cairn

#endif // CAIRN_LOWERING_PLAIN_H
