//===- Unwind.h - Frames that an exception ends -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_UNWIND_H
#define CAIRN_LOWERING_UNWIND_H

#include "insert/Refusals.h"

namespace cairn {

/// Gives every call that may throw a landing pad of its own, in a function that can be unwound:
/// one with a personality, or one that has an unwind table and may throw (C++ without
/// destructors, C with -fexceptions), which gets a personality. Every landing pad has one
/// predecessor then and is a cleanup. New ones go on to one common `resume`. Whether anything
/// changed.
bool makeUnwindEdges(Refusals &Errors);

/// Takes back the landing pads that makeUnwindEdges made and that have nothing to do, with the
/// personality if none is left.
bool removeIdlePads(llvm::Function &F);

} // namespace cairn

#endif // CAIRN_LOWERING_UNWIND_H
