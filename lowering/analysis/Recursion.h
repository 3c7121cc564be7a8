//===- Recursion.h - Which calls may come back to their caller --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The groups of functions that call each other directly: cycles of the call graph. Indirect
// calls are not followed.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_RECURSION_H
#define CAIRN_LOWERING_RECURSION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class CallBase;
class Function;
class Module;
} // namespace llvm

namespace cairn {

class Recursion {
public:
  /// In time linear to the module's instructions.
  explicit Recursion(llvm::Module &M);

  /// Whether \p F may be running more than once.
  bool has(const llvm::Function &F) const { return Groups.count(&F); }
  /// Whether what \p Call calls may call the function that \p Call is in.
  bool isPartOf(const llvm::CallBase &Call) const;
  /// Whether \p A and \p B may call each other; of one function: itself.
  bool areInOneCycle(const llvm::Function &A, const llvm::Function &B) const;
  /// All functions with a body: callees before their callers, and those of a cycle side by side.
  llvm::ArrayRef<llvm::Function *> bottomUp() const { return Order; }

private:
  llvm::SmallVector<llvm::Function *> Order;
  llvm::DenseMap<const llvm::Function *, unsigned> Groups;
};

} // namespace cairn

#endif // CAIRN_LOWERING_RECURSION_H
