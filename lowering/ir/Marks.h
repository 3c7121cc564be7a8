//===- Marks.h - What one pass leaves in a module for another --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mark is a string attribute or metadata that a pass writes and another pass believes. A frontend
// could write any of them into its IR. So cairn-import, the first of the passes, refuses them or
// takes them away (import/Marks.h), unless the function has the attribute "cairn-counts-inserted":
// then passes have been there before, or the frontend answers for all that is in it.
//
// `kCellParameter`, `kRefused` (ir/Managed.h) and `kTypeAttribute` (ir/Descriptor.h) are marks too.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_MARKS_H
#define CAIRN_LOWERING_MARKS_H

#include "llvm/ADT/StringRef.h"

namespace cairn {

// Those that say what code means. cairn-import refuses them.

/// An attribute of a parameter that is passed by value in memory: the function uses a copy of it.
inline constexpr llvm::StringLiteral kCopied = "cairn-copied";
/// An attribute of a function: it has its personality from the passes.
inline constexpr llvm::StringLiteral kPersonality = "cairn-personality";
/// Metadata of a landing pad that the passes have added.
inline constexpr llvm::StringLiteral kPad = "cairn.pad";
/// Metadata of a store that gives a slot its first value: nothing was there. Also of a memset.
inline constexpr llvm::StringLiteral kInitialises = "cairn.initialises";
/// Metadata of copies and fills that move no references and overwrite none but null ones.
inline constexpr llvm::StringLiteral kMovesNone = "cairn.bytes";

/// An attribute of a function that a link is to count (pipeline/AtLink.h): which attributes it had.
/// A frontend may write it: it says no more than that the function is to be optimised.
inline constexpr llvm::StringLiteral kCountedAtLink = "cairn-counted-at-link";
/// Metadata of a module with such functions: the variables that other modules see, each with a
/// constant of its type. A frontend may write it, too: it could give the variables these types.
inline constexpr llvm::StringLiteral kVariables = "cairn.variables";
/// Metadata of such a module: its own variables that hold references, which stand in
/// `llvm.compiler.used` until then. A frontend may write it: it takes them from there.
inline constexpr llvm::StringLiteral kKeptVariables = "cairn.kept.variables";

// Those that save work or words. cairn-import takes them away, and the passes find them again.

/// An attribute of a function: nothing is released while it runs.
inline constexpr llvm::StringLiteral kReleasesNothing = "cairn-releases-nothing";
/// An attribute of a call by a variant of what it was made of: it stays what it is.
inline constexpr llvm::StringLiteral kStaysBorrowed = "cairn-variant-borrows";
/// Metadata of a φ: it was a parameter before a call in tail position became a loop.
inline constexpr llvm::StringLiteral kRound = "cairn.round";
/// An attribute of a call, and metadata of the module with the texts of errors: it was told what
/// is wrong there. Only believed in a context that has seen an error.
inline constexpr llvm::StringLiteral kReported = "cairn-reported";
inline constexpr llvm::StringLiteral kReports = "cairn.reported";

} // namespace cairn

#endif // CAIRN_LOWERING_MARKS_H
