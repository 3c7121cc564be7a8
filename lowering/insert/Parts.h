//===- Parts.h - The references of an aggregate -----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Structures, arrays and vectors of references are whole only as arguments and results. These
// functions look through the instructions that put them together and take them apart.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PARTS_H
#define CAIRN_LOWERING_PARTS_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace llvm {
class Value;
} // namespace llvm

namespace cairn {

class References;

/// Calls \p Do for each reference that \p Whole has: itself, or what was inserted last at each
/// place. Constants are left out. False: something in it was not inserted there.
bool forEachPart(llvm::Value *Whole, const References &R,
                 llvm::function_ref<void(llvm::Value *)> Do);

/// Whether every reference in \p Whole is extracted once, and whether nothing else is done with
/// it.
bool isTakenApart(llvm::Value &Whole, const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_PARTS_H
