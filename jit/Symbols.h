//===- Symbols.h - The runtime's functions for JIT code, by name -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Taken from a list and not from the process: an interpreter loads its extensions
// where no process-wide search sees them.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_SYMBOLS_H
#define CAIRN_JIT_SYMBOLS_H

#include <utility>
#include <vector>

namespace cairn::jit {

/// Name and address of every function and variable of cairn.h, of the intrinsics as
/// functions, and of what lowered code calls.
const std::vector<std::pair<const char *, void *>> &runtimeSymbols();

} // namespace cairn::jit

#endif // CAIRN_JIT_SYMBOLS_H
