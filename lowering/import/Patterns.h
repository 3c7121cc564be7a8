//===- Patterns.h - What clang writes into uninitialised variables --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_IMPORT_PATTERNS_H
#define CAIRN_LOWERING_IMPORT_PATTERNS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Makes null of the patterns that `-ftrivial-auto-var-init=pattern` writes into variables with
/// references: a reference is null when its function begins, and a pattern is none. Whether
/// anything changed.
bool clearPatterns(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_IMPORT_PATTERNS_H
