//===- dump_when.cpp - When a dump is written, and under which name -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CAIRN_DUMP=FILE         when the process ends, and when a heap is full and its program is about
//                         to be ended for it
// CAIRN_DUMP_SIGNAL=NAME  when this signal comes
//
// In a file's name, %p stands for the process's number and %n for that of the dump.
//
//===----------------------------------------------------------------------===//

#include "report/dump.h"

namespace cairn {

namespace {

constexpr size_t kLongest = kLongestName;

const char *wishedName() {
  const char *wish = platform::environment("CAIRN_DUMP");
  return wish && *wish ? wish : nullptr;
}

} // namespace

bool nextName(char *name, const char *pattern) {
  static uint32_t dumps;
  uint32_t number = __atomic_add_fetch(&dumps, 1, __ATOMIC_RELAXED);
  size_t n = 0;
  auto put = [&](char c) {
    if (n < kLongest)
      name[n++] = c;
  };
  for (const char *c = pattern; *c; ++c)
    if (*c == '%' && c[1] == 'p')
      putDecimal(platform::processId(), put), ++c;
    else if (*c == '%' && c[1] == 'n')
      putDecimal(number, put), ++c;
    else
      put(*c);
  put(0);
  return name[n - 1] == 0;
}

namespace {

/// The copy has another number than the process.
int dumpInCopy(const char *name) {
  struct Asked {
    const char *name;
    unsigned process;
  } asked = {name, platform::processId()};
  return platform::inCopy(
      [](void *context) {
        auto *of = static_cast<Asked *>(context);
        return writeDump(of->name, of->process);
      },
      &asked);
}

/// Says what became of it: nobody else is told.
void dumpTo(const char *pattern) {
  static char name[kLongest]; // one at a time
  static platform::Mutex lock;
  platform::Guard guard(lock);
  Text text;
  if (!nextName(name, pattern)) {
    text << "cairn: no dump: its name is longer than " << uint64_t(kLongest - 1) << " bytes\n";
  } else {
    int error = dumpInCopy(name);
    if (error)
      text << "cairn: no dump in " << static_cast<const char *>(name) << ": error "
           << uint32_t(error) << " of the system (" << platform::errorText(error) << ")\n";
    else
      text << "cairn: dump of the heaps in " << static_cast<const char *>(name) << "\n";
  }
  text.flush();
}

} // namespace

void dumpFull() {
  if (const char *pattern = wishedName())
    dumpTo(pattern);
}

void watchDump() {
  const char *signal = platform::environment("CAIRN_DUMP_SIGNAL");
  if (wishedName() || signal)
    platform::processId(); // for the name
  if (wishedName())
    platform::atExit(dumpFull);
  if (!signal || !*signal)
    return;
  int number = platform::signalNumber(signal);
  if (number && platform::onSignal(number, [] {
        const char *pattern = wishedName();
        dumpTo(pattern ? pattern : "cairn-%p-%n.heapsnapshot");
      }))
    return;
  Text text;
  text << "cairn: CAIRN_DUMP_SIGNAL=" << signal
       << (number ? ": the program has a handler for it, or the system refuses one\n"
                  : ": is the name of no signal that can be used; USR2 is\n");
  text.flush();
}

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_API bool cairn_heap_dump(const char *name) {
  int error = name ? dumpInCopy(name) : 22 /* EINVAL */;
  if (error)
    platform::setError(error);
  return !error;
}
