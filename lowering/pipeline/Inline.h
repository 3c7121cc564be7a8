//===- Inline.h - LLVM's inlining, function by function ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inlines what LLVM's inliner would: its cost model decides, and its code is what copies a body.
// LLVM's pass keeps a call graph up to date after each function, and computes how often each block
// of the caller and of the callee runs for each inlining. Here nobody asks for the call graph, and
// the frequencies are computed where the decision may depend on them.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PIPELINE_INLINE_H
#define CAIRN_LOWERING_PIPELINE_INLINE_H

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/InlineCost.h"
#include "llvm/IR/PassManager.h"
#include "llvm/Passes/OptimizationLevel.h"

namespace cairn {

class Recursion;

class Inliner {
public:
  /// \p Calls of the module as it is now.
  Inliner(llvm::Module &M, llvm::ModuleAnalysisManager &MAM, const Recursion &Calls,
          llvm::OptimizationLevel Level);
  /// Removes the functions that nobody calls any more.
  ~Inliner();
  Inliner(const Inliner &) = delete;

  /// Inlines into \p F. Its callees should be as they will stay. True: \p F has changed.
  bool inlineInto(llvm::Function &F);
  /// Whether the body of \p F is gone, since it was inlined into all callers.
  bool isGone(const llvm::Function &F) const { return Gone.contains(&F); }

private:
  llvm::InlineCost costOf(llvm::CallBase &Call, llvm::TargetTransformInfo &Target,
                          llvm::OptimizationRemarkEmitter &Remarks);
  bool dependsOnFrequencies(const llvm::InlineCost &Cost) const;
  bool inlineAt(llvm::CallBase &Call, llvm::SmallVectorImpl<llvm::CallBase *> &New);
  void removeIfDead(llvm::Function &F);

  llvm::FunctionAnalysisManager &FAM;
  llvm::ProfileSummaryInfo *const Profile; ///< May be null.
  const Recursion &Calls;
  const llvm::InlineParams Params;
  llvm::SmallPtrSet<llvm::Function *, 8> Gone;
  llvm::SmallVector<llvm::Function *> UnusedInComdats;
};

} // namespace cairn

#endif // CAIRN_LOWERING_PIPELINE_INLINE_H
