//===- main.cpp - cairn: builds programs that use the heap ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommands `cairn build`, `cairn run`, `cairn lower` and `cairn heap`, and the options that
// are Cairn's own.
//
//===----------------------------------------------------------------------===//

#include "arguments.h"
#include "driver.h"
#include "heap_dump.h"
#include "help.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace cairn;

namespace {

Places findPlaces(const char *argv0) {
  Places places;
  places.self = sys::fs::getMainExecutable(argv0, (void *)&cairn::fail);
  SmallString<256> root(sys::path::parent_path(places.self));
  sys::path::append(root, "..");
  sys::path::remove_dots(root, /*remove_dot_dot=*/true);
  places.lib = (root + "/lib").str();
  places.include = (root + "/include").str();
  places.own = places.lib + "/cairn/" CAIRN_LLVM_MAJOR;
  places.plugin = places.own + "/CairnPlugin.so";
  return places;
}

/// CAIRN_CLANG, else the clang found when Cairn was configured, else one on PATH.
/// Empty, with a message, if there is none.
std::string findClang() {
  if (auto named = sys::Process::GetEnv("CAIRN_CLANG"); named && !named->empty()) {
    if (auto found = sys::findProgramByName(*named); found && sys::fs::can_execute(*found)) {
      // Its IR and its plugin's door are another LLVM's.
      if (checkVersion(*found, "-dumpversion", "CAIRN_CLANG, " + *found + ",",
                       ": it needs clang-" CAIRN_LLVM_MAJOR))
        return *found;
      return "";
    }
    fail("CAIRN_CLANG is " + *named + ", which is not a program");
    return "";
  }
  if (sys::fs::can_execute(CAIRN_CLANG))
    return CAIRN_CLANG;
  if (auto found = sys::findProgramByName("clang-" CAIRN_LLVM_MAJOR))
    return *found;
  fail("clang-" CAIRN_LLVM_MAJOR
       " is not installed; set CAIRN_CLANG to one of LLVM " CAIRN_LLVM_MAJOR);
  return "";
}

/// Whether --help is among the words; prints \p help then.
bool wantsHelp(ArrayRef<const char *> words, const char *help) {
  if (none_of(words, [](StringRef w) { return w == "--help" || w == "-help"; }))
    return false;
  outs() << help;
  return true;
}

int runBuild(Places places, ArrayRef<const char *> words) {
  BuildOptions options;
  auto emit = [&](StringRef value) {
    options.emitGiven = true;
    for (auto [name, kind] : {std::pair("exe", Emit::Exe),
                              {"obj", Emit::Obj},
                              {"asm", Emit::Asm},
                              {"llvm", Emit::LLVM},
                              {"bc", Emit::BC}})
      if (value == name) {
        options.emit = kind;
        return true;
      }
    fail("--emit option: unknown value '" + value + "' (exe, obj, asm, llvm and bc are known)");
    return false;
  };
  auto heap = [&](StringRef value) { return readHeap(value, options.heap); };
  auto fibers = [&](StringRef) { return options.fibers = true; };
  auto certify = [&](StringRef) { return options.certify = true; };
  auto countOps = [&](StringRef) { return options.countOps = true; };
  auto countAtLink = [&](StringRef) { return options.countAtLink = true; };
  auto report = [&](StringRef value) {
    options.report = value.str();
    if (value.empty())
      fail("--report: the name of a file is missing");
    return !value.empty();
  };
  auto exported = [&](StringRef value) {
    SmallVector<StringRef> names;
    value.split(names, ',', -1, /*KeepEmpty=*/false);
    for (StringRef name : names)
      options.exports.push_back(name.str());
    return options.wasmOnly = true;
  };
  auto maxMemory = [&](StringRef value) {
    options.maxMemory = value.str();
    return options.wasmOnly = true;
  };
  auto js = [&](StringRef value) {
    options.js = options.wasmOnly = true;
    options.containers = value == "containers";
    if (!value.empty() && !options.containers)
      fail("--js=" + value + ": is not --js or --js=containers");
    return value.empty() || options.containers;
  };
  const OwnOption own[] = {{"emit", OwnOption::Required, emit},
                           {"heap", OwnOption::Required, heap},
                           {"fibers", OwnOption::None, fibers},
                           {"certify", OwnOption::None, certify},
                           {"count-ops", OwnOption::None, countOps},
                           {"report", OwnOption::Required, report},
                           {"export", OwnOption::Required, exported},
                           {"max-memory", OwnOption::Required, maxMemory},
                           {"js", OwnOption::Optional, js},
                           {"count-at-link", OwnOption::None, countAtLink},
                           {"stats", OwnOption::Optional, nullptr, "run"},
                           {"profile", OwnOption::Optional, nullptr, "run"},
                           {"perf", OwnOption::None, nullptr, "run"}};
  if (!readArguments(words, own, options))
    return 1;
  if (options.emitGiven && options.stage != Stage::Link &&
      none_of(options.flags, [](StringRef f) { return f == "-fsyntax-only"; }))
    return fail("give one of --emit, -c and -S");
  if (places.clang = findClang(); places.clang.empty())
    return 1;
  return build(places, std::move(options));
}

int runProgram(Places places, ArrayRef<const char *> words, ArrayRef<char *> arguments) {
  RunOptions options;
  options.arguments = arguments;
  auto stats = [&](StringRef value) {
    options.stats = true;
    options.json = value == "json";
    if (options.json || value.empty() || value == "text")
      return true;
    fail("unknown form of statistics --stats=" + value);
    return false;
  };
  auto perf = [&](StringRef) { return options.perf = true; };
  auto fibers = [&](StringRef) { return options.fibers = true; };
  auto heap = [&](StringRef value) {
    if (value != "static")
      return readHeap(value, options.heap);
    fail("--heap=static is for cairn build: nothing is linked here");
    return false;
  };
  auto certify = [&](StringRef) { return options.certify = true; };
  auto profile = [&](StringRef value) {
    options.profile = value.str();
    if (value.empty())
      fail("--profile: the name of a file is missing");
    return !value.empty();
  };
  const OwnOption own[] = {{"stats", OwnOption::Optional, stats},
                           {"profile", OwnOption::Required, profile},
                           {"heap", OwnOption::Required, heap},
                           {"perf", OwnOption::None, perf},
                           {"fibers", OwnOption::None, fibers},
                           {"certify", OwnOption::None, certify},
                           {"emit", OwnOption::Optional, nullptr, "build"},
                           {"count-ops", OwnOption::None, nullptr, "build"},
                           {"count-at-link", OwnOption::None, nullptr, "build"},
                           {"report", OwnOption::Optional, nullptr, "build"},
                           {"export", OwnOption::Optional, nullptr, "build"},
                           {"max-memory", OwnOption::Optional, nullptr, "build"},
                           {"js", OwnOption::Optional, nullptr, "build"}};
  if (!readArguments(words, own, options))
    return 1;
  if (places.clang = findClang(); places.clang.empty())
    return 1;
  return run(places, options);
}

int runLower(ArrayRef<const char *> words) {
  LowerOptions lowering;
  ClangOptions options;
  auto heap = [&](StringRef value) { return readHeap(value, lowering.heap); };
  auto fibers = [&](StringRef) { return lowering.fibers = true; };
  const OwnOption own[] = {{"heap", OwnOption::Required, heap},
                           {"fibers", OwnOption::None, fibers}};
  if (!readArguments(words, own, options))
    return 1;
  if (!options.flags.empty())
    return fail("Unknown command line argument '" + options.flags.front() +
                "'; see cairn lower --help");
  if (options.inputs.size() > 1)
    return fail("cairn lower takes one input, not " + Twine(options.inputs.size()));
  if (!options.inputs.empty())
    lowering.input = options.inputs.front().path;
  lowering.output = options.output.empty() ? "-" : options.output;
  return lower(lowering);
}

int runHeap(ArrayRef<const char *> words) {
  HeapOptions heap;
  ClangOptions options;
  auto since = [&](StringRef value) {
    heap.since = value.str();
    return true;
  };
  auto page = [&](StringRef value) {
    heap.page = value.str();
    return true;
  };
  auto object = [&](StringRef value) {
    if (!value.getAsInteger(0, heap.address) && heap.address)
      return true;
    fail("--object=" + value + ": is no address, as 0x1234");
    return false;
  };
  auto top = [&](StringRef value) {
    if (!value.getAsInteger(10, heap.top) && heap.top)
      return true;
    fail("--top=" + value + ": is no number of rows, from 1 on");
    return false;
  };
  const OwnOption own[] = {{"since", OwnOption::Required, since},
                           {"page", OwnOption::Required, page},
                           {"object", OwnOption::Required, object},
                           {"top", OwnOption::Required, top}};
  if (!readArguments(words, own, options))
    return 1;
  if (!options.flags.empty())
    return fail("Unknown command line argument '" + options.flags.front() +
                "'; see cairn heap --help");
  if (!options.output.empty())
    return fail("cairn heap has no -o; a page is written with --page=" + options.output);
  if (options.inputs.size() != 1)
    return fail("cairn heap takes one dump, not " + Twine(options.inputs.size()));
  heap.file = options.inputs.front().path;
  return showHeap(heap);
}

} // namespace

int cairn::fail(const Twine &message) {
  WithColor::error(errs(), "cairn") << message << "\n";
  return 1;
}

bool cairn::writeFile(const Twine &path, function_ref<void(raw_ostream &)> write) {
  std::error_code error;
  raw_fd_ostream file(path.str(), error);
  if (!error) {
    write(file);
    file.close();
    error = file.error();
    file.clear_error(); // which would end the program
  }
  if (error)
    fail(path + ": " + error.message());
  return !error;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  ArrayRef<char *> all(argv, argv + argc), program;
  StringRef subcommand = argc > 1 ? argv[1] : "";
  if (subcommand == "--version") {
    outs() << "cairn " CAIRN_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
    return 0;
  }
  if (subcommand.empty() || subcommand == "--help" || subcommand == "-help" ||
      subcommand == "help") {
    (subcommand.empty() ? errs() : outs()) << kHelp;
    return subcommand.empty();
  }
  // What follows -- is the program's.
  if (subcommand == "run")
    if (auto *dashes = find_if(all, [](StringRef a) { return a == "--"; }); dashes != all.end()) {
      program = ArrayRef<char *>(dashes + 1, all.end());
      all = ArrayRef<char *>(all.begin(), dashes);
    }
  SmallVector<const char *> words(all.begin() + 2, all.end());
  BumpPtrAllocator memory;
  if (!expandFiles(words, memory))
    return 1;
  if (subcommand == "build")
    return wantsHelp(words, kBuildHelp) ? 0 : runBuild(findPlaces(argv[0]), words);
  if (subcommand == "run")
    return wantsHelp(words, kRunHelp) ? 0 : runProgram(findPlaces(argv[0]), words, program);
  if (subcommand == "lower")
    return wantsHelp(words, kLowerHelp) ? 0 : runLower(words);
  if (subcommand == "heap")
    return wantsHelp(words, kHeapHelp) ? 0 : runHeap(words);
  if (subcommand == kExplainUndefined) // lld's --error-handling-script runs it
    return explainUndefined(words);
  return fail("Unknown subcommand '" + subcommand + "'; see cairn --help");
}
