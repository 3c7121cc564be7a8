//===- Managed.h - cairn-managed: everything that counts references --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of managed references in their order, with what LLVM has to do before them:
//
//   copies      copies of references become loads and stores, while types are known
//   simplify    at -O1 and up, in functions with references: the shape in which counts are
//               few. Helpers are inlined, common code is neither hoisted nor sunk, and nothing
//               is inferred about functions
//   insert      the counts
//   certify     if it is asked for
//   forget      what was said about memory before there were counts
//
// It begins where the pipeline starts, with what only the frontend's code shows. At -O1 and up it
// goes on where LLVM has simplified each function by itself, so that this need not be done twice,
// and has looked at no two functions yet: LLVM must not infer from code without counts what counts
// make false. A module without references is not touched.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PIPELINE_MANAGED_H
#define CAIRN_LOWERING_PIPELINE_MANAGED_H

#include "expand/LevelPass.h"

namespace cairn {

/// `-passes=cairn-managed`, or `cairn-managed<O0>` ... `cairn-managed<O3>`; O2 if no level is
/// given. It runs cairn-import first, and again is harmless: functions whose counts were
/// inserted stay as they are.
class ManagedPass : public LevelPass<ManagedPass> {
public:
  using LevelPass::LevelPass;
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);

  /// The pass in two halves, for a pipeline of LLVM's that simplifies functions in between. The
  /// second does nothing in a module where the first has not run, or has done it all.
  ManagedPass firstHalf() const { return half(First); }
  ManagedPass secondHalf() const { return half(Second); }

private:
  enum Half { Both, First, Second };
  ManagedPass half(Half H) const {
    ManagedPass Its = *this;
    Its.Runs = H;
    return Its;
  }
  void count(llvm::Module &M, llvm::ModuleAnalysisManager &MAM, bool IsSimple);

  Half Runs = Both;
};

} // namespace cairn

#endif // CAIRN_LOWERING_PIPELINE_MANAGED_H
