//===- ReferenceSpace.cpp - Whether the space of references is free --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "import/ReferenceSpace.h"

#include "import/Reports.h"
#include "ir/Compat.h"
#include "ir/Managed.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// Whether the code generator of \p T gives the space a meaning, after LLVM's documentation of
/// each target and its headers. From 256 on, spaces belong to code generators altogether: the
/// segments of x86 and pointers of 32 bits have numbers there.
static bool isTargets(const Triple &T, uint64_t Space) {
  if (T.isWasm())
    return Space == 1 || Space == 10 || Space == 20; // variables, externref, funcref
  if (T.isAMDGPU())
    return Space < 16 || (Space >= 128 && Space < 144);
  if (T.isNVPTX())
    return Space < 8 || Space == 101;
  if (T.isSPIR() || T.isSPIRV() || T.getArch() == Triple::dxil)
    return Space < 16;
  if (T.getArch() == Triple::avr)
    return Space < 8; // program memory
  if (T.isBPF() || T.isSystemZ())
    return Space == 1; // an arena; pointers of 32 bits
  return false;
}

/// An i32 module flag's value, or nothing after an error.
static std::optional<uint64_t> number(Module &M, StringRef Name, Reports &R) {
  auto *Flag = mdconst::dyn_extract_or_null<ConstantInt>(M.getModuleFlag(Name));
  if (Flag && Flag->getType()->isIntegerTy(32))
    return Flag->getZExtValue();
  R.error(M, "module flag '" + Name + "' is not an i32");
  return std::nullopt;
}

void cairn::checkReferenceSpace(Module &M, Reports &R) {
  if (M.getModuleFlag(kImmediatesFlag))
    number(M, kImmediatesFlag, R);
  if (!M.getModuleFlag(kSpaceFlag))
    return;
  const std::optional<uint64_t> Space = number(M, kSpaceFlag, R);
  if (!Space)
    return;
  const std::string Says = ("module flag '" + kSpaceFlag + "' is " + Twine(*Space)).str();
  const DataLayout &DL = M.getDataLayout();
  if (*Space == 0)
    return R.error(M, Says + ", the space of plain pointers; leave it out for " +
                          Twine(kReferenceSpace));
  if (*Space > 255)
    return R.error(M, Says + "; spaces from 256 on belong to code generators");
  if (isTargets(tripleOf(M), *Space) || *Space == DL.getAllocaAddrSpace() ||
      *Space == DL.getProgramAddressSpace() || *Space == DL.getDefaultGlobalsAddressSpace())
    return R.error(M, Says + ", which has a meaning for target '" + tripleOf(M).str() + "'");
  if (DL.getPointerSizeInBits(*Space) != DL.getPointerSizeInBits(0) ||
      DL.getIndexSizeInBits(*Space) != DL.getIndexSizeInBits(0))
    return R.error(M, Says + ", whose pointers have another size than plain ones");
}
