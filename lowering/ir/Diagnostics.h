//===- Diagnostics.h - Errors that name the function and the instruction --*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Errors go to the module's context, so that opt, clang and lld print them their own
// way and fail. Invariant: what is reported is left in the module as it was.
//
// A host that has a better place for them than standard error collects them.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_DIAGNOSTICS_H
#define CAIRN_LOWERING_DIAGNOSTICS_H

#include "llvm/ADT/Twine.h"

#include <functional>
#include <string>
#include <vector>

namespace llvm {
class DiagnosticInfo;
class Instruction;
class LLVMContext;
class Module;
} // namespace llvm

namespace cairn {

/// An error at \p I: names its function, prints it, and gives its line if known.
void reportError(const llvm::Instruction &I, const llvm::Twine &Message);
/// An error in no one instruction.
void reportError(llvm::Module &M, const llvm::Twine &Message);

/// Whether an error was reported in \p C, by anybody.
bool hasReportedErrors(const llvm::LLVMContext &C);

/// What \p DI says, without the place and without a line's end.
std::string textOf(const llvm::DiagnosticInfo &DI);

/// Takes the diagnostics of a context as long as it lives, and puts the context's own
/// handler back. One at a time in a context, or nested; not to be moved.
class DiagnosticCollector {
public:
  /// Is told of each diagnostic. False hands it on to the context's own handler.
  using Sink = std::function<bool(const llvm::DiagnosticInfo &)>;

  /// Hands on what is no error.
  explicit DiagnosticCollector(llvm::LLVMContext &C);
  DiagnosticCollector(llvm::LLVMContext &C, Sink To);
  ~DiagnosticCollector();
  DiagnosticCollector(const DiagnosticCollector &) = delete;
  DiagnosticCollector &operator=(const DiagnosticCollector &) = delete;

  /// Whether there was an error.
  bool failed() const { return !Errors.empty(); }
  /// The texts of all errors, \p Separator between them.
  std::string errors(llvm::StringRef Separator) const;

private:
  class Handler;

  llvm::LLVMContext &C;
  Handler *Installed; ///< The context owns it.
  std::vector<std::string> Errors;
};

} // namespace cairn

#endif // CAIRN_LOWERING_DIAGNOSTICS_H
