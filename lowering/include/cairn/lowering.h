//===- lowering.h - Adding Cairn's passes to a PassBuilder ----*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lowering for callers in C++. LLVM's types are only declared here, so that including
// this header includes nothing of LLVM but its version.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_H
#define CAIRN_LOWERING_H

#include "cairn/llvm_version.h"

#include <string>

namespace llvm {
class Module;
class PassBuilder;
} // namespace llvm

namespace cairn {

struct LoweringOptions {
  /// A file with bitcode of the fast paths, to use in place of the embedded bitcode; empty:
  /// the embedded one. A runtime for debugging can be used in this way.
  std::string BitcodePath;
  /// Let the module refer to the symbol of its ABI version, so that it does not link with a
  /// runtime of another version. That is of use where modules are written to object files.
  bool RequireVersion = true;
  /// Give a module with static objects (cairn/static.h) a constructor that tells the runtime of
  /// them, if it has none. A linker for code in memory may tell it instead.
  bool RegisterStatics = true;
  /// Let the certifier (cairn/certify.h) look at every function with managed references when
  /// its counts have been inserted. What it finds is an error.
  bool Certify = false;
  /// Leave the counts to a link with full LTO that runs these passes too, so that they are decided
  /// for all modules in one; at -O0, they are not left. A link without the passes fails: a symbol
  /// is undefined.
  bool CountAtLink = false;
  /// Let the program count the increfs, decrefs, last releases and allocations of objects that
  /// each function executes, and print a table to standard error at exit. Not for WebAssembly.
  bool CountOps = false;
  /// At -O0, let functions of the library make and count objects, in place of copies of the fast
  /// paths. That is shorter to compile, and slower to run. Programs with checks are as ever.
  bool CallRuntime = false;
  /// Let every call look at all that it is given, and name its place to the runtime; the
  /// process's heaps are checked ones. A module that has the flag "cairn-checked" (i32, behaviour
  /// max) is lowered in this way as well. Not for WebAssembly.
  bool Checked = false;
};

/// Registers Cairn's passes by name and at the extension points where they belong
/// (docs/passes.md). A program that builds a pipeline of its own runs "cairn-import" and
/// "cairn-managed" before all of LLVM's passes, and "cairn-lower" after them.
void registerPasses(llvm::PassBuilder &PB, const LoweringOptions &Options = {});

/// Before the lowering: every function that the module defines may be in another thread after
/// a call than before it, as those of fibers are (docs/passes.md). It gives each the attribute
/// "cairn-fibers", and the module the flag of that name.
void markFibers(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_H
