//===- Annotations.cpp - What cairn/managed.h leaves in a module --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "import/Annotations.h"

#include "import/Reports.h"
#include "ir/Managed.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;
using namespace cairn;

static constexpr StringLiteral kAnnotations = "llvm.global.annotations";
static constexpr StringLiteral kNeedsThePass = "cairn_needs_the_managed_pass";

/// Function and text of an annotation; no function where it is of something else.
static std::pair<Function *, StringRef> annotation(const Constant &Entry) {
  auto *Struct = dyn_cast<ConstantStruct>(&Entry);
  StringRef Text;
  if (!Struct || Struct->getNumOperands() < 2 ||
      !getConstantStringInfo(Struct->getOperand(1), Text))
    return {};
  return {dyn_cast<Function>(Struct->getOperand(0)->stripPointerCasts()), Text};
}

/// Puts the attribute \p Name on what \p Number names: 0 is the result, and parameters count from
/// 1 without an sret. False if there is no such thing.
static bool mark(Function &F, StringRef Name, StringRef Number, Reports &R) {
  Module &M = *F.getParent();
  const StringRef Other = Name == kOwned ? kBorrowed : kOwned;
  const References Refs(M);
  auto Wrong = [&](const Twine &Why) {
    R.error(M, Name + "(" + Number + ") on function '" + F.getName() + "': " + Why);
    return false;
  };
  unsigned N;
  if (Number.getAsInteger(10, N))
    return Wrong("positions are numbers, 0 for the result and from 1 for parameters");
  const unsigned Hidden = F.arg_size() && F.hasParamAttribute(0, Attribute::StructRet) ? 1 : 0;
  if (N > F.arg_size() - Hidden)
    return Wrong("it has " + Twine(F.arg_size() - Hidden) + " parameters");
  const unsigned Index =
      N ? AttributeList::FirstArgIndex + N - 1 + Hidden : unsigned(AttributeList::ReturnIndex);
  Type *T = N ? F.getArg(N - 1 + Hidden)->getType() : F.getReturnType();
  if (!Refs.in(T))
    return Wrong(N ? "the parameter is no managed reference"
                   : "the function returns no managed reference");
  if (F.getAttributes().hasAttributeAtIndex(Index, Other))
    return Wrong("it is " + Other + " as well");
  F.addAttributeAtIndex(Index, Attribute::get(M.getContext(), Name));
  return true;
}

/// Whether the annotation is Cairn's, and done with.
static bool apply(const Constant &Entry, Reports &R) {
  auto [F, Text] = annotation(Entry);
  auto [Name, Numbers] = Text.split(':');
  if (!F || (Name != kOwned && Name != kBorrowed))
    return false;
  SmallVector<StringRef, 4> Parts;
  Numbers.split(Parts, ',');
  // One that is wrong stays, for the lowering to see.
  bool Ok = true;
  for (StringRef Part : Parts)
    Ok &= mark(*F, Name, Part.trim(), R);
  return Ok;
}

static bool applyAll(Module &M, Reports &R) {
  GlobalVariable *Old = M.getNamedGlobal(kAnnotations);
  auto *Entries =
      Old && Old->hasInitializer() ? dyn_cast<ConstantArray>(Old->getInitializer()) : nullptr;
  if (!Entries)
    return false;
  SmallVector<Constant *, 16> Others;
  for (const Use &U : Entries->operands())
    if (auto *Entry = cast<Constant>(U); !apply(*Entry, R))
      Others.push_back(Entry);
  if (Others.size() == Entries->getNumOperands())
    return false;
  if (!Others.empty()) {
    auto *Type = ArrayType::get(Others[0]->getType(), Others.size());
    auto *New = new GlobalVariable(M, Type, Old->isConstant(), Old->getLinkage(),
                                   ConstantArray::get(Type, Others), "", Old);
    New->copyAttributesFrom(Old);
    New->takeName(Old);
  }
  Old->eraseFromParent();
  return true;
}

/// A link with LTO may have brought several, by other names than the header's.
static bool removeMarkers(Module &M) {
  GlobalVariable *Symbol = M.getNamedGlobal(kNeedsThePass);
  if (!Symbol || !Symbol->isDeclaration())
    return false;
  SmallVector<GlobalValue *, 4> Markers;
  for (User *U : Symbol->users())
    if (auto *Marker = dyn_cast<GlobalVariable>(U))
      Markers.push_back(Marker);
  // In C++ the variable has a mangled name, and clang adds an alias with the header's.
  for (GlobalAlias &A : M.aliases())
    if (is_contained(Markers, A.getAliaseeObject()))
      Markers.push_back(&A);
  removeFromUsedLists(M,
                      [&](Constant *C) { return is_contained(Markers, C->stripPointerCasts()); });
  for (GlobalValue *Marker : reverse(Markers)) {
    Marker->removeDeadConstantUsers();
    if (Marker->use_empty())
      Marker->eraseFromParent();
  }
  if (Symbol->use_empty())
    Symbol->eraseFromParent();
  return true;
}

void cairn::addMarker(Module &M) {
  Constant *Symbol = M.getOrInsertGlobal(kNeedsThePass, Type::getInt8Ty(M.getContext()));
  auto *Marker = new GlobalVariable(M, Symbol->getType(), /*isConstant=*/true,
                                    GlobalValue::InternalLinkage, Symbol, "cairn_managed_marker");
  GlobalValue::SanitizerMetadata Plain; // it stays the variable that removeMarkers() knows
  Plain.NoAddress = Plain.NoHWAddress = true;
  Marker->setSanitizerMetadata(Plain);
  appendToUsed(M, Marker);
}

bool cairn::importAnnotations(Module &M, Reports &R) {
  const bool Applied = applyAll(M, R);
  return removeMarkers(M) || Applied;
}
