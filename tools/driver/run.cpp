//===- run.cpp - cairn run: a program in this process ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// clang makes unoptimised bitcode of C and C++; a session with the passes optimises
// it and compiles it. Then the process is the program's: signals, exit status and what
// runs at exit are as if it had been linked.
//
//===----------------------------------------------------------------------===//

#include "cairn/jit.h"
#include "cairn/lowering.h"
#include "driver.h"
#include "fast/entry.h"
#include "heap/heap.h"
#include "ir.h"
#include "ir/Compat.h"
#include "report/profile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <unistd.h>

using namespace llvm;

namespace cairn {

namespace {

/// Functions to run before main, or after it, by priority and then in order.
using Hooks = std::multimap<uint64_t, std::string>;

std::vector<void (*)()> destructors; // in the order they run in

} // namespace

/// Takes the module's list of constructors (or destructors), in order. They are kept
/// back until every module is there, because they may call into any.
static void takeHooks(Module &module, const char *list, unsigned number, Hooks &hooks) {
  GlobalVariable *variable = module.getNamedGlobal(list);
  if (!variable || !variable->hasInitializer())
    return;
  unsigned count = 0;
  if (auto *array = dyn_cast<ConstantArray>(variable->getInitializer()))
    for (Value *value : array->operands()) {
      auto *entry = cast<ConstantStruct>(value);
      auto *function = dyn_cast<Function>(entry->getOperand(1)->stripPointerCasts());
      if (!function)
        continue;
      // The function may be local to the module, or have the name of another.
      std::string name =
          (Twine(list) + "." + Twine(number) + "." + Twine(count++)).str().substr(strlen("llvm."));
      auto *caller =
          Function::Create(FunctionType::get(Type::getVoidTy(module.getContext()), false),
                           GlobalValue::ExternalLinkage, name, module);
      IRBuilder<> builder(BasicBlock::Create(module.getContext(), "", caller));
      builder.CreateCall(function->getFunctionType(), function)
          ->setCallingConv(function->getCallingConv());
      builder.CreateRetVoid();
      hooks.insert({cast<ConstantInt>(entry->getOperand(0))->getZExtValue(), name});
    }
  variable->eraseFromParent();
}

/// What the session is told; it has no levels for size.
static unsigned level(const RunOptions &options) {
  if (options.level == "fast" || options.level == "4")
    return 3;
  if (options.level.empty() || options.level == "g")
    return 1;
  return options.small() ? 2 : unsigned(options.level[0] - '0');
}

/// The program's environment holds what the user's does, although clang had a
/// temporary directory of its own.
static bool compile(const Places &places, const RunOptions &options, const Input &input,
                    const std::string &output, StringRef temporary) {
  std::vector<std::string> command = {places.clang, "-Wno-unused-command-line-argument",
                                      "-fno-crash-diagnostics", "-O2"};
  if (options.heap == HeapBinding::Checked)
    command.push_back("-gline-tables-only"); // until the user says otherwise
  append_range(command, options.flags);
  // Functions keep what their level means for them; the session has the passes. At -O0 too: clang's
  // would split coroutines and inline into them what counts belong into.
  command.insert(command.end(), {"-Xclang", "-disable-llvm-passes"});
  // A profile is written by a library of clang's that only a linked program has.
  command.insert(command.end(), {"-fno-profile-instr-generate", "-fno-coverage-mapping"});
  command.insert(command.end(), {"-fno-lto", "-isystem", places.include, "-c", "-emit-llvm"});
  if (!input.language.empty())
    command.insert(command.end(), {"-x", input.language});
  command.insert(command.end(), {input.path, "-o", output});
  return runClang(command, temporary) == 0;
}

/// Libraries that the process has itself.
static bool isPresent(StringRef name) {
  return is_contained({"c", "m", "pthread", "dl", "rt", "stdc++", "gcc", "gcc_s"}, name);
}

/// Loads what -l names, from the directories of -L or where the system looks, so that the
/// session finds its symbols in the process. False after a message.
static bool loadLibraries(const RunOptions &options) {
  for (const Input &object : options.objects) {
    StringRef name = object.path;
    if (!object.isLibrary() || !name.consume_front("-l") || isPresent(name))
      continue;
    std::string file =
        name.starts_with(":") ? name.drop_front().str() : ("lib" + name + ".so").str();
    std::string path = file;
    for (StringRef flag : options.flags)
      if (flag.consume_front("-L") && sys::fs::exists(flag + "/" + file)) {
        path = (flag + "/" + file).str();
        break;
      }
    if (!dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
      fail(object.path + ": " + dlerror());
      return false;
    }
  }
  return true;
}

/// Reads every input into a module. Nothing is left in the temporary directory.
static bool readInputs(const Places &places, const RunOptions &options,
                       std::vector<orc::ThreadSafeModule> &modules) {
  SmallString<128> temporary;
  if (std::error_code error = sys::fs::createUniqueDirectory("cairn", temporary)) {
    fail("no temporary directory: " + error.message());
    return false;
  }
  auto remove = atScopeExit([&] { sys::fs::remove_directories(temporary); });
  // Somebody has to say that an option is none.
  if (!options.flags.empty() && all_of(options.inputs, isIR) &&
      !compile(places, options, {"/dev/null", "c"}, (temporary + "/none.bc").str(), temporary))
    return false;
  for (const Input &input : options.inputs) {
    std::string path = input.path;
    if (!isIR(input) || path == "-") {
      path = (temporary + "/program.bc").str();
      if (!compile(places, options, input, path, temporary))
        return false;
    }
    auto context = std::make_unique<LLVMContext>();
    std::unique_ptr<Module> module = readModule(path, *context);
    if (!module)
      return false;
    module->setModuleIdentifier(input.path);
    if (options.fibers)
      markFibers(*module);
    modules.emplace_back(std::move(module), std::move(context));
  }
  return true;
}

static void runDestructors() {
  for (void (*destructor)() : destructors)
    destructor();
}

static bool findHooks(jit::Session &session, Hooks &hooks, std::vector<void (*)()> &functions) {
  for (auto &[priority, name] : hooks) {
    auto function = session.function<void()>(name);
    if (!function) {
      fail(toString(function.takeError()));
      return false;
    }
    functions.push_back(*function);
  }
  return true;
}

int run(const Places &places, const RunOptions &options) {
  if (options.inputs.empty())
    return fail("no input files; see cairn run --help");
  if (!options.output.empty())
    return fail("-o: cairn run writes no file; cairn build does");
  if (options.stage != Stage::Link)
    return fail("cairn run compiles and runs; -c, -S, -E and the like are for cairn build");
  if (!options.profile.empty() && options.heap == HeapBinding::Checked)
    return fail("--profile and --heap=checked: checked heaps are not sampled");
  if (!checkFiles(options.inputs))
    return 1;
  for (const Input &input : options.inputs)
    if (!isSource(input) && input.path != "-")
      return fail(input.path + ": is not C, C++ or LLVM IR");
  std::vector<orc::ThreadSafeModule> modules;
  if (!readInputs(places, options, modules) || !loadLibraries(options))
    return 1;

  jit::SessionOptions wish;
  wish.OptLevel = level(options);
  wish.Debugger = options.debug;
  wish.Perf = options.perf;
  wish.Checked = options.heap == HeapBinding::Checked;
  wish.Certify = options.certify;
  auto created = jit::Session::create(wish);
  if (!created)
    return fail(toString(created.takeError()));
  // It stays to the very end: other threads, and what runs at exit, are in its code.
  jit::Session &session = *created->release();

  Hooks before, after;
  for (auto [number, module] : enumerate(modules)) {
    module.withModuleDo([&, number = number](Module &m) {
      takeHooks(m, "llvm.global_ctors", number, before);
      takeHooks(m, "llvm.global_dtors", number, after);
    });
    if (Error error = session.add(options.inputs[number].path, std::move(module)))
      return fail(toString(std::move(error)));
  }
  auto main = session.function<int(int, char **, char **)>("main");
  if (!main)
    return fail(toString(main.takeError()));
  std::vector<void (*)()> constructors;
  if (!findHooks(session, before, constructors) || !findHooks(session, after, destructors))
    return 1;
  std::reverse(destructors.begin(), destructors.end());

  // The rest is the program's: its crashes, and what a closed pipe does to it.
  sys::unregisterHandlers();
  cairn_rt_watch_faults();
  if (!options.profile.empty()) {
    platform::prepareStacks();
    platform::Guard guard(processLock);
    if (!profileProcess(options.profile.c_str(), "--profile="))
      return 1;
  }
  if (options.stats && !getenv("CAIRN_STATS"))
    atexit(options.json ? [] { cairn_stats_print(nullptr, true); }
                        : [] { cairn_stats_print(nullptr, false); });
  atexit(runDestructors);
  for (void (*constructor)() : constructors)
    constructor();
  std::vector<char *> arguments;
  std::string name = options.inputs.front().path;
  arguments.push_back(name.data());
  append_range(arguments, options.arguments);
  arguments.push_back(nullptr);
  exit((*main)(int(arguments.size() - 1), arguments.data(), environ));
}

} // namespace cairn
