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

#include "Compat.h"
#include "driver.h"
#include "ir.h"
#include "wasm.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <csignal>
#include <cstdlib>

using namespace llvm;

namespace cairn {

bool isIR(StringRef path) { return path.ends_with(".ll") || path.ends_with(".bc"); }

bool isCxx(StringRef path) {
  return path.ends_with(".cpp") || path.ends_with(".cc") || path.ends_with(".cxx") ||
         path.ends_with(".C");
}

/// What --emit writes when there is no -o.
static std::string defaultOutput(StringRef input, Emit emit) {
  if (emit == Emit::Exe)
    return "a.out";
  const char *suffix = emit == Emit::Obj    ? ".o"
                       : emit == Emit::Asm  ? ".s"
                       : emit == Emit::LLVM ? ".ll"
                                            : ".bc";
  return (sys::path::stem(input) + suffix).str();
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

/// Checks the inputs; the target of the first IR file that names one goes to
/// \p triple if it is empty. Returns false after a message.
static bool checkInputs(const std::vector<std::string> &inputs, std::string &triple) {
  for (const std::string &input : inputs) {
    if (!checkFile(input))
      return false;
    if (!isIR(input))
      continue;
    LLVMContext context;
    std::unique_ptr<Module> module = readModule(input, context);
    if (!module)
      return false;
    const Triple theirs = tripleOf(*module);
    if (theirs.str().empty())
      continue;
    if (triple.empty())
      triple = theirs.str();
    else if (Triple(triple).getArch() != theirs.getArch()) {
      fail(input + ": is for " + theirs.str() + ", and the target is " + triple);
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
  std::string library =
      places.lib + (native ? "/libcairn.a" : "/cairn-" + target.getArchName().str() + ".bc");
  // As an argument of lld, not of clang: the passes have nothing to do in it.
  if (sys::fs::exists(library))
    return native ? library : "-Wl," + library;
  fail("no runtime library for " + target.str() + ": " + library +
       " does not exist; --emit=obj, asm, llvm and bc need none");
  return "";
}

static volatile pid_t child;

static void forward(int signal) {
  if (child > 0)
    kill(child, signal);
}

int runClang(const std::vector<std::string> &command, StringRef temporary) {
  // As it was before, for whoever runs in this process next.
  const char *directory = getenv("TMPDIR");
  std::string before = directory ? directory : "";
  setenv("TMPDIR", temporary.str().c_str(), 1);
  const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction handlers[std::size(signals)];
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
  sys::ProcessInfo process =
      sys::ExecuteNoWait(command.front(), arguments, std::nullopt, {}, 0, &message);
  if (process.Pid == sys::ProcessInfo::InvalidPid)
    return fail(command.front() + ": " + message);
  child = process.Pid;
  process = sys::Wait(process, std::nullopt, &message);
  if (!message.empty())
    return fail(command.front() + ": " + message);
  return process.ReturnCode ? 1 : 0;
}

int build(const Places &places, BuildOptions options) {
  if (options.inputs.empty())
    return fail("no input files; see cairn build --help");
  bool link = options.emit == Emit::Exe;
  if (!link && options.inputs.size() > 1)
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
  std::string runtime;
  if (link && !wasm && (runtime = runtimeFor(places, target)).empty())
    return 1;

  std::string output = options.output;
  if (output.empty())
    output = defaultOutput(options.inputs.front(), options.emit);
  StringRef directory = sys::path::parent_path(output);
  if (!directory.empty() && !sys::fs::is_directory(directory))
    return fail(output + ": " + directory + " is not a directory");
  for (const std::string &input : options.inputs)
    if (sys::fs::equivalent(input, output))
      return fail(output + ": is both an input and the output");

  std::vector<std::string> command = {places.clang};
  // Silent about flags that an IR input has no use for, and about unknown-vs-pc
  // triples. Nothing is left in the temporary directory if clang crashes.
  command.insert(command.end(), {"-Wno-unused-command-line-argument", "-Wno-override-module",
                                 "-fno-crash-diagnostics", "-fpass-plugin=" + places.plugin});
  if (!triple.empty())
    command.push_back("--target=" + triple);
  command.insert(command.end(), {"-Xclang", "-load", "-Xclang", places.plugin});
  if (options.heap == HeapBinding::Static)
    command.insert(command.end(), {"-mllvm", "-cairn-heap=static"});
  if (link && !wasm && options.lto.empty() && !is_contained(options.flags, "-shared"))
    command.insert(command.end(), {"-mllvm", "-cairn-static-runtime"});
  append_range(command, options.flags);
  command.insert(command.end(), {"-isystem", places.include});
  // This machine's headers are not the target's.
  if (target.isWasm()) {
    append_range(command, wasmFlags(places, target));
  } else if (target.getArch() != Triple(sys::getDefaultTargetTriple()).getArch()) {
    command.push_back("-nostdlibinc");
    std::string theirs = ("/usr/" + target.getArchName() + "-linux-gnu/include").str();
    if (target.isOSLinux() && sys::fs::is_directory(theirs))
      command.insert(command.end(), {"-idirafter", theirs});
  }
  SmallString<128> temporary;
  if (std::error_code error = sys::fs::createUniqueDirectory("cairn", temporary))
    return fail("no temporary directory: " + error.message());
  auto remove = atScopeExit([&] { sys::fs::remove_directories(temporary); });
  if (wasm)
    return linkWasm(places, options, target, command, output, temporary);
  switch (options.emit) {
  case Emit::Exe:
    command.push_back("-fuse-ld=lld");
    if (!options.lto.empty())
      command.push_back("-Wl,--load-pass-plugin=" + places.plugin);
    break;
  case Emit::Obj:
    command.push_back("-c");
    break;
  case Emit::Asm:
    command.push_back("-S");
    break;
  case Emit::LLVM:
    command.insert(command.end(), {"-S", "-emit-llvm"});
    break;
  case Emit::BC:
    command.insert(command.end(), {"-c", "-emit-llvm"});
    break;
  }
  append_range(command, link ? options.objects : options.inputs);
  if (link)
    command.insert(command.end(), {runtime, "-pthread"});
  if (link && any_of(options.inputs, isCxx))
    command.insert(command.end(), {"-lstdc++", "-lm"});
  command.insert(command.end(), {"-o", output});

  if (options.verbose) {
    for (const std::string &argument : command) {
      sys::printArg(errs(), argument, /*Quote=*/false);
      errs() << (&argument == &command.back() ? "\n" : " ");
    }
  }
  return runClang(command, temporary);
}

} // namespace cairn
