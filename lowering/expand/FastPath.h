//===- FastPath.h - The runtime's fast paths as bitcode ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hands out declarations of the fast paths (FastPaths.def) from the runtime's bitcode, links
// the bodies that were asked for and inlines them. Invariant: every prototype and calling
// convention of a `cairn_fast_*` or `cairn_rt_*` function comes from the bitcode, and
// no `cairn_fast_*` function is left in the module afterwards.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FASTPATH_H
#define CAIRN_LOWERING_FASTPATH_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/DerivedTypes.h"

#include <memory>
#include <set>
#include <string>

namespace llvm {
class GlobalValue;
class Module;
} // namespace llvm

namespace cairn {

class PackedPaths;
struct RuntimeCode;

enum class FastPathID : unsigned {
#define CAIRN_FAST_PATH(ID, NAME, SIGNATURE, TARGETS) ID,
#include "expand/FastPaths.def"
};

const char *nameOf(FastPathID ID);

class FastPath {
public:
  /// The fast paths for \p M, from \p Path or, if that is empty, the embedded ones;
  /// null after an error was reported. All that FastPaths.def names are there, as it says.
  /// `Checked`: those that look at everything, and take the call's place (CheckSites.h).
  static std::unique_ptr<FastPath> load(llvm::Module &M, llvm::StringRef Path, bool Checked);
  ~FastPath();

  bool isChecked() const { return Checked; }
  /// Whether the target has the fast path: one for NotWasm may be absent.
  bool has(FastPathID ID) const;
  /// A declaration in the module of a fast path that the target has.
  llvm::FunctionCallee get(FastPathID ID);

  /// Links the fast paths that were asked for, inlines all their calls, and removes
  /// them and what they alone declared. False after an error was reported.
  bool inlineAll();

private:
  FastPath(llvm::Module &M, RuntimeCode Code, bool Checked);
  /// Of this name, in the source; null if there is none.
  llvm::GlobalValue *find(llvm::StringRef Name) const;
  bool agreeOnDeclarations();
  /// Reads what was asked for, and what it calls.
  bool readBodies();
  void removeLeftovers();

  llvm::Module &M;
  std::unique_ptr<llvm::Module> Source;
  PackedPaths *const Packed; ///< Fills the source, and goes with it; null if that is bitcode.
  const bool Checked;
  std::set<std::string> Fast;    ///< Asked for.
  std::set<std::string> Runtime; ///< What the bitcode declares.
};

} // namespace cairn

#endif // CAIRN_LOWERING_FASTPATH_H
