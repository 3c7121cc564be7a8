//===- Scalars.h - References in registers as scalars -------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SCALARS_H
#define CAIRN_LOWERING_SCALARS_H

#include "insert/Refusals.h"

namespace cairn {

/// Splits structures, arrays and vectors with references that are values into their references
/// and what lies between. They are left only as arguments and results of calls and functions,
/// taken apart right after and put together right before. Undef, poison and casts of null
/// become null. Linear in the function's size. Assumes that refuseForms found nothing, and that
/// no block is unreachable. Whether anything changed.
bool splitIntoScalars(Refusals &Errors);

} // namespace cairn

#endif // CAIRN_LOWERING_SCALARS_H
