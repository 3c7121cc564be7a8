//===- Assertions.h - cairn-assertions: what is said to be unique -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cairn.assert.unique and cairn.ref.assert.unique say that the caller's reference is the only one
// to the object. The pass tells of each in a remark whether that can be seen: the object was made
// in the function, and went nowhere before.
//
// In a module without the flag of checked heaps it removes them, so that nothing is kept alive and
// no count is kept for them. In one with checked heaps they stay: the runtime looks.
//
// Runs on managed references before their counts are inserted, which is where a reference is what
// the program wrote, and late on plain pointers. Breaks no analysis but those of the blocks'
// contents.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_ASSERTIONS_H
#define CAIRN_LOWERING_ASSERTIONS_H

#include "llvm/IR/PassManager.h"

namespace cairn {

/// `-passes=cairn-assertions`. A function whose counts were inserted was looked at before that:
/// its managed references are left alone.
class AssertionsPass : public llvm::PassInfoMixin<AssertionsPass> {
public:
  /// \p Checked: the assertions stay, as those of a module with the flag "cairn-checked" do.
  explicit AssertionsPass(bool Checked = false) : Checked(Checked) {}
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &FAM);

private:
  bool Checked;
};

} // namespace cairn

#endif // CAIRN_LOWERING_ASSERTIONS_H
