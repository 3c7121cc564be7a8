//===- Disjoint.cpp - Accesses that cannot overlap, by metadata -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Disjoint.h"

#include "ir/Compat.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/MemoryLocation.h"
#include "llvm/Analysis/ScopedNoAliasAA.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TypeBasedAliasAnalysis.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace cairn;

bool check::disjoint(const Instruction &A, const Instruction &B) {
  if (!isa<LoadInst, StoreInst>(A) || !isa<LoadInst, StoreInst>(B) ||
      !A.hasMetadataOtherThanDebugLoc() || !B.hasMetadataOtherThanDebugLoc())
    return false;
  static const TargetLibraryInfoImpl NoLibrary{Triple()};
  TargetLibraryInfo TLI(NoLibrary);
  TypeBasedAAResult ByType = typeBasedAliases();
  ScopedNoAliasAAResult ByScope;
  AAResults AA(TLI);
  AA.addAAResult(ByType);
  AA.addAAResult(ByScope);
  return AA.isNoAlias(MemoryLocation::get(&A), MemoryLocation::get(&B));
}
