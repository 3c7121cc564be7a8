//===- Disjoint.h - Accesses that cannot overlap, by metadata --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM moves and forwards loads by what a frontend says in metadata about types and scopes.
// The certifier has to know as much, or it would find fault with what LLVM made.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_DISJOINT_H
#define CAIRN_LOWERING_CHECK_DISJOINT_H

namespace llvm {
class Instruction;
} // namespace llvm

namespace cairn::check {

/// Whether metadata of two loads or stores says that they cannot touch the same bytes.
bool disjoint(const llvm::Instruction &A, const llvm::Instruction &B);

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_DISJOINT_H
