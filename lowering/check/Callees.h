//===- Callees.h - Calls that write to no field ----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a field lends lives until something is stored over it. A call may store anywhere, unless
// it and all that it calls store references only into objects and variables of their own: such
// a call is quiet. A quiet call may still release what it owns, and keep what it borrows.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_CALLEES_H
#define CAIRN_LOWERING_CHECK_CALLEES_H

#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class Argument;
} // namespace llvm

namespace cairn::check {

/// Answers for the functions of one module, and remembers: no function may change meanwhile.
class Callees {
public:
  explicit Callees(const References &R) : Refs(R) {}

  /// Of a call of a function that the module defines.
  bool isQuiet(const llvm::CallBase &Call);
  /// What the function that \p Call calls may return: none if that is not known. LLVM puts a
  /// constant that is always returned in the place of the result.
  llvm::ArrayRef<const llvm::Value *> results(const llvm::CallBase &Call);
  /// What \p A may be, itself apart: none if not all callers are known, or if it is no aggregate
  /// and one of these is no constant.
  llvm::SmallVector<const llvm::Value *, 4> passedTo(const llvm::Argument &A);

private:
  struct Own {
    bool Quiet = true; ///< Its own instructions.
    llvm::SmallVector<const llvm::Function *, 4> Calls;
  };
  const Own &own(const llvm::Function &F);

  const References Refs;
  llvm::DenseMap<const llvm::Function *, Own> Owns;
  llvm::DenseMap<const llvm::Function *, bool> Quiet;
  llvm::DenseMap<const llvm::Function *, llvm::SmallVector<const llvm::Value *, 1>> Results;
};

/// Whether an intrinsic leaves all fields and slots as they are.
bool writesNoFields(const IntrinsicInfo &I);

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_CALLEES_H
