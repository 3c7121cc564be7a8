//===- unwind.cpp - The end of an exception that must not pass -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "platform/text.h"

using namespace cairn;

namespace {
// Of the Itanium C++ ABI's unwind library, level I: what a personality routine is asked, and
// what it can answer.
enum Action : int { kSearchPhase = 1, kForcedUnwind = 8 };
enum Reason : int { kFatalInSearchPhase = 3, kContinueUnwind = 8 };
} // namespace

// The only reference to it is in unwind tables (platform/unwind.h).
extern "C" __attribute__((visibility("hidden"))) Reason cairn_rt_no_exception(int, int, uint64_t,
                                                                              void *, void *);

/// The personality routine of an entry of generated code (platform/unwind.h). The answer that
/// nothing can be unwound makes the C++ library say what was thrown, and call the program's
/// terminate handler, with the stack as it was at the throw. A thread that is cancelled, or
/// ends itself, is unwound by force: its frames are given up in any case.
extern "C" __attribute__((visibility("hidden"), used)) Reason
cairn_rt_no_exception(int, int actions, uint64_t, void *, void *) {
  if (!(actions & kSearchPhase) || actions & kForcedUnwind)
    return kContinueUnwind;
  Text message;
  message << "cairn: an exception was thrown out of a handler that inlined code called, and cannot "
             "pass: inlined code does not unwind (a handler leaves by longjmp, or the code is "
             "compiled without Cairn's passes)\n";
  message.flush();
  return kFatalInSearchPhase;
}
