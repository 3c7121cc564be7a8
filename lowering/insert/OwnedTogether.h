//===- OwnedTogether.h - Parameters that become owned as one ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that makes a cell of its parameter has to own it, and gains only if its callers give
// the last reference away. A recursion is such a caller: what it passes is a field of its own
// parameter, which it has only if it owns that one as well. Where functions call each other in a
// cycle, these are parameters of several functions,
//
//   even(l) = new(l.value, odd(l.next))    odd(l) = new(l.value, even(l.next))
//
// and all of them become owned, or none.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_OWNEDTOGETHER_H
#define CAIRN_LOWERING_OWNEDTOGETHER_H

#include "llvm/ADT/SmallVector.h"

namespace llvm {
class Argument;
} // namespace llvm

namespace cairn {

class Recursion;
class References;

/// The parameters that become owned with \p A, which is borrowed now, and \p A itself. Empty: some
/// call of the recursion keeps what it passes, no call from outside gives it away, or something
/// would have to be released after a call in tail position.
llvm::SmallVector<llvm::Argument *, 4> ownedTogether(llvm::Argument &A, const Recursion &Cycles,
                                                     const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_OWNEDTOGETHER_H
