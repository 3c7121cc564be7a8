//===- FreshResults.h - Results that nobody else has ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that returns only objects that it has just made, and that it has shown to nobody,
// returns the last references of them. A cell made of such a result is the object itself:
// own.cell becomes take.cell, which costs nothing. Functions that return each other's results
// are looked at together.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FRESHRESULTS_H
#define CAIRN_LOWERING_FRESHRESULTS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Of a module with all counts. True: it changed something.
bool takeFreshResults(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_FRESHRESULTS_H
