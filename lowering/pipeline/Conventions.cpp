//===- Conventions.cpp - Who owns what, in a function's name ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/Conventions.h"

#include "ir/Diagnostics.h"
#include "ir/Managed.h"
#include "pipeline/MixedTypes.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instruction.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

std::string cairn::conventionOf(const Function &F, const References &R) {
  std::string Taken, Text;
  unsigned Position = 0;
  for (const Argument &A : F.args()) {
    if (A.hasStructRetAttr())
      continue;
    ++Position;
    if (parameterOwnership(F, A.getArgNo(), R) == Ownership::Owned)
      Taken += "_" + std::to_string(Position);
  }
  if (!Taken.empty())
    Text = "takes" + Taken;
  if (resultOwnership(F, R) == Ownership::Borrowed)
    Text += Text.empty() ? "lends" : "_lends";
  return Text;
}

std::string cairn::nameWithConvention(StringRef Name, StringRef Convention) {
  const std::string Word = ("cairn_" + Convention).str();
  // Other languages' mangled names, names with a suffix, and names as the assembler has them.
  if (!all_of(Name, [](char C) { return isAlnum(C) || C == '_'; }) || Name.starts_with("_Z") ||
      Name.starts_with("_R"))
    return (Name + "." + Word).str();
  return ("_Z" + Twine(Name.size()) + Name + Twine(Word.size()) + Word).str();
}

/// Whether \p Name has been through nameWithConvention.
static bool isNamed(StringRef Name, StringRef Convention) {
  const std::string Word = ("cairn_" + Convention).str();
  return Name.ends_with("." + Word) || Name.ends_with((Twine(Word.size()) + Word).str());
}

std::pair<StringRef, StringRef> cairn::splitConvention(StringRef Symbol) {
  const size_t At = Symbol.rfind("cairn_");
  const StringRef Convention = At == StringRef::npos ? "" : Symbol.substr(At + strlen("cairn_"));
  if (!Convention.starts_with("takes_") && Convention != "lends")
    return {Symbol, ""};
  StringRef Name = Symbol.take_front(At);
  if (Name.consume_back("."))
    return {Name, Convention};
  unsigned Length;
  if (Name.consume_front("_Z") && !Name.consumeInteger(10, Length) && Length <= Name.size() &&
      nameWithConvention(Name.take_front(Length), Convention) == Symbol)
    return {Name.take_front(Length), Convention};
  return {Symbol, ""};
}

std::string cairn::conventionInWords(StringRef Convention) {
  if (Convention.empty())
    return "has the default convention";
  const bool Lends = Convention.consume_back("lends");
  Convention.consume_back("_");
  std::string Text;
  if (Convention.consume_front("takes_")) {
    SmallVector<StringRef, 4> Positions;
    Convention.split(Positions, '_');
    Text = "takes over the count of parameter";
    for (auto [N, Position] : enumerate(Positions))
      Text += (N ? " and " : " ") + Position.str();
  }
  if (Lends)
    Text += (Text.empty() ? "" : " and ") + std::string("lends its result");
  return Text;
}

/// Whether \p Call calls \p F from code that has its counts, and no references any more, as a link
/// with LTO brings it: its module knew the convention, by which it called the function.
static bool isFromCounted(const CallBase &Call, const Function &F) {
  return Call.getCalledOperand() == &F && Call.getFunction()->hasFnAttribute(kCountsInserted) &&
         passSameWords(*F.getParent(), *Call.getFunctionType(), *F.getFunctionType());
}

/// A use of \p F that is neither a call of it by its own type nor a list of symbols that the
/// compiler keeps; or null.
static const User *otherUse(const Function &F) {
  SmallVector<const User *> Worklist(F.users());
  SmallPtrSet<const User *, 8> Seen;
  while (!Worklist.empty()) {
    const User *U = Worklist.pop_back_val();
    if (!Seen.insert(U).second)
      continue;
    if (auto *Call = dyn_cast<CallBase>(U)) {
      const bool Passed = any_of(Call->args(), [&](const Use &A) { return A.get() == &F; });
      if ((Call->getCalledFunction() == &F || isFromCounted(*Call, F)) && !Passed)
        continue;
      return U;
    }
    if (isa<BlockAddress>(U))
      continue;
    if (isa<Instruction>(U) || isa<GlobalAlias>(U) || isa<GlobalIFunc>(U) || isa<Function>(U))
      return U;
    if (auto *GV = dyn_cast<GlobalVariable>(U)) {
      if (GV->getName() != "llvm.used" && GV->getName() != "llvm.compiler.used" &&
          GV->getName() != "llvm.global.annotations")
        return U;
      continue;
    }
    append_range(Worklist, U->users()); // of a constant
  }
  return nullptr;
}

static bool reportOtherUse(Module &M, const Function &F, StringRef Convention) {
  const User *U = otherUse(F);
  if (!U)
    return false;
  const std::string Message =
      ("function '" + F.getName() + "' " + conventionInWords(Convention) +
       ", and calls through a pointer or an alias cannot know that; give it the default "
       "convention, or take the address of a function that calls it")
          .str();
  if (auto *I = dyn_cast<Instruction>(U))
    reportError(*I, Message);
  else
    reportError(M, Message);
  return true;
}

static void rename(Function &F, StringRef Convention) {
  const std::string Old = F.getName().str();
  F.setName(nameWithConvention(Old, Convention));
  // A group of sections that is named after the function.
  Comdat *Group = F.getComdat();
  if (!Group || Group->getName() != Old)
    return;
  Comdat *Renamed = F.getParent()->getOrInsertComdat(F.getName());
  Renamed->setSelectionKind(Group->getSelectionKind());
  SmallVector<GlobalObject *, 4> Members(Group->getUsers().begin(), Group->getUsers().end());
  for (GlobalObject *Member : Members)
    Member->setComdat(Renamed);
}

bool cairn::nameConventions(Module &M, bool &Failed) {
  const References R(M);
  Failed = false;
  bool Changed = false;
  SmallVector<std::pair<Function *, std::string>> Work;
  for (Function &F : M)
    if (!F.isIntrinsic() && !isReservedName(F.getName()) && !findManagedCAlias(F.getName()) &&
        R.in(F.getFunctionType()))
      if (std::string Convention = conventionOf(F, R); !Convention.empty())
        Work.emplace_back(&F, std::move(Convention));
  for (auto &[F, Convention] : Work) {
    if (!F->hasFnAttribute(kRefused) && reportOtherUse(M, *F, Convention))
      F->addFnAttr(kRefused);
    Failed |= F->hasFnAttribute(kRefused);
    if (F->hasLocalLinkage() || F->hasFnAttribute(kForeign) || isNamed(F->getName(), Convention))
      continue;
    rename(*F, Convention);
    Changed = true;
  }
  return Changed;
}
