//===- Bitcode.cpp - The runtime's bitcode for a module ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/Bitcode.h"

#include "expand/EmbeddedBitcode.h"
#include "ir/Compat.h"
#include "ir/Diagnostics.h"
#include "ir/Layout.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace cairn;

static MemoryBufferRef embedded(const CairnBitcode &B) {
  return {StringRef(reinterpret_cast<const char *>(B.begin), B.size), B.name};
}

/// Of a module that names no machine: the one this runs on, as the code generator will take it.
static const CairnBitcode *embeddedFor(const Triple &T, bool Checked) {
  switch (namesNoMachine(T) ? Triple(sys::getProcessTriple()).getArch() : T.getArch()) {
  case Triple::x86_64:
    return Checked ? &cairnCheckedX86_64 : &cairnBitcodeX86_64;
  case Triple::aarch64:
    return Checked ? &cairnCheckedAArch64 : &cairnBitcodeAArch64;
  case Triple::wasm32:
    return Checked ? nullptr : &cairnBitcodeWasm32;
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

std::unique_ptr<Module> cairn::readBitcode(Module &M, StringRef Path, bool Checked) {
  const Triple T = tripleOf(M);
  std::unique_ptr<MemoryBuffer> Owned;
  if (!Path.empty()) {
    auto Read = MemoryBuffer::getFile(Path);
    if (!Read) {
      reportError(M, "the runtime's bitcode '" + Path +
                         "' cannot be read: " + Read.getError().message());
      return nullptr;
    }
    Owned = std::move(*Read);
  } else if (const CairnBitcode *Embedded = embeddedFor(T, Checked)) {
    Owned = MemoryBuffer::getMemBuffer(embedded(*Embedded), /*RequiresNullTerminator=*/false);
  } else if (Checked && T.isWasm()) {
    reportError(M, "there are no checked heaps for WebAssembly");
    return nullptr;
  } else {
    reportError(M, "the runtime supports no target '" + (T.str().empty() ? "(none)" : T.str()) +
                       "', only x86_64, aarch64 and wasm32");
    return nullptr;
  }

  MemoryBufferRef Buffer = *Owned;
  if (!checkProducer(M, Buffer))
    return nullptr;
  // A module uses a few of the fast paths; their bodies are read when they are known.
  Expected<std::unique_ptr<Module>> Source =
      getOwningLazyBitcodeModule(std::move(Owned), M.getContext());
  if (!Source) {
    reportError(M, "the runtime's bitcode '" + Buffer.getBufferIdentifier() +
                       "' cannot be read: " + toString(Source.takeError()));
    return nullptr;
  }
  const Triple Have = tripleOf(**Source);
  if (T.getArch() != Triple::UnknownArch && Have.getArch() != T.getArch()) {
    reportError(M, "the runtime's bitcode is for '" + Have.str() + "', the module for '" + T.str() +
                       "'");
    return nullptr;
  }
  if (M.getDataLayoutStr().empty()) // as llc does
    M.setDataLayout((*Source)->getDataLayout());
  if (std::string Why = layoutDisagreement((*Source)->getDataLayout(), M.getDataLayout()); !Why.empty()) {
    reportError(M, "the runtime's bitcode ('" + Have.str() + "') has the data layout '" +
                       (*Source)->getDataLayoutStr() + "', the module ('" + T.str() + "') has '" +
                       M.getDataLayoutStr() + "': " + Why);
    return nullptr;
  }
  // The linker would warn of a vendor's name, and of what does not matter.
  setTriple(**Source, T);
  (*Source)->setDataLayout(M.getDataLayout());
  return std::move(*Source);
}
