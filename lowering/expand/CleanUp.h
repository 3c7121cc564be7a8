//===- CleanUp.h - After the expansion --------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing runs after the lowering, so it cleans up after itself. The fast paths were
// optimised when they were compiled, and inlining folds constants: each pass here runs
// only on a function in which something was expanded that gives it work. On all
// functions they were three quarters of the lowering's time, and changed none of most.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CLEANUP_H
#define CAIRN_LOWERING_CLEANUP_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/OptimizationLevel.h"

namespace llvm {
class CallInst;
class Value;
} // namespace llvm

namespace cairn {

struct IntrinsicInfo;

/// What was expanded in a function, as far as the clean-up asks.
class Expanded {
public:
  explicit Expanded(const llvm::Function &F);
  void add(const llvm::CallInst &Call, const IntrinsicInfo &I);

private:
  friend void cleanUp(llvm::Function &, llvm::FunctionAnalysisManager &, llvm::OptimizationLevel,
                      const Expanded &);
  unsigned Allocas; ///< Before.
  /// Of the sites on one object.
  struct Header {
    unsigned Sites = 0;
    bool Known = false; ///< One of them leaves the count known on all ways from it.
  };
  llvm::SmallDenseMap<const llvm::Value *, Header, 4> Objects;
  /// The sites that a size or index, or what it was computed from, is an operand of.
  llvm::SmallDenseMap<const llvm::Value *, unsigned, 4> Numbers;
  bool Calculates;          ///< With something that is no constant, or for the program.
  bool Shares = false;      ///< A site works on a header of which one before knows the count.
  bool Crowd = false;       ///< More than kCrowd do.
  bool NumberCrowd = false; ///< One of them is of more than kCrowd.
  bool Tested = false;      ///< An allocation or a cell may be null, and is tested.
};

/// At \p Level over 0.
void cleanUp(llvm::Function &F, llvm::FunctionAnalysisManager &FAM, llvm::OptimizationLevel Level,
             const Expanded &E);

} // namespace cairn

#endif // CAIRN_LOWERING_CLEANUP_H
