//===- Interiors.h - Pointers into objects ------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_INTERIORS_H
#define CAIRN_LOWERING_INTERIORS_H

#include "insert/Refusals.h"

namespace cairn {

/// Replaces each φ, select and freeze that may point into the middle of an object by one of
/// bases, one of offsets, and their sum. Linear in the function's size. Whether anything
/// changed.
bool splitInteriors(Refusals &Errors);

} // namespace cairn

#endif // CAIRN_LOWERING_INTERIORS_H
