//===- Symbols.cpp - The runtime's functions for JIT code, by name -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Symbols.h"

#define CAIRN_COMPAT_ORC
#include "ir/Compat.h"

#include <algorithm>
#include <string_view>

using namespace llvm;
using namespace cairn::jit;

// Each symbol under a name of its own here, whatever its type is elsewhere.
#define SYMBOL(i, name) extern "C" void symbol##i() __asm__(name);
#include "symbols.inc"
#undef SYMBOL

namespace {
struct Symbol {
  std::string_view Name;
  void (*Address)();
};
} // namespace

static constexpr Symbol kSymbols[] = {
#define SYMBOL(i, name) {name, symbol##i},
#include "symbols.inc"
#undef SYMBOL
};

static constexpr bool isBefore(const Symbol &A, const Symbol &B) { return A.Name < B.Name; }
static_assert(std::is_sorted(std::begin(kSymbols), std::end(kSymbols), isBefore));

void *cairn::jit::runtimeSymbol(StringRef Name) {
  const Symbol Wanted = {{Name.data(), Name.size()}, nullptr};
  const Symbol *At = std::lower_bound(std::begin(kSymbols), std::end(kSymbols), Wanted, isBefore);
  return At != std::end(kSymbols) && At->Name == Wanted.Name ? reinterpret_cast<void *>(At->Address)
                                                             : nullptr;
}

Error RuntimeSymbols::tryToGenerate(orc::LookupState &, orc::LookupKind, orc::JITDylib &JD,
                                    orc::JITDylibLookupFlags, const orc::SymbolLookupSet &Names) {
  orc::SymbolMap Found;
  for (auto &[Name, Flags] : Names)
    if (void *Address = runtimeSymbol(*Name))
      Found[Name] = {orc::ExecutorAddr::fromPtr(Address),
                     JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  return Found.empty() ? Error::success() : JD.define(orc::absoluteSymbols(std::move(Found)));
}
