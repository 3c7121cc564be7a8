//===- driver.h - The parts of the cairn command -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// main.cpp reads the command line, build.cpp runs clang (and wasm.cpp, wasm-ld), lower.cpp
// runs the passes on one module, run.cpp runs a program here. Whatever goes wrong becomes
// one or more messages on stderr and exit status 1.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_DRIVER_H
#define CAIRN_TOOLS_DRIVER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <string>
#include <vector>

namespace cairn {

/// Where the driver's companions are, found from its own place: beside it in a
/// build directory, or under the prefix it is installed in.
struct Places {
  std::string clang;
  std::string plugin;
  std::string include;
  std::string lib;
};

enum class Emit { Exe, Obj, Asm, LLVM, BC };
enum class HeapBinding { Thread, Static };

struct BuildOptions {
  std::vector<std::string> inputs;
  /// Flags for clang as they stand, and inputs and libraries in their order.
  std::vector<std::string> flags, objects;
  std::string output, target;
  Emit emit = Emit::Exe;
  HeapBinding heap = HeapBinding::Thread;
  std::string lto;    ///< The value of -flto=, if given.
  bool small = false; ///< -Os or -Oz.
  // WebAssembly only.
  std::vector<std::string> exports;
  std::string maxMemory; ///< With a unit: 16M.
  bool js = false, containers = false;
  bool wasmOnly = false; ///< One of them was given.
  bool verbose = false;
};

struct LowerOptions {
  std::string input, output;
  HeapBinding heap = HeapBinding::Thread;
};

struct RunOptions {
  std::vector<std::string> inputs;
  std::vector<std::string> flags; ///< For clang.
  std::vector<char *> arguments;  ///< The program's, without its name.
  unsigned level = 2;
  bool debug = false, perf = false, stats = false, json = false;
};

/// Prints "cairn: error: ..." and returns 1.
int fail(const llvm::Twine &message);

bool isIR(llvm::StringRef path);
bool isCxx(llvm::StringRef path);
/// Whether there is a file of this name. False after a message.
bool checkFile(const std::string &input);
/// Runs clang, which has \p temporary for what it leaves when it is interrupted.
/// Returns 0 or 1.
int runClang(const std::vector<std::string> &command, llvm::StringRef temporary);

int build(const Places &places, BuildOptions options);
int lower(const LowerOptions &options);
/// Returns only if the program cannot be started.
int run(const Places &places, const RunOptions &options);

} // namespace cairn

#endif // CAIRN_TOOLS_DRIVER_H
