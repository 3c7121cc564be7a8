//===- fault.cpp - Faults at addresses that freed memory held -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/guard.h"
#include "heap/poison.h"
#include "platform/outside.h"

#if CAIRN_TELLS_ASAN
extern "C" {
__attribute__((weak)) void __asan_set_error_report_callback(void (*)(const char *));
__attribute__((weak)) void *__asan_get_report_address(void);
}
#endif

namespace cairn {

namespace {
bool look(uintptr_t address, const uintptr_t *registers, size_t count, bool handled) {
  if (guardedAt(reinterpret_cast<const void *>(address))) {
    explainGuarded(reinterpret_cast<const void *>(address));
    return true;
  }
  if (!anyChecked)
    return false;
  // An address that is none at all is not said; the registers have it. One in a heap says it all.
  Poison found = readPoison(address);
  bool inside = heapOf(reinterpret_cast<const void *>(address));
  for (size_t i = 0; i < count && !found.block && !inside; ++i)
    found = readPoison(registers[i]);
  if (handled && !found.block && !inside)
    return false; // the program's own affair
  explainFault(found.block, found.neverWritten, reinterpret_cast<const void *>(address));
  return true;
}
} // namespace

#if CAIRN_TELLS_ASAN
namespace {
void onReport(const char *) {
  if (const void *at = __asan_get_report_address ? __asan_get_report_address() : nullptr)
    if (heapOf(at))
      explainReport(at);
}
} // namespace
void watchReports() {
  if (__asan_set_error_report_callback)
    __asan_set_error_report_callback(onReport);
}
#else
void watchReports() {}
#endif

void watchFaults() { platform::onFault(look); }

} // namespace cairn

extern "C" CAIRN_API void cairn_rt_watch_faults(void) {
  if (cairn::anyChecked)
    cairn::watchFaults();
}
