//===- Unit.cpp - A module, from its compilation to the end of its memory -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Unit.h"

using namespace llvm;
using namespace cairn::jit;

const Unit::Part *Unit::partAt(uintptr_t Address) const {
  auto After = upper_bound(Parts, Address, [](uintptr_t A, const Part &P) { return A < P.From; });
  if (After == Parts.begin())
    return nullptr;
  const Part &P = *std::prev(After);
  // The end of one is taken for it: a symbol may be empty.
  return Address <= P.To ? &P : nullptr;
}

bool Unit::isKept(uintptr_t Address) const {
  if (KeptParts.empty())
    return true;
  const Part *P = partAt(Address);
  return P && KeptParts[size_t(P - Parts.data())];
}

SmallVector<Unit::Range, 4> Unit::rangesThat(bool Stay) const {
  if (KeptParts.empty())
    return Stay ? Ranges : SmallVector<Range, 4>();
  SmallVector<Range, 4> Found;
  for (auto [Kept, P] : zip(KeptParts, Parts))
    if (Kept == Stay)
      Found.push_back({P.From, P.To});
  return Found;
}
