//===- StackSlots.h - Variables on the stack that hold references --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_STACK_SLOTS_H
#define CAIRN_LOWERING_STACK_SLOTS_H

#include "insert/Refusals.h"

namespace llvm {
class AllocaInst;
} // namespace llvm

namespace cairn {

/// Decides the tests that a sanitizer makes of the addresses of variables with references, where
/// the variable says how they end. Whether anything changed.
bool foldAddressChecks(Refusals &Errors);

/// Puts references on the stack into registers where their address does not escape: a variable
/// that is accessed as a whole, or the references of one that are accessed one by one. Debug
/// information follows. Assumes scalar accesses, and copies that are expanded. Whether anything
/// changed.
bool promoteVariables(Refusals &Errors);

/// Makes slots of the variables that are left: null at entry, and null again wherever the frame
/// ends. Whether anything changed.
bool zeroSlots(Refusals &Errors);

/// Stores null into each reference of \p Slot, before \p Before. With \p Starts, they are the
/// first stores there.
void storeNulls(llvm::AllocaInst &Slot, llvm::Instruction &Before, bool Starts,
                const References &R);

} // namespace cairn

#endif // CAIRN_LOWERING_STACK_SLOTS_H
