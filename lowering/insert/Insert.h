//===- Insert.h - cairn-insert: the counts of references --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the increfs and decrefs of all references (docs/decisions/0028-insertion.md). Each
// function is brought into the form of insert/Slots.h first. What has no count afterwards is
// borrowed: parameters, unless they are marked, and plain pointers.
//
// Every function that the pass has seen gets the attribute kCountsInserted, and the module the
// flag; such a function is left alone from then on, and so may be linked with others that have
// no counts yet. A frontend that writes counts of its own gives the attribute to its functions.
//
// It has to run before attributes of functions and calls are inferred: counts read and write
// memory, and free it. Breaks all analyses.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_INSERT_H
#define CAIRN_LOWERING_INSERT_H

#include "llvm/IR/PassManager.h"

namespace cairn {

class References;

/// `-passes=cairn-insert`. Required: it runs on `optnone` functions too. \p Lend: references
/// that are lent (analysis/Lent.h) get no counts, and functions own the parameters whose count
/// they take over (analysis/Modes.h); otherwise each reference has a count of its own.
struct InsertPass : llvm::PassInfoMixin<InsertPass> {
  explicit InsertPass(bool Lend = true) : Lend(Lend) {}
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
  static bool isRequired() { return true; }

private:
  const bool Lend;
};

/// The pass's work. Returns whether it changed the module; \p Failed says that something was
/// refused, now or before, and reported. \p Then is called of each function with a body when its
/// counts are there, while it is in the processor's cache.
bool insertCounts(llvm::Module &M, llvm::FunctionAnalysisManager &FAM, bool Lend, bool &Failed,
                  llvm::function_ref<void(llvm::Function &)> Then);

/// LLVM's SLP vectorizer makes invalid code of an invoke whose vector is taken apart behind it
/// (docs/llvm-versions.md). A freeze in between, which costs no code, is what it finds instead.
/// The passes that look at counts come before.
void freezeVectors(llvm::Function &F, const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_INSERT_H
