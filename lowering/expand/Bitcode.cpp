//===- Bitcode.cpp - The runtime's bitcode for a module ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/Bitcode.h"

#include "expand/EmbeddedPaths.h"
#include "expand/PackedPaths.h"
#include "ir/Compat.h"
#include "ir/Diagnostics.h"
#include "ir/Layout.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace cairn;

/// Of a module that names no machine: the one this runs on, as the code generator will take it.
static const CairnPaths *embeddedFor(const Triple &T, bool Checked) {
  switch (namesNoMachine(T) ? Triple(sys::getProcessTriple()).getArch() : T.getArch()) {
  case Triple::x86_64:
    return Checked ? &cairnCheckedX86_64 : &cairnPathsX86_64;
  case Triple::aarch64:
    return Checked ? &cairnCheckedAArch64 : &cairnPathsAArch64;
  case Triple::wasm32:
    return Checked ? nullptr : &cairnPathsWasm32;
  default:
    return nullptr;
  }
}

/// "LLVM22.1.8" and the like: who wrote the bitcode. Reading a newer one may fail
/// anywhere, so it is asked for first.
static bool checkProducer(Module &M, MemoryBufferRef Buffer) {
  Expected<std::string> Producer = getBitcodeProducerString(Buffer);
  if (!Producer) {
    reportError(M, "the runtime's bitcode '" + Buffer.getBufferIdentifier() +
                       "' cannot be read: " + toString(Producer.takeError()));
    return false;
  }
  StringRef Version = *Producer;
  unsigned Major = 0;
  if (Version.consume_front("LLVM") && !Version.consumeInteger(10, Major) &&
      Major == LLVM_VERSION_MAJOR)
    return true;
  reportError(M, "the runtime's bitcode '" + Buffer.getBufferIdentifier() + "' was written by " +
                     *Producer + ", this is LLVM" LLVM_VERSION_STRING);
  return false;
}

/// Whether \p Source fits the module; its target and layout become the module's.
static bool agree(Module &M, Module &Source) {
  const Triple T = tripleOf(M), Have = tripleOf(Source);
  if (T.getArch() != Triple::UnknownArch && Have.getArch() != T.getArch()) {
    reportError(M, "the runtime's bitcode is for '" + Have.str() + "', the module for '" + T.str() +
                       "'");
    return false;
  }
  if (M.getDataLayoutStr().empty()) // as llc does
    M.setDataLayout(Source.getDataLayout());
  if (std::string Why = layoutDisagreement(Source.getDataLayout(), M.getDataLayout());
      !Why.empty()) {
    reportError(M, "the runtime's bitcode ('" + Have.str() + "') has the data layout '" +
                       Source.getDataLayoutStr() + "', the module ('" + T.str() + "') has '" +
                       M.getDataLayoutStr() + "': " + Why);
    return false;
  }
  // The linker would warn of a vendor's name, and of what does not matter.
  setTriple(Source, T);
  Source.setDataLayout(M.getDataLayout());
  return true;
}

/// A module uses a few of the fast paths; their bodies are read when they are known.
static std::unique_ptr<Module> readFile(Module &M, StringRef Path) {
  auto Read = MemoryBuffer::getFile(Path);
  if (!Read) {
    reportError(M, "the runtime's bitcode '" + Path +
                       "' cannot be read: " + Read.getError().message());
    return nullptr;
  }
  if (!checkProducer(M, **Read))
    return nullptr;
  auto Source = getOwningLazyBitcodeModule(std::move(*Read), M.getContext());
  if (!Source) {
    reportError(M, "the runtime's bitcode '" + Path +
                       "' cannot be read: " + toString(Source.takeError()));
    return nullptr;
  }
  return std::move(*Source);
}

RuntimeCode cairn::readBitcode(Module &M, StringRef Path, bool Checked) {
  RuntimeCode Code;
  const Triple T = tripleOf(M);
  if (!Path.empty()) {
    Code.Source = readFile(M, Path);
  } else if (const CairnPaths *Embedded = embeddedFor(T, Checked)) {
    Code.Source = PackedPaths::open(ArrayRef(Embedded->begin, Embedded->size), Embedded->name,
                                    M.getContext(), Code.Packed);
  } else if (Checked && T.isWasm()) {
    reportError(M, "there are no checked heaps for WebAssembly");
  } else {
    reportError(M, "the runtime supports no target '" + (T.str().empty() ? "(none)" : T.str()) +
                       "', only x86_64, aarch64 and wasm32");
  }
  if (Code.Source && !agree(M, *Code.Source))
    return {};
  return Code;
}
