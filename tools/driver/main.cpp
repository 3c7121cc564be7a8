//===- main.cpp - cairn: builds programs that use the heap ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line: `cairn build`, `cairn run` and `cairn lower`. LLVM's own options stay out of
// it, because they belong to no subcommand.
//
//===----------------------------------------------------------------------===//

#include "driver.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/WithColor.h"
#include <map>

using namespace llvm;
using namespace cairn;

namespace {

cl::SubCommand Build("build", "Compile and link C, C++ and LLVM IR that use the Cairn heap");
cl::SubCommand Run("run", "Compile C, C++ and LLVM IR, and run main in this process; the "
                          "program's arguments follow --");
cl::SubCommand Lower("lower", "Expand the Cairn intrinsics of one IR file, and print it");
cl::OptionCategory Cairn("Options");
cl::OptionCategory Clang("Options handed to clang");

// cairn build
cl::list<std::string> Inputs(cl::Positional, cl::desc("FILE.c|.cpp|.ll|.bc|.o|.a..."),
                             cl::sub(Build), cl::cat(Cairn));
cl::opt<std::string> Output("o", cl::desc("Write to OUT (- for stdout)"), cl::value_desc("OUT"),
                            cl::sub(Build), cl::cat(Cairn));
cl::opt<Emit>
    EmitKind("emit", cl::desc("What to write:"), cl::init(Emit::Exe), cl::sub(Build),
             cl::cat(Cairn),
             cl::values(clEnumValN(Emit::Exe, "exe", "a program (default)"),
                        clEnumValN(Emit::Obj, "obj", "an object file"),
                        clEnumValN(Emit::Asm, "asm", "assembly"),
                        clEnumValN(Emit::LLVM, "llvm", "LLVM IR as text, lowered and optimised"),
                        clEnumValN(Emit::BC, "bc", "the same as bitcode")));
cl::opt<bool> CompileOnly("c", cl::desc("The same as --emit=obj"), cl::sub(Build), cl::cat(Cairn));
cl::opt<bool> AssemblyOnly("S", cl::desc("The same as --emit=asm"), cl::sub(Build), cl::cat(Cairn));
cl::opt<std::string>
    Level("O", cl::desc("Optimise: 0, 1, 2, 3, s or z (default 2); fast paths are inlined at each"),
          cl::value_desc("level"), cl::Prefix, cl::init("2"), cl::sub(Build), cl::sub(Run),
          cl::cat(Cairn));
cl::opt<bool> Debug("g", cl::desc("Keep lines and variables for debuggers"), cl::sub(Build),
                    cl::sub(Run), cl::cat(Cairn));
cl::opt<std::string> Target("target",
                            cl::desc("x86_64-linux-gnu, aarch64-linux-gnu, wasm32 or wasm32-wasi "
                                     "(default: that of the first IR input, or this machine)"),
                            cl::value_desc("triple"), cl::sub(Build), cl::cat(Cairn));
cl::opt<HeapBinding> Heap("heap", cl::desc("How generated code finds its heap:"),
                          cl::init(HeapBinding::Thread), cl::sub(Build), cl::sub(Lower),
                          cl::cat(Cairn),
                          cl::values(clEnumValN(HeapBinding::Thread, "thread",
                                                "the thread's cache of the default heap (default)"),
                                     clEnumValN(HeapBinding::Static, "static",
                                                "a heap known when the program is linked")));
cl::list<std::string> Exports("export", cl::desc("wasm32: export a function or variable"),
                              cl::value_desc("name"), cl::CommaSeparated, cl::sub(Build),
                              cl::cat(Cairn));
cl::opt<std::string> MaxMemory("max-memory",
                               cl::desc("wasm32: bytes that memory may grow to (default 1G)"),
                               cl::value_desc("bytes|K|M|G"), cl::init("1G"), cl::sub(Build),
                               cl::cat(Cairn));
cl::opt<std::string>
    JS("js",
       cl::desc("wasm32: export what JavaScript needs to work with objects, or with lists, "
                "dicts and byte arrays as well"),
       cl::value_desc("containers"), cl::ValueOptional, cl::sub(Build), cl::cat(Cairn));
cl::opt<bool> Verbose("v", cl::desc("Print the commands that are run"), cl::sub(Build),
                      cl::cat(Cairn));

cl::list<std::string> Macros("D", cl::desc("Define a macro"), cl::value_desc("name[=value]"),
                             cl::Prefix, cl::sub(Build), cl::sub(Run), cl::cat(Clang));
cl::list<std::string> Unmacros("U", cl::desc("Undefine a macro"), cl::value_desc("name"),
                               cl::Prefix, cl::sub(Build), cl::sub(Run), cl::cat(Clang));
cl::list<std::string> Includes("I", cl::desc("Look for headers in a directory"),
                               cl::value_desc("dir"), cl::Prefix, cl::sub(Build), cl::sub(Run),
                               cl::cat(Clang));
cl::list<std::string> LibDirs("L", cl::desc("Look for libraries in a directory"),
                              cl::value_desc("dir"), cl::Prefix, cl::sub(Build), cl::cat(Clang));
cl::list<std::string> Libs("l", cl::desc("Link with a library"), cl::value_desc("name"), cl::Prefix,
                           cl::sub(Build), cl::cat(Clang));
cl::opt<std::string> Standard("std", cl::desc("Language standard, such as c11 or c++20"),
                              cl::value_desc("standard"), cl::sub(Build), cl::sub(Run),
                              cl::cat(Clang));
cl::list<std::string> Features("f", cl::desc("Any -f option, such as -flto=thin"),
                               cl::value_desc("feature"), cl::Prefix, cl::sub(Build), cl::sub(Run),
                               cl::cat(Clang));
cl::list<std::string> Machine("m", cl::desc("Any -m option, such as -march=native"),
                              cl::value_desc("feature"), cl::Prefix, cl::sub(Build), cl::sub(Run),
                              cl::cat(Clang));
cl::list<std::string> Warnings("W", cl::desc("Any -W option, such as -Wall or -Wl,-Map,FILE"),
                               cl::value_desc("warning"), cl::Prefix, cl::sub(Build), cl::sub(Run),
                               cl::cat(Clang));
cl::list<std::string> MLLVM("mllvm", cl::desc("An option of LLVM's"), cl::value_desc("option"),
                            cl::sub(Build), cl::cat(Clang));
cl::opt<bool> Shared("shared", cl::desc("Link a shared library"), cl::sub(Build), cl::cat(Clang));
cl::opt<bool> Static("static", cl::desc("Link with static libraries only"), cl::sub(Build),
                     cl::cat(Clang));
cl::opt<bool> PThread("pthread", cl::desc("Accepted; threads are always linked"), cl::sub(Build),
                      cl::cat(Clang));

// cairn run
cl::list<std::string> RunInputs(cl::Positional, cl::desc("FILE.c|.cpp|.ll|.bc... [-- ARG...]"),
                                cl::sub(Run), cl::cat(Cairn));
cl::opt<std::string> Stats("stats",
                           cl::desc("Print the heap at exit, as CAIRN_STATS does: text or json"),
                           cl::value_desc("json"), cl::ValueOptional, cl::sub(Run), cl::cat(Cairn));
cl::opt<bool> Perf("perf", cl::desc("Write a jitdump for perf in $JITDUMPDIR or $HOME"),
                   cl::sub(Run), cl::cat(Cairn));

// cairn lower
cl::opt<std::string> LowerInput(cl::Positional, cl::desc("FILE.ll"), cl::sub(Lower),
                                cl::cat(Cairn));
cl::opt<std::string> LowerOutput("o", cl::desc("Write to OUT (default - for stdout)"),
                                 cl::value_desc("OUT"), cl::init("-"), cl::sub(Lower),
                                 cl::cat(Cairn));

void printVersion(raw_ostream &os) {
  os << "cairn " CAIRN_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
}

Places findPlaces(const char *argv0) {
  Places places;
  SmallString<256> root(
      sys::path::parent_path(sys::fs::getMainExecutable(argv0, (void *)&printVersion)));
  sys::path::append(root, "..");
  sys::path::remove_dots(root, /*remove_dot_dot=*/true);
  places.lib = (root + "/lib").str();
  places.include = (root + "/include").str();
  places.plugin = places.lib + "/CairnPlugin.so";
  return places;
}

/// CAIRN_CLANG, else the clang found when Cairn was configured, else one on PATH.
/// Empty, with a message, if there is none.
std::string findClang() {
  if (auto named = sys::Process::GetEnv("CAIRN_CLANG"); named && !named->empty()) {
    if (auto found = sys::findProgramByName(*named); found && sys::fs::can_execute(*found))
      return *found;
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

/// Options in the order they were given in.
struct Ordered {
  std::map<unsigned, std::string> all;
  void collect(const cl::list<std::string> &list, const char *prefix) {
    for (unsigned i = 0; i < list.size(); ++i)
      all[list.getPosition(i)] = prefix + list[i];
  }
};

std::vector<std::string> compilerFlags() {
  std::vector<std::string> flags = {"-O" + Level};
  if (Debug)
    flags.push_back("-g");
  if (!Standard.empty())
    flags.push_back("-std=" + Standard);
  // -Dx and -Ux, -Wx and -Wno-x, -fx and -fno-x count in the order they are given
  // in, and so do inputs and libraries.
  Ordered options;
  options.collect(Macros, "-D");
  options.collect(Unmacros, "-U");
  options.collect(Includes, "-I");
  options.collect(LibDirs, "-L");
  options.collect(Features, "-f");
  options.collect(Machine, "-m");
  options.collect(Warnings, "-W");
  for (auto &[position, flag] : options.all)
    flags.push_back(flag);
  return flags;
}

int runProgram(Places places, ArrayRef<char *> arguments) {
  RunOptions options;
  options.inputs = {RunInputs.begin(), RunInputs.end()};
  options.arguments = arguments;
  if (Level.size() != 1 || !StringRef("0123").contains(Level[0]))
    return fail("unknown optimisation level -O" + Level);
  options.level = unsigned(Level[0] - '0');
  options.debug = Debug;
  options.perf = Perf;
  options.stats = Stats.getNumOccurrences() > 0;
  options.json = Stats == "json";
  if (!options.json && !Stats.empty() && Stats != "text")
    return fail("unknown form of statistics --stats=" + Stats);
  if (places.clang = findClang(); places.clang.empty())
    return 1;
  options.flags = compilerFlags();
  return run(places, options);
}

int runBuild(Places places) {
  BuildOptions options;
  options.inputs = {Inputs.begin(), Inputs.end()};
  options.output = Output;
  options.target = Target;
  options.heap = Heap;
  options.verbose = Verbose;
  options.emit = CompileOnly ? Emit::Obj : AssemblyOnly ? Emit::Asm : EmitKind;
  if (EmitKind.getNumOccurrences() + CompileOnly + AssemblyOnly > 1)
    return fail("give one of --emit, -c and -S");
  if (Level.size() != 1 || !StringRef("0123sz").contains(Level[0]))
    return fail("unknown optimisation level -O" + Level);
  if (places.clang = findClang(); places.clang.empty())
    return 1;

  options.small = Level == "s" || Level == "z";
  options.exports = {Exports.begin(), Exports.end()};
  options.maxMemory = MaxMemory;
  options.js = JS.getNumOccurrences();
  options.containers = JS == "containers";
  if (options.js && !JS.empty() && !options.containers)
    return fail("--js=" + JS + ": is not --js or --js=containers");
  options.wasmOnly = options.js || !Exports.empty() || MaxMemory.getNumOccurrences();

  auto &flags = options.flags;
  flags = compilerFlags();
  if (Shared)
    flags.push_back("-shared");
  if (Static)
    flags.push_back("-static");
  for (auto &option : MLLVM)
    flags.insert(flags.end(), {"-mllvm", option});
  for (StringRef feature : Features)
    if (feature == "lto" || feature.consume_front("lto="))
      options.lto = feature == "lto" ? "full" : feature.str();

  Ordered objects;
  objects.collect(Inputs, "");
  objects.collect(Libs, "-l");
  for (auto &[position, object] : objects.all)
    options.objects.push_back(object);
  return build(places, std::move(options));
}

} // namespace

int cairn::fail(const Twine &message) {
  WithColor::error(errs(), "cairn") << message << "\n";
  return 1;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions({&Cairn, &Clang}, Build);
  cl::HideUnrelatedOptions({&Cairn, &Clang}, Run);
  cl::HideUnrelatedOptions({&Cairn}, Lower);
  cl::HideUnrelatedOptions({&Cairn});
  cl::SetVersionPrinter(printVersion);
  // What follows -- is the program's.
  ArrayRef<char *> all(argv, argv + argc), arguments;
  if (argc > 1 && StringRef(argv[1]) == "run")
    if (auto *dashes = find_if(all, [](StringRef a) { return a == "--"; }); dashes != all.end()) {
      arguments = ArrayRef<char *>(dashes + 1, all.end());
      argc = int(dashes - all.begin());
    }
  cl::ParseCommandLineOptions(
      argc, argv,
      "Builds and runs programs that use the Cairn heap, with its fast paths "
      "inlined in their code\n");
  if (Build)
    return runBuild(findPlaces(argv[0]));
  if (Run)
    return runProgram(findPlaces(argv[0]), arguments);
  if (Lower)
    return lower({LowerInput, LowerOutput, Heap});
  cl::PrintHelpMessage();
  return 1;
}
