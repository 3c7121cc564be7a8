//===- Expand.h - Replacing one planned call --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which fast path takes the place of a call, and with which operands. The choice follows
// from the plan alone, and nothing is asked of the IR around the call any more.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_EXPAND_H
#define CAIRN_LOWERING_EXPAND_H

namespace cairn {

class FastPath;
struct Site;

/// Replaces the call of \p S by calls of fast paths from \p Paths, or by one of its C
/// function, and removes it. The fast paths are still to be inlined.
void expand(const Site &S, FastPath &Paths);

} // namespace cairn

#endif // CAIRN_LOWERING_EXPAND_H
