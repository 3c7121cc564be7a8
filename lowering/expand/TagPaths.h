//===- TagPaths.h - Each way asks for a tag once ----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that looks for one of several forms tests the same tags again and again:
//
//   if (tag(x) == 0 && value(x) == 0) return y;
//   if (tag(y) == 0 && value(y) == 0) return x;
//   if (tag(x) == 0 && tag(y) == 3) ...
//
// Behind the first test its two ways meet, so that no later one of x is known on all ways. Where
// ways meet that know different tags, and short blocks follow that test them again, those blocks
// are copied, one copy for each kind of way. In the copies the later tests are known.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TAG_PATHS_H
#define CAIRN_LOWERING_TAG_PATHS_H

#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class CallInst;
class Function;
} // namespace llvm

namespace cairn {

/// Does so in \p F, whose calls of intrinsics are \p Calls. If it changed anything, calls may be
/// gone and others there.
bool splitTagPaths(llvm::Function &F, llvm::ArrayRef<llvm::CallInst *> Calls);

} // namespace cairn

#endif // CAIRN_LOWERING_TAG_PATHS_H
