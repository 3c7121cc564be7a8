//===- Process.h - The modules of all sessions, by address -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// JIT code that registers a destructor, or reads a thread-local variable, calls a function of
// this library with addresses only. The table of this file says which module of which session
// an address belongs to.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_PROCESS_H
#define CAIRN_JIT_PROCESS_H

#include <cstdint>
#include <mutex>

namespace cairn::jit {

struct Unit;

namespace process {

/// The lock of the table, and of those members of units that name it. No code of a module or of
/// the C library is called while it is held. A child of a fork finds it free.
std::mutex &lock();

// To be called with the lock held:
void load(Unit &U, uintptr_t From, uintptr_t To);
void unload(Unit &U);
Unit *at(const void *Address);

} // namespace process
} // namespace cairn::jit

#endif // CAIRN_JIT_PROCESS_H
