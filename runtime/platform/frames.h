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

#include <stddef.h>
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

/// The tables of a file, as far as it is known where they are. They stay as long as a thread is in
/// the file's code.
struct FrameTables {
  struct Pair {
    int32_t function, entry;
  };
  uintptr_t from = 0, to = 0; ///< Code that is in this file.
  const uint8_t *header = nullptr;
  const Pair *pairs = nullptr;
  size_t count = 0;
  bool isRead = true; ///< They are as linkers make them; else there may be more.
};
/// What the tables have about a function.
struct FrameEntry {
  const uint8_t *at; ///< Null: nothing.
  uint32_t bytes;    ///< At `at`: there is no more of it.
  bool isRead;       ///< Else there may be one.
};
/// The entry of the function that has the code at an address, which is the last byte of a call, or
/// where a signal came. `tables`: those of the file that was looked at last.
FrameEntry findEntry(uintptr_t code, FrameTables &tables);
/// What the entry says of that address.
FrameRule readRule(const FrameEntry &entry, uintptr_t code);

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_FRAMES_H
