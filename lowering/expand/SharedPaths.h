//===- SharedPaths.h - One copy of a fast path for many sites ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that has more sites than kMostCopies gets copies of the fast paths in its deepest
// loops alone. What the other sites do is in functions of the module's own, one for all sites that
// would get the same copy but for their operands:
//
//   %p = call ptr @cairn.alloc(ptr @node)   becomes   %p = call ptr @cairn.called.alloc()
//   call void @cairn.decref(ptr %p)         becomes   call void @cairn.called.decref(ptr %p)
//
// The function's body is the intrinsic, which is expanded there with what was planned for the
// sites. Thousands of copies one after the other are in no cache, neither LLVM's while they are
// compiled nor the program's while they run (docs/decisions/0004, Large functions).
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SHAREDPATHS_H
#define CAIRN_LOWERING_SHAREDPATHS_H

#include "expand/Plan.h"

#include <map>
#include <vector>

namespace llvm {
class Function;
} // namespace llvm

namespace cairn {

class SharedPaths {
public:
  /// If \p F is large, replaces those of its sites that get no copy by calls. Their `Call` is null
  /// then. \p Sites are all sites of \p F.
  void share(llvm::Function &F, llvm::FunctionAnalysisManager &FAM,
             llvm::MutableArrayRef<Site> Sites);

  /// The sites in the functions that were made, one in each.
  llvm::ArrayRef<Site> sites() const { return Made; }

private:
  llvm::Function *functionFor(const Site &S);

  std::map<std::vector<uint64_t>, llvm::Function *> Functions; ///< By what is the same.
  llvm::SmallVector<Site> Made;
};

} // namespace cairn

#endif // CAIRN_LOWERING_SHAREDPATHS_H
