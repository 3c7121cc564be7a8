//===- Process.h - The modules of all sessions, by address -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// JIT code that registers a destructor, or reads a thread-local variable, calls a
// function that knows addresses only. Here is whose they are.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_PROCESS_H
#define CAIRN_JIT_PROCESS_H

#include <cstdint>
#include <mutex>

namespace cairn::jit {

struct Unit;

namespace process {

/// Of the table, and of what units say that they hold under it. No code of a module or
/// of the C library is called with it; a child process finds it free.
std::mutex &lock();

// Under the lock:
void load(Unit &U, uintptr_t From, uintptr_t To);
void unload(Unit &U);
Unit *at(const void *Address);

} // namespace process
} // namespace cairn::jit

#endif // CAIRN_JIT_PROCESS_H
