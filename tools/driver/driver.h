//===- driver.h - The parts of the cairn command -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// main.cpp finds what is to be done, arguments.cpp reads a command line for clang, build.cpp
// runs clang (and wasm.cpp, wasm-ld), lower.cpp runs the passes on one module, run.cpp runs a
// program here, heap.cpp shows a dump. Whatever goes wrong becomes one or more messages on stderr
// and exit status 1.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_DRIVER_H
#define CAIRN_TOOLS_DRIVER_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace cairn {

/// Where the driver's companions are, found from its own place: beside it in a
/// build directory, or under the prefix it is installed in.
struct Places {
  std::string self; ///< This program.
  std::string clang;
  std::string plugin;
  std::string include;
  std::string lib;
  std::string own; ///< Of this LLVM: the plugin, bitcode, libraries for WebAssembly.
};

enum class Emit { Exe, Obj, Asm, LLVM, BC };
enum class HeapBinding { Thread, Static, Checked };

/// How far clang goes. Text: -E, -M and others that make no code. Nothing: a question
/// about clang, such as --version.
enum class Stage { Link, Object, Assembly, Text, Nothing };

/// A file, "-" for stdin; or, where they count in their order, a library as -lNAME.
struct Input {
  std::string path;
  std::string language; ///< Of -x; empty if the name says it.
  bool isLibrary() const { return llvm::StringRef(path).starts_with("-l"); }
};

/// A command line for clang. Cairn's own options and -o are taken out of it.
struct ClangOptions {
  /// All of it, in the order given.
  std::vector<std::string> all;
  /// Without inputs, libraries and -x.
  std::vector<std::string> flags;
  std::vector<Input> inputs;  ///< Files.
  std::vector<Input> objects; ///< Files and libraries.
  std::string output, target;
  std::string level = "2"; ///< What follows -O.
  std::string lto;         ///< The value of -flto=, if given.
  Stage stage = Stage::Link;
  bool languages = false; ///< -x was given.
  bool linkerInputs = false;
  bool debug = false, verbose = false, shared = false, partial = false, emitLLVM = false;
  bool small() const { return level == "s" || level == "z"; }
};

struct BuildOptions : ClangOptions {
  Emit emit = Emit::Exe;
  bool emitGiven = false;
  HeapBinding heap = HeapBinding::Thread;
  bool fibers = false, certify = false, countOps = false, countAtLink = false;
  std::string report; ///< The file to write about what the optimiser left; empty: none.
  // WebAssembly only.
  std::vector<std::string> exports;
  std::string maxMemory = "1G"; ///< With a unit.
  bool js = false, containers = false;
  bool wasmOnly = false; ///< One of them was given.
};

struct LowerOptions {
  std::string input, output;
  HeapBinding heap = HeapBinding::Thread;
  bool fibers = false;
};

struct RunOptions : ClangOptions {
  std::vector<char *> arguments; ///< The program's, without its name.
  bool perf = false, stats = false, json = false, fibers = false, certify = false;
  HeapBinding heap = HeapBinding::Thread;
  std::string profile; ///< FILE or FILE:RATE; empty: none.
};

/// What lld calls the error of a symbol that nothing defines, for its --error-handling-script.
inline constexpr char kExplainUndefined[] = "undefined-symbol";
/// In the environment of a link: its objects and libraries, one a line.
inline constexpr char kLinkInputs[] = "CAIRN_LINK_INPUTS";
/// Says of the symbol in \p words who defines it with another convention. In a link that cairn
/// build runs: clang's objects are in its temporary directory.
int explainUndefined(llvm::ArrayRef<const char *> words);

/// Prints "cairn: error: ..." and returns 1.
int fail(const llvm::Twine &message);

/// Makes a file of what \p write prints. If it cannot be written, says why, and returns false.
bool writeFile(const llvm::Twine &path, llvm::function_ref<void(llvm::raw_ostream &)> write);

/// By the language of -x, else by the name.
bool isIR(const Input &input);
bool isCxx(const Input &input);
/// Whether clang compiles it: C, C++, IR and what a preprocessor made of them.
bool isSource(const Input &input);
/// Whether there is a file of this name. False after a message.
bool checkFile(const std::string &input);
/// Whether each of the inputs is there. False after a message.
bool checkFiles(const std::vector<Input> &inputs);
/// Prints a command for -v.
void printCommand(const std::vector<std::string> &command);
/// Runs clang, which has \p temporary for what it leaves when it is interrupted.
/// Returns 0 or 1.
int runClang(const std::vector<std::string> &command, llvm::StringRef temporary);

/// What \p program writes to stdout when it is run with \p question alone; empty if it
/// fails.
std::string answerOf(const std::string &program, llvm::StringRef question);
/// Whether the first number in the program's answer is this LLVM's major, or there is none.
/// False after a message: "WHAT is version N, and this cairn is for LLVM M" and \p help.
bool checkVersion(const std::string &program, llvm::StringRef question, const llvm::Twine &what,
                  const llvm::Twine &help);

int build(const Places &places, BuildOptions options);
int lower(const LowerOptions &options);
/// Returns only if the program cannot be started.
int run(const Places &places, const RunOptions &options);

} // namespace cairn

#endif // CAIRN_TOOLS_DRIVER_H
