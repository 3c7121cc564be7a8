//===- MixedTypes.h - Types in links of counted modules ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A link that inserts counts (AtLink.h) may bring modules that were counted before: they have plain
// pointers where those without counts have references, and a link keeps one definition of a
// function or variable, with its types. So a compile step writes down what only its own
// declarations said: each call says who owns what, and a list, `cairn.variables`, has the types of
// variables. The link gives the variables their types again, and lets calls of functions without
// references go to declarations with them until counts are inserted.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PIPELINE_MIXEDTYPES_H
#define CAIRN_LOWERING_PIPELINE_MIXEDTYPES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <utility>

namespace llvm {
class Function;
class FunctionType;
class Module;
} // namespace llvm

namespace cairn {

/// For a compile step that leaves the counts of \p Functions to the link: writes down what only its
/// own declarations say of variables and of functions that other modules may define.
void recordTypes(llvm::Module &M, llvm::ArrayRef<llvm::Function *> Functions);

/// Gives the variables that recordTypes has written down the types that they had there.
void takeVariables(llvm::Module &M);

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

#endif // CAIRN_LOWERING_PIPELINE_MIXEDTYPES_H
