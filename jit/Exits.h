//===- Exits.h - Destructors run when their module goes -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_EXITS_H
#define CAIRN_JIT_EXITS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <utility>

namespace cairn::jit {

struct Unit;

/// What modules call in place of the C library's functions: __cxa_atexit and its kin.
llvm::ArrayRef<std::pair<const char *, void *>> exitSymbols();

/// Runs what these units registered, last first, each once; but not what belongs to
/// memory that is kept. Called with no lock: they are code of modules.
void runExits(llvm::ArrayRef<Unit *> Units);
/// Forgets what a unit registered for fork and quick_exit.
void dropExits(Unit &U);

} // namespace cairn::jit

#endif // CAIRN_JIT_EXITS_H
