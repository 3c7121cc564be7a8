//===- build.cpp - cairn build: runs clang with the plugin ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One clang command compiles and links (for WebAssembly, see wasm.cpp). Its messages are the
// user's; what clang would say late or badly (a missing file, IR for another target) is checked
// first. clang and lld write OUT in one piece or not at all.
//
//===----------------------------------------------------------------------===//

#include "driver.h"
#include "ir.h"
#include "ir/Compat.h"
#include "report.h"
#include "wasm.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <csignal>
#include <cstdlib>

using namespace llvm;

namespace cairn {

/// What clang calls the file when there is no -o; empty if it writes none.
static std::string defaultOutput(const BuildOptions &options, const Input &input) {
  const char *suffix = options.emitLLVM ? (options.stage == Stage::Assembly ? ".ll" : ".bc")
                       : options.stage == Stage::Object ? ".o"
                                                        : ".s";
  switch (options.stage) {
  case Stage::Link:
    return "a.out";
  case Stage::Object:
  case Stage::Assembly:
    return (sys::path::stem(input.path) + suffix).str();
  case Stage::Text:
  case Stage::Nothing:
    return "";
  }
  llvm_unreachable("a stage");
}

bool checkFile(const std::string &input) {
  sys::fs::file_status status;
  if (std::error_code error = sys::fs::status(input, status)) {
    fail(input + ": " + error.message());
    return false;
  }
  if (sys::fs::is_directory(status)) {
    fail(input + ": is a directory");
    return false;
  }
  return true;
}

bool checkFiles(const std::vector<Input> &inputs) {
  return all_of(inputs, [](const Input &i) { return i.path == "-" || checkFile(i.path); });
}

/// Writes words of a command, so that a shell, or a compiler's @FILE, reads them again.
static void printWords(raw_ostream &os, ArrayRef<StringRef> words, bool quote, char between) {
  ListSeparator separator(StringRef(&between, 1));
  for (StringRef word : words) {
    os << StringRef(separator);
    sys::printArg(os, word, quote);
  }
  os << "\n";
}

void printCommand(const std::vector<std::string> &command) {
  printWords(errs(), std::vector<StringRef>(command.begin(), command.end()), /*quote=*/false, ' ');
}

/// Checks the inputs; the target of the first IR file that names one goes to
/// \p triple if it is empty. Returns false after a message.
static bool checkInputs(const std::vector<Input> &inputs, std::string &triple) {
  if (!checkFiles(inputs))
    return false;
  for (const Input &input : inputs) {
    if (!isIR(input) || input.path == "-")
      continue;
    LLVMContext context;
    std::unique_ptr<Module> module = readModule(input.path, context);
    if (!module)
      return false;
    const Triple theirs = tripleOf(*module);
    if (theirs.str().empty())
      continue;
    if (triple.empty())
      triple = theirs.str();
    else if (Triple(triple).getArch() != theirs.getArch()) {
      fail(input.path + ": is for " + theirs.str() + ", and the target is " + triple);
      return false;
    }
  }
  return true;
}

/// What links the runtime for \p target: the static library, or its bitcode for a
/// target that is not this machine. Empty after a message.
static std::string runtimeFor(const Places &places, const Triple &target) {
  Triple host(sys::getDefaultTargetTriple());
  bool native = target.getArch() == host.getArch() && target.getOS() == host.getOS();
  std::string library = native ? places.lib + "/libcairn.a"
                               : places.own + "/cairn-" + target.getArchName().str() + ".bc";
  // As an argument of lld, not of clang: the passes have nothing to do in it.
  if (sys::fs::exists(library))
    return native ? library : "-Wl," + library;
  fail("no runtime library for " + target.str() + ": " + library +
       " does not exist; --emit=obj, asm, llvm and bc need none");
  return "";
}

/// Whether \p library is the runtime as bitcode, and has to be compiled before a link with
/// link-time optimisation. What lowered code calls is not there yet when the linker looks at what
/// is used, and of bitcode it keeps nothing else.
static bool needsCompiling(const std::string &library, const BuildOptions &options) {
  return !options.lto.empty() && StringRef(library).ends_with(".bc");
}

/// Compiles the runtime's bitcode into \p object. Clang's status; it has told what was wrong.
static int compileRuntime(const Places &places, const std::string &triple, StringRef bitcode,
                          const std::string &object, bool verbose, StringRef temporary) {
  bitcode.consume_front("-Wl,");
  std::vector<std::string> command = {places.clang,
                                      "--target=" + triple,
                                      "-Wno-override-module",
                                      "-O2",
                                      "-fPIC",
                                      "-c",
                                      "-x",
                                      "ir",
                                      bitcode.str(),
                                      "-o",
                                      object};
  if (verbose)
    printCommand(command);
  return runClang(command, temporary);
}

static volatile pid_t child;
/// A signal that came before \c child was known, which is passed on as soon as it is. Zero: none.
static volatile sig_atomic_t early;

static void forward(int signal) {
  if (child > 0)
    kill(child, signal);
  else
    early = signal;
}

int runClang(const std::vector<std::string> &command, StringRef temporary) {
  // As it was before, for whoever runs in this process next.
  const char *directory = getenv("TMPDIR");
  std::string before = directory ? directory : "";
  setenv("TMPDIR", temporary.str().c_str(), 1);
  const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction handlers[std::size(signals)];
  early = 0;
  for (auto [signal, handler] : zip_equal(signals, handlers)) { // clang ends, then we do
    struct sigaction ours = {};
    ours.sa_handler = forward;
    ours.sa_flags = SA_RESTART;
    sigaction(signal, &ours, &handler);
  }
  auto restore = atScopeExit([&] {
    child = 0;
    for (auto [signal, handler] : zip_equal(signals, handlers))
      sigaction(signal, &handler, nullptr);
    directory ? setenv("TMPDIR", before.c_str(), 1) : unsetenv("TMPDIR");
  });

  std::vector<StringRef> arguments(command.begin(), command.end());
  std::string message;
  // What @FILE named may be longer than a command line; it goes to clang as a file again.
  std::string file, contents;
  if (!sys::commandLineFitsWithinSystemLimits(command.front(), arguments)) {
    raw_string_ostream os(contents);
    printWords(os, ArrayRef(arguments).drop_front(), /*quote=*/true, '\n');
    file = ("@" + temporary + "/arguments").str();
    if (std::error_code error = sys::writeFileWithEncoding(file.substr(1), contents))
      return fail(file.substr(1) + ": " + error.message());
    arguments = {arguments.front(), file};
  }
  sys::ProcessInfo process =
      sys::ExecuteNoWait(command.front(), arguments, std::nullopt, {}, 0, &message);
  if (process.Pid == sys::ProcessInfo::InvalidPid)
    return fail(command.front() + ": " + message);
  child = process.Pid;
  if (early) // clang was already running when it came: posix_spawn returns after the child's exec
    kill(child, early);
  process = sys::Wait(process, std::nullopt, &message);
  if (!message.empty())
    return fail(command.front() + ": " + message);
  return process.ReturnCode ? 1 : 0;
}

/// What --emit says, as clang's options and their stage.
static std::vector<std::string> emitFlags(BuildOptions &options) {
  switch (options.emit) {
  case Emit::Exe:
    return {};
  case Emit::Obj:
    options.stage = Stage::Object;
    return {"-c"};
  case Emit::Asm:
    options.stage = Stage::Assembly;
    return {"-S"};
  case Emit::LLVM:
    options.stage = Stage::Assembly;
    options.emitLLVM = true;
    return {"-S", "-emit-llvm"};
  case Emit::BC:
    options.stage = Stage::Object;
    options.emitLLVM = true;
    return {"-c", "-emit-llvm"};
  }
  llvm_unreachable("a kind of output");
}

/// Whether the output can be written, and is none of the inputs. False after a message.
static bool checkOutput(const BuildOptions &options) {
  StringRef directory = sys::path::parent_path(options.output);
  if (!directory.empty() && !sys::fs::is_directory(directory)) {
    fail(options.output + ": " + directory + " is not a directory");
    return false;
  }
  for (const Input &input : options.inputs) {
    std::string output = options.output.empty() ? defaultOutput(options, input) : options.output;
    if (!output.empty() && sys::fs::equivalent(input.path, output)) {
      fail(output + ": is both an input and the output");
      return false;
    }
  }
  return true;
}

/// The libraries that clang++ would link with, for C++ among the inputs.
static std::vector<std::string> cxxLibraries(const BuildOptions &options) {
  auto given = [&](StringRef flag) { return is_contained(options.flags, flag); };
  if (none_of(options.inputs, isCxx) || given("-nostdlib") || given("-nodefaultlibs") ||
      given("-nostdlib++") || given("--driver-mode=g++"))
    return {};
  return {given("-stdlib=libc++") ? "-lc++" : "-lstdc++", "-lm"};
}

/// Lets lld ask who declares an undefined function in another way.
static void explainConventions(const Places &places, const BuildOptions &options,
                               std::vector<std::string> &command) {
  std::string inputs;
  for (const Input &object : options.objects)
    if (!object.isLibrary() && !isSource(object))
      inputs += object.path + "\n";
  setenv(kLinkInputs, inputs.c_str(), 1);
  command.push_back("-Wl,--error-handling-script=" + places.self);
}

/// Where the target's headers are, and Cairn's.
static std::vector<std::string> headerFlags(const Places &places, const Triple &target) {
  std::vector<std::string> flags = {"-isystem", places.include};
  // This machine's headers are not the target's.
  if (target.isWasm()) {
    append_range(flags, wasmFlags(places, target));
  } else if (target.getArch() != Triple(sys::getDefaultTargetTriple()).getArch()) {
    flags.push_back("-nostdlibinc");
    std::string theirs = ("/usr/" + target.getArchName() + "-linux-gnu/include").str();
    if (target.isOSLinux() && sys::fs::is_directory(theirs))
      flags.insert(flags.end(), {"-idirafter", theirs});
  }
  return flags;
}

/// Whether there is something for --report to look at. False after a message.
static bool checkReport(const BuildOptions &options) {
  auto refuse = [](const Twine &message) {
    fail(message);
    return false;
  };
  if (options.stage == Stage::Text)
    return refuse("--report: nothing is compiled");
  if (none_of(options.inputs, isSource))
    return refuse("--report: there is no source among the inputs");
  if (any_of(options.inputs, [](const Input &i) { return i.path == "-"; }))
    return refuse("--report: the source has to be a file, not stdin");
  StringRef directory = sys::path::parent_path(options.report);
  if (!directory.empty() && !sys::fs::is_directory(directory))
    return refuse(options.report + ": " + directory + " is not a directory");
  if (options.report == options.output || sys::fs::equivalent(options.output, options.report))
    return refuse(options.report + ": is both the output and the report");
  for (const Input &input : options.inputs)
    if (sys::fs::equivalent(input.path, options.report))
      return refuse(options.report + ": is both an input and the report");
  return true;
}

int build(const Places &places, BuildOptions options) {
  SmallString<128> temporary;
  if (std::error_code error = sys::fs::createUniqueDirectory("cairn", temporary))
    return fail("no temporary directory: " + error.message());
  auto remove = atScopeExit([&] { sys::fs::remove_directories(temporary); });

  std::vector<std::string> command = {places.clang};
  // A question about clang.
  if (options.stage == Stage::Nothing || (options.inputs.empty() && options.verbose)) {
    if (!options.target.empty())
      command.push_back("--target=" + options.target);
    append_range(command, options.all);
    return runClang(command, temporary);
  }
  if (options.inputs.empty() && !options.linkerInputs)
    return fail("no input files; see cairn build --help");
  std::vector<std::string> stage = emitFlags(options);
  bool link = options.stage == Stage::Link;
  if (!link && options.inputs.size() > 1 && !options.output.empty() && options.emitGiven)
    return fail("--emit other than exe takes one input, not " + Twine(options.inputs.size()));
  if (!sys::fs::exists(places.plugin))
    return fail("the compiler plugin is not at " + places.plugin);

  std::string triple = options.target;
  if (!checkInputs(options.inputs, triple))
    return 1;
  Triple target(Triple::normalize(triple.empty() ? sys::getDefaultTargetTriple() : triple));
  if (target.getArch() == Triple::UnknownArch)
    return fail("unknown target " + triple);
  if (target.isOSWASI()) { // WASI's first version, by the name that clang likes
    triple = "wasm32-wasip1";
    target = Triple(Triple::normalize(triple));
  }
  bool wasm = link && target.isWasm();
  if (!target.isWasm() && options.wasmOnly)
    return fail("--export, --max-memory and --js are for wasm32, and the target is " +
                target.str());
  if (target.isWasm() && options.heap == HeapBinding::Checked)
    return fail("--heap=checked is not for WebAssembly, and the target is " + target.str());
  if (target.isWasm() && options.countOps)
    return fail("--count-ops is not for WebAssembly, and the target is " + target.str());
  if (options.countAtLink && (options.lto != "full" || options.level == "0" || target.isWasm()))
    return fail("--count-at-link needs -flto, -O1 or more, and a target that is not WebAssembly" +
                (options.lto == "thin" ? ": -flto=thin does not make one module of all" : Twine()));
  if (options.countAtLink && is_contained(options.flags, "-ffat-lto-objects"))
    return fail("--count-at-link cannot be given with -ffat-lto-objects, whose machine code needs "
                "its counts before the link");
  std::string runtime;
  if (link && !wasm && !options.partial && (runtime = runtimeFor(places, target)).empty())
    return 1;
  if (!checkOutput(options) || (!options.report.empty() && !checkReport(options)))
    return 1;

  // Silent about flags that an IR input has no use for, and about unknown-vs-pc
  // triples. Nothing is left in the temporary directory if clang crashes.
  command.insert(command.end(), {"-Wno-unused-command-line-argument", "-Wno-override-module",
                                 "-fno-crash-diagnostics", "-fpass-plugin=" + places.plugin});
  if (!triple.empty())
    command.push_back("--target=" + triple);
  // For the compiler only: the assembler of a .s file has no plugin.
  command.insert(command.end(), {"-Xclang", "-load", "-Xclang", places.plugin});
  if (options.heap == HeapBinding::Static)
    command.insert(command.end(), {"-Xclang", "-mllvm", "-Xclang", "-cairn-heap=static"});
  if (options.heap == HeapBinding::Checked) {
    command.insert(command.end(), {"-Xclang", "-mllvm", "-Xclang", "-cairn-checked"});
    command.push_back("-gline-tables-only");        // until the user says otherwise
    command.push_back("-fdebug-default-version=4"); // the newest that valgrind 3.19 reads
  }
  if (options.fibers)
    command.insert(command.end(), {"-Xclang", "-mllvm", "-Xclang", "-cairn-fibers"});
  if (options.certify)
    command.insert(command.end(), {"-Xclang", "-mllvm", "-Xclang", "-cairn-certify"});
  if (options.countOps)
    command.insert(command.end(), {"-Xclang", "-mllvm", "-Xclang", "-cairn-count-ops"});
  if (link && !wasm && options.lto.empty() && !options.shared && !options.partial)
    command.insert(command.end(), {"-Xclang", "-mllvm", "-Xclang", "-cairn-static-runtime"});
  command.push_back("-O2");                 // until another one is given
  std::vector<std::string> again = command; // for the report, and so with lines
  again.push_back("-gline-tables-only");
  if (options.countAtLink)
    command.insert(command.end(), {"-Xclang", "-mllvm", "-Xclang", "-cairn-count-at-link"});
  append_range(command, stage);
  if (link && !wasm)
    command.push_back("-fuse-ld=lld");
  append_range(command, wasm ? options.flags : options.all);
  const std::vector<std::string> headers = headerFlags(places, target);
  append_range(command, headers);
  append_range(again, headers);
  auto reported = [&](int status) {
    return status || options.report.empty() ? status : report(options, again, temporary);
  };
  if (wasm) {
    if (options.output.empty())
      options.output = "a.out";
    return reported(linkWasm(places, options, target, command, temporary));
  }
  if (link) {
    if (!options.lto.empty()) {
      // clang takes lld from beside itself, or else whichever is on PATH.
      std::string linker = answerOf(places.clang, "-print-prog-name=ld.lld");
      if (!checkVersion(linker, "--version", "-flto: the linker that clang takes, " + linker + ",",
                        ": it needs lld, which the Debian package lld-" CAIRN_LLVM_MAJOR " brings"))
        return 1;
      command.push_back("-Wl,--load-pass-plugin=" + places.plugin);
    }
    if (needsCompiling(runtime, options)) {
      std::string object = (temporary + "/cairn-runtime.o").str();
      if (int status =
              compileRuntime(places, target.str(), runtime, object, options.verbose, temporary))
        return status;
      runtime = object;
    }
    if (options.languages) // the last -x is not the runtime's
      command.insert(command.end(), {"-x", "none"});
    if (!options.partial)
      command.insert(command.end(), {runtime, "-pthread"});
    append_range(command, cxxLibraries(options));
    explainConventions(places, options, command);
  }
  if (!options.output.empty())
    command.insert(command.end(), {"-o", options.output});
  if (options.verbose)
    printCommand(command);
  return reported(runClang(command, temporary));
}

} // namespace cairn
