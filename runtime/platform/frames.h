//===- frames.h - What unwind tables say of a frame -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a function is in the middle of a call, the unwind tables say how its caller's registers
// are found. To follow calls takes three of them: the stack pointer, the base pointer and the
// address of the code.
//
//   canonical address (CFA)   the stack pointer after the return; the caller's code address lies
//                             in the word below
//
// A rule says where the CFA is and where the caller's base pointer was saved. What the tables say
// beyond that is for exceptions, and is not read.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_FRAMES_H
#define CAIRN_PLATFORM_FRAMES_H

#include <stdint.h>

namespace cairn::platform {

struct FrameRule {
  enum Kind : uint8_t {
    kUnknown, ///< The tables say it in a way that is not read here.
    kEnd,     ///< There are no tables, or no caller.
    kBySp,    ///< CFA = stack pointer + cfa
    kByBp,    ///< CFA = base pointer + cfa
    kAtBp,    ///< CFA = the word at base pointer + cfa
    kSignal,  ///< The kernel called a handler of a signal: it has put the registers on the stack.
  } kind;
  enum Saved : uint8_t { kKept, kAtCfa, kAtBase } saved; ///< The caller's base pointer.
  int32_t cfa, bp; ///< In bytes; `bp` from the CFA, or from the base pointer.
};

/// The rule for the code at an address, which is the last byte of a call, or where a signal came.
/// `inFile`: it was loaded from a file, and the rule holds as long as the file stays.
FrameRule readRule(uintptr_t code, bool &inFile);

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_FRAMES_H
