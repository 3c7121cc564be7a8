//===- fault.cpp - Faults at addresses that freed memory held -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/poison.h"

namespace cairn {

namespace {
void look(uintptr_t address, const uintptr_t *registers, size_t count) {
  // An address that is none at all is not said; the registers have it.
  Poison found = readPoison(address);
  for (size_t i = 0; i < count && !found.block; ++i)
    found = readPoison(registers[i]);
  explainFault(found.block, found.neverWritten, reinterpret_cast<const void *>(address));
}
} // namespace

void watchFaults() { platform::onFault(look); }

} // namespace cairn

extern "C" CAIRN_API void cairn_rt_watch_faults(void) {
  if (cairn::anyChecked)
    cairn::watchFaults();
}
