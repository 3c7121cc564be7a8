//===- InlineBody.h - A fast path's body in place of its call ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module has thousands of calls of a few dozen fast paths, and LLVM's inliner, which has to
// be ready for everything that a function may have in it, took half of the lowering's time.
// Fast paths have no variables on the stack, no exceptions and no loops, and they return once:
// the blocks of such a body are copied in their own order, and each instruction is simplified
// as soon as it is copied, for all that it uses was copied before.
//
// The result is that of LLVM's inliner: the same blocks in the same order, without those that
// constant operands make unreachable. A body of another shape is left to LLVM.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_INLINEBODY_H
#define CAIRN_LOWERING_INLINEBODY_H

#include "llvm/ADT/SmallPtrSet.h"

#include <vector>

namespace llvm {
class BasicBlock;
class CallInst;
class Function;
class Instruction;
class Value;
} // namespace llvm

namespace cairn {

/// One body, made ready to be copied often. It stays as it is.
class InlineBody {
public:
  explicit InlineBody(llvm::Function &F);

  /// Null, or why the call cannot be inlined, which then stays.
  const char *inlineAt(llvm::CallInst &Call);

private:
  class Copy;

  /// An operand that is not the same in each copy.
  struct Operand {
    unsigned Number; ///< Of the operand.
    unsigned Value;  ///< Its place among the values.
  };
  struct Step {
    llvm::Instruction *I;
    unsigned FirstOperand, EndOperand; ///< In Operands.
  };
  struct Block {
    llvm::BasicBlock *B;
    unsigned FirstStep, EndStep; ///< In Steps; the last is the terminator.
  };

  bool prepare();
  /// Whether a copy in the place of \p Call has to be made by LLVM.
  bool isForLLVM(const llvm::CallInst &Call) const;

  llvm::Function &F;
  bool IsPlain = false; ///< It has the shape that is copied here.
  /// The arguments' places among the values come first, then those of the steps.
  std::vector<Block> Blocks;
  std::vector<Step> Steps;
  std::vector<Operand> Operands;
  /// Where the attributes agree with this body's already.
  llvm::SmallPtrSet<const llvm::Function *, 1> Agreed;
};

} // namespace cairn

#endif // CAIRN_LOWERING_INLINEBODY_H
