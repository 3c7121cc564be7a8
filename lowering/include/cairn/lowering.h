//===- lowering.h - Adding Cairn's passes to a PassBuilder ----*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C++ door of the lowering. It names LLVM types only by declaration, so that
// including it pulls nothing in but LLVM's version.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_H
#define CAIRN_LOWERING_H

#include "cairn/llvm_version.h"

#include <string>

namespace llvm {
class PassBuilder;
} // namespace llvm

namespace cairn {

struct LoweringOptions {
  /// Bitcode of the fast paths to use in place of the embedded one; empty for
  /// the embedded one. A debug runtime comes in here.
  std::string BitcodePath;
  /// Let the module refer to the symbol of its ABI version, so that it does not link
  /// with a runtime of another one. Of use where modules become files.
  bool RequireVersion = true;
};

/// Registers `cairn-import`, `cairn-elide` and `cairn-lower` by name and at the
/// extension points where they belong (docs/passes.md).
void registerPasses(llvm::PassBuilder &PB, const LoweringOptions &Options = {});

} // namespace cairn

#endif // CAIRN_LOWERING_H
