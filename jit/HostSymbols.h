//===- HostSymbols.h - What JIT code finds in the process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The process's global symbols come first. Where this code is in a library that was loaded
// for itself (RTLD_LOCAL, as Python loads an extension), the libraries that it needs, the C++
// library among them, are not global; they are searched after that.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_HOSTSYMBOLS_H
#define CAIRN_JIT_HOSTSYMBOLS_H

#include "llvm/ExecutionEngine/Orc/Core.h"

namespace cairn::jit {

/// The address of a symbol of the process, or of a library that this code needs; null if
/// there is none.
void *hostSymbol(const char *Name);

/// Finds the symbols of the libraries that this code needs.
class HostLibraries : public llvm::orc::DefinitionGenerator {
public:
  llvm::Error tryToGenerate(llvm::orc::LookupState &, llvm::orc::LookupKind,
                            llvm::orc::JITDylib &JD, llvm::orc::JITDylibLookupFlags,
                            const llvm::orc::SymbolLookupSet &Names) override;
};

} // namespace cairn::jit

#endif // CAIRN_JIT_HOSTSYMBOLS_H
