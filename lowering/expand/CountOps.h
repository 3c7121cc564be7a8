//===- CountOps.h - Programs that count their operations --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_COUNTOPS_H
#define CAIRN_LOWERING_COUNTOPS_H

#include "llvm/ADT/StringRef.h"

namespace llvm {
class Function;
} // namespace llvm

namespace cairn {

class FastPath;

/// An i32 module flag (behaviour: max) that asks for it, as LoweringOptions::CountOps does.
inline constexpr llvm::StringLiteral kCountOps = "cairn-count-ops";

/// Lets \p F tell the runtime of each incref, each decref and each allocation of an object
/// that it executes (runtime/report/operations.cpp). The target has such a fast path.
void countOperations(llvm::Function &F, FastPath &Paths);

} // namespace cairn

#endif // CAIRN_LOWERING_COUNTOPS_H
