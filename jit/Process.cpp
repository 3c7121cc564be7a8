//===- Process.cpp - The modules of all sessions, by address -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Process.h"

#include "Unit.h"

#include <map>
#include <pthread.h>

using namespace cairn::jit;

namespace {
struct Extent {
  uintptr_t To;
  Unit *Of;
};
/// By their first address. Never destroyed: code may run to the very end.
std::map<uintptr_t, Extent> &extents() {
  static auto *All = new std::map<uintptr_t, Extent>;
  return *All;
}
} // namespace

std::mutex &process::lock() {
  static std::mutex *Lock = [] {
    auto *New = new std::mutex;
    pthread_atfork([] { lock().lock(); }, [] { lock().unlock(); }, [] { lock().unlock(); });
    return New;
  }();
  return *Lock;
}

void process::load(Unit &U, uintptr_t From, uintptr_t To) { extents()[From] = {To, &U}; }

void process::unload(Unit &U) {
  for (auto [From, To] : U.Ranges)
    extents().erase(From);
}

Unit *process::at(const void *Address) {
  auto Value = reinterpret_cast<uintptr_t>(Address);
  auto After = extents().upper_bound(Value);
  if (After == extents().begin())
    return nullptr;
  auto &[From, E] = *std::prev(After);
  return Value < E.To ? E.Of : nullptr;
}
