//===- Copies.h - Copies and fills of memory with references ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// memcpy, memmove and memset over references become loads and stores of them, where the type
// of the memory is known, and calls that ask the object's header, where it is not. So do
// copies of one word and stores of zeros that LLVM made of them. A copy between two plain
// pointers of which nothing is known stays: it moves no references (docs/decisions/0029).
// Parameters that are passed by value in memory are copied to variables first.
//
// It has to run before anything that forgets types of stack memory (SROA, InstCombine):
// `cairn-copies` does it alone.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_COPIES_H
#define CAIRN_LOWERING_COPIES_H

#include "insert/Refusals.h"
#include "llvm/IR/PassManager.h"

namespace cairn {

/// Whether anything changed. Assumes that refuseForms found nothing.
bool expandCopies(Refusals &Errors);

/// `-passes=cairn-copies`: refuseForms and expandCopies, on each function with references.
/// Required: it runs on `optnone` functions too.
class CopiesPass : public llvm::PassInfoMixin<CopiesPass> {
public:
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }
};

} // namespace cairn

#endif // CAIRN_LOWERING_COPIES_H
