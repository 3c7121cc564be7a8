//===- Refusals.h - What has no meaning with references -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code whose references cannot be counted is refused with an error that names the function,
// the line and what to write instead (docs/decisions/0029-slots.md). A function is refused
// once: the attribute `cairn-refused` marks it, and it is left as it was.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_REFUSALS_H
#define CAIRN_LOWERING_REFUSALS_H

#include "ir/Managed.h"

#include "llvm/ADT/Twine.h"

namespace llvm {
class CallBase;
class Instruction;
} // namespace llvm

namespace cairn {

/// The errors of one function. There is one of them for a function at a time.
class Refusals {
public:
  Refusals(llvm::Function &F, const References &R);
  void refuse(llvm::Instruction &I, const llvm::Twine &Message);
  /// Whether there was an error, now or in a pass before.
  bool refused() const { return Refused; }

  llvm::Function &function() const { return F; }
  const References &references() const { return R; }

private:
  llvm::Function &F;
  const References &R;
  bool Refused;
};

/// Refuses forms that one instruction or the function's signature shows. For any IR.
void refuseForms(Refusals &Errors);
/// Refuses attributes of a call that say who owns what in another way than its callee's
/// declaration, or than the default where no declaration says anything.
void refuseConvention(llvm::CallBase &Call, Refusals &Errors);
/// Refuses interior pointers that outlive the access they are for, and accesses of one memory
/// both as a reference and as something else. For normalised IR.
void refuseInteriors(Refusals &Errors);
/// Refuses what a global starts with, unless it is null or the address of a static object.
/// False: something was refused.
bool checkGlobals(llvm::Module &M, const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_REFUSALS_H
