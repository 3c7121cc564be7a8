//===- ThreadLocals.h - Thread-local variables of JIT code -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_THREADLOCALS_H
#define CAIRN_JIT_THREADLOCALS_H

#include "llvm/ExecutionEngine/Orc/Core.h"

namespace cairn::jit {

struct Unit;

/// The code generator's name for what describes a thread-local variable of this name.
std::string threadLocalSymbol(llvm::StringRef Variable);

/// __emutls_get_address: the calling thread's copy of the variable so described.
void *threadLocalAddress(void *Description);

/// Frees every thread's copies of a module's variables. No thread may be using them.
void releaseThreadLocals(Unit &U);

/// Finds the process's own thread-local variables, for modules that declare them.
class HostThreadLocals : public llvm::orc::DefinitionGenerator {
public:
  llvm::Error tryToGenerate(llvm::orc::LookupState &, llvm::orc::LookupKind,
                            llvm::orc::JITDylib &JD, llvm::orc::JITDylibLookupFlags,
                            const llvm::orc::SymbolLookupSet &Names) override;
};

} // namespace cairn::jit

#endif // CAIRN_JIT_THREADLOCALS_H
