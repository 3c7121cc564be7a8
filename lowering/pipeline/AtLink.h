//===- AtLink.h - Counts that a link inserts --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a link with full LTO all modules are one, and most functions are seen by no one else: who owns
// a parameter, which memory is reused and which variants there are can be decided across files. So
// a compile step may leave the counts to that link (LoweringOptions::CountAtLink). LLVM's passes of
// the compile step must not touch functions without counts: these become `optnone` until then.
//
// Other modules of that link may have been counted before: they have plain pointers where this one
// has references, and a link keeps one definition of a function or variable, with its types. So a
// compile step writes down what only its own declarations said: each call says who owns what, and
// a list has the types of variables. The link gives the variables their types again, and lets calls
// of functions without references go to declarations with them until counts are inserted.
//
// A link that does not run the passes must not succeed. The module refers to a symbol that nothing
// defines, as every module does that includes cairn/managed.h, until counts are inserted.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PIPELINE_ATLINK_H
#define CAIRN_LOWERING_PIPELINE_ATLINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <utility>

namespace llvm {
class Function;
class FunctionType;
class Module;
} // namespace llvm

namespace cairn {

/// Whether the compile step may leave counts of \p M to the link: not where a sanitizer changes the
/// memory and the accesses of functions before.
bool mayLeaveToLink(const llvm::Module &M);

/// Leaves the counts of \p Functions, which have none yet, to a later run of ManagedPass.
void leaveToLink(llvm::Module &M, llvm::ArrayRef<llvm::Function *> Functions);

/// Makes of all functions that were left what they were before.
void takeFromCompile(llvm::Module &M);

/// Whether a call of a function of type \p A as one of type \p B passes the same words: both are
/// the same but for references, plain pointers and integers in place of each other.
bool passSameWords(const llvm::Module &M, const llvm::FunctionType &A, const llvm::FunctionType &B);

/// As long as it lives, calls with references of functions that have none go to declarations.
class CountedCallees {
public:
  explicit CountedCallees(llvm::Module &M);
  ~CountedCallees();
  CountedCallees(const CountedCallees &) = delete;
  /// Whether no call is such.
  bool empty() const { return Instead.empty(); }

private:
  llvm::SmallVector<std::pair<llvm::Function *, llvm::Function *>> Instead;
};

} // namespace cairn

#endif // CAIRN_LOWERING_PIPELINE_ATLINK_H
