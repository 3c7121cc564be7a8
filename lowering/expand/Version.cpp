//===- Version.cpp - The ABI version that a module needs --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pointer in data rather than code: it costs nothing when the program runs. It is not
// constant: in a program that is not position-independent, read-only data would make the
// linker copy the symbol from a shared library.
//
//===----------------------------------------------------------------------===//
#include "expand/Version.h"

#include "cairn/abi.h"
#include "ir/Compat.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

void cairn::requireVersion(Module &M) {
  if (!tripleOf(M).isOSBinFormatELF())
    return;
  const std::string Name = "cairn_abi_" + std::to_string(kAbiVersion);
  // A descriptor of CAIRN_TYPE refers to it already, or another lowering of this module did.
  if (M.getNamedValue(Name))
    return;
  auto *Symbol = new GlobalVariable(M, Type::getInt8Ty(M.getContext()), /*isConstant=*/true,
                                    GlobalValue::ExternalLinkage, nullptr, Name);
  auto *Needs = new GlobalVariable(M, Symbol->getType(), /*isConstant=*/false,
                                   GlobalValue::InternalLinkage, Symbol, "cairn_needs_abi");
  appendToUsed(M, {Needs});
}
