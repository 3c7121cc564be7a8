//===- Symbols.cpp - The runtime's functions for JIT code, by name -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Symbols.h"

// Each symbol under a name of its own here, whatever its type is elsewhere.
#define SYMBOL(i, name) extern "C" void symbol##i() __asm__(name);
#include "symbols.inc"
#undef SYMBOL

const std::vector<std::pair<const char *, void *>> &cairn::jit::runtimeSymbols() {
  static const std::vector<std::pair<const char *, void *>> symbols = {
#define SYMBOL(i, name) {name, reinterpret_cast<void *>(&symbol##i)},
#include "symbols.inc"
#undef SYMBOL
  };
  return symbols;
}
