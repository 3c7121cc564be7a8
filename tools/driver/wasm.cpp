//===- wasm.cpp - cairn build for WebAssembly -----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// clang compiles each input to bitcode, with the fast paths inlined. wasm-ld has the
// runtime as bitcode too, and optimises the whole: addresses of free lists become
// constants, and what the program does not use of the runtime goes. With it goes a
// module of the driver's that fixes how far memory may grow, and says in a custom
// section `cairn` for which version of the ABI all this was made.
//
//===----------------------------------------------------------------------===//

#include "wasm.h"
#include "cairn/abi.h"
#include "ir/Compat.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace cairn {

namespace {

constexpr uint64_t kLeast = uint64_t(1) << 20; ///< Of --max-memory.
constexpr uint64_t kMost = (uint64_t(1) << 32) - kMemoryUnit;

/// What JavaScript calls of lists, dicts and byte arrays: cairn_...
constexpr const char *kContainers[] = {
    "alloc_byte_array", "alloc_list",   "is_list",           "list_length",     "list_elem_size",
    "list_kind",        "list_append",  "list_append_float", "list_append_ref", "list_get",
    "list_get_float",   "list_get_ref", "list_set",          "list_set_float",  "list_set_ref",
    "alloc_dict",       "is_dict",      "dict_length",       "dict_kind",       "dict_delete",
    "dict_cleanup",     "dict_next",    "dict_get",          "dict_get_int",    "dict_get_float",
    "dict_set",         "dict_set_int", "dict_set_float"};

/// Where Debian's wasi-libc is, or where CAIRN_WASI says.
std::string wasiRoot() {
  if (auto named = sys::Process::GetEnv("CAIRN_WASI"); named && !named->empty())
    return *named;
  return "/usr";
}

/// A file that a package brings; empty after a message that names it.
std::string need(std::string path, StringRef package) {
  if (sys::fs::exists(path))
    return path;
  fail(path + " is not there; the Debian package " + package + " brings it");
  return "";
}

/// The wasm-ld beside clang, or one on PATH.
std::string findLinker(const Places &places) {
  SmallString<256> real;
  if (!sys::fs::real_path(places.clang, real)) {
    std::string beside = (sys::path::parent_path(real) + "/wasm-ld").str();
    if (sys::fs::can_execute(beside))
      return beside;
  }
  const char *package = "; the Debian package lld-" CAIRN_LLVM_MAJOR " brings it";
  if (auto found = sys::findProgramByName("wasm-ld-" CAIRN_LLVM_MAJOR))
    return *found;
  if (auto found = sys::findProgramByName("wasm-ld")) {
    if (checkVersion(*found, "--version", *found,
                     ": it needs wasm-ld-" CAIRN_LLVM_MAJOR + Twine(package)))
      return *found;
    return "";
  }
  fail("wasm-ld-" CAIRN_LLVM_MAJOR " is not installed" + Twine(package));
  return "";
}

/// "16M" as bytes; 0 after a message.
uint64_t parseMemory(StringRef text) {
  StringRef digits = text;
  uint64_t unit = 1, n;
  if (digits.consume_back("K"))
    unit = 1 << 10;
  else if (digits.consume_back("M"))
    unit = 1 << 20;
  else if (digits.consume_back("G"))
    unit = 1 << 30;
  if (digits.getAsInteger(10, n) || n > (uint64_t(1) << 33) / unit) {
    fail("--max-memory=" + text + ": is not a number of bytes, such as 16M or 2G");
    return 0;
  }
  // 4 GiB itself does not fit a 32-bit length.
  n = n * unit == kMost + kMemoryUnit ? kMost
                                      : (n * unit + kMemoryUnit - 1) / kMemoryUnit * kMemoryUnit;
  if (n >= kLeast && n <= kMost)
    return n;
  fail("--max-memory=" + text + ": is not between 1M and 4G");
  return 0;
}

/// The module that says how far memory may grow, and what all was made for.
bool writeLimits(StringRef path, const std::string &triple, uint64_t memory) {
  LLVMContext context;
  Module module("cairn", context);
  setTriple(module, Triple(triple));
  module.setDataLayout(dataLayoutFor(tripleOf(module)));
  auto *byte = Type::getInt8Ty(context), *word = Type::getInt32Ty(context);
  auto *marks = ArrayType::get(byte, memory >> kPageShift);
  for (const char *name : {"cairn_rt_marks", "cairn_rt_libc_marks", "cairn_rt_starts"})
    new GlobalVariable(module, marks, false, GlobalValue::ExternalLinkage,
                       ConstantAggregateZero::get(marks), name);
  new GlobalVariable(module, word, true, GlobalValue::ExternalLinkage,
                     ConstantInt::get(word, memory >> kPageShift), "cairn_rt_mark_count");
  std::string about = ("{\"abi\":" + Twine(kAbiVersion) +
                       ",\"version\":\"" CAIRN_VERSION "\",\"maxMemory\":" + Twine(memory) + "}")
                          .str();
  module.getOrInsertNamedMetadata("wasm.custom_sections")
      ->addOperand(
          MDNode::get(context, {MDString::get(context, "cairn"), MDString::get(context, about)}));
  return writeFile(path, [&](raw_ostream &out) { WriteBitcodeToFile(module, out); });
}

} // namespace

std::vector<std::string> wasmFlags(const Places &places, const Triple &target) {
  std::vector<std::string> flags{"-nostdlibinc"};
  if (!kWasmCopiesByDefault) // there is no libc to call
    flags.push_back("-mbulk-memory");
  if (!target.isOSWASI()) {
    flags.push_back("-ffreestanding");
    return flags;
  }
  // With the headers of wasi-libc, or none but clang's own. A newer one has setjmp.h.
  flags.insert(flags.end(), {"-mexception-handling", // for longjmp
                             "-idirafter", wasiRoot() + "/include/wasm32-wasi", "-idirafter",
                             places.own + "/cairn-wasm32-wasi"});
  return flags;
}

int linkWasm(const Places &places, const BuildOptions &options, const Triple &target,
             const std::vector<std::string> &compile, StringRef temporary) {
  bool wasi = target.isOSWASI();
  uint64_t memory = parseMemory(options.maxMemory);
  std::string linker = findLinker(places);
  std::string runtime = places.own + (wasi ? "/libcairn-wasm32-wasi" : "/libcairn-wasm32");
  // Of what is in both, the linker takes the first.
  std::vector<std::string> runtimes = {runtime + ".a"};
  if (!options.small())
    runtimes.insert(runtimes.begin(), runtime + "-O2.a");
  if (!memory || linker.empty())
    return 1;
  for (const std::string &library : runtimes)
    if (!sys::fs::exists(library))
      return fail("no runtime library for " + target.str() + ": " + library + " does not exist");
  for (const std::string &flag : options.flags)
    if (flag == "-shared" || flag == "-static")
      return fail(flag + ": there are no shared libraries for " + target.str());

  std::vector<std::string> command = {linker, "-o", options.output};
  std::string start, libc, builtins;
  if (wasi) {
    std::string lib = wasiRoot() + "/lib/wasm32-wasi";
    SmallString<256> real;
    if (std::error_code error = sys::fs::real_path(places.clang, real))
      return fail(places.clang + ": " + error.message());
    std::string resources =
        (sys::path::parent_path(real) + "/../lib/clang/" CAIRN_LLVM_MAJOR "/lib/wasi").str();
    start = need(lib + "/crt1-command.o", "wasi-libc");
    libc = start.empty() ? "" : need(lib + "/libc.a", "wasi-libc");
    if (libc.empty())
      return 1;
    builtins = need(resources + "/libclang_rt.builtins-wasm32.a",
                    "libclang-rt-" CAIRN_LLVM_MAJOR "-dev-wasm32");
    if (builtins.empty())
      return 1;
    command.insert(command.end(), {start, "-z", "stack-size=262144", "-L", lib, "-mllvm",
                                   "-wasm-enable-sjlj", "-mllvm", "-exception-model=wasm"});
  } else {
    command.insert(command.end(), {"--no-entry", "--export-if-defined=main"});
  }
  // At every level: clang has marked each function of the program with what its level
  // means, and only this leaves out what the program does not use.
  command.insert(command.end(),
                 {"--lto-O2", "--max-memory=" + std::to_string(memory), "--stack-first"});
  if (!is_contained(options.flags, "-g"))
    command.push_back("--strip-all");
  for (const std::string &name : options.exports)
    command.push_back("--export=" + name);
  if (options.containers)
    for (const char *name : kContainers)
      command.push_back(std::string("--export=cairn_") + name);
  if (options.js)
    command.insert(command.end(), {"--undefined=cairn_js_alloc", "--export=__stack_pointer"});
  StringRef before;
  for (StringRef flag : options.flags) {
    if (flag.starts_with("-L") || before == "-Xlinker") {
      command.push_back(flag.str());
    } else if (flag.consume_front("-Wl,")) {
      SmallVector<StringRef> parts;
      flag.split(parts, ',');
      for (StringRef part : parts)
        command.push_back(part.str());
    }
    before = flag;
  }

  unsigned number = 0;
  for (const Input &object : options.objects) {
    if (object.isLibrary() || (object.path != "-" && !isSource(object))) {
      command.push_back(object.path);
      continue;
    }
    std::string part = (temporary + "/" + Twine(number++) + ".bc").str();
    std::vector<std::string> one = compile;
    // Fast paths are inlined here: wasm-ld loads no plugin for a later chance.
    if (!object.language.empty())
      one.insert(one.end(), {"-x", object.language});
    one.insert(one.end(), {"-fno-lto", "-c", "-emit-llvm", object.path, "-o", part});
    if (options.verbose)
      printCommand(one);
    if (int status = runClang(one, temporary))
      return status;
    command.push_back(part);
  }
  std::string limits = (temporary + "/cairn-limits.bc").str();
  if (!writeLimits(limits, target.str(), memory))
    return 1;
  command.push_back(limits);
  append_range(command, runtimes);
  if (wasi)
    command.insert(command.end(), {libc, builtins});
  if (options.verbose)
    printCommand(command);
  return runClang(command, temporary);
}

} // namespace cairn
