//===- AtLink.cpp - Counts that a link inserts ------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/AtLink.h"

#include "import/Annotations.h"
#include "ir/Marks.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// Those that `optnone` needs, and those that it excludes.
static constexpr Attribute::AttrKind kChanged[] = {Attribute::OptimizeNone, Attribute::NoInline,
                                                   Attribute::AlwaysInline, Attribute::MinSize,
                                                   Attribute::OptimizeForSize};

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
  addMarker(M);
}

void cairn::takeFromCompile(Module &M) {
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
