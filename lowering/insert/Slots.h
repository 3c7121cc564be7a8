//===- Slots.h - cairn-slots: references as scalars and slots -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Brings any IR with references into the form that counts are inserted into: what cairn-insert
// does first, and the pass `cairn-slots` does alone. After it, in each function with
// references that was not refused:
//
//   - references in registers are scalars; structures and vectors of them are left only as
//     arguments and results, taken apart right after and put together right before;
//   - every load and store of a reference is scalar and not atomic;
//   - stack memory whose address does not escape is in registers. What is left is a "slot":
//     memory outside of objects that holds references. A slot on the stack is null from the
//     function's entry on, and null is stored into it before the frame ends;
//   - no memcpy, memmove or memset touches references whose place is known;
//   - an interior pointer is a chain of getelementptr over its base;
//   - where the function can be unwound, calls that may throw are invokes, and each landing pad
//     has one predecessor.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SLOTS_H
#define CAIRN_LOWERING_SLOTS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/PassManager.h"

namespace cairn {

/// Normalises the functions of \p M. \p Failed is set if something was refused, now or before.
/// Returns whether anything changed.
bool normalise(llvm::Module &M, bool &Failed);

/// `-passes=cairn-slots`. Required: it runs on `optnone` functions too.
class SlotsPass : public llvm::PassInfoMixin<SlotsPass> {
public:
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }
};

} // namespace cairn

#endif // CAIRN_LOWERING_SLOTS_H
