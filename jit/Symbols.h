//===- Symbols.h - The runtime's functions for JIT code, by name -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Taken from a list and not from the process: an interpreter loads its extensions
// where no process-wide search sees them.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_SYMBOLS_H
#define CAIRN_JIT_SYMBOLS_H

#include "llvm/ExecutionEngine/Orc/Core.h"

namespace cairn::jit {

/// The address of a function or variable of cairn.h, of an intrinsic as a function, or of what
/// lowered code calls; null if the runtime has nothing of this name.
void *runtimeSymbol(llvm::StringRef Name);

/// Finds these. A session looks up a few of the hundreds that there are.
class RuntimeSymbols : public llvm::orc::DefinitionGenerator {
public:
  llvm::Error tryToGenerate(llvm::orc::LookupState &, llvm::orc::LookupKind,
                            llvm::orc::JITDylib &JD, llvm::orc::JITDylibLookupFlags,
                            const llvm::orc::SymbolLookupSet &Names) override;
};

} // namespace cairn::jit

#endif // CAIRN_JIT_SYMBOLS_H
