//===- Layout.cpp - What of a module's header matters -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Layout.h"

#include "llvm/ADT/Twine.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

bool cairn::namesNoMachine(const Triple &T) {
  return T.getArch() == Triple::UnknownArch &&
         (T.getArchName().empty() || T.getArchName() == "unknown");
}

std::string cairn::layoutDisagreement(const DataLayout &Ours, const DataLayout &Theirs) {
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
