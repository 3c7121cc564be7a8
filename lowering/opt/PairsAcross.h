//===- PairsAcross.h - Counts that undo each other across blocks --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A handle that walks a list retains each node and releases the one before. No count is needed if
// nothing in the loop releases any other reference: each node was alive when it was retained, and
// nothing has ended its life since.
//
// A *unit* is a count that the function itself added. The step follows each unit along all paths:
// an incref makes one of the object, a phi takes over the unit of the value that comes in, a
// decref ends one. On an edge on which the object is null the unit is gone. A value whose units
// differ where paths meet, are left at the function's end, or are missing at a decref, keeps its
// counts, with all values that phis join it with; such a decref may be the last. All counts of the
// other values go, unless something may release objects, or look at counts, while the function has
// a unit of it.
//
// A function in which no release is left, and no call of a function that is not known to be such a
// one, *releases nothing*: a call of it ends nobody's life. A function that calls itself is taken
// to be one until something in it speaks against that.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PAIRSACROSS_H
#define CAIRN_LOWERING_PAIRSACROSS_H

namespace llvm {
class CallBase;
class Function;
class OptimizationRemarkEmitter;
} // namespace llvm

namespace cairn {

/// Removes the counts of \p F that are not needed, and notes if it releases nothing. Returns
/// whether calls went.
bool removePairsAcross(llvm::Function &F, llvm::OptimizationRemarkEmitter &ORE);

/// Whether \p Call is of a function that is known to release nothing.
bool releasesNothing(const llvm::CallBase &Call);

} // namespace cairn

#endif // CAIRN_LOWERING_PAIRSACROSS_H
