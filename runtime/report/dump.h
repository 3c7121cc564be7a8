//===- dump.h - What the heaps hold, as a file -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dump is a heap snapshot in the form that V8 gives its own (.heapsnapshot), so that Chrome's
// developer tools open it, and `cairn heap` does. docs/heap-dumps.md describes it. Its nodes are
//
//   0                the root
//   1 ...            the program and each library with variables: "variables of FILE"
//   then             "other memory", "stacks", "not reached"
//   then             each live block of each heap, by address
//
// The file is written in two passes over the graph of leaks.h: nodes, then edges.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_REPORT_DUMP_H
#define CAIRN_REPORT_DUMP_H

#include "heap/heap.h"
#include "platform/file.h"
#include "report/leaks.h"

namespace cairn {

/// Strings by number, each once. Its memory is address space, used as it fills.
class Strings {
public:
  Strings();
  ~Strings();
  Strings(const Strings &) = delete;
  /// The string's number; that of the empty string when there is no room.
  uint32_t add(const char *text);
  void write(platform::File &file) const;

private:
  static constexpr uint32_t kMost = 1u << 20, kSlots = kMost * 2;
  static constexpr size_t kRoom = size_t(64) << 20;
  struct Memory {
    uint32_t slots[kSlots]; ///< A string's number and 1, by its hash; 0 is free.
    uint32_t at[kMost];
    char text[kRoom];
  } * All;
  uint32_t Count = 0;
  size_t Used = 0;
};

/// Writes the file, in \p process or a copy of it; an error number of the system's, or 0. No other
/// thread may use the heaps.
int writeDump(const char *name, unsigned process);

/// CAIRN_DUMP and CAIRN_DUMP_SIGNAL. When the first heap is made.
void watchDump();

/// The name that a pattern stands for now: %p is the process's number, %n that of the name. False if
/// it is longer than kLongestName - 1 bytes; `name` has room for kLongestName.
constexpr size_t kLongestName = 4096;
bool nextName(char *name, const char *pattern);
/// A heap is full, and nobody gives anything up: writes a dump if CAIRN_DUMP wishes one.
void dumpFull();

} // namespace cairn

#endif // CAIRN_REPORT_DUMP_H
