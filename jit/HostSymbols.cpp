//===- HostSymbols.cpp - What JIT code finds in the process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostSymbols.h"

#define CAIRN_COMPAT_ORC
#include "ir/Compat.h"


#include <dlfcn.h>

using namespace llvm;
using namespace cairn::jit;

/// Of the library that this code is in, for a search of it and of what it needs. Null in an
/// executable: what that needs is global.
static void *ownLibrary() {
  static void *Handle = [] {
    Dl_info Info;
    return dladdr(reinterpret_cast<void *>(&ownLibrary), &Info)
               ? dlopen(Info.dli_fname, RTLD_LAZY | RTLD_NOLOAD)
               : nullptr;
  }();
  return Handle;
}

void *cairn::jit::hostSymbol(const char *Name) {
  if (void *Address = dlsym(RTLD_DEFAULT, Name))
    return Address;
  return ownLibrary() ? dlsym(ownLibrary(), Name) : nullptr;
}

Error HostLibraries::tryToGenerate(orc::LookupState &, orc::LookupKind, orc::JITDylib &JD,
                                   orc::JITDylibLookupFlags, const orc::SymbolLookupSet &Names) {
  orc::SymbolMap Found;
  for (auto &[Name, Flags] : Names) {
    if ((*Name).starts_with("cairn") || !ownLibrary())
      continue;
    // Thread-local variables have emulated names, which no library has.
    if (void *Address = dlsym(ownLibrary(), (*Name).str().c_str()))
      Found[Name] = {orc::ExecutorAddr::fromPtr(Address),
                     JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  }
  return Found.empty() ? Error::success() : JD.define(orc::absoluteSymbols(std::move(Found)));
}
