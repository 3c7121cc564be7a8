//===- Parts.cpp - The references of an aggregate ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Parts.h"

#include "insert/RefFields.h"
#include "ir/Managed.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

#include <set>

using namespace llvm;
using namespace cairn;

using Path = SmallVector<unsigned, 4>;

/// Where an insert or extract works; none if that is not constant.
template <typename ValueT> static std::optional<Path> placeOf(const ValueT &I, unsigned IndexAt) {
  auto *Index = dyn_cast<ConstantInt>(I.getOperand(IndexAt));
  return Index ? std::optional(Path{unsigned(Index->getZExtValue())}) : std::nullopt;
}

/// Whether a later insertion was at \p At or around it.
static bool isFilled(const Path &At, const std::set<Path> &Filled) {
  for (Path Around = At; !Around.empty(); Around.pop_back())
    if (Filled.count(Around))
      return true;
  return false;
}

static bool collectParts(Value *Whole, Path &At, std::set<Path> &Filled, const References &R,
                         function_ref<void(Value *)> Do) {
  const size_t Depth = At.size();
  // From the last insertion to the first: what was inserted earlier at a place is gone.
  while (!isa<Constant>(Whole)) {
    if (R.is(Whole)) {
      if (Filled.insert(At).second)
        Do(Whole);
      return true;
    }
    if (!R.in(Whole->getType()))
      return true;
    Value *Rest, *Part;
    if (auto *Insert = dyn_cast<InsertValueInst>(Whole)) {
      At.append(Insert->idx_begin(), Insert->idx_end());
      Rest = Insert->getAggregateOperand();
      Part = Insert->getInsertedValueOperand();
    } else if (auto *Lane = dyn_cast<InsertElementInst>(Whole)) {
      std::optional<Path> Place = placeOf(*Lane, 2);
      if (!Place)
        return false;
      At.push_back(Place->front());
      Rest = Lane->getOperand(0);
      Part = Lane->getOperand(1);
    } else {
      return false;
    }
    const bool Complete = isFilled(At, Filled) || collectParts(Part, At, Filled, R, Do);
    // A constant part hides what was inserted there before.
    Filled.insert(At);
    At.truncate(Depth);
    if (!Complete)
      return false;
    Whole = Rest;
  }
  return true;
}

bool cairn::forEachPart(Value *Whole, const References &R, function_ref<void(Value *)> Do) {
  Path At;
  std::set<Path> Filled;
  return collectParts(Whole, At, Filled, R, Do);
}

bool cairn::isTakenApart(Value &Whole, const References &R) {
  std::set<Path> Extracted;
  for (User *U : Whole.users()) {
    std::optional<Path> Place;
    if (auto *Extract = dyn_cast<ExtractValueInst>(U))
      Place.emplace(Extract->idx_begin(), Extract->idx_end());
    else if (auto *Lane = dyn_cast<ExtractElementInst>(U))
      Place = placeOf(*Lane, 1);
    if (!Place)
      return false;
    if (R.is(U) && !Extracted.insert(*Place).second)
      return false;
    if (!R.is(U) && R.in(U->getType()))
      return false;
  }
  return Extracted.size() == numRefsIn(Whole.getType(), R);
}
