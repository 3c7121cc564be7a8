//===- AtLink.cpp - Counts that a link inserts ------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/AtLink.h"

#include "import/Annotations.h"
#include "ir/Managed.h"
#include "ir/Marks.h"
#include "pipeline/MixedTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"

#include <array>

using namespace llvm;
using namespace cairn;

/// Those that `optnone` needs, and those that it excludes.
static constexpr Attribute::AttrKind kChanged[] = {Attribute::OptimizeNone, Attribute::NoInline,
                                                   Attribute::AlwaysInline, Attribute::MinSize,
                                                   Attribute::OptimizeForSize};

bool cairn::mayLeaveToLink(const Module &M) {
  return none_of(M, [](const Function &F) {
    return any_of(std::array{Attribute::SanitizeAddress, Attribute::SanitizeHWAddress,
                             Attribute::SanitizeMemory, Attribute::SanitizeThread},
                  [&](Attribute::AttrKind Kind) { return F.hasFnAttribute(Kind); });
  });
}

void cairn::leaveToLink(Module &M, ArrayRef<Function *> Functions) {
  if (Functions.empty())
    return;
  for (Function *F : Functions) {
    SmallVector<StringRef, 4> Had;
    for (Attribute::AttrKind Kind : kChanged)
      if (F->hasFnAttribute(Kind)) {
        Had.push_back(Attribute::getNameFromAttrKind(Kind));
        F->removeFnAttr(Kind);
      }
    F->addFnAttr(kCountedAtLink, join(Had, " "));
    F->addFnAttr(Attribute::OptimizeNone);
    F->addFnAttr(Attribute::NoInline);
  }
  recordTypes(M, Functions);
  addMarker(M);
}

void cairn::takeFromCompile(Module &M) {
  takeVariables(M);
  for (Function &F : M) {
    if (!F.hasFnAttribute(kCountedAtLink))
      continue;
    const StringRef Had = F.getFnAttribute(kCountedAtLink).getValueAsString();
    for (Attribute::AttrKind Kind : kChanged)
      F.removeFnAttr(Kind);
    for (StringRef Name : split(Had, ' '))
      if (is_contained(kChanged, Attribute::getAttrKindFromName(Name)))
        F.addFnAttr(Attribute::getAttrKindFromName(Name));
    F.removeFnAttr(kCountedAtLink);
  }
}
