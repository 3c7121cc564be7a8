//===- wasm.cpp - WebAssembly without a system -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory comes from memory.grow and is never given back; there is one thread.
//
//===----------------------------------------------------------------------===//

#if defined(__wasm__)

#include "platform/platform.h"

namespace cairn::platform {

void *reserve(size_t bytes, size_t align, uintptr_t limit) {
  constexpr size_t kWasmPage = 65536;
  uintptr_t end = __builtin_wasm_memory_size(0) * kWasmPage;
  uintptr_t first = (end + align - 1) & ~uintptr_t(align - 1);
  uintptr_t last = first + bytes;
  if (first < end || last < first || (limit && last > limit))
    return nullptr;
  if (__builtin_wasm_memory_grow(0, (last - end + kWasmPage - 1) / kWasmPage) == size_t(-1))
    return nullptr;
  return reinterpret_cast<void *>(first);
}

void release(void *, size_t) {}
void purge(void *p, size_t bytes) { __builtin_memset(p, 0, bytes); }
bool atThreadEnd(void (*)(void *), void *) { return true; }
void atFork(void (*)(), void (*)(), void (*)()) {}
void atExit(void (*)()) {}
void writeError(const char *, size_t) {}
void abort() { __builtin_trap(); }
const char *environment(const char *) { return nullptr; }

} // namespace cairn::platform

#endif
