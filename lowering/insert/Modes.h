//===- Modes.h - cairn-modes: which parameters a function owns ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A parameter is borrowed unless it says otherwise: the caller keeps its count during the call.
// Where the callee stores the reference or returns it, that makes a pair of counts: the callee
// adds one, and the caller gives its own back after the call. If nobody outside the module can
// call the function, it may own the parameter instead, and the caller's count moves in.
//
// All such parameters start as borrowed. One becomes owned when its reference flows to where a
// count is taken over: a store, a return, an owned parameter; or when a call in tail position
// passes a reference that the caller would have to release after it. Each one changes at most
// once, so the answer is the least one and takes linear time.
//
// Runs before counts are inserted, on references that are scalars (cairn-slots). It sets the
// attribute `cairn-owned`, which the insertion and the certifier read, and breaks nothing.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_MODES_H
#define CAIRN_LOWERING_MODES_H

#include "llvm/IR/PassManager.h"

namespace llvm {
class Argument;
} // namespace llvm

namespace cairn {

/// `-passes=cairn-modes`. cairn-insert does the same at -O1 and up.
struct ModesPass : llvm::PassInfoMixin<ModesPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// Whether all calls of \p F are seen, and each is free to pass a parameter in another way.
bool mayChooseModes(const llvm::Function &F);

/// The pass's work. Returns whether it changed the module. Of the parameters that stay borrowed
/// nothing is said: some may become owned for their memory (cairn-cells).
bool inferModes(llvm::Module &M);
/// A remark that \p A is owned, since \p Why.
void tellOwned(const llvm::Argument &A, llvm::StringRef Why);
/// A remark for each parameter that stays borrowed, when all modes were chosen.
void tellBorrowed(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_MODES_H
