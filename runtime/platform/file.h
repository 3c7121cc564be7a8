//===- file.h - Files that are written, and a frozen copy of the process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A report may be larger than what one can hold, and is asked of a process that has to go on.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PLATFORM_FILE_H
#define CAIRN_PLATFORM_FILE_H

#include "platform/platform.h"

namespace cairn::platform {

/// A file that is written from its start. It has its name only when it is whole: until then it is
/// NAME.part, and a file that had the name before stays. What is no file, a device or a pipe, is
/// written to as it is.
class File {
public:
  explicit File(const char *name);
  /// What is open for writing already, and stays so.
  explicit File(int descriptor);
  ~File();
  File(const File &) = delete;

  File &operator<<(const char *text);
  File &operator<<(uint64_t n);
  File &operator<<(uint32_t n) { return *this << uint64_t(n); }
  /// As an address: 0x and digits.
  File &operator<<(const void *p);
  File &bytes(const void *from, size_t n);
  /// As a string of JSON, with its quotes. What is no UTF-8 becomes '?'.
  File &string(const char *text);
  /// Gives the file its name. False if anything went wrong; `error` is the system's number then.
  bool finish(int &error);

private:
  void put(char c);
  void flush();

  char Name[4096], Part[4096];
  char Buffer[65536];
  size_t Used = 0;
  int Descriptor, Error = 0;
  bool Own = true; ///< To be closed. To be renamed if `Part` is not empty.
};

/// Calls work(context) in a copy of the process, in which nothing else runs, and which ends with
/// it; returns what that returned, or an error of the system's: 0 is success. Other threads of the
/// process go on meanwhile. Where there are none, there is no copy. The copy is made by fork, so
/// the program's handlers for that run, and it is a child until it has ended.
int inCopy(int (*work)(void *context), void *context);

/// The file that the program or a library at this address was loaded from, and the address in
/// it; false if there is none. `name` is ended with a 0.
bool moduleAt(const void *address, char *name, size_t room, uintptr_t &offset);

/// Code that the program or a library was loaded with.
struct LoadedCode {
  uintptr_t from, to;
  uint64_t offset; ///< Of `from` in the file.
  char file[512];
  uint8_t build[32]; ///< The file's build id.
  size_t buildBytes;
};
/// Writes all there is to `all`, the program's first, at most `most`; returns how many.
size_t loadedCode(LoadedCode *all, size_t most);

/// From now on, `act` is called by a thread of its own each time the process gets this signal.
/// False if the system refuses, or the program has a handler for it.
bool onSignal(int signal, void (*act)());
/// The number of a signal by its name ("USR2", "SIGUSR2") or its number; 0 if it is none.
int signalNumber(const char *name);
/// The process's number. It is asked once: later, the process may have forbidden itself to ask.
/// 0 if the system refuses.
unsigned processId();
/// How many forks lie between the process and the first one that ran the runtime. A child that was
/// made without the C library's fork counts as its parent.
unsigned forksBefore();
void noteForked(); ///< In the child.
/// What the system says of an error's number; and errno, for the caller of a C function.
const char *errorText(int error);
void setError(int error);
/// Seconds since 1970.
uint64_t now();

} // namespace cairn::platform

#endif // CAIRN_PLATFORM_FILE_H
