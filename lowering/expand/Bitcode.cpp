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
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace cairn;

static MemoryBufferRef embedded(const CairnBitcode &B) {
  return {StringRef(reinterpret_cast<const char *>(B.begin), B.size), B.name};
}

/// Of a module that names no machine ("unknown-unknown-unknown", or nothing): the one this
/// runs on, as the code generator will take it.
static const CairnBitcode *embeddedFor(const Triple &T) {
  const bool Named = T.getArch() != Triple::UnknownArch;
  if (!Named && !T.getArchName().empty() && T.getArchName() != "unknown")
    return nullptr;
  switch (Named ? T.getArch() : Triple(sys::getProcessTriple()).getArch()) {
  case Triple::x86_64:
    return &cairnBitcodeX86_64;
  case Triple::aarch64:
    return &cairnBitcodeAArch64;
  case Triple::wasm32:
    return &cairnBitcodeWasm32;
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

/// In what the layouts differ of what the fast paths, the runtime's records and the calls of
/// its functions rest on; empty if in nothing. Some frontends write layouts that lack what
/// LLVM added later (the alignment of 128-bit integers), or lists of native integers.
static std::string disagreement(const DataLayout &Ours, const DataLayout &Theirs) {
  auto Differ = [](const Twine &What, uint64_t Ours, uint64_t Theirs) {
    return (What + " is " + Twine(Ours) + " bits in the bitcode, " + Twine(Theirs) +
            " in the module")
        .str();
  };
  if (Ours.isLittleEndian() != Theirs.isLittleEndian())
    return "the byte order differs";
  if (Ours.getPointerSizeInBits(0) != Theirs.getPointerSizeInBits(0))
    return Differ("a pointer", Ours.getPointerSizeInBits(0), Theirs.getPointerSizeInBits(0));
  if (Ours.getIndexSizeInBits(0) != Theirs.getIndexSizeInBits(0))
    return Differ("a pointer's index", Ours.getIndexSizeInBits(0), Theirs.getIndexSizeInBits(0));
  if (Ours.getPointerABIAlignment(0) != Theirs.getPointerABIAlignment(0))
    return Differ("a pointer's alignment", Ours.getPointerABIAlignment(0).value() * 8,
                  Theirs.getPointerABIAlignment(0).value() * 8);
  for (unsigned Bits : {8, 16, 32, 64})
    if (Align Mine = Ours.getABIIntegerTypeAlignment(Bits),
        Other = Theirs.getABIIntegerTypeAlignment(Bits);
        Mine != Other)
      return Differ("the alignment of i" + Twine(Bits), Mine.value() * 8, Other.value() * 8);
  if (Ours.getAllocaAddrSpace() != Theirs.getAllocaAddrSpace() ||
      Ours.getProgramAddressSpace() != Theirs.getProgramAddressSpace() ||
      Ours.getDefaultGlobalsAddressSpace() != Theirs.getDefaultGlobalsAddressSpace())
    return "the address space of variables or functions differs";
  if (Theirs.isNonIntegralAddressSpace(0))
    return "its pointers are not integral";
  // A layout may leave the object format's names open.
  if (Theirs.getStringRepresentation().find("m:") != std::string::npos &&
      StringRef(Ours.getPrivateGlobalPrefix()) != Theirs.getPrivateGlobalPrefix())
    return "the mangling of names differs";
  return {};
}

std::unique_ptr<Module> cairn::readBitcode(Module &M, StringRef Path) {
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
  } else if (const CairnBitcode *Embedded = embeddedFor(T)) {
    Owned = MemoryBuffer::getMemBuffer(embedded(*Embedded), /*RequiresNullTerminator=*/false);
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
  if (std::string Why = disagreement((*Source)->getDataLayout(), M.getDataLayout()); !Why.empty()) {
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
